//  The walks of one class through the test images: its leading directions, and beside them the controls that a grid of
//  nearest images needs to mean anything.

internal import ClassStatistics
internal import Results
internal import Torch

/// What every walk through a run needs.
struct WalkGround {
  let images: LabelledFeatures
  let hubness: Hubness
  let seed: UInt64

  /// One row that is searched for.
  struct Line {
    let kind: Walk.Kind
    /// 1×A, unit length.
    let direction: Tensor
    let sigma: Double
    var share: Double?
    var heldOutShare: Double?
  }

  /// Searches all lines in one grid, so that no image is in two of them, and adds a row of random images of the class.
  /// - Parameter shifts: how the anchor is moved first.
  func walk(
    _ lines: [Line], classIndex: Int, anchor: Int, query: WalkQuery, steps: [Double],
    shifted shifts: [WalkSearch.Shift] = []
  ) throws(WalkError) -> Walk {
    var options = WalkOptions()
    (options.query, options.steps) = (query, steps)
    let found = try WalkSearch(through: images.features, hubness: hubness).walk(
      along: .concatenated(lines.map(\.direction)), sigmas: lines.map(\.sigma), from: anchor, shifted: shifts,
      options: options)
    var rows = zip(lines, found.rows).map { line, row in
      Walk.Row(
        kind: line.kind, share: line.share, heldOutShare: line.heldOutShare, sigma: row.sigma,
        cells: row.cells.map(cell), kendallTau: row.kendallTau)
    }
    if let first = lines.first {
      let shown = Set(found.rows.flatMap { $0.cells.map(\.row) } + [anchor])
      rows.append(
        randomImages(
          of: classIndex, but: shown, along: first, anchor: anchor, shifted: shifts, query: query, steps: steps))
    }
    return Walk(
      classIndex: classIndex, query: query, anchor: ImageReference(.test, anchor), rows: rows,
      distinctShare: found.distinctShare)
  }

  /// The row of the image nearest to a mean (1×A) among those of a class, recognised if any is; nil without images.
  /// - Parameter classIndex: nil for all images.
  func anchor(near mean: Tensor, of classIndex: Int?) -> Int? {
    let rows = classIndex.map(images.rows) ?? Array(images.labels.indices)
    let recognised = rows.filter { images.predictions[$0] == images.labels[$0] }
    let candidates = recognised.isEmpty ? rows : recognised
    guard !candidates.isEmpty else { return nil }
    let distances = images.features(at: candidates).distances(to: mean)
    return candidates[Int(distances.reshaped([candidates.count]).smallest(1).places.item(Int64.self))]
  }

  private func cell(_ cell: FeatureWalk.Cell) -> Walk.Cell {
    Walk.Cell(
      step: cell.step, image: ImageReference(.test, cell.row), label: images.labels[cell.row],
      predicted: images.predictions[cell.row], achievedStep: cell.achievedStep, offAxis: cell.offAxis)
  }

  /// The control that follows no direction at all; measured along the first line.
  private func randomImages(
    of classIndex: Int, but shown: Set<Int>, along line: Line, anchor: Int, shifted shifts: [WalkSearch.Shift],
    query: WalkQuery, steps: [Double]
  ) -> Walk.Row {
    let rows = images.rows(of: classIndex).filter { !shown.contains($0) }
    let order = RandomGenerator(seed: seed, "random images", classIndex, query.rawValue).permutation(rows.count)
    var left = order.array(of: Int64.self).map { rows[Int($0)] }[...]
    let places = steps.compactMap { step -> (step: Double, row: Int)? in
      step == 0 ? (step, anchor) : left.popFirst().map { (step, $0) }
    }
    let start = shifts.reduce(images.features(at: [anchor])) {
      $0 + Tensor($1.direction, shape: [1, $1.direction.count]) * $1.distance
    }
    let offsets = images.features(at: places.map(\.row)) - start
    let along = offsets.matmul(line.direction.transposed)
    let beside = offsets - along * line.direction
    let (achieved, off): ([Double], [Double]) = (along.array(), (beside * beside).sum([1]).squareRoot.array())
    let scale = line.sigma > 0 ? 1 / line.sigma : 0
    let cells = places.enumerated().map { index, place in
      Walk.Cell(
        step: place.step, image: ImageReference(.test, place.row), label: images.labels[place.row],
        predicted: images.predictions[place.row], achievedStep: achieved[index] * scale, offAxis: off[index] * scale)
    }
    return Walk.Row(
      kind: .images, share: nil, heldOutShare: nil, sigma: line.sigma, cells: cells,
      kendallTau: kendallTau(cells.map { ($0.step, $0.achievedStep) }))
  }
}

/// The lines of a class: its leading directions by the σ of its test images, and two controls as long as the first.
/// - Parameter other: the class whose first direction is the second control; none if nil.
func walkLines(of directions: ClassDirections, other: ClassDirections?, options: AnalysisOptions) -> [WalkGround.Line] {
  let leading = directions.leading(options.directions)
  let count = leading.shape[0]
  var all = [leading]
  var kinds = (0..<count).map { Walk.Kind.principal($0 + 1) }
  if let random = directions.control {
    all.append(random)
    kinds.append(.random)
  }
  if let other {
    all.append(other.leading(1))
    kinds.append(.otherClass(other.index))
  }
  let rows = Tensor.concatenated(all)
  let heldOut = directions.heldOutVariances(along: rows)
  let heldOutTotal = directions.spectrum.heldOutVariances.reduce(0, +)
  let train = directions.variances(along: rows)
  let trainTotal = directions.spectrum.eigenvalues.reduce(0, +)
  return kinds.enumerated().map { index, kind in
    WalkGround.Line(
      kind: kind, direction: rows.slice(index..<index + 1),
      sigma: max(heldOut[kind.isControl ? 0 : index], 0).squareRoot(),
      share: trainTotal > 0 ? train[index] / trainTotal : 0,
      heldOutShare: heldOutTotal > 0 ? heldOut[index] / heldOutTotal : 0)
  }
}

extension ClassDirections {
  /// The test images of the class by the slab of each leading direction that they lie in: between half a step before and
  /// behind a whole number of σ from the class mean, the outermost slabs open.
  func slabs(among images: LabelledFeatures, options: AnalysisOptions) -> Slabs {
    let rows = images.rows(of: index)
    let leading = leading(options.directions)
    let projections = leading.matmul((images.features(of: index) - heldOutMean).transposed)
    let variances = heldOutVariances(along: leading)
    return Slabs(
      classIndex: index,
      rows: variances.indices.map { k in
        let sigma = max(variances[k], 0).squareRoot()
        let values = projections.select(k).array(of: Double.self)
        var slabs = (-3...3).map { Slabs.Slab(step: Double($0), rows: []) }
        for (row, value) in zip(rows, values) {
          let step = sigma > 0 ? (value / sigma).rounded() : 0
          slabs[Int(min(max(step, -3), 3)) + 3].rows.append(row)
        }
        return Slabs.Row(direction: k + 1, share: spectrum.shares[k], sigma: sigma, slabs: slabs)
      })
  }
}

/// The walks of all classes by both queries, and their slabs.
/// - Parameter progress: told the class that is next.
func walks(
  of run: RunFeatures, classes: [ClassDirections], hubness: Hubness, options: AnalysisOptions,
  progress: (Int) throws -> Void
) throws -> Walks {
  let ground = WalkGround(images: run.test, hubness: hubness, seed: options.seed)
  var walks: [Walk] = []
  for directions in classes {
    try progress(directions.index)
    guard let anchor = ground.anchor(near: directions.heldOutMean, of: directions.index) else { continue }
    let other = nearestClass(to: directions.index, in: run.trainMoments).flatMap { index in
      classes.first { $0.index == index }
    }
    let lines = walkLines(of: directions, other: other, options: options)
    for query in WalkQuery.allCases {
      walks.append(
        try ground.walk(lines, classIndex: directions.index, anchor: anchor, query: query, steps: options.steps))
    }
  }
  return Walks(
    classNames: run.classNames, hubness: hubness.record, walks: walks,
    slabs: classes.map { $0.slabs(among: run.test, options: options) })
}

/// The class whose training mean is nearest, among those that have images; nil if there is no other.
func nearestClass(to index: Int, in moments: FeatureMoments) -> Int? {
  let present = moments.counts.indices.filter { moments.counts[$0] > 0 && $0 != index }
  guard !present.isEmpty else { return nil }
  let means = moments.means.rows(Tensor(present.map(Int64.init)))
  let distances = means.distances(to: moments.means.slice(index..<index + 1)).reshaped([present.count])
  return present[Int(distances.smallest(1).places.item(Int64.self))]
}
