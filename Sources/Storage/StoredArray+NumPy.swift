//  NumPy's own file of one array: a magic number, a version, the length of a header, the header, which is a Python
//  dictionary of type, order and shape, and the numbers. What is read of it: row-major arrays of the element types that
//  safetensors files have too. Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

public import Foundation

extension StoredArray {
  /// Reads a `.npy` file of version 1, 2 or 3, checking every length before it is used.
  /// - Throws: `FileError.missing` or `.malformed`, naming what is not as expected.
  public init(numPy url: URL) throws(FileError) {
    let data = try WholeFile.read(url, expected: "an array that numpy.save wrote")
    func malformed(_ found: String, _ expected: String) -> FileError {
      .malformed(path: url.path, found: found, expected: expected)
    }
    let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
    guard data.count >= 10, Array(data.prefix(6)) == magic else {
      throw malformed("\(data.count) bytes that do not begin as NumPy's files do", "an array that numpy.save wrote")
    }
    let version = data[data.startIndex + 6]
    let lengthBytes = version == 1 ? 2 : 4
    guard (1...3).contains(version), data.count >= 8 + lengthBytes else {
      throw malformed("version \(version) in \(data.count) bytes", "version 1, 2 or 3 with its header")
    }
    let length = data.dropFirst(8).prefix(lengthBytes).reversed().reduce(0) { $0 << 8 | Int($1) }
    let body = data.dropFirst(8 + lengthBytes)
    guard length <= body.count, let header = String(data: body.prefix(length), encoding: .utf8) else {
      throw malformed("a header of \(length) bytes in a file of \(data.count)", "a header of text within the file")
    }
    guard let description = header.firstMatch(of: /'descr':\s*'([^']*)'/)?.1,
      let order = header.firstMatch(of: /'fortran_order':\s*(True|False)/)?.1,
      let extents = header.firstMatch(of: /'shape':\s*\(([0-9, ]*)\)/)?.1
    else { throw malformed("the header \(header.prefix(200))", "descr, fortran_order and shape of one array") }
    guard let type = Self.numPyTypes[String(description)] else {
      throw malformed(
        "elements of type \(description)", "one of \(Self.numPyTypes.keys.sorted().joined(separator: ", "))")
    }
    guard order == "False" else { throw malformed("an array in column-major order", "numpy.ascontiguousarray of it") }
    var shape: [Int] = []
    var size = type.size
    for extent in extents.split(separator: ",").map({ $0.trimmingCharacters(in: .whitespaces) }) where extent != "" {
      guard let extent = Int(extent), case let (product, overflow) = size.multipliedReportingOverflow(by: extent),
        !overflow
      else { throw malformed("the shape (\(extents))", "extents that memory can hold") }
      shape.append(extent)
      size = product
    }
    let bytes = body.dropFirst(length)
    guard bytes.count == size else {
      throw malformed("\(bytes.count) bytes of numbers", "\(size) for the shape \(shape) of \(description)")
    }
    self.init(type, shape: shape, bytes: Data(bytes))
  }

  private static let numPyTypes: [String: ElementType] = [
    "<f8": .float64, "<f4": .float32, "<f2": .float16, "<i8": .int64, "<i4": .int32, "<i2": .int16, "|i1": .int8,
    "|u1": .uint8, "|b1": .bool,
  ]
}
