//  The test images on a plane where neighbours stay neighbours: t-SNE, exact but for affinities that are next to nothing.

internal import Foundation
internal import Results
internal import Torch

/// How a map is made, as scikit-learn does, which follows Belkina et al. (2019) and Kobak and Berens (2019).
struct EmbeddingOptions {
  var perplexity = 30.0
  /// Steps with P exaggerated, then without.
  var early = 250
  var late = 750
  var exaggeration = 12.0
}

/// t-SNE (van der Maaten and Hinton 2008): the places y_i of N points on a plane that minimise KL(P‖Q), with
/// p_ij = (p_{j|i} + p_{i|j}) / 2N from the features and q_ij ∝ 1 / (1 + |y_i − y_j|²) on the map.
///
/// p_{j|i} runs over the 3·perplexity nearest neighbours of i, beyond which a Gaussian of this width has next to
/// nothing; the map's side counts every pair. Begins at the first two principal components, so nothing is random, and
/// the map keeps what order between groups they had. Gradient descent with momentum 0.5, later 0.8, a gain for each
/// coordinate (Jacobs 1988) and the rate N / (4e), at least 50, for exaggeration e.
///
/// Cost about 10·N² operations a step: for 10,000 points 25 ms on one core.
struct NeighbourEmbedding {
  /// N×2.
  private(set) var map: Tensor
  /// KL(P‖Q) in nats.
  private(set) var divergence = 0.0
  let perplexity: Double

  /// Affinities P by rows; see `Tensor.embeddingGradient`.
  struct Affinities {
    let starts, columns, weights: Tensor

    init(of features: Tensor, perplexity: Double) {
      let n = features.shape[0]
      let count = min(Int(3 * perplexity), n - 1)
      let (indices, values) = features.neighbours(count, perplexity: perplexity)
      let (places, shares) = (indices.array(of: Int64.self), values.array(of: Double.self))
      // Row i has its own neighbours and those that it is a neighbour of.
      var rows = [[(column: Int64, weight: Double)]](repeating: [], count: n)
      for i in 0..<n {
        for e in i * count..<(i + 1) * count {
          let weight = shares[e] / Double(2 * n)
          rows[i].append((places[e], weight))
          rows[Int(places[e])].append((Int64(i), weight))
        }
      }
      var (starts, columns, weights): ([Int64], [Int64], [Double]) = ([0], [], [])
      for row in rows {
        for entry in row.sorted(by: { $0.column < $1.column }) {
          if Int64(columns.count) > starts[starts.count - 1], columns.last == entry.column {
            weights[weights.count - 1] += entry.weight
          } else {
            columns.append(entry.column)
            weights.append(entry.weight)
          }
        }
        starts.append(Int64(columns.count))
      }
      (self.starts, self.columns, self.weights) = (Tensor(starts), Tensor(columns), Tensor(weights))
    }
  }

  /// - Parameters:
  ///   - features: N×A.
  ///   - start: N×2; only its shape counts, it is scaled.
  ///   - progress: called a few times with steps done and steps in all.
  /// - Precondition: at least 8 points.
  init(
    of features: Tensor, from start: Tensor, options: EmbeddingOptions = EmbeddingOptions(),
    progress: (Int, Int) throws -> Void = { _, _ in }
  ) rethrows {
    let n = features.shape[0]
    precondition(n >= 8 && start.shape == [n, 2], "a map of \(n) points from \(start.shape)")
    perplexity = min(options.perplexity, Double(n - 1) / 3)
    let affinities = Affinities(of: features, perplexity: perplexity)
    let rate = max(Double(n) / options.exaggeration / 4, 50)
    let steps = options.early + options.late

    var places: [Double] = start.array()
    let width = stride(from: 0, to: places.count, by: 2).reduce(0) { $0 + places[$1] * places[$1] } / Double(n)
    // Features that do not vary have no components; then nothing moves.
    let scale = width > 0 ? 1e-4 / width.squareRoot() : 0
    for i in places.indices { places[i] *= scale }
    var velocities = [Double](repeating: 0, count: places.count)
    var gains = [Double](repeating: 1, count: places.count)
    map = Tensor(places, shape: [n, 2])
    for step in 0..<steps {
      if step.isMultiple(of: 25) { try progress(step, steps) }
      let isEarly = step < options.early
      let gradient: [Double] = map.embeddingGradient(
        starts: affinities.starts, columns: affinities.columns, weights: affinities.weights,
        exaggeration: isEarly ? options.exaggeration : 1, measuring: false
      ).gradient.array()
      let momentum = isEarly ? 0.5 : 0.8
      for i in places.indices {
        // A coordinate that keeps its way goes faster, one that turns slower.
        gains[i] = velocities[i] * gradient[i] < 0 ? gains[i] + 0.2 : max(gains[i] * 0.8, 0.01)
        velocities[i] = momentum * velocities[i] - rate * gains[i] * gradient[i]
        places[i] += velocities[i]
      }
      map = Tensor(places, shape: [n, 2])
    }
    divergence =
      map.embeddingGradient(
        starts: affinities.starts, columns: affinities.columns, weights: affinities.weights, exaggeration: 1,
        measuring: true
      ).divergence ?? 0
  }
}

/// The map of the test images, from the principal plane; of more than 10,000 every so many-th, so that time stays below
/// a minute. Nil for fewer than 8 images.
func neighbourMap(
  of images: LabelledFeatures, plane: FeatureMap, progress: (Int, Int) throws -> Void
) rethrows -> NeighbourMap? {
  let (limit, count) = (10_000, images.labels.count)
  guard count >= 8 else { return nil }
  let rows = count > limit ? (0..<limit).map { $0 * count / limit } : Array(0..<count)
  let options = EmbeddingOptions()
  let embedding = try NeighbourEmbedding(
    of: images.features.rows(Tensor(rows.map(Int64.init))),
    from: Tensor(rows.flatMap { [plane.entries[$0].x, plane.entries[$0].y] }, shape: [rows.count, 2]),
    options: options, progress: progress)
  let places: [Double] = embedding.map.array()
  return NeighbourMap(
    entries: rows.enumerated().map { place, row in
      FeatureMap.Entry(
        image: ImageReference(.test, row), label: images.labels[row], predicted: images.predictions[row],
        x: places[2 * place], y: places[2 * place + 1])
    },
    perplexity: embedding.perplexity, iterations: options.early + options.late, divergence: embedding.divergence)
}
