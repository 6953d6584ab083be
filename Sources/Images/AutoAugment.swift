//  AutoAugment: policies that a search found on CIFAR-10 and on ImageNet. A policy is 25 pairs of operations; an image gets
//  one pair, and each operation of it with the probability that the search gave it.

public import Torch

/// AutoAugment (Cubuk, Zoph, Mané, Vasudevan and Le, "AutoAugment: Learning Augmentation Strategies from Data", CVPR
/// 2019), with the published policies.
///
/// A level of 0 … 9 is as many ninths of an operation's range (table 6 there); operations with two directions take either
/// with equal chance, where it is for contrast, colour, brightness and sharpness too: 1 ± 0.9 · level/9. Translations end
/// at 150/331 of the side. Places where no pixel comes to lie take the colour `fill`.
public struct AutoAugment: RandomChange {
  public enum Policy: String, CaseIterable, Sendable {
    case cifar10, imagenet
  }

  /// An operation of a policy.
  struct Step: Equatable {
    let operation: ImageOperation
    let probability: Double
    /// 0 … 9; nil for operations without an amount.
    let level: Int?

    init(_ operation: ImageOperation, _ probability: Double, _ level: Int? = nil) {
      (self.operation, self.probability, self.level) = (operation, probability, level)
    }
  }

  public let policy: Policy
  public let fill: [UInt8]

  public init(_ policy: Policy, fill: [UInt8]) {
    (self.policy, self.fill) = (policy, fill)
  }

  public var name: String { "autoaugment" }
  /// The pair; for each of its operations whether, and in which direction.
  public var numbersPerImage: Int { 5 }

  public func callAsFunction(_ images: Tensor, numbers: UniformNumbers) -> Tensor {
    let (height, width) = (images.shape[1], images.shape[2])
    let pairs = policy.pairs
    return [0, 1].reduce(images) { images, place in
      let choices = (0..<numbers.count).map { image -> (operation: ImageOperation, amount: Double) in
        let pair = pairs[Int(numbers[image, 0] * Double(pairs.count))]
        let step = place == 0 ? pair.0 : pair.1
        guard numbers[image, 1 + 2 * place] < step.probability else { return (.identity, 0) }
        let amount = step.operation.amount(
          level: Double(step.level ?? 0) / 9, isNegative: numbers[image, 2 + 2 * place] < 0.5, width: width,
          height: height)
        return (step.operation, amount)
      }
      return images.applying(choices, fill: fill)
    }
  }
}

extension AutoAugment.Policy {
  /// Table 7 (CIFAR-10) and table 9 (ImageNet) of the paper; levels of operations without an amount are left out.
  var pairs: [(AutoAugment.Step, AutoAugment.Step)] {
    typealias Step = AutoAugment.Step
    switch self {
    case .cifar10:
      return [
        (Step(.invert, 0.1), Step(.contrast, 0.2, 6)),
        (Step(.rotate, 0.7, 2), Step(.translateX, 0.3, 9)),
        (Step(.sharpness, 0.8, 1), Step(.sharpness, 0.9, 3)),
        (Step(.shearY, 0.5, 8), Step(.translateY, 0.7, 9)),
        (Step(.autoContrast, 0.5), Step(.equalize, 0.9)),
        (Step(.shearY, 0.2, 7), Step(.posterize, 0.3, 7)),
        (Step(.color, 0.4, 3), Step(.brightness, 0.6, 7)),
        (Step(.sharpness, 0.3, 9), Step(.brightness, 0.7, 9)),
        (Step(.equalize, 0.6), Step(.equalize, 0.5)),
        (Step(.contrast, 0.6, 7), Step(.sharpness, 0.6, 5)),
        (Step(.color, 0.7, 7), Step(.translateX, 0.5, 8)),
        (Step(.equalize, 0.3), Step(.autoContrast, 0.4)),
        (Step(.translateY, 0.4, 3), Step(.sharpness, 0.2, 6)),
        (Step(.brightness, 0.9, 6), Step(.color, 0.2, 8)),
        (Step(.solarize, 0.5, 2), Step(.invert, 0)),
        (Step(.equalize, 0.2), Step(.autoContrast, 0.6)),
        (Step(.equalize, 0.2), Step(.equalize, 0.6)),
        (Step(.color, 0.9, 9), Step(.equalize, 0.6)),
        (Step(.autoContrast, 0.8), Step(.solarize, 0.2, 8)),
        (Step(.brightness, 0.1, 3), Step(.color, 0.7, 0)),
        (Step(.solarize, 0.4, 5), Step(.autoContrast, 0.9)),
        (Step(.translateY, 0.9, 9), Step(.translateY, 0.7, 9)),
        (Step(.autoContrast, 0.9), Step(.solarize, 0.8, 3)),
        (Step(.equalize, 0.8), Step(.invert, 0.1)),
        (Step(.translateY, 0.7, 9), Step(.autoContrast, 0.9)),
      ]
    case .imagenet:
      return [
        (Step(.posterize, 0.4, 8), Step(.rotate, 0.6, 9)),
        (Step(.solarize, 0.6, 5), Step(.autoContrast, 0.6)),
        (Step(.equalize, 0.8), Step(.equalize, 0.6)),
        (Step(.posterize, 0.6, 7), Step(.posterize, 0.6, 6)),
        (Step(.equalize, 0.4), Step(.solarize, 0.2, 4)),
        (Step(.equalize, 0.4), Step(.rotate, 0.8, 8)),
        (Step(.solarize, 0.6, 3), Step(.equalize, 0.6)),
        (Step(.posterize, 0.8, 5), Step(.equalize, 1)),
        (Step(.rotate, 0.2, 3), Step(.solarize, 0.6, 8)),
        (Step(.equalize, 0.6), Step(.posterize, 0.4, 6)),
        (Step(.rotate, 0.8, 8), Step(.color, 0.4, 0)),
        (Step(.rotate, 0.4, 9), Step(.equalize, 0.6)),
        (Step(.equalize, 0), Step(.equalize, 0.8)),
        (Step(.invert, 0.6), Step(.equalize, 1)),
        (Step(.color, 0.6, 4), Step(.contrast, 1, 8)),
        (Step(.rotate, 0.8, 8), Step(.color, 1, 2)),
        (Step(.color, 0.8, 8), Step(.solarize, 0.8, 7)),
        (Step(.sharpness, 0.4, 7), Step(.invert, 0.6)),
        (Step(.shearX, 0.6, 5), Step(.equalize, 1)),
        (Step(.color, 0.4, 0), Step(.equalize, 0.6)),
        (Step(.equalize, 0.4), Step(.solarize, 0.2, 4)),
        (Step(.solarize, 0.6, 5), Step(.autoContrast, 0.6)),
        (Step(.invert, 0.6), Step(.equalize, 1)),
        (Step(.color, 0.6, 4), Step(.contrast, 1, 8)),
        (Step(.equalize, 0.8), Step(.equalize, 0.6)),
      ]
    }
  }
}
