//  CIFAR-10 and CIFAR-100 in their official binary form: rows of one or two label bytes and 3,072 bytes of pixels, a plane
//  of red, one of green and one of blue. https://www.cs.toronto.edu/~kriz/cifar.html

public import Foundation
public import Storage

extension Dataset {
  /// Reads `data_batch_1.bin` … `data_batch_5.bin` and `test_batch.bin`, about 0.1 s.
  /// - Parameter folder: the one that holds these files, or the one that holds `cifar-10-batches-bin`.
  /// - Throws: `FileError` naming the file: missing, of another size, or with a label above 9.
  public static func cifar10(in folder: URL) throws(FileError) -> Dataset {
    let files = folder.holding("cifar-10-batches-bin")
    return Dataset(
      name: "cifar10",
      classNames: ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"],
      train: try CIFARRows.ten.read((1...5).map { files.appendingPathComponent("data_batch_\($0).bin") }, rows: 10_000),
      test: try CIFARRows.ten.read([files.appendingPathComponent("test_batch.bin")], rows: 10_000),
      normalization: Normalization(
        mean: [125.3, 123.0, 113.9].map { $0 / 255 }, deviation: [63.0, 62.1, 66.7].map { $0 / 255 }))
  }

  /// The two ways in which CIFAR-100 is labelled.
  public enum CIFAR100Labels: Sendable {
    /// 100 classes.
    case fine
    /// 20 superclasses of five classes each.
    case coarse
  }

  /// Reads `train.bin`, `test.bin` and the names of the classes, about 0.1 s.
  /// - Parameter folder: the one that holds these files, or the one that holds `cifar-100-binary`.
  /// - Throws: `FileError` naming the file: missing, of another size, or with a label that has no name.
  public static func cifar100(in folder: URL, labels: CIFAR100Labels = .fine) throws(FileError) -> Dataset {
    try cifar100(in: folder, labels: labels, trainRows: 50_000, testRows: 10_000)
  }

  /// The same of files with other numbers of rows.
  static func cifar100(
    in folder: URL, labels: CIFAR100Labels, trainRows: Int, testRows: Int
  ) throws(FileError) -> Dataset {
    let files = folder.holding("cifar-100-binary")
    let (rows, names, count) =
      switch labels {
      case .fine: (CIFARRows.hundred, "fine_label_names.txt", 100)
      case .coarse: (CIFARRows.hundredCoarse, "coarse_label_names.txt", 20)
      }
    return Dataset(
      name: labels == .fine ? "cifar100" : "cifar100-coarse",
      classNames: try lines(of: files.appendingPathComponent(names), count: count),
      train: try rows.read([files.appendingPathComponent("train.bin")], rows: trainRows),
      test: try rows.read([files.appendingPathComponent("test.bin")], rows: testRows),
      normalization: Normalization(
        mean: [129.3, 124.1, 112.4].map { $0 / 255 }, deviation: [68.2, 65.4, 70.4].map { $0 / 255 }))
  }

  private static func lines(of file: URL, count: Int) throws(FileError) -> [String] {
    let expected = "\(count) different names, one a line"
    let text = String(decoding: try WholeFile.read(file, expected: expected), as: UTF8.self)
    let lines = text.split(whereSeparator: \.isNewline).map(String.init)
    guard lines.count == count, Set(lines).count == count else {
      throw .malformed(
        path: file.path, found: "\(lines.count) lines, \(Set(lines).count) different", expected: expected)
    }
    return lines
  }
}

extension URL {
  /// The folder `name` in this one, if it is there; else this one.
  func holding(_ name: String) -> URL {
    let inner = appendingPathComponent(name)
    return FileManager.default.fileExists(atPath: inner.path) ? inner : self
  }
}

/// How the rows of a file are laid out: label bytes, then three planes of 32×32 bytes.
struct CIFARRows {
  let name: String
  /// Label bytes before the pixels, and which of them counts.
  let labelBytes: Int
  let label: Int
  let classCount: Int

  static let ten = CIFARRows(name: "CIFAR-10", labelBytes: 1, label: 0, classCount: 10)
  /// The superclass first, then the class.
  static let hundred = CIFARRows(name: "CIFAR-100", labelBytes: 2, label: 1, classCount: 100)
  static let hundredCoarse = CIFARRows(name: "CIFAR-100", labelBytes: 2, label: 0, classCount: 20)

  private static let side = 32

  /// - Parameter rows: in each file.
  func read(_ files: [URL], rows: Int) throws(FileError) -> ImageSet {
    var pixels: [UInt8] = []
    var labels: [UInt8] = []
    for file in files {
      let part = try read(
        WholeFile.read(file, expected: "\(rows * rowSize) bytes of \(name)"), rows: rows, path: file.path)
      pixels += part.pixels
      labels += part.labels
    }
    return ImageSet(width: Self.side, height: Self.side, pixels: pixels, labels: labels)
  }

  private var rowSize: Int { labelBytes + 3 * Self.side * Self.side }

  /// The rows of a file's bytes; `path` stands for it in an error.
  func read(_ data: Data, rows: Int, path: String) throws(FileError) -> (pixels: [UInt8], labels: [UInt8]) {
    let plane = Self.side * Self.side
    guard data.count == rows * rowSize else {
      throw .malformed(
        path: path, found: "\(data.count) bytes",
        expected: "\(rows * rowSize) bytes of \(name) (\(rows) rows of \(labelBytes) + \(3 * plane))")
    }
    var pixels = [UInt8](repeating: 0, count: rows * 3 * plane)
    var labels: [UInt8] = []
    var fault: FileError?
    data.withUnsafeBytes { bytes in
      for row in 0..<rows {
        let start = row * rowSize
        let value = bytes[start + label]
        guard value < classCount else {
          fault = .malformed(
            path: path, found: "label \(value) in row \(row)", expected: "labels 0 to \(classCount - 1)")
          return
        }
        labels.append(value)
        let target = row * 3 * plane
        for pixel in 0..<plane {
          for channel in 0..<3 {
            pixels[target + 3 * pixel + channel] = bytes[start + labelBytes + channel * plane + pixel]
          }
        }
      }
    }
    if let fault { throw fault }
    return (pixels, labels)
  }
}
