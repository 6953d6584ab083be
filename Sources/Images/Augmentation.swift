//  What training does to its images: which changes there are, in which order they come, and from which streams of random
//  numbers they draw. Crop and flip choose pixels and are part of the gather that makes a batch; the other changes take
//  bytes and leave bytes; mixing comes last, because it needs the whole batch.

public import Torch

/// How training images are changed, each time that they are shown.
///
/// In this order, whatever is asked for: crop, flip, the other changes in theirs, mixing. Every part draws from a stream
/// of its own, named by what it is and the epoch, and an image's numbers stand at its place in the epoch's order. So with
/// one seed two augmentations that share a part make the same of it (the same crops, the same flips), and a pass goes
/// on from any batch.
public struct Augmentation: Sendable {
  /// nil leaves images where they are.
  public var crop: Crop?
  /// Half of the images mirrored left to right. Which half is drawn once and changes sides every epoch, so that two
  /// epochs show each image both ways (alternating flip; Jordan, "94 % on CIFAR-10 in 3.29 seconds on a single GPU", 2024).
  public var flips: Bool
  public var changes: [any RandomChange]
  public var mixing: LabelMixing?

  public init(
    crop: Crop? = nil, flips: Bool = false, changes: [any RandomChange] = [], mixing: LabelMixing? = nil
  ) {
    (self.crop, self.flips, self.changes, self.mixing) = (crop, flips, changes, mixing)
  }

  /// Images as they are.
  public static let none = Augmentation()

  /// The standard augmentation of CIFAR (He et al. 2016, with reflection for zeros).
  public static func cropAndFlip(padding: Int = 4) -> Augmentation {
    Augmentation(crop: Crop(padding: padding), flips: true)
  }

  /// The numbers that `changes` draw for one epoch of `count` images, one set for each change.
  func numbers(count: Int, seed: UInt64, epoch: Int) -> [UniformNumbers] {
    changes.map { change in
      UniformNumbers(
        images: count, each: change.numbersPerImage,
        from: RandomGenerator(seed: seed, "augmentation", change.name, epoch))
    }
  }
}

/// Moves images by up to `padding` whole pixels in both directions.
public struct Crop: Sendable, Equatable {
  /// What comes in beyond an image's edge.
  public enum Border: Sendable {
    /// The image mirrored: 2 1 | 0 1 2 …
    case mirrored
    /// Zeros.
    case black
  }

  public let padding: Int
  public let border: Border

  /// - Precondition: a mirrored border is narrower than the images.
  public init(padding: Int = 4, border: Border = .mirrored) {
    (self.padding, self.border) = (padding, border)
  }

  /// N×H×W×3 with its border on all sides.
  func padded(_ images: Tensor) -> Tensor {
    [1, 2].reduce(images) { images, dimension in
      let extent = images.shape[dimension]
      switch border {
      case .mirrored:
        // Row numbers 2 1 | 0 1 2 … n−1 | n−2 n−3 for a padding of 2.
        let places = (-padding..<extent + padding).map { Int64(mirroredPosition($0, extent)) }
        return images.rows(Tensor(places), dimension: dimension)
      case .black:
        var shape = images.shape
        shape[dimension] = padding
        let edge = Tensor.zeros(shape, .uint8)
        return .concatenated([edge, images, edge], dimension: dimension)
      }
    }
  }
}

/// A change of images that draws how it changes each of them. A batch of small images is changed at once; a decoder of
/// large ones changes each by itself (N = 1), with the same result.
public protocol RandomChange: Sendable {
  /// Names the stream that its numbers come from.
  var name: String { get }
  /// How many numbers it needs for each image.
  var numbersPerImage: Int { get }
  /// The images after the change.
  /// - Parameters:
  ///   - images: N×H×W×3 bytes of sRGB, on any device.
  ///   - numbers: `numbersPerImage` for each of the N images.
  func callAsFunction(_ images: Tensor, numbers: UniformNumbers) -> Tensor
}

/// Independent random numbers, uniform from 0 to below 1, equally many for each image.
public struct UniformNumbers: Sendable {
  /// Images that there are numbers for.
  public let count: Int
  private let each: Int
  private let values: [Float]

  public init(images count: Int, each: Int, from generator: RandomGenerator) {
    (self.count, self.each) = (count, each)
    values = generator.uniform([count * each]).array()
  }

  /// - Precondition: `each` values for every image, one image after another.
  public init(_ values: [Float], each: Int) {
    precondition(each > 0 && values.count.isMultiple(of: each))
    (count, self.each, self.values) = (values.count / each, each, values)
  }

  public subscript(image: Int, number: Int) -> Double { Double(values[image * each + number]) }

  /// The number of that place of all images, scaled to a range.
  public func scaled(_ number: Int, to range: ClosedRange<Double>) -> [Double] {
    (0..<count).map { range.lowerBound + self[$0, number] * (range.upperBound - range.lowerBound) }
  }

  /// Those of some of the images.
  public func images(_ part: Range<Int>) -> UniformNumbers {
    UniformNumbers(Array(values[part.lowerBound * each..<part.upperBound * each]), each: each)
  }
}
