//  The format of MNIST: two zero bytes, a byte for the type of the values, one for the number of dimensions, each extent in
//  four bytes from the largest to the smallest, then the values. http://yann.lecun.com/exdb/mnist

public import Foundation
public import Storage

/// An array of bytes from an IDX file.
public struct IDXFile {
  public let path: String
  public let shape: [Int]
  /// Row-major.
  public let values: Data

  /// MNIST's largest file has 47 MB.
  private static let mostBytes = 1 << 30

  /// Reads `name`, or `name.gz`, whichever is there.
  /// - Throws: `FileError` if the file is missing or not an array of bytes of `rank` dimensions.
  public init(_ name: String, in folder: URL, rank: Int) throws(FileError) {
    let plain = folder.appendingPathComponent(name)
    let packed = folder.appendingPathComponent(name + ".gz")
    let file = FileManager.default.fileExists(atPath: plain.path) ? plain : packed
    try self.init(WholeFile.read(file, expected: "an IDX file, plain or packed"), path: file.path, rank: rank)
  }

  /// Reads the bytes of an IDX file, plain or packed; `path` stands for it in an error.
  public init(_ bytes: Data, path: String, rank: Int) throws(FileError) {
    let data = bytes.isGzip ? try bytes.gunzipped(limit: Self.mostBytes, name: path) : bytes
    func malformed(_ found: String, _ expected: String) -> FileError {
      .malformed(path: path, found: found, expected: expected)
    }
    let header = [UInt8](data.prefix(4 + 4 * rank))
    guard header.count == 4 + 4 * rank, header[0] == 0, header[1] == 0, header[2] == 8, Int(header[3]) == rank else {
      throw malformed(
        "a header of \(header.prefix(4).map(\.description).joined(separator: " "))",
        "0 0 8 \(rank): an IDX file of bytes in \(rank) dimensions")
    }
    let shape = (0..<rank).map { axis in header[4 + 4 * axis..<8 + 4 * axis].reduce(0) { $0 << 8 | Int($1) } }
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow else { throw malformed("a shape of \(shape)", "one that a file can hold") }
      count = product
    }
    guard data.count - header.count == count else {
      throw malformed("\(data.count - header.count) values", "\(count), for a shape of \(shape)")
    }
    (self.path, self.shape, values) = (path, shape, data.dropFirst(header.count))
  }
}
