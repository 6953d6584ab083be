import Foundation
import TestSupport
import Testing
import Torch

@testable import Losses

/// What Scripts/reference/losses.py computed.
private struct Reference: Decodable, CustomTestStringConvertible {
  let loss: String
  let parameters: [Double]
  let inputs: [String: Values]
  let labels: [Int]
  let values: [Double]
  let gradients: [String: Values]
  let moved: Values?

  var testDescription: String { "\(loss) \(parameters)" }
  static let all: [Reference] = references("losses", in: .module)

  /// A vector or a matrix.
  struct Values: Decodable {
    let numbers: [Double]
    let shape: [Int]

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let rows = try? container.decode([[Double]].self) {
        (numbers, shape) = (rows.flatMap { $0 }, [rows.count, rows[0].count])
      } else {
        numbers = try container.decode([Double].self)
        shape = [numbers.count]
      }
    }
  }

  func losses(_ input: [String: Tensor]) throws -> Tensor {
    let labels = Tensor(labels.map(Int64.init))
    func tensor(_ name: String) throws -> Tensor { try #require(input[name]) }
    switch loss {
    case "smoothing": return try tensor("z").smoothedCrossEntropy(labels: labels, smoothing: parameters[0])
    case "focal": return try tensor("z").focalLoss(labels: labels, focusing: parameters[0])
    case "lq": return try tensor("z").generalizedCrossEntropy(labels: labels, exponent: parameters[0])
    case "lsoftmax":
      let (features, weight) = (try tensor("a"), try tensor("weight"))
      return largeMarginLogits(
        features.linear(weight, try tensor("bias")), features: features, weight: weight, labels: labels,
        margin: Int(parameters[0]), annealing: parameters[1]
      ).crossEntropy(labels: labels)
    default:
      let center = CenterLoss(
        classCount: 4, featureCount: 5, weight: parameters[0], rate: parameters[1])
      center.restore(try tensor("centers").detached)
      return center.losses(try tensor("a"), labels: labels)
    }
  }

  func input(_ type: ElementType) -> [String: Tensor] {
    inputs.mapValues { Tensor($0.numbers, shape: $0.shape).to(type).requiringGradient() }
  }
}

@Suite("Losses are the published ones", .leavesNoTensors)
struct LossReferenceTests {
  @Test func `the reference is there, for every loss that has a formula`() {
    #expect(Set(Reference.all.map(\.loss)) == ["smoothing", "focal", "lq", "lsoftmax", "center"])
  }

  @Test(arguments: Reference.all) fileprivate func `values and gradients, in both precisions`(reference: Reference)
    throws
  {
    for (type, bound) in [(ElementType.float64, 1e-11), (.float32, 2e-5)] {
      let input = reference.input(type)
      let losses = try reference.losses(input)
      #expect(relativeError(losses.array(), reference.values) < bound)
      let names = reference.gradients.keys.sorted()
      let slopes = gradient(of: losses.sum(), withRespectTo: try names.map { try #require(input[$0]) })
      for (name, slope) in zip(names, slopes) {
        #expect(relativeError(slope.array(), reference.gradients[name]?.numbers ?? []) < bound, "\(name), \(type)")
      }
    }
  }

  /// Central differences: right to the square of the step, so to about 1e-8 of the largest slope here.
  @Test(arguments: Reference.all) fileprivate func `gradients are slopes`(reference: Reference) throws {
    let input = reference.input(.float64)
    let step = 1e-5
    for name in reference.gradients.keys.sorted() {
      let at = try #require(input[name])
      let slopes: [Double] = gradient(of: try reference.losses(input).sum(), withRespectTo: [at])[0].array()
      let numbers: [Double] = at.array()
      let differences = try numbers.indices.map { place in
        let values = try [step, -step].map { step in
          var moved = numbers
          moved[place] += step
          var input = input
          input[name] = Tensor(moved, shape: at.shape)
          return try withoutGradients { try reference.losses(input).sum().item(Double.self) }
        }
        return (values[0] - values[1]) / (2 * step)
      }
      #expect(relativeError(differences, slopes) < 1e-7, "\(name)")
    }
  }

  @Test func `centres move as published, those of absent classes not at all`() throws {
    let reference = try #require(Reference.all.first { $0.loss == "center" })
    let input = reference.input(.float64)
    let center = CenterLoss(classCount: 4, featureCount: 5, weight: 1, rate: reference.parameters[1])
    center.restore(try #require(input["centers"]).detached)
    center.update(try #require(input["a"]), labels: Tensor(reference.labels.map(Int64.init)))
    #expect(relativeError(center.centers.array(), try #require(reference.moved).numbers) < 1e-14)
    let before: [Double] = center.centers.array()
    center.update(try #require(input["a"]).slice(0..<1), labels: Tensor([2] as [Int64]))
    let after: [Double] = center.centers.array()
    #expect(zip(before, after).enumerated().allSatisfy { ($0.element.0 != $0.element.1) == ($0.offset / 5 == 2) })
  }
}

@Suite("Losses keep their limits", .leavesNoTensors)
struct LossLimitTests {
  private let labels = [0, 2, 1, 1, 0, 2]
  private var truth: Tensor { Tensor(labels.map(Int64.init)) }
  private var logits: Tensor { RandomGenerator(seed: 3, "logits").normal([6, 3], .float64) }

  @Test func `without smoothing, focus or exponent they are the cross-entropy`() {
    let logits = logits
    let plain: [Double] = logits.crossEntropy(labels: truth).array()
    for loss in [
      logits.smoothedCrossEntropy(labels: truth, smoothing: 0), logits.focalLoss(labels: truth, focusing: 1e-12),
      logits.generalizedCrossEntropy(labels: truth, exponent: 1e-9),
    ] {
      #expect(relativeError(loss.array(), plain) < 1e-7)
    }
    // While λ is large the margin is hardly there.
    let features = RandomGenerator(seed: 3, "features").normal([6, 4], .float64)
    let weight = RandomGenerator(seed: 3, "weight").normal([3, 4], .float64)
    let straight = features.linear(weight, .zeros([3], .float64))
    let annealed = largeMarginLogits(
      straight, features: features, weight: weight, labels: truth, margin: 4, annealing: 1e9)
    #expect(relativeError(annealed.array(), straight.array()) < 1e-7)
    // Without λ only the logit of the own class falls.
    let margin = largeMarginLogits(straight, features: features, weight: weight, labels: truth, margin: 3, annealing: 0)
    let change: [Double] = (margin - straight).array()
    for (place, value) in change.enumerated() {
      #expect(place % 3 == labels[place / 3] ? value < 0 : value == 0)
    }
  }

  @Test func `certain and hopeless samples have finite slopes`() {
    let sure = Tensor([90, 0, 0, -90, 0, 0] as [Float], shape: [2, 3]).requiringGradient()
    let truth = Tensor([0, 0] as [Int64])
    for loss in [
      sure.focalLoss(labels: truth, focusing: 0.5), sure.focalLoss(labels: truth, focusing: 2),
      sure.generalizedCrossEntropy(labels: truth, exponent: 0.7),
      sure.smoothedCrossEntropy(labels: truth, smoothing: 0.1),
    ] {
      #expect(loss.isFinite && gradient(of: loss.sum(), withRespectTo: [sure])[0].isFinite)
    }
    // Features or weights that are 0 have no direction.
    let features = Tensor([0, 0, 1, 2] as [Float], shape: [2, 2]).requiringGradient()
    let weight = Tensor([1, 1, 0, 0] as [Float], shape: [2, 2]).requiringGradient()
    let logits = largeMarginLogits(
      features.linear(weight, .zeros([2])), features: features, weight: weight, labels: Tensor([0, 1] as [Int64]),
      margin: 4, annealing: 0)
    #expect(logits.isFinite)
    let slopes = gradient(of: logits.sum(), withRespectTo: [features, weight])
    #expect(slopes[0].isFinite && slopes[1].isFinite)
  }

  @Test func `λ of the margin falls from 1000, and is 1 after 8,300 steps`() {
    #expect(largeMarginAnnealing(step: 0) == 1000)
    #expect(abs(largeMarginAnnealing(step: 8300) - 1) < 0.01)
    #expect(largeMarginAnnealing(step: 40_000) < 1e-8)
  }

  @Test func `of labels a share is drawn anew, each class alike, the true one too`() {
    let labels = (0..<30_000).map { $0 % 5 }
    let found = disturbed(labels, classCount: 5, rate: 0.3, generator: RandomGenerator(seed: 1, "disturbed"))
    let changed = zip(labels, found).filter { $0 != $1 }
    // α (C − 1)/C = 0.24.
    #expect(abs(Double(changed.count) / 30_000 - 0.24) < 0.01)
    for label in 0..<5 {
      let share = Double(changed.count { $0.1 == label }) / Double(changed.count)
      #expect(abs(share - 0.2) < 0.02)
    }
    let same = disturbed(labels, classCount: 5, rate: 0.3, generator: RandomGenerator(seed: 1, "disturbed"))
    #expect(found == same)
    #expect(found != disturbed(labels, classCount: 5, rate: 0.3, generator: RandomGenerator(seed: 2, "disturbed")))
  }
}
