//  RandAugment: a few operations, drawn one after the other, all at one strength. Two numbers take the place of a search.

public import Torch

/// RandAugment (Cubuk, Zoph, Shlens and Le, "RandAugment: Practical automated data augmentation with a reduced search
/// space", 2020): N of 14 operations, each drawn anew with equal chance, at magnitude M.
///
/// As in the paper, M = 10 is the end of AutoAugment's ranges, and larger ones go beyond it. Otherwise than in the
/// authors' code, where contrast, colour, brightness and sharpness take the factor 0.1 + 0.18 M and so change nothing at
/// M = 5, M is a strength for these too: 1 ± 0.09 M, and M = 0 changes nothing but by `equalize` and `autoContrast`,
/// which have no strength.
public struct RandAugment: RandomChange {
  /// N.
  public let count: Int
  /// M.
  public let magnitude: Int
  public let fill: [UInt8]

  public init(count: Int, magnitude: Int, fill: [UInt8]) {
    (self.count, self.magnitude, self.fill) = (count, magnitude, fill)
  }

  /// Section 3.
  static let operations: [ImageOperation] = [
    .identity, .autoContrast, .equalize, .rotate, .solarize, .color, .posterize, .contrast, .brightness, .sharpness,
    .shearX, .shearY, .translateX, .translateY,
  ]

  public var name: String { "randaugment" }
  /// For each operation which, and in which direction.
  public var numbersPerImage: Int { 2 * count }

  public func callAsFunction(_ images: Tensor, numbers: UniformNumbers) -> Tensor {
    let (height, width) = (images.shape[1], images.shape[2])
    return (0..<count).reduce(images) { images, place in
      let choices = (0..<numbers.count).map { image -> (operation: ImageOperation, amount: Double) in
        let operation = Self.operations[Int(numbers[image, 2 * place] * Double(Self.operations.count))]
        let amount = operation.amount(
          level: Double(magnitude) / 10, isNegative: numbers[image, 2 * place + 1] < 0.5, width: width,
          height: height)
        return (operation, amount)
      }
      return images.applying(choices, fill: fill)
    }
  }
}
