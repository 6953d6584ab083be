//  The explicit form of semantic augmentation, which the ISDA loss replaces: draw features around each feature and
//  average their cross-entropy. It is what the bound is measured against, and an arm to compare with.

public import ClassStatistics
public import Torch

/// ã_i ~ N(a_i, λ Σ_{y_i}), `draws` times for each feature (Wang et al. 2019, equation 4); gradients flow to
/// `features`. Cost: a root of Σ_c for each class present, O(K·A³) if it is full, and M·N·A numbers.
/// - Parameters:
///   - features: a, N×A.
///   - labels: y, the class of each row.
///   - draws: M.
/// - Returns: M·N×A; row m·N + i is draw m of feature i.
public func augmentedFeatures(
  _ features: Tensor, labels: [Int], covariances: ClassCovariances, lambda: Double, draws: Int,
  generator: RandomGenerator
) -> Tensor {
  let groups = RowsByClass(labels, classCount: (labels.max() ?? 0) + 1)
  let moves = withoutGradients {
    // Drawn class by class, then put where the rows of the class stand in each of the M copies of the batch.
    let byClass = groups.present.map { covariances.draws($0.rows.count * draws, of: $0.label, from: generator) }
    var place = [Int64](repeating: 0, count: labels.count * draws)
    var next: Int64 = 0
    for group in groups.present {
      for draw in 0..<draws {
        for row in groups.order[group.rows] {
          place[draw * labels.count + row] = next
          next += 1
        }
      }
    }
    return Tensor.concatenated(byClass).rows(Tensor(place).to(features.device)) * lambda.squareRoot()
  }
  let shape = [draws] + features.shape
  return (features.unsqueezed(0) + moves.reshaped(shape)).reshaped([draws * features.shape[0], features.shape[1]])
}
