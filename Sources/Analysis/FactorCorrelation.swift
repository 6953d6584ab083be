//  What a direction has to do with what is known of the images.

internal import Images
internal import Results
internal import Torch

/// Pearson's r between the projections on each leading direction and each factor, over the test images of the
/// class, and the level that chance reaches: images and factors are paired anew 999 times, and the level is the
/// 95th percentile of the largest |r| in the class's table (a family-wise 5 % test, exact under exchangeability). Each r
/// has the percentile interval of 999 resamples of the class's test images.
func correlations(
  of directions: ClassDirections, with factors: FactorTable, among images: LabelledFeatures, options: AnalysisOptions
) -> FactorCorrelations.Class {
  let rows = images.rows(of: directions.index)
  let (count, width) = (rows.count, factors.names.count)
  let features = images.features(of: directions.index) - directions.heldOutMean
  let projections = standardized(features.matmul(directions.leading(options.directions).transposed))
  let table = standardized(factors.tensor(rows))
  func correlation(_ table: Tensor) -> Tensor { projections.columns.transposed.matmul(table) }

  let values: [Double] = correlation(table.columns).array()
  let generator = RandomGenerator(seed: options.seed, "chance level", directions.index)
  let largest = (0..<999).map { _ -> Double in
    correlation(table.columns.rows(generator.permutation(count))).array(of: Double.self).reduce(0) { max($0, abs($1)) }
  }.sorted()

  let resamples = Resamples(labels: rows.map { _ in directions.index }, count: 999, seed: options.seed)
  let intervals = intervals(
    of: projections.columns, with: table.columns, weights: resamples.tensor(Array(0..<count)))
  func known<Value>(_ values: [Value]) -> [[Value?]] {
    (0..<projections.varies.count).map { direction in
      (0..<width).map { factor in
        projections.varies[direction] && table.varies[factor] ? values[direction * width + factor] : nil
      }
    }
  }
  return FactorCorrelations.Class(
    classIndex: directions.index, count: count, values: known(values), lower: known(intervals.map(\.lower)),
    upper: known(intervals.map(\.upper)), chanceLevel: largest[949])
}

/// The 2.5th and 97.5th percentile of r under each of the weights (B×n), for every column of `a` with every one of `b`.
private func intervals(of a: Tensor, with b: Tensor, weights: Tensor) -> [(lower: Double, upper: Double)] {
  let (count, width, height) = (a.shape[0], a.shape[1], b.shape[1])
  let size = 1 / Double(count)
  let (sumsA, sumsB) = (weights.matmul(a), weights.matmul(b))
  let products = (a.unsqueezed(2) * b.unsqueezed(1)).reshaped([count, width * height])
  let covariances =
    weights.matmul(products).reshaped([-1, width, height]) - sumsA.unsqueezed(2) * sumsB.unsqueezed(1) * size
  func variances(_ columns: Tensor, _ sums: Tensor) -> Tensor {
    (weights.matmul(columns * columns) - sums * sums * size).clamped(below: 0)
  }
  let scales = (variances(a, sumsA).unsqueezed(2) * variances(b, sumsB).unsqueezed(1)).squareRoot
  return columnsOf((covariances / scales).reshaped([-1, width * height])).map { draws in
    // A resample in which nothing varies has no r.
    let sorted = draws.filter(\.isFinite).map { min(max($0, -1), 1) }.sorted()
    return (quantile(sorted, 0.025), quantile(sorted, 0.975))
  }
}

/// Columns with mean 0 and length 1, so that products are correlations; columns that do not vary are 0.
func standardized(_ table: Tensor) -> (columns: Tensor, varies: [Bool]) {
  let centered = table - table.mean([0], keepingDimensions: true)
  let lengths = (centered * centered).sum([0], keepingDimensions: true).squareRoot
  let varies = lengths.array(of: Double.self).map { $0 > 1e-12 }
  let scales = zip(lengths.array(of: Double.self), varies).map { $1 ? 1 / $0 : 0 }
  return (centered * Tensor(scales, shape: [1, scales.count]), varies)
}

extension FactorTable {
  /// The factors of some rows, n×F, float64.
  func tensor(_ rows: [Int]) -> Tensor { Tensor(rows.flatMap { values[$0] }, shape: [rows.count, names.count]) }
}
