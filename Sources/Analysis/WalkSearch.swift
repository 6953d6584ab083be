//  The search behind a walk: which images lie where along some directions, and what of that is remembered between two
//  walks through the same features.

internal import Results
public import Torch

/// Walks through one set of features, again and again: what does not depend on the steps is remembered, so that a step
/// along known directions from a known anchor costs no pass over the features.
public final class WalkSearch {
  /// A way that the anchor has been moved before the walk begins.
  public struct Shift: Sendable {
    /// A unit vector, A numbers.
    public let direction: [Double]
    /// Feature units.
    public let distance: Double

    public init(_ direction: [Double], by distance: Double) { (self.direction, self.distance) = (direction, distance) }
  }

  /// N×A, in the type of the search.
  private let features: Tensor
  private let type: ElementType
  /// 1×N.
  private let damping: Tensor
  /// |a − a₀|² for the latest anchors, 1×N each.
  private var squares = Remembered<Int, Tensor>(4)
  /// ⟨a, u⟩ for the latest directions, 1×N each.
  private var projections = Remembered<[Double], Tensor>(64)

  /// - Parameters:
  ///   - features: N×A, any floating type; float64 is searched in float64, others in float32.
  ///   - hubness: of these features, if distances are to be divided by what is usual around each.
  /// - Throws: `WalkError` for features that are none.
  public convenience init(through features: Tensor, hubness: Hubness?) throws(WalkError) {
    guard features.rank == 2, features.count > 0 else {
      throw .shape(of: "features", found: features.shape, expected: "N×A")
    }
    if let hubness, hubness.damping.count != features.shape[0] {
      throw .shape(of: "hubness", found: [hubness.damping.count], expected: "[\(features.shape[0])], one a feature")
    }
    self.init(among: features, hubness: hubness)
  }

  /// - Precondition: N×A with N and A above 0, and a damping for each.
  init(among features: Tensor, hubness: Hubness?) {
    let type: ElementType = features.elementType == .float64 ? .float64 : .float32
    let count = features.shape[0]
    self.type = type
    self.features = features.to(type)
    damping = hubness.map { Tensor($0.damping, shape: [1, count]).to(type) } ?? .ones([1, count], type)
  }

  /// Steps other than 0 take the feature with the least cost. With d = a − a₀ and p = ⟨d, u⟩ both queries cost a
  /// polynomial in t, whose three coefficients are found once for each direction:
  ///
  ///     local  |d − tσu|²                       = |d|² − 2σp t + σ² t²
  ///     axis   ((p − tσ)/σ)² + β(|d|² − p²)/m   = (p²/σ² + β(|d|² − p²)/m) − 2(p/σ) t + t²
  ///
  /// m is the median of |d|² − p² over all features (of an even number the lower one in the middle; at least 10⁻⁵ of the
  /// mean of |d|², below which it is rounding). With hubness given, distances of feature i, |d − tσu|² or |d|² − p², are
  /// divided by what is usual around i (Jégou et al., "Accurate image search using the contextual dissimilarity measure",
  /// 2010).
  ///
  /// No feature is found twice, whatever the row: cells choose one after another, the largest |t| first because there are
  /// fewest features out there, then by row and step; the anchor is not among them. Where the anchor was moved, a₀ is the
  /// place that it was moved to, the step 0 is searched for like any other, and the anchor can be found.
  /// - Parameters:
  ///   - directions: R×A, rows of unit length.
  ///   - sigmas: σ of each direction; the standard deviation of all features along it if nil.
  ///   - anchor: the row of the features that the walk starts from.
  ///   - shifts: how the anchor is moved first.
  ///   - options: the hubness is that of the search.
  /// - Throws: `WalkError` for shapes that do not fit, numbers that are not finite, directions whose length is off by more
  ///   than 10⁻⁴, and an anchor that is not there.
  /// - Complexity: for a new anchor one pass over the features for |d|, for new directions one product for the projections,
  ///   R·S·N for S steps, and a partial selection; all in all some 4·N·A + 2·N·A·R + 8·R·S·N operations.
  public func walk(
    along directions: Tensor, sigmas: [Double]? = nil, from anchor: Int, shifted shifts: [Shift] = [],
    options: WalkOptions = WalkOptions()
  ) throws(WalkError) -> FeatureWalk {
    try check(features, directions, sigmas, anchor, shifts, options)
    let (count, rowCount, steps) = (features.shape[0], directions.shape[0], options.steps)
    let exact = directions.to(.float64)
    let known = exact.array(of: Double.self)
    let width = directions.shape[1]
    let rows = (0..<rowCount).map { Array(known[$0 * width..<($0 + 1) * width]) }
    let projections = projected(on: rows + shifts.map(\.direction))

    let directions = directions.to(type)
    let origin = features.slice(anchor..<anchor + 1)
    let start = shifts.reduce(origin.to(.float64)) { $0 + Tensor($1.direction, shape: [1, width]) * $1.distance }
    let squares = try squares(
      from: anchor, shifts: Array(zip(shifts.map(\.distance), projections.dropFirst(rowCount))), to: start)
    let along =
      .concatenated(Array(projections.prefix(rowCount)))
      - directions.matmul((shifts.isEmpty ? origin : start.to(type)).transposed)
    let offAxis = (squares - along * along).clamped(below: 0)
    let sigmas = sigmas ?? deviations(of: along)
    // Where nothing varies a step is as long as a feature's unit.
    let scales = sigmas.map { $0 > 0 ? $0 : 1 }

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
    let choice = choose(
      steps: steps, rows: rowCount, anchor: shifts.isEmpty ? anchor : nil, depth: depth,
      candidates: candidates.map(Int.init))
    return FeatureWalk(
      rows: measure(choice.cells, steps: steps, features: features, directions: exact, start: start, sigmas: sigmas),
      distinctShare: choice.distinctShare)
  }

  /// ⟨a, u⟩ of all features for each direction, 1×N; those of new directions come from one product.
  private func projected(on directions: [[Double]]) -> [Tensor] {
    var found = directions.map { projections[$0] }
    let new = found.indices.filter { found[$0] == nil }
    guard !new.isEmpty else { return found.compactMap { $0 } }
    let rows = Tensor(new.flatMap { directions[$0] }, shape: [new.count, features.shape[1]]).to(type)
    let made = rows.matmul(features.transposed)
    for (place, index) in new.enumerated() {
      found[index] = made.slice(place..<place + 1)
      projections[directions[index]] = found[index]
    }
    return found.compactMap { $0 }
  }

  /// |a − s|² for the place s that the anchor a₀ was moved to by q: |a − a₀|² by differences, because |a|² − 2⟨a, a₀⟩ +
  /// |a₀|² loses small distances, and then |a − a₀|² − 2⟨a − a₀, q⟩ + |q|².
  private func squares(
    from anchor: Int, shifts: [(distance: Double, projection: Tensor)], to start: Tensor
  ) throws(WalkError) -> Tensor {
    let plain: Tensor
    if let known = squares[anchor] {
      plain = known
    } else {
      let lengths = features.distances(to: features.slice(anchor..<anchor + 1)).reshaped([1, features.shape[0]])
      guard lengths.isFinite else { throw .notFinite("features") }
      plain = lengths * lengths
      squares[anchor] = plain
    }
    guard !shifts.isEmpty else { return plain }
    let origin = features.slice(anchor..<anchor + 1).to(.float64)
    let moved = start - origin
    let along = shifts.reduce(Tensor.zeros([1, features.shape[0]], type)) { sum, shift in
      sum + (shift.projection - shift.projection.slice(anchor..<anchor + 1, dimension: 1)) * (2 * shift.distance)
    }
    return (plain - along + (moved * moved).sum().reshaped([1, 1]).to(type)).clamped(below: 0)
  }
}

/// The latest values of something that is expensive to find.
private struct Remembered<Key: Hashable, Value> {
  private let capacity: Int
  private var values: [Key: Value] = [:]
  /// Oldest first.
  private var order: [Key] = []

  init(_ capacity: Int) { self.capacity = capacity }

  subscript(key: Key) -> Value? {
    get { values[key] }
    set {
      if values[key] == nil {
        order.append(key)
        if order.count > capacity { values[order.removeFirst()] = nil }
      }
      values[key] = newValue
    }
  }
}

private func check(
  _ features: Tensor, _ directions: Tensor, _ sigmas: [Double]?, _ anchor: Int, _ shifts: [WalkSearch.Shift],
  _ options: WalkOptions
) throws(WalkError) {
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
  for shift in shifts {
    guard shift.direction.count == width else {
      throw .shape(of: "shift", found: [shift.direction.count], expected: "[\(width)], as the features have")
    }
    guard shift.distance.isFinite, shift.direction.allSatisfy(\.isFinite) else { throw .notFinite("shift") }
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
/// - Parameters:
///   - anchor: what stands at the step 0 of every row and nowhere else; nil if that is searched for too.
///   - candidates: for each cell `depth` rows, cheapest first.
private func choose(
  steps: [Double], rows rowCount: Int, anchor: Int?, depth: Int, candidates: [Int]
) -> (cells: [[Int?]], distinctShare: Double) {
  var cells = [[Int?]](repeating: steps.map { $0 == 0 ? anchor : nil }, count: rowCount)
  var (taken, first) = (Set(anchor.map { [$0] } ?? []), Set<Int>())
  let distances = steps.map(abs)
  let order = (0..<rowCount).flatMap { row in steps.indices.map { (row: row, step: $0) } }
    .filter { anchor == nil || steps[$0.step] != 0 }
    .sorted { (distances[$1.step], $0.row, $0.step) < (distances[$0.step], $1.row, $1.step) }
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
private func measure(
  _ chosen: [[Int?]], steps: [Double], features: Tensor, directions: Tensor, start: Tensor, sigmas: [Double]
) -> [FeatureWalk.Row] {
  chosen.enumerated().map { index, row in
    let places = steps.indices.filter { row[$0] != nil }
    let found = places.compactMap { row[$0] }
    let offsets = features.rows(Tensor(found.map(Int64.init))).to(.float64) - start
    let direction = directions.slice(index..<index + 1)
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
