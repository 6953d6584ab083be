//  Whether an attribute can be read from features, and what a probe would read from anything: control labels show how
//  much of a score the probe owes to its own freedom.

internal import Images
internal import Results
internal import Torch

/// Probes of every attribute, fitted to some images and scored on others; nil where the attribute does not vary in
/// both.
///
/// Control labels (Hewitt and Liang 2019) are random, but the same for images of the same type: types are the cells of
/// the feature space around 100 random images (a tenth of the images if there are fewer than 1000), and each cell takes
/// the value of a random image. What a probe scores on them, over five draws, it would score on any labels that
/// neighbours share. Intervals: percentiles over resamples of the test images; the probes stay as they are.
func probes(
  of columns: [AttributeColumn], fit: AttributedFeatures, evaluation: AttributedFeatures, resamples: Resamples,
  seed: UInt64
) -> [AttributeMeasures.Probe?] {
  guard fit.count > 1, evaluation.count > 1 else { return columns.map { _ in nil } }
  let (width, controlDraws) = (columns.count, 5)
  let controls = ControlLabels(fit: fit, evaluation: evaluation, draws: controlDraws, seed: seed)
  let ridge = RidgeRegression(
    features: fit.features, targets: .concatenated([fit.table, controls.fit], dimension: 1))
  let predictions = columnsOf(ridge.predictions(evaluation.features))
  let neighbours = NeighbourRegression(features: fit.features, targets: fit.table)
  let nearest = neighbours.predictions(evaluation.features)
  let controlTruth = columnsOf(controls.evaluation)

  return columns.map { column in
    let truth = evaluation.column(column.index)
    guard Set(truth).count > 1, Set(fit.column(column.index)).count > 1 else { return nil }
    let linear = HeldOutScore.of(column, truth: truth, prediction: predictions[column.index])
    let neighbour = HeldOutScore.of(column, truth: truth, prediction: nearest[column.index])
    let control = (0..<controlDraws).map { draw in
      let place = draw * width + column.index
      return HeldOutScore.of(column, truth: controlTruth[place], prediction: predictions[width + place])
    }
    func mean(_ values: [Double]) -> Double {
      let finite = values.filter(\.isFinite)
      return finite.isEmpty ? .nan : finite.reduce(0, +) / Double(finite.count)
    }
    let linearDraws = linear.draws(resamples)
    let neighbourDraws = neighbour.draws(resamples)
    let controlDraws = resamples.weights.map { weights in mean(control.map { $0(weights) }) }
    let controlValue = mean(control.map(\.value))
    return AttributeMeasures.Probe(
      linear: .init(linear.value, draws: linearDraws),
      control: .init(controlValue, draws: controlDraws),
      selectivity: .init(linear.value - controlValue, draws: zip(linearDraws, controlDraws).map { $0 - $1 }),
      neighbours: .init(neighbour.value, draws: neighbourDraws),
      linearityGap: .init(neighbour.value - linear.value, draws: zip(neighbourDraws, linearDraws).map { $0 - $1 }),
      penalty: ridge.penalties[column.index], neighbourCount: neighbours.counts[column.index])
  }
}

/// The columns of a matrix.
func columnsOf(_ matrix: Tensor) -> [[Double]] {
  let (rows, columns) = (matrix.shape[0], matrix.shape[1])
  let values: [Double] = matrix.array()
  return (0..<columns).map { column in (0..<rows).map { values[$0 * columns + column] } }
}

/// Random labels that images of one cell of the feature space share: N × (draws · F), the attributes of one draw side by
/// side.
private struct ControlLabels {
  let fit: Tensor
  let evaluation: Tensor

  init(fit: AttributedFeatures, evaluation: AttributedFeatures, draws: Int, seed: UInt64) {
    let generator = RandomGenerator(seed: seed, "control labels")
    let typeCount = min(100, max(2, fit.count / 10))
    let standardization = Standardization(fit.features)
    let anchors = standardization(fit.features.rows(generator.permutation(fit.count).slice(0..<typeCount)))
    let squares = (anchors * anchors).sum([1]).unsqueezed(0)
    func types(_ features: Tensor) -> Tensor {
      (standardization(features).matmul(anchors.transposed) * 2 - squares).argmax(dimension: 1)
    }
    let width = fit.attributes.names.count
    let chosen: [Int64] = generator.integers(in: 0..<fit.count, [typeCount * draws * width]).array()
    let values = chosen.enumerated().map { fit.attributes.values[Int($1)][$0 % width] }
    let labels = Tensor(values, shape: [typeCount, draws * width])
    self.fit = labels.rows(types(fit.features))
    self.evaluation = labels.rows(types(evaluation.features))
  }
}
