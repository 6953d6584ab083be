//  The search behind a walk: which images lie where along some directions. It knows features and unit directions only,
//  so that other programs can walk through features of their own.

public import Results
public import Torch

/// How to walk.
public struct WalkOptions: Sendable {
  public var query = WalkQuery.axis
  /// t: where images are looked for, in standard deviations; 0 is the anchor itself.
  public var steps: [Double] = [-3, -2, -1, 0, 1, 2, 3]
  /// β of the axis query: what it costs to lie off the axis. 0 sorts by projection, much is nearly a local walk.
  public var offAxisWeight = 1.0
  /// Divides squared distances by what is usual around each image, so that hubs do not fill the grid; off if nil.
  public var hubness: Hubness?

  public init() {}
}

/// What was found along some directions.
public struct FeatureWalk: Sendable, Equatable {
  public struct Cell: Sendable, Equatable {
    /// t, as asked for.
    public let step: Double
    /// The row of the features that was found.
    public let row: Int
    /// ⟨a − a₀, u⟩ / σ.
    public let achievedStep: Double
    /// |(I − uuᵀ)(a − a₀)| / σ.
    public let offAxis: Double
  }

  public struct Row: Sendable, Equatable {
    public let sigma: Double
    /// In the order of the steps asked for; fewer if there were not enough features.
    public let cells: [Cell]

    /// τ-b of wanted and achieved steps; nil where either does not vary.
    public var kendallTau: Double? { Analysis.kendallTau(cells.map { ($0.step, $0.achievedStep) }) }
  }

  /// One for each direction.
  public let rows: [Row]
  /// Different rows among the first choices of all cells, over the cells.
  public let distinctShare: Double
}

/// What is wrong with the arguments of a walk.
public enum WalkError: Error, Equatable, CustomStringConvertible {
  case shape(of: String, found: [Int], expected: String)
  case notFinite(String)
  case notUnit(direction: Int, length: Double)
  case noSuchAnchor(Int, count: Int)

  public var description: String {
    switch self {
    case .shape(let what, let found, let expected): "\(what): found shape \(found); expected \(expected)"
    case .notFinite(let what): "\(what): found a number that is not finite; expected finite ones"
    case .notUnit(let direction, let length):
      "direction \(direction): found length \(length); expected a unit vector"
    case .noSuchAnchor(let anchor, let count): "anchor \(anchor): expected a row from 0 to \(count - 1)"
    }
  }
}

/// Walks from one feature along several directions, and finds a real one near every step.
///
/// Steps other than 0 take the feature with the least cost. With d = a − a₀ and p = ⟨d, u⟩ both queries cost a
/// polynomial in t, whose three coefficients are found once for each direction:
///
///     local  |d − tσu|²                       = |d|² − 2σp t + σ² t²
///     axis   ((p − tσ)/σ)² + β(|d|² − p²)/m   = (p²/σ² + β(|d|² − p²)/m) − 2(p/σ) t + t²
///
/// m is the median of |d|² − p² over all features (at least 10⁻⁵ of the mean of |d|², below which it is rounding). With
/// hubness given, distances of feature i, |d − tσu|² or |d|² − p², are divided by what is usual around i (Jégou et al.,
/// "Accurate image search using the contextual dissimilarity measure", 2010).
///
/// No feature is found twice, whatever the row: cells choose one after another, the largest |t| first because there are
/// fewest features out there, then by row and step; the anchor is not among them.
/// - Parameters:
///   - features: N×A, any floating type; float64 is searched in float64, others in float32.
///   - directions: R×A, rows of unit length.
///   - sigmas: σ of each direction; the standard deviation of all features along it if nil.
///   - anchor: the row of `features` that the walk starts from.
/// - Complexity: one pass over the features for |d|, one product for the projections, R·S·N for S steps, and a partial
///   selection; all in all some 4·N·A + 2·N·A·R + 8·R·S·N operations.
/// - Throws: `WalkError` for shapes that do not fit, numbers that are not finite, directions whose length is off by more
///   than 10⁻⁴, and an anchor that is not there.
public func walk(
  through features: Tensor, along directions: Tensor, sigmas: [Double]? = nil, from anchor: Int,
  options: WalkOptions = WalkOptions()
) throws(WalkError) -> FeatureWalk {
  try check(features, directions, sigmas, anchor, options)
  let (count, rowCount, steps) = (features.shape[0], directions.shape[0], options.steps)
  let type: ElementType = features.elementType == .float64 ? .float64 : .float32
  let (features, directions) = (features.to(type), directions.to(type))
  let start = features.slice(anchor..<anchor + 1)

  // |d|² by differences, because |a|² − 2⟨a, a₀⟩ + |a₀|² loses small distances.
  let lengths = features.distances(to: start).reshaped([1, count])
  guard lengths.isFinite else { throw .notFinite("features") }
  let squares = lengths * lengths
  let along = directions.matmul(features.transposed) - directions.matmul(start.transposed)
  let offAxis = (squares - along * along).clamped(below: 0)
  let sigmas = sigmas ?? deviations(of: along)
  // Where nothing varies a step is as long as a feature's unit.
  let scales = sigmas.map { $0 > 0 ? $0 : 1 }

  let damping = options.hubness.map { Tensor($0.damping, shape: [1, count]).to(type) } ?? .ones([1, count], type)
  let column = Tensor(scales, shape: [rowCount, 1]).to(type)
  let ones = Tensor.ones([rowCount, 1], type)
  let parts: [Tensor]
  switch options.query {
  case .local: parts = [squares * damping * ones, along * column * damping * -2, column * column * damping]
  case .axis:
    let floor = 1e-5 * squares.mean().item(Double.self)
    let medians: [Double] = offAxis.median(dimension: 1).array()
    let weights = medians.map { max($0, floor) > 0 ? options.offAxisWeight / max($0, floor) : 0 }
    let wanted = along / column
    parts = [
      wanted * wanted + offAxis * damping * Tensor(weights, shape: [rowCount, 1]).to(type), wanted * -2,
      ones * .ones([1, count], type),
    ]
  }
  let powers = Tensor(steps.flatMap { [1, $0, $0 * $0] }, shape: [steps.count, 3]).to(type)
  let costs = powers.matmul(.concatenated(parts.map { $0.unsqueezed(1) }, dimension: 1))

  let cellCount = rowCount * steps.count
  let depth = min(count, cellCount + 1)
  let candidates = costs.reshaped([cellCount, count]).smallest(depth).places.array(of: Int64.self)
  let choice = choose(steps: steps, rows: rowCount, anchor: anchor, depth: depth, candidates: candidates.map(Int.init))
  return FeatureWalk(
    rows: rows(choice.cells, steps: steps, features: features, directions: directions, start: start, sigmas: sigmas),
    distinctShare: choice.distinctShare)
}

private func check(
  _ features: Tensor, _ directions: Tensor, _ sigmas: [Double]?, _ anchor: Int, _ options: WalkOptions
) throws(WalkError) {
  guard features.rank == 2, features.count > 0 else {
    throw .shape(of: "features", found: features.shape, expected: "N×A")
  }
  let (count, width) = (features.shape[0], features.shape[1])
  guard directions.rank == 2, directions.shape[1] == width, directions.shape[0] > 0 else {
    throw .shape(of: "directions", found: directions.shape, expected: "R×\(width), as the features have")
  }
  guard (0..<count).contains(anchor) else { throw .noSuchAnchor(anchor, count: count) }
  if let sigmas {
    guard sigmas.count == directions.shape[0] else {
      throw .shape(of: "sigmas", found: [sigmas.count], expected: "[\(directions.shape[0])], one a direction")
    }
    guard sigmas.allSatisfy(\.isFinite) else { throw .notFinite("sigmas") }
  }
  guard options.steps.allSatisfy(\.isFinite), options.offAxisWeight.isFinite else { throw .notFinite("steps") }
  if let hubness = options.hubness, hubness.damping.count != count {
    throw .shape(of: "hubness", found: [hubness.damping.count], expected: "[\(count)], one a feature")
  }
  let exact = directions.to(.float64)
  for (index, length) in (exact * exact).sum([1]).squareRoot.array(of: Double.self).enumerated() {
    guard length.isFinite else { throw .notFinite("direction \(index)") }
    guard abs(length - 1) <= 1e-4 else { throw .notUnit(direction: index, length: length) }
  }
}

/// The standard deviation of each row, divisor N.
private func deviations(of rows: Tensor) -> [Double] {
  let centered = rows.to(.float64) - rows.to(.float64).mean([1], keepingDimensions: true)
  return (centered * centered).mean([1]).squareRoot.array()
}

/// Which row of the features stands in each cell.
/// - Parameter candidates: for each cell `depth` rows, cheapest first.
private func choose(
  steps: [Double], rows rowCount: Int, anchor: Int, depth: Int, candidates: [Int]
) -> (cells: [[Int?]], distinctShare: Double) {
  var cells = [[Int?]](repeating: steps.map { $0 == 0 ? anchor : nil }, count: rowCount)
  var (taken, first) = (Set([anchor]), Set<Int>())
  let order = (0..<rowCount).flatMap { row in steps.indices.map { (row: row, step: $0) } }
    .filter { steps[$0.step] != 0 }
    .sorted { (-abs(steps[$0.step]), $0.row, $0.step) < (-abs(steps[$1.step]), $1.row, $1.step) }
  for cell in order {
    let begin = (cell.row * steps.count + cell.step) * depth
    let mine = candidates[begin..<begin + depth]
    if let best = mine.first(where: { $0 != anchor }) { first.insert(best) }
    guard let free = mine.first(where: { !taken.contains($0) }) else { continue }
    taken.insert(free)
    cells[cell.row][cell.step] = free
  }
  return (cells, order.isEmpty ? 1 : Double(first.count) / Double(order.count))
}

/// What was chosen, measured in float64.
private func rows(
  _ chosen: [[Int?]], steps: [Double], features: Tensor, directions: Tensor, start: Tensor, sigmas: [Double]
) -> [FeatureWalk.Row] {
  chosen.enumerated().map { index, row in
    let places = steps.indices.filter { row[$0] != nil }
    let found = places.compactMap { row[$0] }
    let offsets = features.rows(Tensor(found.map(Int64.init))).to(.float64) - start.to(.float64)
    let direction = directions.slice(index..<index + 1).to(.float64)
    let along = offsets.matmul(direction.transposed)
    let beside = offsets - along * direction
    let (achieved, off): ([Double], [Double]) = (along.array(), (beside * beside).sum([1]).squareRoot.array())
    func inSigmas(_ value: Double) -> Double { sigmas[index] > 0 ? value / sigmas[index] : 0 }
    return FeatureWalk.Row(
      sigma: sigmas[index],
      cells: places.indices.map {
        FeatureWalk.Cell(
          step: steps[places[$0]], row: found[$0], achievedStep: inSigmas(achieved[$0]), offAxis: inSigmas(off[$0]))
      })
  }
}

/// Kendall's τ-b = (P − Q) / √((P + Q + X)(P + Q + Y)) for P pairs in the same order, Q in opposite order, and X and Y
/// tied in one of the two only; nil where one does not vary. O(n²).
func kendallTau(_ pairs: [(Double, Double)]) -> Double? {
  var (same, opposite, tiedX, tiedY) = (0.0, 0.0, 0.0, 0.0)
  for i in pairs.indices {
    for j in 0..<i {
      let (x, y) = (pairs[i].0 - pairs[j].0, pairs[i].1 - pairs[j].1)
      switch (x == 0, y == 0) {
      case (true, true): break
      case (true, false): tiedX += 1
      case (false, true): tiedY += 1
      case (false, false): if (x > 0) == (y > 0) { same += 1 } else { opposite += 1 }
      }
    }
  }
  let scale = ((same + opposite + tiedX) * (same + opposite + tiedY)).squareRoot()
  return scale > 0 ? (same - opposite) / scale : nil
}
