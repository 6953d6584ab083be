import Foundation
import TestSupport
import Testing
import Torch

@testable import ClassStatistics

/// What Scripts/reference/premise.py computed with numpy and scipy.
private struct Reference: Decodable, CustomTestStringConvertible {
  let name: String
  let classCount, featureCount: Int
  let labels, predictions: [Int]
  let features, weight: [Double]
  let expected: [String: Double]

  var testDescription: String { name }

  static let all: [Reference] = references("collapse", in: .module)

  /// The case with its features and weights changed.
  func collapse(features change: (Tensor) -> Tensor = { $0 }, weight changeWeight: (Tensor) -> Tensor = { $0 })
    -> NeuralCollapse
  {
    let rows = change(Tensor(features, shape: [labels.count, featureCount]))
    return NeuralCollapse(
      moments: FeatureMoments(features: rows, labels: labels, classCount: classCount), predictions: predictions,
      weight: changeWeight(Tensor(weight, shape: [classCount, featureCount])))
  }
}

extension NeuralCollapse {
  fileprivate var values: [String: Double] {
    [
      "nc1": nc1, "traceRatio": traceRatio, "cdnv": cdnv, "frameError": frameError, "equinorm": equinorm,
      "equiangularity": equiangularity, "dualityError": dualityError, "nearestMeanAgreement": nearestMeanAgreement,
      "visibleShare": visibleShare, "withinTrace": withinTrace, "meanDistance": meanDistance,
      "weightDistance": weightDistance, "term": term, "alignment": alignment, "marginVariance": marginVariance,
    ]
  }
}

@Suite("Neural collapse is measured as its papers define it", .leavesNoTensors)
struct CollapseTests {
  @Test func `the reference is there`() {
    #expect(Reference.all.count == 6)
    #expect(Reference.all.allSatisfy { $0.expected.count == 15 })
  }

  @Test(arguments: Reference.all)
  fileprivate func `each measure is that of numpy`(reference: Reference) {
    for (name, value) in reference.collapse().values {
      let expected = reference.expected[name] ?? .nan
      #expect(abs(value - expected) <= 1e-9 * max(1, abs(expected)), "\(name): \(value), expected \(expected)")
    }
  }

  /// All covariances at a time would take 34 GB.
  @Test func `a thousand classes of 2048 features are measured`() {
    let labels = [3, 3, 3, 998, 998, 998]
    let features = RandomGenerator(seed: 5, "large").normal([6, 2048], .float64)
    let collapse = NeuralCollapse(
      moments: FeatureMoments(features: features, labels: labels, classCount: 1000), predictions: labels,
      weight: RandomGenerator(seed: 5, "weight").normal([1000, 2048], .float64))
    #expect(collapse.nearestMeanAgreement == 1 && collapse.nc1.isFinite && collapse.term > 0)
  }

  /// Features that grow and weights that shrink give the same network; what compares classes must not notice.
  @Test(arguments: Reference.all)
  fileprivate func `ratios do not change with the scale of features and weights`(reference: Reference) {
    let before = reference.collapse()
    let after = reference.collapse(features: { $0 * 3 }, weight: { $0 * (1.0 / 3) })
    let scaled: [String: Double] = ["withinTrace": 9, "meanDistance": 3, "weightDistance": 1.0 / 3]
    for (name, value) in before.values {
      #expect(relativeError([after.values[name] ?? .nan], [value * (scaled[name] ?? 1)]) < 1e-9, "\(name)")
    }
  }

  @Test func `one class has means and variance, and nothing to compare`() {
    let features = RandomGenerator(seed: 3, "one").normal([9, 4], .float64)
    let collapse = NeuralCollapse(
      moments: FeatureMoments(features: features, labels: Array(repeating: 1, count: 9), classCount: 3),
      predictions: Array(repeating: 1, count: 9),
      weight: RandomGenerator(seed: 3, "weight").normal([3, 4], .float64))
    #expect(collapse.withinTrace > 0 && collapse.nearestMeanAgreement == 1 && collapse.visibleShare < 1)
    for value in [collapse.nc1, collapse.cdnv, collapse.frameError, collapse.dualityError, collapse.term] {
      #expect(value.isNaN)
    }
  }
}

@Suite("A classifier sees its span and nothing else", .leavesNoTensors)
struct VisibleSubspaceTests {
  private func weight(_ classes: Int, _ width: Int) -> Tensor {
    RandomGenerator(seed: 11, "weight", classes, width).normal([classes, width], .float64)
  }

  private func norm(_ tensor: Tensor) -> Double { (tensor * tensor).sum().squareRoot.item() }

  @Test(arguments: [(2, 5, 1), (4, 9, 3), (9, 4, 4), (30, 30, 29)])
  func `the basis is orthonormal, holds every difference and no more`(classes: Int, width: Int, rank: Int) throws {
    let weight = weight(classes, width)
    let basis = classifierSpan(weight: weight)
    try #require(basis.shape == [rank, width])
    let places = Tensor.range(rank)
    let identity = places.unsqueezed(0).equals(places.unsqueezed(1)).to(.float64)
    #expect(norm(basis.matmul(basis.transposed) - identity) < 1e-12)
    for label in 0..<classes {
      let differences = weight - weight.select(label)
      let seen = differences.matmul(basis.transposed).matmul(basis)
      #expect(norm(seen - differences) < 1e-11 * norm(differences))
    }
  }

  @Test func `weights in float32 that repeat a row span no more for their rounding`() {
    let rows = weight(3, 8)
    let doubled = Tensor.concatenated([rows, rows.slice(0..<1) + 1e-8, (rows.slice(0..<1) + rows.slice(1..<2)) * 0.5])
    #expect(classifierSpan(weight: doubled.to(.float32).to(.float64)).shape == [2, 8])
    #expect(classifierSpan(weight: rows * 0).shape == [0, 8])
  }

  @Test func `variance is split into what is seen and all of it`() {
    // Three classes that differ along the first two axes only.
    let weight = Tensor([1, 0, 0, 0, 2, 0, 0, 0, 0] as [Double], shape: [3, 3])
    let covariance = Tensor([4, 1, 1, 1, 3, 1, 1, 1, 2] as [Double], shape: [3, 3])
    let variance = visibleVariance(of: covariance, in: classifierSpan(weight: weight))
    #expect(abs(variance.visible - 7) < 1e-12 && abs(variance.total - 9) < 1e-12)
  }
}
