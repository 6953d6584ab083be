//  A data set in memory: small images of equal size as plain bytes, their classes, and what else is known of them.

internal import Foundation
public import Raster
internal import Storage

/// Images of one split.
public struct ImageSet: Sendable {
  public let width: Int
  public let height: Int
  /// `count × height × width × 3` bytes of sRGB.
  public let pixels: [UInt8]
  /// The class of each image.
  public let labels: [UInt8]
  /// Known factors of each image, if the data set has them.
  public let factors: FactorTable?

  /// - Precondition: as many pixels as the labels and the size ask for.
  public init(width: Int, height: Int, pixels: [UInt8], labels: [UInt8], factors: FactorTable? = nil) {
    precondition(pixels.count == labels.count * width * height * 3)
    (self.width, self.height, self.pixels, self.labels, self.factors) = (width, height, pixels, labels, factors)
  }

  public var count: Int { labels.count }

  /// The image in row `row`.
  public func image(_ row: Int) -> Image {
    let size = width * height * 3
    return Image(width: width, height: height, pixels: Array(pixels[row * size..<(row + 1) * size]))
  }

  /// The images of some rows, in their order.
  public func subset(_ rows: [Int]) -> ImageSet {
    let size = width * height * 3
    return ImageSet(
      width: width, height: height, pixels: rows.flatMap { pixels[$0 * size..<($0 + 1) * size] },
      labels: rows.map { labels[$0] },
      factors: factors.map { table in FactorTable(names: table.names, values: rows.map { table.values[$0] }) })
  }

  /// The first `count` images of each class, in the order that they have here; of a class with fewer, all.
  public func firstOfEachClass(_ count: Int) -> ImageSet {
    var taken = [Int](repeating: 0, count: 256)
    return subset(
      labels.indices.filter { row in
        taken[Int(labels[row])] += 1
        return taken[Int(labels[row])] <= count
      })
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
}

/// Training and test images with the names of their classes.
public struct Dataset: Sendable {
  public let name: String
  public let classNames: [String]
  public let train: ImageSet
  public let test: ImageSet
  /// How pixels become the network's input.
  public let normalization: Normalization

  public init(name: String, classNames: [String], train: ImageSet, test: ImageSet, normalization: Normalization) {
    self.name = name
    self.classNames = classNames
    self.train = train
    self.test = test
    self.normalization = normalization
  }

  /// The SHA-256 of all that a training sees: images, labels, classes and normalisation. About a second a gigabyte.
  public var sha256: String {
    let parts = [train, test].map { "\($0.width)×\($0.height) \($0.labels.sha256) \($0.pixels.sha256)" }
    return Data("\(parts) \(classNames) \(normalization.mean) \(normalization.deviation)".utf8).sha256
  }
}

/// (value/255 − mean) / deviation for each channel.
public struct Normalization: Codable, Sendable, Equatable {
  /// Red, green, blue, from 0 to 1.
  public let mean: [Double]
  public let deviation: [Double]

  public init(mean: [Double], deviation: [Double]) {
    precondition(mean.count == 3 && deviation.count == 3)
    (self.mean, self.deviation) = (mean, deviation)
  }

  /// The mean as a colour, three bytes: what becomes about 0 in the network's input.
  public var meanColor: [UInt8] { mean.map { UInt8(min(max(255 * $0, 0), 255).rounded()) } }

  /// The mean and deviation of a set's own pixels.
  public init(of set: ImageSet) {
    // Whole numbers, so that the sums are exact in any order.
    var (sums, squares) = ([0, 0, 0], [0, 0, 0])
    set.pixels.withUnsafeBufferPointer { pixels in
      for start in stride(from: 0, to: pixels.count, by: 3) {
        for channel in 0..<3 {
          let value = Int(pixels[start + channel])
          sums[channel] += value
          squares[channel] += value * value
        }
      }
    }
    let count = Double(max(1, set.pixels.count / 3))
    let mean = sums.map { Double($0) / count }
    self.init(
      mean: mean.map { $0 / 255 },
      deviation: zip(squares, mean).map { max((Double($0) / count - $1 * $1), 1).squareRoot() / 255 })
  }
}
