//  The images of one split, all of one size, with their classes and what else is known of them. Small images lie in memory
//  as plain bytes; photographs stay in their files and are decoded when they are asked for.

internal import Foundation
public import Raster
internal import Storage

/// Images of one split.
public struct ImageSet: Sendable {
  public let width: Int
  public let height: Int
  /// The class of each image.
  public let labels: [Int]
  /// Known factors of each image, if the data set has them.
  public let factors: FactorTable?
  private let content: Content

  private enum Content {
    /// `count × height × width × 3` bytes.
    case memory([UInt8])
    case files(ImageFiles)
  }

  /// Images in memory: `count × height × width × 3` bytes of sRGB.
  /// - Precondition: as many pixels as the labels and the size ask for.
  public init(
    width: Int, height: Int, pixels: [UInt8], labels: [some BinaryInteger], factors: FactorTable? = nil
  ) {
    precondition(pixels.count == labels.count * width * height * 3)
    (self.width, self.height, self.labels, self.factors) = (width, height, labels.map { Int($0) }, factors)
    content = .memory(pixels)
  }

  /// Images in files, square.
  public init(_ files: ImageFiles, labels: [Int], factors: FactorTable? = nil) {
    precondition(files.count == labels.count)
    (width, height, self.labels, self.factors) = (files.side, files.side, labels, factors)
    content = .files(files)
  }

  public var count: Int { labels.count }

  /// Where the images lie, if not in memory.
  public var files: ImageFiles? {
    if case .files(let files) = content { files } else { nil }
  }

  /// All images as bytes, `count × height × width × 3`. Those in files are decoded, and take all of that memory.
  public var pixels: [UInt8] {
    switch content {
    case .memory(let pixels): pixels
    case .files: pixels(of: 0..<count)
    }
  }

  /// Some rows as bytes, `rows.count × height × width × 3`.
  public func pixels(of rows: Range<Int>) -> [UInt8] {
    switch content {
    case .memory(let pixels):
      let size = width * height * 3
      return Array(pixels[rows.lowerBound * size..<rows.upperBound * size])
    case .files(let files): return files.pixelsOrTrap(of: rows)
    }
  }

  /// The image in row `row`.
  public func image(_ row: Int) -> Image {
    Image(width: width, height: height, pixels: pixels(of: row..<row + 1))
  }

  /// The images of some rows, in their order.
  public func subset(_ rows: [Int]) -> ImageSet {
    let labels = rows.map { self.labels[$0] }
    let factors = factors?.subset(rows)
    switch content {
    case .memory(let pixels):
      let size = width * height * 3
      return ImageSet(
        width: width, height: height, pixels: rows.flatMap { pixels[$0 * size..<($0 + 1) * size] }, labels: labels,
        factors: factors)
    case .files(let files): return ImageSet(files.subset(rows), labels: labels, factors: factors)
    }
  }

  /// The first `count` images of each class, in the order that they have here; of a class with fewer, all.
  public func firstOfEachClass(_ count: Int) -> ImageSet {
    var taken: [Int: Int] = [:]
    return subset(
      labels.indices.filter { row in
        taken[labels[row], default: 0] += 1
        return taken[labels[row], default: 0] <= count
      })
  }

  /// The same images with other factors.
  public func with(factors: FactorTable?) -> ImageSet {
    switch content {
    case .memory(let pixels):
      ImageSet(width: width, height: height, pixels: pixels, labels: labels, factors: factors)
    case .files(let files): ImageSet(files, labels: labels, factors: factors)
    }
  }

  /// Tells these images and their classes from any others. Labels count by their bytes, two each where one is too few.
  var sha256: String {
    let bytes: [UInt8] =
      labels.allSatisfy { $0 < 256 }
      ? labels.map { UInt8($0) } : labels.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8 & 0xFF)] }
    let pixels =
      switch content {
      case .memory(let pixels): pixels.sha256
      case .files(let files): files.sha256
      }
    return "\(width)×\(height) \(bytes.sha256) \(pixels)"
  }
}

/// Numbers known of every image: one row an image, one column a factor.
public struct FactorTable: Sendable, Equatable {
  public let names: [String]
  /// `values[row][factor]`.
  public let values: [[Double]]

  public init(names: [String], values: [[Double]]) {
    (self.names, self.values) = (names, values)
  }

  func subset(_ rows: [Int]) -> FactorTable { FactorTable(names: names, values: rows.map { values[$0] }) }
}
