//  What a direction has to do with what is known of the images.

internal import Images
internal import Results
internal import Torch

/// Pearson's r between the projections on each leading direction and each factor, over the test images of the
/// class, and the level that chance reaches: images and factors are paired anew 999 times, and the level is the
/// 95th percentile of the largest |r| in the class's table (a family-wise 5 % test, exact under exchangeability). Each r
/// has the percentile interval of 1000 resamples of the class's test images.
func correlations(
  of directions: ClassDirections, with factors: FactorTable, among images: LabelledFeatures, options: AnalysisOptions
) -> FactorCorrelations.Class {
  let rows = images.rows(of: directions.index)
  let (count, width) = (rows.count, factors.names.count)
  let features = images.features(of: directions.index) - directions.heldOutMean
  let scores = features.matmul(directions.leading(options.directions).transposed)
  let (projections, table) = (standardized(scores), standardized(factors.tensor(rows)))
  func correlation(_ table: Tensor) -> Tensor { projections.columns.transposed.matmul(table) }

  let values: [Double] = correlation(table.columns).array()
  let generator = RandomGenerator(seed: options.seed, "chance level", directions.index)
  let largest = (0..<999).map { _ -> Double in
    correlation(table.columns.rows(generator.permutation(count))).array(of: Double.self).reduce(0) { max($0, abs($1)) }
  }.sorted()

  let intervals = correlationIntervals(
    projections: scores, factors: factors.tensor(rows),
    generator: RandomGenerator(seed: options.seed, "bootstrap of correlations", directions.index))
  return FactorCorrelations.Class(
    classIndex: directions.index, count: count,
    values: (0..<projections.varies.count).map { direction in
      (0..<width).map { factor in
        projections.varies[direction] && table.varies[factor] ? values[direction * width + factor] : nil
      }
    },
    lower: intervals.map { $0.map { $0?.lower } }, upper: intervals.map { $0.map { $0?.upper } },
    chanceLevel: largest[949])
}

/// Percentile intervals of Pearson's r between the columns of two tables, over bootstrap samples of their rows.
/// - Returns: by column of `projections`, then of `factors`; nil where a column does not vary.
func correlationIntervals(
  projections: Tensor, factors: Tensor, generator: RandomGenerator
) -> [[(lower: Double, upper: Double)?]] {
  let count = Double(projections.shape[0])
  let resampling = Resampling(of: projections.shape[0], generator: generator)
  let (x, y) = (standardized(projections).columns, standardized(factors).columns)
  let (rows, width) = (x.shape[1], y.shape[1])
  let products = (0..<rows).map { x.slice($0..<$0 + 1, dimension: 1) * y }
  let sums: [Double] = resampling.sums(.concatenated([x, y, x * x, y * y] + products, dimension: 1)).array()
  let columns = 2 * (rows + width) + rows * width

  return (0..<rows).map { row in
    (0..<width).map { column in
      Resampling.interval(
        (0..<Resampling.draws).map { draw in
          func sum(_ place: Int) -> Double { sums[draw * columns + place] }
          let (sx, sy) = (sum(row), sum(rows + column))
          let (squares, start) = (rows + width, 2 * (rows + width))
          let (xx, yy) = (sum(squares + row) - sx * sx / count, sum(squares + rows + column) - sy * sy / count)
          let xy = sum(start + row * width + column) - sx * sy / count
          return xx > 1e-12 && yy > 1e-12 ? min(max(xy / (xx * yy).squareRoot(), -1), 1) : .nan
        })
    }
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
