//  Generalised cross-entropy, L_q: between cross-entropy and the mean absolute error, so that labels that are wrong pull
//  less than they would with the first, and it learns more easily than with the second.

public import Torch

extension Tensor {
  /// (1 − p^q)/q for the probability p = softmax(z)_y, one number for each row of N×C logits z (Zhang and Sabuncu,
  /// "Generalized Cross Entropy Loss for Training Deep Neural Networks with Noisy Labels", NeurIPS 2018, equation 6). Its
  /// limit for q → 0 is the cross-entropy; q = 1 is half the mean absolute error.
  /// - Parameter exponent: q, above 0 to 1.
  public func generalizedCrossEntropy(labels: Tensor, exponent: Double) -> Tensor {
    ((crossEntropy(labels: labels) * -exponent).exponential * -1 + 1) * (1 / exponent)
  }
}
