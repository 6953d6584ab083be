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
      let values = found.values.indices.map { direction in
        found.values[direction].indices.map { place -> ImageStatisticCorrelations.Correlation? in
          guard let r = found.values[direction][place], let lower = found.lower?[direction][place],
            let upper = found.upper?[direction][place]
          else { return nil }
          return .init(r, from: lower, to: upper)
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
