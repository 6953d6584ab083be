//  The ISDA loss: cross-entropy over infinitely many semantic augmentations of each feature, in closed form.
//  Its extra term depends on a sample only through its class, so it is computed once for each class present.

public import ClassStatistics
public import Torch

/// z̃_ij = z_ij + (λ/2)(w_j − w_{y_i})ᵀ Σ_{y_i} (w_j − w_{y_i}), whose cross-entropy is the ISDA loss: an upper
/// bound of the expected cross-entropy of features drawn from N(a_i, λ Σ_{y_i}) (Wang et al. 2019, Proposition 1).
///
/// Gradients flow to `logits` and `weight`, none to Σ. For K classes present and full covariances, W Σ_c is the only
/// large product, 2·K·C·A² operations and K·C·A numbers, kept for the backward pass, which needs no other.
/// - Parameters:
///   - logits: z = W a + b, N×C.
///   - weight: W of the last layer, C×A.
///   - labels: y, the class of each row.
///   - covariances: Σ.
///   - lambda: λ, the strength of the augmentation. At 0 the result is `logits`.
public func augmentedLogits(
  _ logits: Tensor, weight: Tensor, labels: [Int], covariances: ClassCovariances, lambda: Double
) -> Tensor {
  guard lambda != 0 else { return logits }
  return logits.semanticallyAugmented(
    weight: weight, labels: labels,
    present: RowsByClass(labels, classCount: weight.shape[0]).present.map(\.label), matrix: covariances.matrix,
    factors: covariances.factors, diagonal: covariances.diagonal, lambda: lambda)
}
