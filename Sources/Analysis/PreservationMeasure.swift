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
  /// for among all other images of the split, by brute force: O(anchors · N · A) for each kind, part and step.
  init(of run: RunFeatures, anchors: Int = 1000, seed: UInt64, report: (ImageReference.Split) throws -> Void) rethrows {
    let deviations = run.classNames.indices.map { label -> Double in
      let covariance = run.trainMoments.covariances.dense(label)
      return max(visibleVariance(of: covariance, in: covariance.slice(0..<0)).total, 0).squareRoot()
    }
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
      points += Moves(starts, in: run, seed: seed, split: split).all.flatMap { kind, moves in
        Part.allCases.flatMap { part in
          Self.points(
            split, kind, part, moves: moves, from: starts, among: gallery, in: run,
            generator: RandomGenerator(seed: seed, "bootstrap", split.rawValue, kind.name, part.rawValue))
        }
      }
    }
    self.init(galleries: galleries, deviations: deviations, points: points)
  }

  private static func points(
    _ split: ImageReference.Split, _ kind: Kind, _ part: Part, moves: Tensor, from all: Starts, among gallery: Gallery,
    in run: RunFeatures, generator: RandomGenerator
  ) -> [Point] {
    let basis = classifierSpan(weight: run.weight)
    let inside = moves.matmul(basis.transposed).matmul(basis)
    let partial =
      switch part {
      case .whole: moves
      case .inside: inside
      case .outside: moves - inside
      }
    func lengths(_ rows: Tensor) -> [Double] { (rows * rows).sum([1]).squareRoot.array() }
    // A part that is only rounding has no direction.
    let length = lengths(partial)
    let kept = zip(length, lengths(moves)).enumerated().filter { $1.0 > 1e-6 * $1.1 }.map(\.offset)
    guard !kept.isEmpty else { return [] }
    let starts = all.rows(kept)
    let units =
      partial.rows(Tensor(kept.map(Int64.init)))
      * Tensor(kept.map { all.deviations[$0] / length[$0] }, shape: [kept.count, 1])

    // Unmoved first; logarithms of distances, so that their means are those of ratios.
    let outcomes = ([0] + steps).map { step in
      let places = starts.features + units * step
      let predictions = places.linear(run.weight, run.bias).argmax(dimension: 1).array(of: Int64.self)
      let nearest = gallery.nearest(to: places)
      return (
        predictions: zip(predictions, starts.labels).map { Int($0) == $1 ? 1.0 : 0 },
        neighbours: zip(nearest.labels, starts.labels).map { $0 == $1 ? 1.0 : 0 },
        distances: zip(nearest.distances, starts.deviations).map { log(max($0, 1e-6 * $1)) }
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
    let estimates = Intervals.bootstrappedMeans(
      Tensor(columns.flatMap { $0 }, shape: [columns.count, kept.count]).transposed, from: generator)
    return ([0] + steps).enumerated().map { index, step in
      let distance = estimates[3 * index + 2]
      return Point(
        split: split, kind: kind, part: part, step: step, anchors: kept.count, predictions: estimates[3 * index],
        neighbours: estimates[3 * index + 1],
        distance: Estimate(exp(distance.value), from: exp(distance.low), to: exp(distance.high)))
    }
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

  init(_ starts: Starts, in run: RunFeatures, seed: UInt64, split: ImageReference.Split) {
    func generator(_ purpose: String) -> RandomGenerator {
      RandomGenerator(seed: seed, "moves", purpose, split.rawValue)
    }
    let (covariances, counts) = (run.trainMoments.covariances, run.trainMoments.counts)
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
      return gather(classes) { covariances.draws($1, of: $0, from: generator) }
    }
    let width = starts.features.shape[1]
    let signs = generator("signs").integers(in: 0..<2, [count, 1]).to(.float64) * 2 - 1
    var all: [(Preservation.Kind, Tensor)] = [(.ownDraw, draws(starts.labels, "own"))]
    let principal = Dictionary(
      uniqueKeysWithValues: Set(starts.labels).map {
        ($0, PrincipalDirections(covariance: covariances.dense($0)).directions)
      })
    for k in 0..<min(Preservation.directions, width) {
      let directions = gather(starts.labels) { label, rows in
        Tensor.concatenated(Array(repeating: principal[label]?.slice(k..<k + 1) ?? .zeros([1, width], .float64), count: rows))
      }
      all.append((.ownDirection(k + 1), directions * signs))
    }
    // Another class for each start.
    let present = counts.indices.filter { counts[$0] > 0 }
    if present.count > 1 {
      let picks = generator("other class").integers(in: 0..<present.count - 1, [count]).array(of: Int64.self)
      let others = zip(picks, starts.labels).map { pick, label in present.filter { $0 != label }[Int(pick)] }
      all.append((.otherDraw, draws(others, "other")))
      let means = run.trainMoments.means.rows(Tensor(others.map(Int64.init)))
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
  /// (A + 1)×N, float32: features less their mean, and minus half their squared length, so that one product orders
  /// all images by distance.
  private let scored: Tensor
  private let center: Tensor

  init(_ images: LabelledFeatures, rows: [Int]) {
    labels = rows.map { images.labels[$0] }
    features = images.features(at: rows)
    center = features.mean([0], keepingDimensions: true)
    let moved = features - center
    scored = Tensor.concatenated([moved, (moved * moved).sum([1], keepingDimensions: true) * -0.5], dimension: 1)
      .to(.float32).transposed
  }

  /// The label of the nearest image to each place and its distance. Found in float32, measured in float64.
  func nearest(to places: Tensor) -> (labels: [Int], distances: [Double]) {
    let count = places.shape[0]
    let queries = Tensor.concatenated([places - center, .ones([count, 1], .float64)], dimension: 1).to(.float32)
    // Pieces whose products stay in a processor's cache.
    let found = stride(from: 0, to: count, by: 64).map { start in
      queries.slice(start..<min(start + 64, count)).matmul(scored).argmax(dimension: 1)
    }
    let rows = Tensor.concatenated(found)
    let offsets = features.rows(rows) - places
    return (
      rows.array(of: Int64.self).map { labels[Int($0)] }, (offsets * offsets).sum([1]).squareRoot.array()
    )
  }
}
