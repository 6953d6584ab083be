//  DisturbLabel: in every step some labels are wrong on purpose, which keeps a network from learning them by heart.

public import Torch

/// Labels of which a share is drawn anew, each class with equal chance and so the true one too: label y stays with
/// probability 1 − α (C − 1)/C, and becomes any other class with α/C (Xie, Wang, Wei, Wang and Tian, "DisturbLabel:
/// Regularizing CNN on the Loss Layer", CVPR 2016, equation 3).
/// - Parameters:
///   - rate: α, from 0 to 1.
///   - generator: of this step alone.
public func disturbed(_ labels: [Int], classCount: Int, rate: Double, generator: RandomGenerator) -> [Int] {
  let numbers = generator.uniform([2 * labels.count]).array(of: Float.self)
  return labels.enumerated().map { row, label in
    Double(numbers[2 * row]) < rate ? Int(Double(numbers[2 * row + 1]) * Double(classCount)) : label
  }
}
