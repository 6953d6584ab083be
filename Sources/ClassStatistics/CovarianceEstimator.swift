//  The covariance of one class for analysis, where all its rows are at hand. The loss needs Σ as the paper defines it;
//  whoever reads eigenvalues wants them without bias, or shrunk where images are few for so many dimensions.

internal import Torch

/// How a covariance is estimated from n rows.
public enum CovarianceEstimator: String, Sendable, CaseIterable {
  /// S = Σ (x−μ)(x−μ)ᵀ / n, as the ISDA loss keeps it.
  case biased
  /// With divisor n − 1; zero for a single row.
  case unbiased
  /// (1−ρ) S + ρ (tr S / A) I, with ρ between 0 and 1 that minimises the expected squared error (Ledoit and Wolf,
  /// "A well-conditioned estimator for large-dimensional covariance matrices", 2004, section 3.3).
  case ledoitWolf = "ledoit-wolf"

  /// What an estimator makes of S: factor · S + added · I. The eigenvectors are those of S whatever the estimator.
  public struct Adjustment: Sendable {
    public let factor: Double
    public let added: Double
    /// ρ, 0 unless the covariance is shrunk.
    public let shrinkage: Double

    /// λ of S as the estimator has it.
    public func callAsFunction(_ variance: Double) -> Double { factor * variance + added }
  }

  /// - Parameters:
  ///   - squares: |x−μ|² of each of the n rows.
  ///   - eigenvalues: of S, without those that are 0 if so wanted.
  ///   - width: A.
  public func adjustment(squares: [Double], eigenvalues: [Double], width: Int) -> Adjustment {
    let (count, width) = (Double(squares.count), Double(width))
    switch self {
    case .biased: return Adjustment(factor: 1, added: 0, shrinkage: 0)
    case .unbiased: return Adjustment(factor: count > 1 ? count / (count - 1) : 1, added: 0, shrinkage: 0)
    case .ledoitWolf:
      guard count > 0 else { return Adjustment(factor: 1, added: 0, shrinkage: 0) }
      // m, d² and b² of the paper, in its norm |M|² = tr(M Mᵀ)/A.
      let mean = squares.reduce(0, +) / (count * width)
      let norm = eigenvalues.reduce(0) { $0 + $1 * $1 } / width
      let distance = norm - mean * mean
      let fourth = squares.reduce(0) { $0 + $1 * $1 } / width
      let spread = min((fourth / count - norm) / count, distance)
      let shrinkage = distance > 0 ? max(0, spread / distance) : 0
      return Adjustment(factor: 1 - shrinkage, added: shrinkage * mean, shrinkage: shrinkage)
    }
  }

  /// The directions of one class of features: the variances of all of them as the estimator has them, and the leading
  /// vectors.
  ///
  /// With fewer rows than dimensions S is decomposed by its rows (see `PrincipalDirections(rows:mean:limit:)`).
  /// - Parameter label: the class.
  /// - Returns: A variances, falling, and how those of S were changed; the vectors along which S varies, with its variances
  ///   (10⁻¹² of the largest and below is none).
  public func directions(
    of label: Int, in moments: FeatureMoments
  ) -> (variances: [Double], adjustment: Adjustment, principal: PrincipalDirections) {
    let width = moments.featureCount
    let all =
      moments.counts[label] < Double(width)
      ? PrincipalDirections(
        rows: moments.rows(label), mean: moments.means.slice(label..<label + 1), limit: width)
      : PrincipalDirections(covariance: moments.covariance(label))
    let variances = all.variances.array(of: Double.self)
    let found = Array(variances.prefix { $0 > 1e-12 * variances[0] })
    let centered = moments.centered(label)
    let adjustment = adjustment(
      squares: (centered * centered).sum([1]).array(), eigenvalues: found, width: width)
    return (
      (found + Array(repeating: 0, count: width - found.count)).map { adjustment($0) }, adjustment,
      all.leading(found.count)
    )
  }
}
