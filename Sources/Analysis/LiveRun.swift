//  A run as somebody explores it: what is asked between two moves of a hand, from the test images alone, so that neither
//  training features nor class moments have to be there.

internal import ClassStatistics
internal import Foundation
public import Results
public import Storage
internal import Torch

/// The test features of an analysed run, and questions to them.
public final class LiveRun {
  public let labels: [Int]
  public let predictions: [Int]
  /// The softmax probability of each prediction.
  public let confidences: [Float]
  public let classCount: Int
  /// A.
  public let dimension: Int
  private let images: LabelledFeatures
  /// N×C.
  private let logits: Tensor
  private let layer: StoredLayer
  private var search: WalkSearch
  /// The images that walks find, where these are not all.
  private var found: [Int]?

  /// - Throws: `FileError` naming the file that is missing or not as an analysis leaves it.
  public init(_ folder: RunFolder, classCount: Int) throws(FileError) {
    let test = try StoredFeatures(.test, of: folder)
    try test.check(.test, of: folder, classCount: classCount)
    layer = try StoredLayer(of: folder, classCount: classCount, test: test.images)
    guard test.logits.shape[1] == classCount else {
      throw .malformed(
        path: folder.features(.test).path, found: "\(test.logits.shape[1]) logits an image",
        expected: "\(classCount), as there are classes")
    }
    (images, logits) = (test.images, test.logits)
    search = WalkSearch(among: images.features, hubness: layer.hubness)
    (labels, predictions, self.classCount) = (images.labels, images.predictions, classCount)
    dimension = images.features.shape[1]
    let exact = logits.to(.float64)
    let values: [Double] = exact.array()
    confidences = predictions.enumerated().map { row, best in
      let start = row * classCount
      let sum = (start..<start + classCount).reduce(0) { $0 + exp(values[$1] - values[start + best]) }
      return Float(1 / sum)
    }
  }

  // MARK: Walks

  /// A direction and the length of a step along it.
  public struct Line: Sendable {
    /// Of unit length.
    public let direction: [Double]
    public let sigma: Double

    public init(direction: [Double], sigma: Double) { (self.direction, self.sigma) = (direction, sigma) }
  }

  /// Images along all lines, none of them twice; see `WalkSearch.walk`.
  public func walk(
    along lines: [Line], from anchor: Int, shifted shifts: [WalkSearch.Shift], query: WalkQuery, steps: [Double]
  ) throws(WalkError) -> FeatureWalk {
    var options = WalkOptions()
    (options.query, options.steps) = (query, steps)
    let directions = Tensor(lines.flatMap(\.direction), shape: [lines.count, lines.first?.direction.count ?? 0])
    guard let found else {
      return try search.walk(
        along: directions, sigmas: lines.map(\.sigma), from: anchor, shifted: shifts, options: options)
    }
    guard let place = found.firstIndex(of: anchor) else { throw .noSuchAnchor(anchor, count: found.count) }
    let walk = try search.walk(
      along: directions, sigmas: lines.map(\.sigma), from: place, shifted: shifts, options: options)
    return FeatureWalk(
      rows: walk.rows.map { row in
        FeatureWalk.Row(
          sigma: row.sigma,
          cells: row.cells.map {
            .init(step: $0.step, row: found[$0.row], achievedStep: $0.achievedStep, offAxis: $0.offAxis)
          })
      }, distinctShare: walk.distinctShare)
  }

  /// Lets walks find these images only, and start from them only.
  /// - Precondition: rows of the test images, rising; at least one.
  public func restrict(to rows: [Int]) {
    precondition(!rows.isEmpty && rows.allSatisfy(labels.indices.contains), "rows of the test images")
    let damping = rows.map { layer.hubness.damping[$0] }
    search = WalkSearch(among: images.features.rows(Tensor(rows.map(Int64.init))), hubness: Hubness(damping: damping))
    found = rows
  }

  /// The logits at the anchor after it was moved, and how they change with each step along a line: z(t) = base + t·slope,
  /// because the last layer is linear.
  public func logits(
    from anchor: Int, shifted shifts: [WalkSearch.Shift], along line: Line
  ) -> (base: [Double], slope: [Double]) {
    func column(_ vector: [Double]) -> Tensor { Tensor(vector, shape: [vector.count, 1]) }
    let start = shifts.reduce(images.features(at: [anchor]).transposed) { $0 + column($1.direction) * $1.distance }
    return (
      (layer.weight.matmul(start) + layer.bias.reshaped([classCount, 1])).array(),
      (layer.weight.matmul(column(line.direction)) * line.sigma).array()
    )
  }

  /// The softmax of one image's logits.
  public func probabilities(of row: Int) -> [Double] {
    let values: [Double] = logits.slice(row..<row + 1).to(.float64).array()
    let largest = values.max() ?? 0
    let powers = values.map { exp($0 - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  // MARK: Images to start from

  /// Recognised images of a class: the one nearest to the mean of its test images, then others from near to far at even
  /// places of the order; images that are not recognised only where none is.
  public func anchors(of classIndex: Int, count: Int) -> [Int] {
    let rows = images.rows(of: classIndex)
    let recognised = rows.filter { predictions[$0] == classIndex }
    let candidates = recognised.isEmpty ? rows : recognised
    guard !candidates.isEmpty, count > 0 else { return [] }
    let mean = images.features(at: rows).mean([0], keepingDimensions: true)
    let distances: [Double] = images.features(at: candidates).distances(to: mean).array()
    let order = candidates.indices.sorted { (distances[$0], $0) < (distances[$1], $1) }.map { candidates[$0] }
    guard order.count > count else { return order }
    return (0..<count).map { order[$0 * (order.count - 1) / max(count - 1, 1)] }
  }

  // MARK: Directions

  /// σ, and the 1st and 99th percentile about the mean in σ, of the test images of a class, or of all, along a direction.
  public func reach(of direction: [Double], in classIndex: Int?) -> (sigma: Double, lower: Double, upper: Double) {
    let features = classIndex.map { images.features(of: $0) } ?? images.features.to(.float64)
    let reach = Reach.along(Tensor(direction, shape: [1, direction.count]), of: features)[0]
    return (reach.sigma, reach.lower, reach.upper)
  }

  /// The unit vector from the mean of group B to that of group A; nil if they do not differ, or are empty.
  /// - Parameters:
  ///   - near: only so many of either group that are nearest to this image, the image itself aside.
  ///   - without: projected out.
  public func difference(
    from b: [Int], to a: [Int], near: (anchor: Int, neighbours: Int)? = nil, without: [Double]? = nil
  ) -> [Double]? {
    func nearest(_ rows: [Int]) -> [Int] {
      guard let near else { return rows }
      let others = rows.filter { $0 != near.anchor }
      guard !others.isEmpty else { return [] }
      let distances: [Double] = images.features(at: others).distances(to: images.features(at: [near.anchor])).array()
      return others.indices.sorted { (distances[$0], others[$0]) < (distances[$1], others[$1]) }
        .prefix(near.neighbours).map { others[$0] }
    }
    let (from, to) = (nearest(b), nearest(a))
    guard !from.isEmpty, !to.isEmpty,
      var direction = FeatureDirections.attribute(with: images.features(at: to), without: images.features(at: from))
    else { return nil }
    if let without {
      guard
        let rest = FeatureDirections.conditional(direction, without: Tensor(without, shape: [1, without.count]))
      else { return nil }
      direction = rest
    }
    return direction.array()
  }

  /// |P u|² for each direction: the share of it that changes logits; see `classifierSpan`.
  public func visibleShares(of directions: [[Double]]) -> [Double] {
    guard !directions.isEmpty else { return [] }
    let span = classifierSpan(weight: layer.weight)
    guard span.shape[0] > 0 else { return directions.map { _ in 0 } }
    let seen = Tensor(directions.flatMap { $0 }, shape: [directions.count, dimension]).matmul(span.transposed)
    return (seen * seen).sum([1]).array()
  }

  /// Scores of the test images of a class along directions, about their mean: row by row, one number a direction.
  public func scores(of classIndex: Int, along directions: [[Double]]) -> [[Double]] {
    let features = images.features(of: classIndex)
    guard features.shape[0] > 0, !directions.isEmpty else { return [] }
    let offsets = features - features.mean([0], keepingDimensions: true)
    let rows = Tensor(directions.flatMap { $0 }, shape: [directions.count, dimension])
    let values: [Double] = offsets.matmul(rows.transposed).array()
    return (0..<features.shape[0]).map { Array(values[$0 * directions.count..<($0 + 1) * directions.count]) }
  }
}

/// Matches directions of two runs by their scores on the same images (n×K and n×L, about their means), as
/// `RunSimilarity` does for the leading directions of a class: one to one, so that the sum of |r| is largest.
/// - Returns: for each direction of the run with fewer its partner in the other, by places; nil for fewer than four images.
public func matchedDirections(
  _ first: [[Double]], _ second: [[Double]], classIndex: Int
) -> (pairs: [(first: Int, second: Int, correlation: Double)], chanceLevel: Double)? {
  guard first.count > 3, first.count == second.count, let k = first.first?.count, let l = second.first?.count, k > 0,
    l > 0
  else { return nil }
  guard k <= l else {
    return matchedDirections(second, first, classIndex: classIndex).map { found in
      (found.pairs.map { (first: $0.second, second: $0.first, correlation: $0.correlation) }, found.chanceLevel)
    }
  }
  let matched = match(
    Tensor(first.flatMap { $0 }, shape: [first.count, k]), Tensor(second.flatMap { $0 }, shape: [second.count, l]),
    classIndex: classIndex, totals: (1, 1),
    generator: RandomGenerator(seed: 0, "permuted images of class", classIndex))
  return (
    matched.partners.enumerated().map { ($0.offset, $0.element, matched.correlations[$0.offset][$0.element]) },
    matched.chanceLevel
  )
}
