//  Linear probes: ridge regression whose penalty is chosen, for each target, by leaving each image out once, which one
//  eigendecomposition makes exact and cheap.

internal import Foundation
public import Torch

/// Ridge regression of several targets on the same features, standardised, with an intercept that is not penalised:
/// β_t = argmin |y_t − ȳ_t − Zβ|² + N τ_t |β|², where τ_t of `penalties` has the least exact leave-one-out error
/// Σ_i ((y_i − ŷ_i) / (1 − h_i))² (what scikit-learn's RidgeCV calls `alpha_per_target`, with alphas N τ).
///
/// Cost: O(N A² + A³ + P N A T) for P penalties and T targets; memory N (A + T).
public struct RidgeRegression {
  /// Penalties over the number of images, 10⁻⁶ to 10².
  public static let penalties = (-6...2).map { pow(10, Double($0)) }

  /// τ of each target.
  public let penalties: [Double]
  /// β of the standardised features, A×T.
  public let coefficients: Tensor
  private let means: Tensor
  private let standardization: Standardization

  /// - Parameters:
  ///   - features: N×A, float64.
  ///   - targets: N×T, float64.
  public init(features: Tensor, targets: Tensor, penalties candidates: [Double] = Self.penalties) {
    standardization = Standardization(features)
    means = targets.mean([0], keepingDimensions: true)
    let rows = standardization(features)
    let centered = targets - means
    let (eigenvalues, vectors) = rows.transposed.matmul(rows).symmetricEigen()
    let spectrum = eigenvalues.clamped(below: 0)
    let scores = rows.matmul(vectors.transposed)
    let squaredScores = scores * scores
    let products = scores.transposed.matmul(centered)
    let (count, width, targetCount) = (Double(rows.shape[0]), rows.shape[1], targets.shape[1])

    var best = [(error: Double, penalty: Double)](
      repeating: (.infinity, candidates.last ?? 0), count: targetCount)
    for penalty in candidates where candidates.count > 1 {
      let inverse = (Tensor.ones([width], .float64) / (spectrum + count * penalty)).unsqueezed(1)
      let leverages = squaredScores.matmul(inverse) + 1 / count
      let leftOut = (centered - scores.matmul(products * inverse)) / (leverages * -1 + 1).clamped(below: 1e-12)
      let errors: [Double] = (leftOut * leftOut).mean([0]).array()
      for target in errors.indices where errors[target] < best[target].error {
        best[target] = (errors[target], penalty)
      }
    }
    self.penalties = best.map(\.penalty)
    let inverses = spectrum.array(of: Double.self).flatMap { value in
      best.map { 1 / (value + count * $0.penalty) }
    }
    coefficients = vectors.transposed.matmul(products * Tensor(inverses, shape: [width, targetCount]))
  }

  /// ŷ of M features, M×T.
  public func predictions(_ features: Tensor) -> Tensor {
    standardization(features).matmul(coefficients) + means
  }
}
