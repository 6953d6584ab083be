import ClassStatistics
import TestSupport
import Testing
import Torch

@testable import ISDA

/// Parts of covariances of three classes with four features.
private func parts(_ type: ElementType = .float64) -> (matrix: Tensor, factors: Tensor, diagonal: Tensor) {
  let generator = RandomGenerator(seed: 5, "parts")
  let root = generator.normal([3, 4, 4], type)
  let deviations = generator.normal([3, 4], type)
  return (root.matmul(root.permuted([0, 2, 1])), generator.normal([3, 2, 4], type), deviations * deviations)
}

private func forms() -> [(name: String, covariances: ClassCovariances)] {
  let (matrix, factors, diagonal) = parts()
  return [
    ("full", ClassCovariances(matrix: matrix)),
    ("pooled", ClassCovariances(matrix: matrix.slice(1..<2))),
    ("diagonal", ClassCovariances(diagonal: diagonal)),
    ("shared diagonal", ClassCovariances(diagonal: diagonal.slice(2..<3))),
    ("low rank", ClassCovariances(factors: factors, diagonal: diagonal)),
    ("all parts", ClassCovariances(matrix: matrix, factors: factors, diagonal: diagonal)),
  ]
}

@Suite("Every form of the covariances is what its parts add up to", .leavesNoTensors)
struct FormTests {
  let labels = [2, 0, 0, 2, 2]
  let logits = RandomGenerator(seed: 6, "logits").normal([5, 3], .float64)
  let weight = RandomGenerator(seed: 6, "weight").normal([3, 4], .float64)

  /// The term written as it is defined, one sample and one class at a time.
  private func definition(_ covariances: ClassCovariances, lambda: Double) -> [Double] {
    let (z, w) = (logits.array(of: Double.self), weight.array(of: Double.self))
    return labels.enumerated().flatMap { row, y in
      let sigma = covariances.dense(y).array(of: Double.self)
      return (0..<3).map { j in
        let v = (0..<4).map { w[4 * j + $0] - w[4 * y + $0] }
        var quadratic = 0.0
        for (index, variance) in sigma.enumerated() { quadratic += v[index / 4] * variance * v[index % 4] }
        return z[3 * row + j] + lambda / 2 * quadratic
      }
    }
  }

  @Test func `the logits`() {
    for (name, covariances) in forms() {
      let logits = augmentedLogits(
        logits, weight: weight, labels: labels, covariances: covariances, lambda: 0.3)
      #expect(relativeError(logits.array(), definition(covariances, lambda: 0.3)) < 1e-14, "\(name)")
    }
  }

  @Test func `their slopes, by differences`() {
    let targets = Tensor(labels.map(Int64.init))
    let h = 1e-5
    for (name, covariances) in forms() {
      func loss(_ logits: Tensor, _ weight: Tensor) -> Tensor {
        augmentedLogits(logits, weight: weight, labels: labels, covariances: covariances, lambda: 0.3)
          .crossEntropy(labels: targets).mean()
      }
      func slope(_ shape: [Int], _ value: (Tensor) -> Tensor) -> [Double] {
        let count = shape.reduce(1, *)
        return (0..<count).map { index in
          let move = Tensor((0..<count).map { $0 == index ? h : 0 }, shape: shape)
          return (value(move).item(Double.self) - value(move * -1).item(Double.self)) / (2 * h)
        }
      }
      let (z, w) = (logits.detached.requiringGradient(), weight.detached.requiringGradient())
      let slopes = gradient(of: loss(z, w), withRespectTo: [z, w])
      #expect(relativeError(slopes[0].array(), slope([5, 3]) { loss(logits + $0, weight) }) < 1e-8, "\(name)")
      #expect(relativeError(slopes[1].array(), slope([3, 4]) { loss(logits, weight + $0) }) < 1e-8, "\(name)")
    }
  }

  @Test(arguments: [1, 2]) func `many classes and features on any number of threads`(threads: Int) {
    let before = Library.threads
    defer { Library.threads = before }
    Library.threads = threads
    let (classes, width) = (37, 65)
    let generator = RandomGenerator(seed: 8, "large")
    let root = generator.normal([classes, width, width], .float64)
    let covariances = ClassCovariances(matrix: root.matmul(root.permuted([0, 2, 1])))
    let weight = generator.normal([classes, width], .float64).requiringGradient()
    let labels = (0..<64).map { $0 * $0 % 31 }
    let zero = Tensor.zeros([64, classes], .float64)
    let logits = augmentedLogits(zero, weight: weight, labels: labels, covariances: covariances, lambda: 2)
    // The same from products over all classes at once, with gradients left to libtorch.
    let differences = weight.unsqueezed(0) - weight.unsqueezed(1)
    let dense = Tensor.concatenated((0..<classes).map { covariances.dense($0).unsqueezed(0) })
    let expected = (differences.matmul(dense) * differences).sum([2]).rows(Tensor(labels.map(Int64.init)))
    #expect(relativeError(logits.array(), expected.array()) < 1e-13)
    let upstream = generator.normal([64, classes], .float64)
    let slope = gradient(of: (logits * upstream).sum(), withRespectTo: [weight])[0]
    let expectedSlope = gradient(of: (expected * upstream).sum(), withRespectTo: [weight])[0]
    #expect(relativeError(slope.array(), expectedSlope.array()) < 1e-13)
  }
}

@Suite("Drawn features have the covariance that the loss assumes", .leavesNoTensors)
struct AugmentedFeaturesTests {
  @Test func `mean and covariance of the draws, for every form`() {
    let count = 200_000
    for (name, covariances) in forms() {
      let draws = covariances.draws(count, of: 1, from: RandomGenerator(seed: 3, "draws", name))
      let expected = covariances.dense(1).array(of: Double.self)
      let found = (draws.transposed.matmul(draws) * (1 / Double(count))).array(of: Double.self)
      // Standard error of an entry of the covariance: at most √(2/n) times the largest variance.
      #expect(relativeError(found, expected) < 5 * (2 / Double(count)).squareRoot(), "\(name)")
      let largest = expected.max() ?? 0
      let mean = draws.mean([0]).array(of: Double.self)
      #expect(mean.allSatisfy { abs($0) < 5 * (largest / Double(count)).squareRoot() }, "\(name)")
    }
  }

  @Test func `each row moves about its own feature with the covariance of its class`() {
    let (matrix, _, _) = parts()
    let covariances = ClassCovariances(matrix: matrix)
    let features = RandomGenerator(seed: 2, "features").normal([3, 4], .float64)
    let draws = 50_000
    let augmented = augmentedFeatures(
      features, labels: [2, 0, 2], covariances: covariances, lambda: 0.5, draws: draws,
      generator: RandomGenerator(seed: 2, "draws"))
    #expect(augmented.shape == [3 * draws, 4])
    let byDraw = augmented.reshaped([draws, 3, 4])
    for (row, label) in [2, 0, 2].enumerated() {
      let moves = byDraw.select(row, dimension: 1) - features.select(row)
      let found = moves.transposed.matmul(moves) * (1 / Double(draws))
      #expect(relativeError(found.array(), (covariances.dense(label) * 0.5).array()) < 0.05)
    }
  }

  @Test func `gradients flow to the features, once for each draw`() {
    let (matrix, _, _) = parts()
    let features = RandomGenerator(seed: 2, "features").normal([3, 4], .float64).requiringGradient()
    let augmented = augmentedFeatures(
      features, labels: [2, 0, 2], covariances: ClassCovariances(matrix: matrix), lambda: 0.5, draws: 7,
      generator: RandomGenerator(seed: 2, "draws"))
    let slope = gradient(of: augmented.sum(), withRespectTo: [features])[0].array(of: Double.self)
    #expect(slope.allSatisfy { $0 == 7 })
  }
}

@Suite("Explicit augmentation has the expected cross-entropy for its mean", .leavesNoTensors)
struct ExplicitLossTests {
  let lambda = 0.6
  let label = 1
  let weight = RandomGenerator(seed: 11, "weight").normal([3, 4], .float64)
  let feature = RandomGenerator(seed: 11, "feature").normal([1, 4], .float64)
  let covariances = ClassCovariances(matrix: parts().matrix)

  /// Losses of `repeats` independent estimates, each the mean of `draws` draws.
  private func estimates(draws: Int, repeats: Int) -> [Double] {
    let labels = [Int](repeating: label, count: repeats)
    let augmented = augmentedFeatures(
      feature.rows(.zeros([repeats], .int64)), labels: labels, covariances: covariances, lambda: lambda, draws: draws,
      generator: RandomGenerator(seed: 12, "draws", draws))
    return augmented.matmul(weight.transposed)
      .crossEntropy(labels: Tensor([Int64](repeating: Int64(label), count: repeats * draws)))
      .reshaped([draws, repeats]).mean([0]).array()
  }

  private func mean(_ values: [Double]) -> (value: Double, deviation: Double) {
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, (squares / Double(values.count - 1)).squareRoot())
  }

  /// E[cross-entropy] by draws of the logits themselves, z + N(0, λ W Σ Wᵀ): another way to the same number.
  private var expectation: (value: Double, error: Double) {
    let count = 400_000
    let covariance = weight.matmul(covariances.dense(label)).matmul(weight.transposed) * lambda
    let logits =
      feature.matmul(weight.transposed)
      + ClassCovariances(matrix: covariance.unsqueezed(0)).draws(count, of: 0, from: RandomGenerator(seed: 13, "z"))
    let losses = mean(
      logits.crossEntropy(labels: Tensor([Int64](repeating: Int64(label), count: count))).array())
    return (losses.value, losses.deviation / Double(count).squareRoot())
  }

  @Test(arguments: [1, 4, 32]) func `for every number of draws`(draws: Int) {
    let repeats = 100_000 / draws
    let (value, deviation) = mean(estimates(draws: draws, repeats: repeats))
    let (expected, error) = expectation
    let tolerance = 4 * (deviation * deviation / Double(repeats) + error * error).squareRoot()
    #expect(abs(value - expected) < tolerance, "\(value) against \(expected) ± \(tolerance)")
    #expect(tolerance < 0.05)
  }

  @Test func `and its spread falls with the root of their number`() {
    let one = mean(estimates(draws: 1, repeats: 20_000)).deviation
    for draws in [4, 16, 64] {
      let ratio = one / mean(estimates(draws: draws, repeats: 5000)).deviation
      #expect(abs(ratio / Double(draws).squareRoot() - 1) < 0.1, "\(draws) draws: \(ratio)")
    }
  }

  @Test func `and the ISDA loss lies above it`() {
    let bound = augmentedLogits(
      feature.matmul(weight.transposed), weight: weight, labels: [label], covariances: covariances, lambda: lambda
    ).crossEntropy(labels: Tensor([Int64(label)])).item(Double.self)
    let (expected, error) = expectation
    #expect(bound > expected + 4 * error)
  }
}
