import ClassStatistics
import TestSupport
import Testing
import Torch

@testable import ISDA

@Suite("The augmented logits behave as the method says", .leavesNoTensors)
struct PropertyTests {
  let labels = [0, 2, 2, 1]
  let logits = RandomGenerator(seed: 1, "logits").normal([4, 3], .float64)
  let weight = RandomGenerator(seed: 1, "weight").normal([3, 5], .float64)
  let covariances: ClassCovariances = {
    let rows = RandomGenerator(seed: 1, "rows").normal([3, 5, 5], .float64)
    return ClassCovariances(matrix: rows.matmul(rows.permuted([0, 2, 1])))
  }()

  private func augmented(_ lambda: Double, weight: Tensor? = nil) -> Tensor {
    augmentedLogits(logits, weight: weight ?? self.weight, labels: labels, covariances: covariances, lambda: lambda)
  }

  @Test func `nothing is added to the logit of a sample's own class, and nothing negative to others`() {
    let added = (augmented(0.7) - logits).array(of: Double.self)
    for (row, label) in labels.enumerated() {
      for j in 0..<3 {
        if j == label { #expect(abs(added[3 * row + j]) < 1e-15) } else { #expect(added[3 * row + j] > 0) }
      }
    }
  }

  @Test func `λ = 0 is plain cross-entropy, and the loss grows with λ`() {
    #expect(augmented(0).bytes == logits.bytes)
    let targets = Tensor(labels.map(Int64.init))
    let losses = [0, 0.1, 0.5, 2].map { augmented($0).crossEntropy(labels: targets).mean().item(Double.self) }
    #expect(losses == losses.sorted() && Set(losses).count == 4)
  }

  @Test func `samples of one class get the same term`() {
    let added = (augmented(0.7) - logits).array(of: Double.self)
    #expect(relativeError(Array(added[3..<6]), Array(added[6..<9])) < 1e-14)
  }

  @Test func `the gradient with respect to the weights is the slope of the loss`() {
    let w = weight.detached.requiringGradient()
    let targets = Tensor(labels.map(Int64.init))
    func loss(_ weight: Tensor) -> Tensor { augmented(0.7, weight: weight).crossEntropy(labels: targets).mean() }
    let slopes = gradient(of: loss(w), withRespectTo: [w])[0].array(of: Double.self)
    let h = 1e-5
    let measured = (0..<15).map { index -> Double in
      let move = Tensor((0..<15).map { $0 == index ? h : 0 }, shape: [3, 5])
      return (loss(weight + move).item(Double.self) - loss(weight - move).item(Double.self)) / (2 * h)
    }
    #expect(relativeError(slopes, measured) < 1e-8)
  }

  /// Monte Carlo in feature space: the loss must lie above the mean cross-entropy of augmented features, and close to it
  /// for a small λ.
  @Test func `the loss bounds the expected cross-entropy of augmented features from above`() {
    let lambda = 0.05
    let draws = 20_000
    let feature = RandomGenerator(seed: 4, "feature").normal([1, 5], .float64)
    let z = feature.matmul(weight.transposed)
    let bound = augmentedLogits(z, weight: weight, labels: [1], covariances: covariances, lambda: lambda)
      .crossEntropy(labels: Tensor([1] as [Int64])).item(Double.self)
    let rows = RandomGenerator(seed: 1, "rows").normal([3, 5, 5], .float64).select(1)
    let noise = RandomGenerator(seed: 9, "noise").normal([draws, 5], .float64)
    // rows · noise has covariance rows rowsᵀ = Σ_1.
    let moved = feature + noise.matmul(rows.transposed) * lambda.squareRoot()
    let losses = moved.matmul(weight.transposed).crossEntropy(labels: Tensor([Int64](repeating: 1, count: draws)))
    let mean = losses.mean().item(Double.self)
    let offsets = losses - mean
    let error = ((offsets * offsets).mean().item(Double.self) / Double(draws)).squareRoot()
    #expect(bound > mean - 3 * error)
    #expect(bound < mean + 0.5)
  }
}

@Suite("The strength grows as published, or step by step")
struct StrengthScheduleTests {
  @Test func `the first epoch has none, and the last is one epoch short of λ₀`() {
    let schedule = StrengthSchedule(final: 0.5, epochs: 10, stepsPerEpoch: 4)
    #expect(schedule.lambda(step: 0) == 0)
    #expect(schedule.lambda(step: 3) == 0)
    #expect(schedule.lambda(step: 4) == 0.05)
    #expect(schedule.lambda(step: 20) == 0.25)
    #expect(schedule.lambda(step: 39) == 0.45)
  }

  @Test func `moved by every step it rises evenly`() {
    let schedule = StrengthSchedule(final: 0.5, epochs: 10, stepsPerEpoch: 4, movesEveryStep: true)
    #expect(schedule.lambda(step: 0) == 0)
    #expect(schedule.lambda(step: 1) == 0.0125)
    #expect(schedule.lambda(step: 20) == 0.25)
    #expect(schedule.lambda(step: 39) == 0.4875)
  }
}
