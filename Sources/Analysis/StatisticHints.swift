//  What plain statistics of the images have to do with each direction, and the one worth a hint.

internal import Images
internal import Results
internal import Torch

/// Correlations of every class's leading directions with the statistics of its test images, each with a bootstrap
/// interval, and hints where the largest is neither chance (`correlations(of:with:among:options:)`) nor small.
/// - Parameter statistics: of all test images, columns as in `ImageStatistic.allCases`.
func statisticCorrelations(
  of classes: [ClassDirections], with statistics: FactorTable, among images: LabelledFeatures, options: AnalysisOptions
) -> ImageStatisticCorrelations {
  ImageStatisticCorrelations(
    statisticNames: statistics.names,
    classes: classes.map { directions in
      let found = correlations(of: directions, with: statistics, among: images, options: options)
      let intervals = correlationIntervals(
        projections: images.features(of: directions.index)
          .matmul(directions.leading(options.directions).transposed),
        factors: statistics.tensor(images.rows(of: directions.index)),
        generator: RandomGenerator(seed: options.seed, "bootstrap of correlations", directions.index))
      let values = zip(found.values, intervals).map { row, intervals in
        zip(row, intervals).map { r, interval -> ImageStatisticCorrelations.Correlation? in
          guard let r, let interval else { return nil }
          return .init(r, from: interval.lower, to: interval.upper)
        }
      }
      return ImageStatisticCorrelations.Class(
        classIndex: directions.index, count: found.count, values: values, chanceLevel: found.chanceLevel,
        hints: values.map { hint(among: $0, chanceLevel: found.chanceLevel) })
    })
}

private func hint(
  among values: [ImageStatisticCorrelations.Correlation?], chanceLevel: Double
) -> ImageStatisticCorrelations.Hint? {
  let candidates = zip(ImageStatistic.allCases, values).compactMap { statistic, value in
    value.map { (statistic: statistic, value: $0) }
  }
  guard let largest = candidates.max(by: { abs($0.value.r) < abs($1.value.r) }),
    abs(largest.value.r) > chanceLevel, abs(largest.value.r) >= ImageStatisticCorrelations.leastCorrelation
  else { return nil }
  let phrases = largest.statistic.phrases
  return ImageStatisticCorrelations.Hint(
    statistic: largest.statistic.name, phrase: largest.value.r < 0 ? phrases.less : phrases.more,
    correlation: largest.value)
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
