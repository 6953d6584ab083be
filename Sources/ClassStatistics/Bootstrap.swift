//  How far the eigenvalues of a class would have come out otherwise if other images of it had been taken.

internal import Foundation
public import Torch

/// How often each of n rows is taken in n draws with replacement (Efron 1979), for B resamples: B·n numbers, resample by
/// resample.
public func resampleCounts(_ resamples: Int, of count: Int, from generator: RandomGenerator) -> [Double] {
  guard count > 0 else { return [] }
  var counts = [Double](repeating: 0, count: resamples * count)
  let rows: [Int64] = generator.integers(in: 0..<count, [resamples * count]).array()
  for (place, row) in rows.enumerated() { counts[place / count * count + Int(row)] += 1 }
  return counts
}

/// Eigenvalues of a class over resamples of its rows with replacement (Efron 1979).
///
/// A resample is a weight w_i for each row, how often it was taken. Its covariance is needed only in the space of the
/// leading directions, where it is exact: Σ_i w_i s_i s_iᵀ / n − s̄s̄ᵀ for the scores s_i, whose eigenvalues are those of the
/// whole resampled covariance projected on that space. So B resamples are one product of B×n weights and n×L² products
/// of scores, and B eigenvalue problems of side L, instead of B of side A.
///
/// What an interval covers: how far an eigenvalue, or its share of the variance, scatters from one set of n images to
/// another, at 95 %. Not covered is what all sets of n images have in common: with few images for so many dimensions
/// the leading eigenvalues are too large, which held-out variances and the noise floor show.
public struct BootstrapIntervals {
  /// Standard deviations of log λ_k and of log(λ_k / tr Σ) over the resamples.
  public let logVarianceErrors: [Double]
  public let logShareErrors: [Double]

  /// λ exp(∓1.96 s) for the standard deviation s of log λ: an interval that stays positive and holds λ.
  public static func interval(_ value: Double, logError: Double) -> ClosedRange<Double> {
    let factor = exp(1.96 * logError)
    return value / factor...value * factor
  }

  /// Cost: 2·B·n·(L² + A) and B·O(L³) for L leading directions, of which the first `count` are reported.
  /// - Parameters:
  ///   - sample: with L directions; half as many again as are reported, so that those have neighbours to mix with.
  ///   - resamples: B.
  public init(_ sample: ClassSample, count: Int, resamples: Int, generator: RandomGenerator) {
    let count = min(count, sample.variances.count)
    guard count > 0 else {
      (logVarianceErrors, logShareErrors) = ([], [])
      return
    }
    var (variances, totals): ([Double], [Double]) = ([], [])
    // As many at a time as keep the weights small beside the rows.
    let step = max(1, min(resamples, 4_000_000 / max(sample.count, 1)))
    for first in stride(from: 0, to: resamples, by: step) {
      let part = min(step, resamples - first)
      let counts = resampleCounts(part, of: sample.count, from: generator)
      let weights = Tensor(counts, shape: [part, sample.count])
      let resampled = Self.resampled(sample, weights: weights)
      variances += resampled.variances
      totals += resampled.totals
    }
    let width = sample.variances.count
    logVarianceErrors = (0..<count).map { k in
      standardDeviation((0..<resamples).map { log(variances[$0 * width + k]) })
    }
    logShareErrors = (0..<count).map { k in
      standardDeviation((0..<resamples).map { log(variances[$0 * width + k] / totals[$0]) })
    }
  }

  /// Eigenvalues, falling, B×L, in the space of the leading directions, and total variances under weights B×n whose rows add
  /// up to n.
  static func resampled(_ sample: ClassSample, weights: Tensor) -> (variances: [Double], totals: [Double]) {
    let (resamples, width, features) = (weights.shape[0], sample.variances.count, sample.centered.shape[1])
    let means = Tensor.zeros([resamples, width], .float64)
    let products = Tensor.zeros([resamples, width * width], .float64)
    let offsets = Tensor.zeros([resamples, features], .float64)
    let scale = 1 / Double(sample.count)
    for block in rowBlocks(sample.count) {
      let weights = weights.slice(block, dimension: 1)
      let scores = sample.scores.slice(block)
      let pairs = (scores.unsqueezed(2) * scores.unsqueezed(1)).reshaped([block.count, width * width])
      means.addProduct(weights, scores, scale: scale)
      products.addProduct(weights, pairs, scale: scale)
      offsets.addProduct(weights, sample.centered.slice(block).to(.float64), scale: scale)
    }
    let covariances =
      products.reshaped([resamples, width, width]) - means.unsqueezed(2) * means.unsqueezed(1)
    let rising: [Double] = covariances.symmetricEigenvalues.clamped(below: 0).array()
    let squares = weights.matmul(sample.squares.unsqueezed(1)) * scale
    let totals = squares - (offsets * offsets).sum([1], keepingDimensions: true)
    return ((0..<resamples).flatMap { rising[$0 * width..<($0 + 1) * width].reversed() }, totals.array())
  }
}

/// Of values that are finite: an eigenvalue that vanished in a resample says nothing of a scatter in its logarithm.
private func standardDeviation(_ values: [Double]) -> Double {
  let values = values.filter(\.isFinite)
  guard values.count > 1 else { return 0 }
  let mean = values.reduce(0, +) / Double(values.count)
  return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)).squareRoot()
}
