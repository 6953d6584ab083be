//  Label smoothing: a part of each label is spread over all classes, so that no logit is driven without end.

public import Torch

extension Tensor {
  /// (1 − ε) · cross-entropy + ε · the mean of −log softmax(z)_j over all C classes j, one number for each row of N×C
  /// logits z (Szegedy, Vanhoucke, Ioffe, Shlens and Wojna, "Rethinking the Inception Architecture for Computer Vision",
  /// CVPR 2016, section 7). The mean is cross-entropy + z_y − mean_j z_j, so one softmax is enough.
  /// - Parameter smoothing: ε, from 0 (cross-entropy) to 1.
  public func smoothedCrossEntropy(labels: Tensor, smoothing: Double) -> Tensor {
    crossEntropy(labels: labels) + smoothing * (atLabels(labels) - mean([1]))
  }

  /// z_y of each row of N×C.
  func atLabels(_ labels: Tensor) -> Tensor { (self * marks(labels)).sum([1]) }

  /// N×C: 1 at the label of each row, 0 elsewhere.
  func marks(_ labels: Tensor) -> Tensor {
    Tensor.range(shape[1], on: device).unsqueezed(0).equals(labels.unsqueezed(1)).to(elementType)
  }
}
