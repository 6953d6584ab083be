//  Center loss: every class keeps a centre of its features, and features are drawn to their own.

public import Torch

/// λ/2 |a_i − c_{y_i}|² beside the cross-entropy, with centres c that follow the features (Wen, Zhang, Li and Qiao, "A
/// Discriminative Feature Learning Approach for Deep Face Recognition", ECCV 2016, equations 2 to 5). Centres begin at 0.
public final class CenterLoss {
  /// λ.
  public let weight: Double
  /// α, the rate at which centres follow; 0.5 as published.
  public let rate: Double
  /// c, C×A; no gradient flows to them.
  public private(set) var centers: Tensor

  public init(classCount: Int, featureCount: Int, weight: Double, rate: Double = 0.5, device: Device = .cpu) {
    (self.weight, self.rate) = (weight, rate)
    centers = .zeros([classCount, featureCount], on: device)
  }

  /// What is added to the cross-entropy of each of N features, N numbers.
  public func losses(_ features: Tensor, labels: Tensor) -> Tensor {
    let distance = features - centers.rows(labels)
    return (distance * distance).sum([1]) * (weight / 2)
  }

  /// c_j ← c_j − α Σ_{i: y_i = j} (c_j − a_i) / (1 + n_j), with n_j the features of class j among these (equation 4).
  public func update(_ features: Tensor, labels: Tensor) {
    withoutGradients {
      let features = features.detached
      let members = Tensor.range(centers.shape[0], on: centers.device).unsqueezed(1).equals(labels.unsqueezed(0))
        .to(features.elementType)
      let counts = members.sum([1], keepingDimensions: true)
      let pull = (centers * counts - members.matmul(features)) / (counts + 1)
      centers = centers - pull * rate
    }
  }

  /// Goes on from centres that were kept.
  public func restore(_ centers: Tensor) {
    precondition(centers.shape == self.centers.shape, "centres of shape \(centers.shape)")
    self.centers = centers.to(self.centers.device)
  }
}
