//  How much of the features is a sum: one vector for the class and one for each attribute, nothing for combinations.

public import Results
internal import Torch

/// R² = 1 − Σ|a − â|² / Σ|a − ā|² of held-out features for â = m + m_class + Σ_f s_f m_f, fitted by least squares to
/// other images (yes or no and numbers enter as they are, so that a number has one vector and a scale), and for the
/// class alone. In a balanced design the vectors are the level means of Trager et al. (2023). Once for the features as
/// they are, where long directions count most, and once whitened by the covariance of all fitted images
/// (V diag(λ)^−½ Vᵀ; directions with less than 10⁻⁹ of the largest λ become 0), where all count alike.
///
/// Intervals: percentiles over resamples of the test images. Cost: O(N (A + C + F)² + resamples · N A).
public func additiveFactorization(
  fit: AttributedFeatures, evaluation: AttributedFeatures, resamples: Int = 200, seed: UInt64 = 0
) -> AttributeMeasures.Factorization {
  additiveFactorization(
    fit: fit, evaluation: evaluation,
    resamples: Resamples(labels: evaluation.labels, count: resamples, seed: seed))
}

func additiveFactorization(
  fit: AttributedFeatures, evaluation: AttributedFeatures, resamples: Resamples
) -> AttributeMeasures.Factorization {
  let classes = fit.rowsByClass.map(\.label)
  func indicators(_ set: AttributedFeatures) -> Tensor {
    Tensor(set.labels.flatMap { label in classes.map { $0 == label ? 1.0 : 0 } }, shape: [set.count, classes.count])
  }
  let (fitClasses, classesHere) = (indicators(fit), indicators(evaluation))
  let (fitAll, allHere) = (
    Tensor.concatenated([fitClasses, fit.table], dimension: 1),
    Tensor.concatenated([classesHere, evaluation.table], dimension: 1)
  )
  let whitening = whiteningMatrix(of: fit.features)
  func score(_ design: Tensor, _ here: Tensor, _ transform: Tensor?) -> AttributeMeasures.Score {
    func transformed(_ features: Tensor) -> Tensor { transform.map { features.matmul($0) } ?? features }
    // Indicators and categories add up to 1, so least squares needs a trace of a penalty.
    let model = RidgeRegression(features: design, targets: transformed(fit.features), penalties: [1e-9])
    let features = transformed(evaluation.features)
    let shifted = features - features.mean([0], keepingDimensions: true)
    return determination(shifted, features - model.predictions(here), resamples)
  }
  return AttributeMeasures.Factorization(
    classes: score(fitClasses, classesHere, nil), additive: score(fitAll, allHere, nil),
    classesWhitened: score(fitClasses, classesHere, whitening),
    additiveWhitened: score(fitAll, allHere, whitening))
}

/// R² over all dimensions together, of rows and their residuals.
private func determination(_ rows: Tensor, _ residuals: Tensor, _ resamples: Resamples) -> AttributeMeasures.Score {
  func values(_ weights: Tensor) -> [Double] {
    func weighted(_ rows: Tensor) -> Tensor {
      weights.matmul((rows * rows).sum([1], keepingDimensions: true))
    }
    let sums = weights.matmul(rows)
    let spread = weighted(rows) - (sums * sums).sum([1], keepingDimensions: true) * (1 / Double(rows.shape[0]))
    return zip(weighted(residuals).array(of: Double.self), spread.array(of: Double.self)).map {
      $1 > 0 ? 1 - $0 / $1 : .nan
    }
  }
  let all = Array(0..<rows.shape[0])
  return .init(values(.ones([1, all.count], .float64))[0], draws: values(resamples.tensor(all)))
}

private func whiteningMatrix(of features: Tensor) -> Tensor {
  let centered = features - features.mean([0], keepingDimensions: true)
  let covariance = centered.transposed.matmul(centered) * (1 / Double(features.shape[0]))
  let (values, vectors) = covariance.symmetricEigen()
  let variances: [Double] = values.array()
  let scales = variances.map { $0 > 1e-9 * (variances.first ?? 0) ? 1 / $0.squareRoot() : 0 }
  return vectors.transposed.matmul(vectors * Tensor(scales, shape: [scales.count, 1]))
}
