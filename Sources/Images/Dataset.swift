//  A data set: training and test images with the names of their classes, and how their pixels become a network's input.

internal import Foundation
internal import Storage

/// Training and test images with the names of their classes.
public struct Dataset: Sendable {
  public let name: String
  public let classNames: [String]
  public let train: ImageSet
  /// Kept apart from training to choose by, if the data set has such images or some were held out.
  public let validation: ImageSet?
  /// What errors are measured on and directions are shown with.
  public let test: ImageSet
  /// How pixels become the network's input.
  public let normalization: Normalization

  public init(
    name: String, classNames: [String], train: ImageSet, validation: ImageSet? = nil, test: ImageSet,
    normalization: Normalization
  ) {
    self.name = name
    self.classNames = classNames
    self.train = train
    self.validation = validation
    self.test = test
    self.normalization = normalization
  }

  /// The SHA-256 of all that a training sees: images, labels, classes and normalisation. About a second a gigabyte of
  /// images in memory; of files their own digests are taken, which the index has.
  public var sha256: String {
    let parts = [train, test].map(\.sha256)
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

  /// The mean and deviation of ImageNet's training images, as networks that are passed around expect their input.
  public static let imageNet = Normalization(mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225])

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
    let count = Double(max(1, set.count * set.width * set.height))
    let mean = sums.map { Double($0) / count }
    self.init(
      mean: mean.map { $0 / 255 },
      deviation: zip(squares, mean).map { max((Double($0) / count - $1 * $1), 1).squareRoot() / 255 })
  }
}
