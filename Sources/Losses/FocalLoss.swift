//  Focal loss: samples that are right already count less, so that the hard ones do not drown among them.

public import Torch

extension Tensor {
  /// −(1 − p)^γ log p for the probability p = softmax(z)_y, one number for each row of N×C logits z (Lin, Goyal, Girshick,
  /// He and Dollár, "Focal Loss for Dense Object Detection", ICCV 2017, equation 4; there for two classes, here for C, and
  /// without the weights α of the classes).
  /// - Parameter focusing: γ > 0.
  public func focalLoss(labels: Tensor, focusing: Double) -> Tensor {
    let crossEntropy = crossEntropy(labels: labels)
    // 1 − p of a sample that is right beyond the digits of the type is kept above 0, where the power has a slope.
    let missing = ((crossEntropy * -1).exponential * -1 + 1).clamped(below: 1e-12)
    return missing.raised(to: focusing) * crossEntropy
  }
}
