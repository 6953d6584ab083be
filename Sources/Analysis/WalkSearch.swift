//  Walks: real images nearest to a feature that moves along a direction.

internal import ClassStatistics
internal import Results
internal import Torch

/// The walk through one class: rows are its leading directions and, last, a random one of equal length.
///
/// The anchor is the correctly recognised test image nearest to the class's mean, so that both ends of every
/// direction lie within reach. σ is the standard deviation of the class's test images along the direction.
func walk(
  through directions: ClassDirections, among images: LabelledFeatures, options: AnalysisOptions
) -> Walk {
  let anchor = anchor(of: directions, among: images)
  let leading = directions.leading(options.directions)
  let count = leading.shape[0]
  let control = RandomGenerator(seed: options.seed, "control direction", directions.index)
    .normal([1, leading.shape[1]], .float64)
  let all = Tensor.concatenated([leading, control / (control * control).sum().squareRoot])

  let heldOut = directions.heldOutVariances(along: all)
  let heldOutTotal = directions.spectrum.heldOutVariances.reduce(0, +)
  let trainVariances = directions.principal.directions.matmul(all.transposed)
  let trainShares: [Double] =
    ((directions.principal.variances.unsqueezed(1) * trainVariances * trainVariances).sum([0])).array()
  let trainTotal = directions.spectrum.eigenvalues.reduce(0, +)

  let rows = (0...count).map { row in
    let sigma = max(heldOut[row == count ? 0 : row], 0).squareRoot()
    return Walk.Row(
      kind: row == count ? .random : .principal(row + 1),
      share: trainTotal > 0 ? trainShares[row] / trainTotal : 0,
      heldOutShare: heldOutTotal > 0 ? heldOut[row] / heldOutTotal : 0,
      sigma: sigma,
      cells: cells(along: all.slice(row..<row + 1), sigma: sigma, from: anchor, among: images, steps: options.steps))
  }
  return Walk(classIndex: directions.index, anchor: ImageReference(.test, anchor), rows: rows)
}

/// The row of the image of this class nearest to its mean, recognised if any is.
private func anchor(of directions: ClassDirections, among images: LabelledFeatures) -> Int {
  let rows = images.rows(of: directions.index)
  let recognised = rows.filter { images.predictions[$0] == directions.index }
  let candidates = recognised.isEmpty ? rows : recognised
  let offsets = images.features(at: candidates) - directions.heldOutMean
  let nearest = (offsets * offsets).sum([1]).sortingOrder().slice(0..<1).item(Int64.self)
  return candidates[Int(nearest)]
}

/// One row of a walk. Steps are filled from the middle outwards; an image that stands already is passed over.
private func cells(
  along direction: Tensor, sigma: Double, from anchor: Int, among images: LabelledFeatures, steps: [Double]
) -> [Walk.Cell] {
  let features = images.features.to(.float64)
  let start = features.slice(anchor..<anchor + 1)
  let targets = start + direction * Tensor(steps.map { $0 * sigma }, shape: [steps.count, 1])
  let achieved: [Double] = (features - start).matmul(direction.transposed).array()

  var cells: [Int: Walk.Cell] = [:]
  var shown: Set<Int> = []
  for index in steps.indices.sorted(by: { abs(steps[$0]) < abs(steps[$1]) }) {
    let offsets = features - targets.slice(index..<index + 1)
    let distances = (offsets * offsets).sum([1]).squareRoot
    let nearest = distances.sortingOrder().slice(0..<min(images.labels.count, shown.count + 1)).array(of: Int64.self)
    guard let row = steps[index] == 0 ? anchor : nearest.lazy.map({ Int($0) }).first(where: { !shown.contains($0) })
    else { continue }
    shown.insert(row)
    cells[index] = Walk.Cell(
      step: steps[index], image: ImageReference(.test, row), label: images.labels[row],
      predicted: images.predictions[row], achievedStep: sigma > 0 ? achieved[row] / sigma : 0,
      distance: sigma > 0 ? distances.select(row).item() / sigma : 0)
  }
  return steps.indices.compactMap { cells[$0] }
}
