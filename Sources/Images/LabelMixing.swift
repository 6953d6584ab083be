//  Mixup and CutMix: images that are of two classes at once, with a label that says how much of each.

internal import Foundation
public import Torch

/// What is in the images of a batch besides those of their own labels.
public struct Mixture {
  /// Of the image whose label is the batch's, 0 … 1; the partner has the rest.
  public let share: Double
  /// The labels of the partners, N 64-bit integers on the device of the images.
  public let labels: Tensor
  /// The same labels on the host.
  public let classes: [Int]
}

/// Mixes each image of a batch with another one of it: the batch in an order drawn at random, all in the same shares.
public struct LabelMixing: Sendable {
  public enum Kind: String, Sendable {
    /// share · image + (1 − share) · partner (Zhang, Cissé, Dauphin and Lopez-Paz, "mixup: Beyond Empirical Risk
    /// Minimization", ICLR 2018).
    case mixup
    /// A box of the image replaced by the partner's, with a side of √(1 − share) of the image's, about a pixel drawn from
    /// all of it; the share is then what is left outside the box (Yun et al., "CutMix", ICCV 2019).
    case cutmix
  }

  public let kind: Kind
  /// α: shares are drawn from the distribution Beta(α, α).
  public let alpha: Double
  /// Of a batch to be mixed at all.
  public let probability: Double

  public init(_ kind: Kind, alpha: Double, probability: Double) {
    (self.kind, self.alpha, self.probability) = (kind, alpha, probability)
  }

  /// - Parameters:
  ///   - images: N×H×W×3 bytes.
  ///   - labels: N 64-bit integers; `classes` the same on the host.
  ///   - generator: of this batch alone.
  /// - Returns: N×H×W×3, bytes or float32 from 0 to 255, and what is in them; nil where the batch stays as it is.
  func callAsFunction(_ images: Tensor, labels: Tensor, classes: [Int], generator: RandomGenerator) -> (
    images: Tensor, mixture: Mixture?
  ) {
    guard Double(generator.uniform([1]).item(Float.self)) < probability else { return (images, nil) }
    let drawn = generator.beta(alpha)
    let order = generator.permutation(classes.count)
    let partners = order.array(of: Int64.self)
    let rows = order.to(images.device)
    let others = images.rows(rows)
    let mixed: Tensor
    let share: Double
    switch kind {
    case .mixup:
      share = drawn
      mixed = images.to(.float32) * share + others.to(.float32) * (1 - share)
    case .cutmix:
      let (height, width) = (images.shape[1], images.shape[2])
      let middle = generator.uniform([2]).array(of: Float.self).map(Double.init)
      func range(_ extent: Int, _ middle: Double) -> Range<Int> {
        let (center, half) = (Int(middle * Double(extent)), Int(Double(extent) * (1 - drawn).squareRoot()) / 2)
        return max(0, center - half)..<min(extent, center + half)
      }
      let (rowsOfBox, columnsOfBox) = (range(height, middle[0]), range(width, middle[1]))
      share = 1 - Double(rowsOfBox.count * columnsOfBox.count) / Double(height * width)
      let box = (0..<height * width).map { rowsOfBox.contains($0 / width) && columnsOfBox.contains($0 % width) }
      mixed = .choosing(where: Tensor(box, shape: [1, height, width, 1]).to(images.device), others, images)
    }
    return (
      mixed, Mixture(share: share, labels: labels.rows(rows), classes: partners.map { classes[Int($0)] })
    )
  }
}

extension RandomGenerator {
  /// A draw from Beta(α, α): the share of one of two gamma variables in their sum. Taken in logarithms, because for a
  /// small α both may be too small for a number.
  fileprivate func beta(_ alpha: Double) -> Double {
    let (first, second) = (logarithmOfGamma(alpha), logarithmOfGamma(alpha))
    return 1 / (1 + exp(second - first))
  }

  /// The logarithm of a draw from the gamma distribution of a shape (Marsaglia and Tsang 2000; below 1 by the power of a
  /// uniform number, section 6 there).
  private func logarithmOfGamma(_ shape: Double) -> Double {
    func logarithmOfUniform() -> Double { log(1 - Double(uniform([1]).item(Float.self))) }
    guard shape >= 1 else { return logarithmOfGamma(shape + 1) + logarithmOfUniform() / shape }
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal([1], .float64).item(Double.self)
      let root = 1 + c * x
      guard root > 0 else { continue }
      let v = root * root * root
      if logarithmOfUniform() < 0.5 * x * x + d - d * v + d * log(v) { return log(d * v) }
    }
  }
}
