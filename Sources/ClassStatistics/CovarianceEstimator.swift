//  The covariance of one class for analysis, where all its rows are at hand. The loss needs Σ as the paper defines it;
//  whoever reads eigenvalues wants them without bias, or shrunk where images are few for so many dimensions.

public import Torch

/// How a covariance is estimated from n rows.
public enum CovarianceEstimator: String, Sendable, CaseIterable {
  /// S = Σ (x−μ)(x−μ)ᵀ / n, as the ISDA loss keeps it.
  case biased
  /// With divisor n − 1; zero for a single row.
  case unbiased
  /// (1−ρ) S + ρ (tr S / A) I, with ρ between 0 and 1 that minimises the expected squared error (Ledoit and Wolf,
  /// "A well-conditioned estimator for large-dimensional covariance matrices", 2004, section 3.3).
  case ledoitWolf = "ledoit-wolf"

  /// The covariance of a class from its moments. Only `ledoitWolf` looks at the rows again, for their fourth moments.
  /// - Parameter rows: the n rows that the moments of the class come from, n×A.
  /// - Returns: the covariance, A×A, and ρ, which is 0 unless it is shrunk.
  public func covariance(
    of label: Int, in moments: ClassMoments, rows: @autoclosure () -> Tensor
  ) -> (covariance: Tensor, shrinkage: Double) {
    let (biased, count) = (moments.covariances.dense(label), moments.counts[label])
    switch self {
    case .biased: return (biased, 0)
    case .unbiased: return (count > 1 ? biased * (count / (count - 1)) : biased, 0)
    case .ledoitWolf:
      guard count > 0 else { return (biased, 0) }
      // m, d² and b² of the paper, in its norm |M|² = tr(M Mᵀ)/A.
      let width = Double(moments.featureCount)
      let centered = rows() - moments.means.select(label)
      let squares = (centered * centered).sum([1])
      let mean: Double = squares.sum().item() / (count * width)
      let norm: Double = (biased * biased).sum().item() / width
      let distance = norm - mean * mean
      let fourth: Double = (squares * squares).sum().item() / width
      let spread = min((fourth / count - norm) / count, distance)
      let shrinkage = distance > 0 ? max(0, spread / distance) : 0
      let target = ClassCovariances(diagonal: .full(mean, [1, moments.featureCount], biased.elementType)).dense(0)
      return (biased * (1 - shrinkage) + target * shrinkage, shrinkage)
    }
  }
}
