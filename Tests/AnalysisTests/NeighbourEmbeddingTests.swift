//  t-SNE against scikit-learn's own functions, element by element, and as a whole.

import Foundation
import Results
import TestSupport
import Testing
import Torch

@testable import Analysis

private struct Reference: Decodable {
  let features: [Double]
  let shape: [Int]
  let perplexity: Double
  let starts, columns: [Int64]
  let weights: [Double]
  let places: [Double]
  let gradient: [Double]
  let divergence: Double
  /// Of the map that scikit-learn finds.
  let best: Double
}

@Suite("A map of neighbours", .leavesNoTensors)
struct NeighbourEmbeddingTests {
  private func reference() throws -> Reference {
    let cases: [Reference] = references("embedding", in: .module)
    return try #require(cases.first)
  }

  @Test func `has the affinities of scikit-learn`() throws {
    let reference = try reference()
    let affinities = NeighbourEmbedding.Affinities(
      of: Tensor(reference.features, shape: reference.shape), perplexity: reference.perplexity)
    #expect(affinities.starts.array(of: Int64.self) == reference.starts)
    #expect(affinities.columns.array(of: Int64.self) == reference.columns)
    // scikit-learn stops when the entropy is right to 1e-5 and works on distances in float32.
    #expect(relativeError(affinities.weights.array(), reference.weights) < 1e-4)
  }

  @Test func `neighbours come nearest first, without the point itself, with the perplexity that was asked for`() {
    let rows = RandomGenerator(seed: 2, "rows").normal([300, 5], .float64)
    let (indices, affinities) = rows.neighbours(30, perplexity: 9)
    let (places, values): ([Int64], [Double]) = (indices.array(), affinities.array())
    let points: [Double] = rows.array()
    func distance(_ i: Int, _ j: Int) -> Double {
      (0..<5).reduce(0) { $0 + pow(points[5 * i + $1] - points[5 * j + $1], 2) }
    }
    for i in [0, 17, 255, 256, 299] {
      let expected = (0..<300).filter { $0 != i }.sorted { distance(i, $0) < distance(i, $1) }.prefix(30)
      #expect(places[30 * i..<30 * i + 30].map(Int.init) == Array(expected))
      let p = values[30 * i..<30 * i + 30]
      #expect(abs(p.reduce(0, +) - 1) < 1e-12)
      #expect(abs(exp(p.reduce(0) { $0 - $1 * log($1) }) - 9) < 1e-6)
    }
  }

  @Test func `has the gradient and the divergence of scikit-learn, on any number of threads`() throws {
    let reference = try reference()
    let map = Tensor(reference.places, shape: [reference.shape[0], 2])
    func gradient(exaggeration: Double) -> ([Double], Double?) {
      let result = map.embeddingGradient(
        starts: Tensor(reference.starts), columns: Tensor(reference.columns), weights: Tensor(reference.weights),
        exaggeration: exaggeration, measuring: exaggeration == 1)
      return (result.gradient.array(), result.divergence)
    }
    let (plain, divergence) = gradient(exaggeration: 1)
    #expect(relativeError(plain, reference.gradient) < 2e-6)
    #expect(relativeError([try #require(divergence)], [reference.divergence]) < 1e-6)
    // Attraction alone grows with the exaggeration, so twice and thrice are as far apart as once and twice.
    let (twice, thrice) = (gradient(exaggeration: 2).0, gradient(exaggeration: 3).0)
    #expect(relativeError(zip(thrice, twice).map { $0 - $1 }, zip(twice, plain).map { $0 - $1 }) < 1e-9)
    #expect(gradient(exaggeration: 2).1 == nil)

    let before = Library.threads
    defer { Library.threads = before }
    Library.threads = 1
    #expect(gradient(exaggeration: 1).0 == plain)
    Library.threads = 2
    #expect(gradient(exaggeration: 1).0 == plain)
  }

  @Test func `is as good as scikit-learn’s, and the same each time`() throws {
    let reference = try reference()
    let features = Tensor(reference.features, shape: reference.shape)
    var options = EmbeddingOptions()
    options.perplexity = reference.perplexity
    let images = LabelledFeatures(
      features: features, labels: [Int](repeating: 0, count: reference.shape[0]),
      predictions: [Int](repeating: 0, count: reference.shape[0]))
    let plane = featureMap(of: images)
    let start = Tensor(plane.entries.flatMap { [$0.x, $0.y] }, shape: [reference.shape[0], 2])
    var steps: [Int] = []
    let first = NeighbourEmbedding(of: features, from: start, options: options) { step, _ in
      steps.append(step)
    }
    // Which of many minima is found hangs on the last bits: beginnings that differ by a millionth end up to 11 % apart.
    #expect(abs(first.divergence / reference.best - 1) < 0.15)
    #expect(steps == Array(stride(from: 0, to: 1000, by: 25)))
    let second = NeighbourEmbedding(of: features, from: start, options: options) { _, _ in }
    #expect(first.map.array(of: Double.self) == second.map.array(of: Double.self))
  }

  @Test func `keeps planted groups apart`() {
    let generator = RandomGenerator(seed: 6, "groups")
    let labels = (0..<120).map { $0 % 3 }
    let centres = generator.normal([3, 20], .float64) * 4
    let features = centres.rows(Tensor(labels.map(Int64.init))) + generator.normal([120, 20], .float64)
    let images = LabelledFeatures(features: features, labels: labels, predictions: labels)
    let map = neighbourMap(of: images, plane: featureMap(of: images)) { _, _ in }
    let entries = map?.entries ?? []
    #expect(entries.map(\.image.row) == Array(0..<120))
    for entry in entries {
      let nearest = entries.filter { $0.image != entry.image }.min {
        hypot($0.x - entry.x, $0.y - entry.y) < hypot($1.x - entry.x, $1.y - entry.y)
      }
      #expect(nearest?.label == entry.label)
    }
  }

  @Test func `of few images is small, and of next to none is left out`() {
    for count in [7, 8, 12] {
      let labels = [Int](repeating: 0, count: count)
      let images = LabelledFeatures(
        features: RandomGenerator(seed: 1, "few").normal([count, 3], .float64), labels: labels, predictions: labels)
      let map = neighbourMap(of: images, plane: featureMap(of: images)) { _, _ in }
      #expect((map == nil) == (count < 8))
      #expect(map?.entries.allSatisfy { $0.x.isFinite && $0.y.isFinite } != false)
    }
    // All images alike: no direction to begin along.
    let images = LabelledFeatures(
      features: .ones([10, 3], .float64), labels: [Int](repeating: 0, count: 10),
      predictions: [Int](repeating: 0, count: 10))
    #expect(
      neighbourMap(of: images, plane: featureMap(of: images)) { _, _ in }?.entries.allSatisfy { $0.x == 0 } == true)
  }
}
