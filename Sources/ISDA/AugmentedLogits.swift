//  The ISDA loss: cross-entropy over infinitely many semantic augmentations of each feature, in closed form.
//  Its extra term depends on a sample only through its class, so it is computed once for each class present.

internal import ClassStatistics
public import Torch

/// z̃_ij = z_ij + (λ/2)(w_j − w_{y_i})ᵀ Σ_{y_i} (w_j − w_{y_i}), whose cross-entropy is the ISDA loss: an upper
/// bound of the expected cross-entropy of features drawn from N(a_i, λ Σ_{y_i}) (Wang et al. 2019, Proposition 1).
///
/// Gradients flow to `logits` and `weight`, none to Σ. Cost for K classes present: 2·K·C·A² operations forward,
/// K·A² + 2·K·C·A numbers of memory.
/// - Parameters:
///   - logits: z = W a + b, N×C.
///   - weight: W of the last layer, C×A.
///   - labels: y, the class of each row.
///   - covariances: Σ, C×A×A.
///   - lambda: λ, the strength of the augmentation. At 0 the result is `logits`.
public func augmentedLogits(
  _ logits: Tensor, weight: Tensor, labels: [Int], covariances: Tensor, lambda: Double
) -> Tensor {
  guard lambda != 0 else { return logits }
  let groups = RowsByClass(labels, classCount: weight.shape[0])
  let present = Tensor(groups.present.map { Int64($0.label) })
  var place = [Int64](repeating: 0, count: weight.shape[0])
  for (index, group) in groups.present.enumerated() { place[group.label] = Int64(index) }

  // w_j − w_c for the classes c present, K×C×A.
  let differences = weight.unsqueezed(0) - weight.rows(present).unsqueezed(1)
  let quadratic = (differences.matmul(covariances.rows(present)) * differences).sum([2])
  return logits + (lambda / 2) * quadratic.rows(Tensor(labels.map { place[$0] }))
}
