//  What a direction has to do with what is known of the images.

internal import Images
internal import Results
internal import Torch

/// Pearson's r between the projections on each leading direction and each factor, over the test images of the
/// class, and the level that chance reaches: images and factors are paired anew 999 times, and the level is the
/// 95th percentile of the largest |r| in the class's table (a family-wise 5 % test, exact under exchangeability).
func correlations(
  of directions: ClassDirections, with factors: FactorTable, among images: LabelledFeatures, options: AnalysisOptions
) -> FactorCorrelations.Class {
  let rows = images.rows(of: directions.index)
  let (count, width) = (rows.count, factors.names.count)
  let features = images.features(of: directions.index) - directions.heldOutMean
  let projections = standardized(features.matmul(directions.leading(options.directions).transposed))
  let table = standardized(Tensor(rows.flatMap { factors.values[$0] }, shape: [count, width]))
  func correlation(_ table: Tensor) -> Tensor { projections.columns.transposed.matmul(table) }

  let values: [Double] = correlation(table.columns).array()
  let generator = RandomGenerator(seed: options.seed, "chance level", directions.index)
  let largest = (0..<999).map { _ -> Double in
    correlation(table.columns.rows(generator.permutation(count))).array(of: Double.self).reduce(0) { max($0, abs($1)) }
  }.sorted()

  return FactorCorrelations.Class(
    classIndex: directions.index, count: count,
    values: (0..<projections.varies.count).map { direction in
      (0..<width).map { factor in
        projections.varies[direction] && table.varies[factor] ? values[direction * width + factor] : nil
      }
    },
    chanceLevel: largest[949])
}

/// Columns with mean 0 and length 1, so that products are correlations; columns that do not vary are 0.
func standardized(_ table: Tensor) -> (columns: Tensor, varies: [Bool]) {
  let centered = table - table.mean([0], keepingDimensions: true)
  let lengths = (centered * centered).sum([0], keepingDimensions: true).squareRoot
  let varies = lengths.array(of: Double.self).map { $0 > 1e-12 }
  let scales = zip(lengths.array(of: Double.self), varies).map { $1 ? 1 / $0 : 0 }
  return (centered * Tensor(scales, shape: [1, scales.count]), varies)
}
