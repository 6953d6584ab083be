//  Features moved in several ways by the same lengths, and what the network and the real images say of the places where
//  they come to lie.

internal import ClassStatistics
internal import Foundation
internal import Results
internal import Torch

extension Preservation {
  /// t: from ½ to 4 by factors of √2, so that λ = t² doubles.
  static let steps = (0...6).map { 0.5 * pow(2, Double($0) / 2) }
  /// Principal directions that are gone along by themselves.
  static let directions = 3

  /// Both splits; at most `anchors` recognised images of each are moved, drawn from the seed. What is nearest is looked
  /// for among all other images of the split, by brute force: O(anchors · N · A) for each kind and part.
  /// - Parameter classes: all classes with their directions.
  init(
    of run: RunFeatures, classes: [ClassDirections], anchors: Int = 1000, seed: UInt64,
    report: (ImageReference.Split) throws -> Void
  ) rethrows {
    let deviations = run.classNames.indices.map { run.trainMoments.totalVariance($0).squareRoot() }
    let basis = classifierSpan(weight: run.weight)
    var points: [Point] = []
    var galleries: [String: Int] = [:]
    for (split, images) in [(ImageReference.Split.train, run.train), (.test, run.test)] {
      try report(split)
      let order = RandomGenerator(seed: seed, "anchors", split.rawValue).permutation(images.labels.count)
        .array(of: Int64.self).map(Int.init)
      // Some must stay to be nearest.
      let chosen = order.prefix(images.labels.count / 2).filter {
        images.predictions[$0] == images.labels[$0] && deviations[images.labels[$0]] > 0
      }.prefix(anchors)
      let moved = Set(chosen)
      guard !chosen.isEmpty else { continue }
      let gallery = Gallery(images, rows: images.labels.indices.filter { !moved.contains($0) })
      galleries[split.rawValue] = gallery.labels.count
      let starts = Starts(
        features: images.features(at: Array(chosen)), labels: chosen.map { images.labels[$0] },
        deviations: chosen.map { deviations[images.labels[$0]] })
      let routes = Moves(starts, in: run, classes: classes, seed: seed, split: split).all.flatMap { kind, moves in
        Part.allCases.compactMap { Route(kind, $0, of: moves, from: starts, basis: basis) }
      }
      let nearest = gallery.nearest(
        from: starts.features, along: routes.map(\.units), steps: [0] + Self.steps)
      let bootstrap = Resampling(
        of: starts.labels.count, generator: RandomGenerator(seed: seed, "bootstrap", split.rawValue))
      for (route, rows) in zip(routes, nearest) {
        let few = RandomGenerator(seed: seed, "bootstrap", split.rawValue, route.kind.name, route.part.rawValue)
        points += Self.points(
          split, route, nearest: rows, from: starts, among: gallery, in: run,
          bootstrap: route.isComplete ? bootstrap : Resampling(of: route.kept.count, generator: few))
      }
    }
    self.init(galleries: galleries, deviations: deviations, points: points)
  }

  /// - Parameter nearest: the row in the gallery for each start and step, n×(1 + steps).
  private static func points(
    _ split: ImageReference.Split, _ route: Route, nearest: Tensor, from all: Starts, among gallery: Gallery,
    in run: RunFeatures, bootstrap: Resampling
  ) -> [Point] {
    let (starts, kept) = (all.rows(route.kept), Tensor(route.kept.map(Int64.init)))
    let (units, found) = (route.units.rows(kept), nearest.rows(kept))
    // Unmoved first; logarithms of distances, so that their means are those of ratios.
    let outcomes = ([0] + steps).enumerated().map { index, step in
      let places = starts.features + units * step
      let predictions = places.linear(run.weight, run.bias).argmax(dimension: 1).array(of: Int64.self)
      let images = gallery.images(found.select(index, dimension: 1), from: places)
      return (
        predictions: zip(predictions, starts.labels).map { Int($0) == $1 ? 1.0 : 0 },
        neighbours: zip(images.labels, starts.labels).map { $0 == $1 ? 1.0 : 0 },
        distances: zip(images.distances, starts.deviations).map { log(max($0, 1e-6 * $1)) }
      )
    }
    // The usual distance of each class, over its unmoved features.
    var sums: [Int: (sum: Double, count: Double)] = [:]
    for (label, distance) in zip(starts.labels, outcomes[0].distances) {
      let before = sums[label] ?? (0, 0)
      sums[label] = (before.sum + distance, before.count + 1)
    }
    let usual = starts.labels.map { label in sums[label].map { $0.sum / $0.count } ?? 0 }
    let columns = outcomes.flatMap { [$0.predictions, $0.neighbours, zip($0.distances, usual).map { $0 - $1 }] }
    let estimates = bootstrap.means(
      Tensor(columns.flatMap { $0 }, shape: [columns.count, starts.labels.count]).transposed)
    return ([0] + steps).enumerated().map { index, step in
      let distance = estimates[3 * index + 2]
      return Point(
        split: split, kind: route.kind, part: route.part, step: step, anchors: starts.labels.count,
        predictions: estimates[3 * index], neighbours: estimates[3 * index + 1],
        distance: Estimate(exp(distance.value), from: exp(distance.lower), to: exp(distance.upper)))
    }
  }
}

/// One kind of move, or a part of it, of a class deviation's length for every start.
private struct Route {
  let kind: Preservation.Kind
  let part: Preservation.Part
  /// n×A; 0 for starts whose move has no such part.
  let units: Tensor
  /// The starts whose move has one.
  let kept: [Int]
  let isComplete: Bool

  /// nil if no move has such a part.
  init?(_ kind: Preservation.Kind, _ part: Preservation.Part, of moves: Tensor, from starts: Starts, basis: Tensor) {
    let inside = moves.matmul(basis.transposed).matmul(basis)
    let partial =
      switch part {
      case .whole: moves
      case .inside: inside
      case .outside: moves - inside
      }
    func lengths(_ rows: Tensor) -> [Double] { (rows * rows).sum([1]).squareRoot.array() }
    // A part that is only rounding has no direction.
    let (length, whole) = (lengths(partial), lengths(moves))
    kept = length.indices.filter { length[$0] > 1e-6 * whole[$0] }
    guard !kept.isEmpty else { return nil }
    let held = Set(kept)
    let scales = length.indices.map { held.contains($0) ? starts.deviations[$0] / length[$0] : 0 }
    (self.kind, self.part, isComplete) = (kind, part, kept.count == length.count)
    units = partial * Tensor(scales, shape: [scales.count, 1])
  }
}

/// Features that are moved.
private struct Starts {
  /// n×A.
  let features: Tensor
  let labels: [Int]
  /// √tr Σ_c of their classes.
  let deviations: [Double]

  func rows(_ rows: [Int]) -> Starts {
    Starts(
      features: features.rows(Tensor(rows.map(Int64.init))), labels: rows.map { labels[$0] },
      deviations: rows.map { deviations[$0] })
  }
}

/// A move for each start, n×A, of any length, by kind.
private struct Moves {
  let all: [(Preservation.Kind, Tensor)]

  init(
    _ starts: Starts, in run: RunFeatures, classes: [ClassDirections], seed: UInt64, split: ImageReference.Split
  ) {
    func generator(_ purpose: String) -> RandomGenerator {
      RandomGenerator(seed: seed, "moves", purpose, split.rawValue)
    }
    let (moments, counts) = (run.trainMoments, run.trainMoments.counts)
    let count = starts.labels.count
    /// Rows made class by class, in the order of the starts.
    func gather(_ classes: [Int], _ rows: (Int, Int) -> Tensor) -> Tensor {
      let groups = RowsByClass(classes, classCount: counts.count)
      var place = [Int64](repeating: 0, count: count)
      for (position, row) in groups.order.enumerated() { place[row] = Int64(position) }
      return Tensor.concatenated(groups.present.map { rows($0.label, $0.rows.count) }).rows(Tensor(place))
    }
    func draws(_ classes: [Int], _ purpose: String) -> Tensor {
      let generator = generator(purpose)
      return gather(classes) { moments.draws($1, of: $0, from: generator) }
    }
    let width = starts.features.shape[1]
    let signs = generator("signs").integers(in: 0..<2, [count, 1]).to(.float64) * 2 - 1
    var all: [(Preservation.Kind, Tensor)] = [(.ownDraw, draws(starts.labels, "own"))]
    let principal = Dictionary(uniqueKeysWithValues: classes.map { ($0.index, $0.principal.directions) })
    for k in 0..<min(Preservation.directions, width) {
      let directions = gather(starts.labels) { label, rows in
        // A class of few images has few directions.
        let direction = principal[label].flatMap { k < $0.shape[0] ? $0.slice(k..<k + 1) : nil }
        return Tensor.concatenated(Array(repeating: direction ?? .zeros([1, width], .float64), count: rows))
      }
      all.append((.ownDirection(k + 1), directions * signs))
    }
    // Another class for each start.
    let present = counts.indices.filter { counts[$0] > 0 }
    if present.count > 1 {
      let picks = generator("other class").integers(in: 0..<present.count - 1, [count]).array(of: Int64.self)
      let others = zip(picks, starts.labels).map { pick, label in present.filter { $0 != label }[Int(pick)] }
      all.append((.otherDraw, draws(others, "other")))
      let means = moments.means.rows(Tensor(others.map(Int64.init)))
      all.append((.towardsOther, means - starts.features))
    }
    all.append((.isotropic, generator("isotropic").normal([count, width], .float64)))
    self.all = all
  }
}

/// Real images to be nearest.
private struct Gallery {
  let labels: [Int]
  /// N×A, float64.
  private let features: Tensor
  /// A×N, float32: features less their mean.
  private let columns: Tensor
  /// 1×N: half their squared lengths.
  private let halfSquares: Tensor
  private let center: Tensor

  init(_ images: LabelledFeatures, rows: [Int]) {
    labels = rows.map { images.labels[$0] }
    features = images.features(at: rows)
    center = features.mean([0], keepingDimensions: true)
    let moved = features - center
    columns = moved.to(.float32).transposed
    halfSquares = ((moved * moved).sum([1]) * 0.5).to(.float32).unsqueezed(0)
  }

  /// The row of the image nearest to start + step · unit, n×steps for each set of units (n×A). With |x − a − t u|² =
  /// const − 2 (aᵀx − |x|²/2 + t uᵀx), the places differ by a line in t, so one product serves all steps. In float32.
  func nearest(from starts: Tensor, along units: [Tensor], steps: [Double]) -> [Tensor] {
    let count = starts.shape[0]
    let moved = (starts - center).to(.float32)
    let directions = units.map { $0.to(.float32) }
    var found: [[Tensor]] = units.map { _ in [] }
    // Pieces whose products stay in a processor's cache.
    for start in stride(from: 0, to: count, by: 32) {
      let piece = start..<min(start + 32, count)
      let base = moved.slice(piece).matmul(columns) - halfSquares
      for (index, direction) in directions.enumerated() {
        found[index].append(base.argmax(along: direction.slice(piece).matmul(columns), steps: steps))
      }
    }
    return found.map { Tensor.concatenated($0) }
  }

  /// The labels of the images in some rows, and their distances from as many places.
  func images(_ rows: Tensor, from places: Tensor) -> (labels: [Int], distances: [Double]) {
    let offsets = features.rows(rows) - places
    return (
      rows.array(of: Int64.self).map { labels[Int($0)] }, (offsets * offsets).sum([1]).squareRoot.array()
    )
  }
}
