//  CIFAR-10 in its official binary form: files of 10,000 rows, each one label byte and 3,072 bytes of pixels,
//  a plane of red, one of green and one of blue. https://www.cs.toronto.edu/~kriz/cifar.html

public import Foundation
public import Storage

extension Dataset {
  /// Reads `data_batch_1.bin` … `data_batch_5.bin` and `test_batch.bin`, about 0.1 s.
  /// - Parameters:
  ///   - folder: the one that holds these files, or the one that holds `cifar-10-batches-bin`.
  ///   - trainCount: nil for all training images, or how many of them: the first of each class in the files' order,
  ///     equally many of each class, so that it is the same part whatever the seed of a run.
  /// - Precondition: `trainCount` is a multiple of 10, from 10 to 50,000.
  /// - Throws: `FileError` naming the file: missing, of another size, or with a label above 9.
  public static func cifar10(in folder: URL, trainCount: Int? = nil) throws(FileError) -> Dataset {
    let inner = folder.appendingPathComponent("cifar-10-batches-bin")
    let files = FileManager.default.fileExists(atPath: inner.path) ? inner : folder
    let train = try CIFARRows.read((1...5).map { files.appendingPathComponent("data_batch_\($0).bin") })
    return Dataset(
      name: "cifar10",
      classNames: ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"],
      train: trainCount.map { train.firstOfEachClass($0 / CIFARRows.classCount) } ?? train,
      test: try CIFARRows.read([files.appendingPathComponent("test_batch.bin")]),
      normalization: Normalization(
        mean: [125.3, 123.0, 113.9].map { $0 / 255 }, deviation: [63.0, 62.1, 66.7].map { $0 / 255 }))
  }
}

/// Rows of one label byte and three planes of 32×32 bytes.
enum CIFARRows {
  static let (side, rowsPerFile, classCount) = (32, 10_000, 10)

  static func read(_ files: [URL]) throws(FileError) -> ImageSet {
    let plane = side * side
    let rowSize = 1 + 3 * plane
    let expected = "\(rowsPerFile * rowSize) bytes of CIFAR-10 (\(rowsPerFile) rows of 1 + \(3 * plane))"
    var pixels = [UInt8](repeating: 0, count: files.count * rowsPerFile * 3 * plane)
    var labels: [UInt8] = []
    labels.reserveCapacity(files.count * rowsPerFile)
    for file in files {
      let data = try WholeFile.read(file, expected: expected)
      guard data.count == rowsPerFile * rowSize else {
        throw .malformed(path: file.path, found: "\(data.count) bytes", expected: expected)
      }
      let base = labels.count * 3 * plane
      var fault: FileError?
      data.withUnsafeBytes { bytes in
        for row in 0..<rowsPerFile {
          let start = row * rowSize
          guard bytes[start] < classCount else {
            fault = .malformed(
              path: file.path, found: "label \(bytes[start]) in row \(row)", expected: "labels 0 to \(classCount - 1)")
            return
          }
          labels.append(bytes[start])
          let target = base + row * 3 * plane
          for pixel in 0..<plane {
            for channel in 0..<3 {
              pixels[target + 3 * pixel + channel] = bytes[start + 1 + channel * plane + pixel]
            }
          }
        }
      }
      if let fault { throw fault }
    }
    return ImageSet(width: side, height: side, pixels: pixels, labels: labels)
  }
}
