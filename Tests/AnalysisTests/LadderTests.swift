import Foundation
import Images
import Results
import TestSupport
import Testing
import Torch

@testable import Analysis

/// What Scripts/reference/ladder.py computed with numpy from the definitions.
private struct Reference: Decodable, CustomTestStringConvertible {
  struct Shift: Decodable {
    let relativeLength, meanCosine, explainedByMean, visibleShare, predictionsKept: Double
  }
  let name: String
  let width: Int
  let strengths, train, test, weight, bias: [Double]
  let movedTrain, movedTest, r2: [[Double]]
  let pooled: [Double]
  let shifts: [Shift]
  let curvature, ratio, collinearity: [Double]

  var testDescription: String { name }

  static let all: [Reference] = references("ladder", in: .module)
}

private func rows(_ values: [Double], _ width: Int) -> Tensor {
  Tensor(values, shape: [values.count / width, width])
}

private func resampling(_ count: Int) -> Resampling {
  Resampling(of: count, generator: RandomGenerator(seed: 5, "test"))
}

extension EquivarianceLadder.Rungs {
  fileprivate var all: [Estimate?] { [invariance, shift, linearShift, affine] }
  fileprivate var values: [Double] { all.map { $0?.value ?? .nan } }
}

@Suite("Ladder, shifts and paths are those of the reference", .leavesNoTensors)
struct LadderReferenceTests {
  @Test func `the reference is there`() {
    #expect(Reference.all.count == 3)
  }

  @Test(arguments: Reference.all) fileprivate func `R² of the four models`(reference: Reference) {
    let (test, width) = (rows(reference.test, reference.width), reference.width)
    let models = EquivarianceModels(
      strengths: reference.strengths, plain: DecomposedFeatures(rows(reference.train, width)),
      transformed: reference.movedTrain.map { rows($0, width) })
    let scores = LadderScores(
      of: models, plain: test, transformed: reference.movedTest.map { rows($0, width) },
      resampling: resampling(test.shape[0]))
    for (index, expected) in reference.r2.enumerated() {
      #expect(relativeError(scores.rungs([index]).values, expected) < 1e-9)
    }
    let pooled = scores.rungs(Array(reference.strengths.indices))
    #expect(relativeError(pooled.values, reference.pooled) < 1e-9)
    let (m0, m1, m3) = (reference.pooled[0], reference.pooled[1], reference.pooled[3])
    if let index = pooled.linearizationIndex {
      #expect(abs(index.value - min(max((m1 - m0) / (m3 - m0), 0), 1)) < 1e-9)
      #expect(index.lower <= index.value && index.value <= index.upper)
    }
    for estimate in pooled.all.compactMap(\.self) {
      #expect(estimate.lower < estimate.value && estimate.value < estimate.upper)
    }
  }

  @Test(arguments: Reference.all) fileprivate func `shifts of images`(reference: Reference) throws {
    let test = rows(reference.test, reference.width)
    let readout = Readout(weight: rows(reference.weight, reference.width), bias: Tensor(reference.bias))
    #expect(readout.visible.shape == [2, reference.width])
    for (moved, expected) in zip(reference.movedTest, reference.shifts) {
      let found = shifts(
        from: test, to: rows(moved, reference.width), seenBy: readout, resampling: resampling(test.shape[0]))
      let values = [
        found.relativeLength, try #require(found.meanCosine), try #require(found.explainedByMean),
        try #require(found.visibleShare?.value), found.predictionsKept.value,
      ]
      let references = [
        expected.relativeLength, expected.meanCosine, expected.explainedByMean, expected.visibleShare,
        expected.predictionsKept,
      ]
      #expect(relativeError(values, references) < 1e-10)
    }
  }

  @Test(arguments: Reference.all) fileprivate func `paths of images`(reference: Reference) {
    var paths = PathMeasures()
    paths.append(([reference.test] + reference.movedTest).map { rows($0, reference.width) })
    #expect(relativeError(paths.curvature, reference.curvature) < 1e-9)
    #expect(relativeError(paths.ratio, reference.ratio) < 1e-10)
    #expect(relativeError(paths.collinearity, reference.collinearity) < 1e-9)
  }
}

@Suite("The ladder finds what was planted", .leavesNoTensors)
struct PlantedLadderTests {
  private let generator = RandomGenerator(seed: 11, "planted")
  private let strengths = [-1.0, 0.5, 2]

  private func scores(_ change: (Tensor, Double) -> Tensor) -> EquivarianceLadder.Rungs {
    let spread = Tensor((1...6).map { Double($0) / 3 })
    let (train, test) = (generator.normal([80, 6], .float64) * spread, generator.normal([60, 6], .float64) * spread)
    let models = EquivarianceModels(
      strengths: strengths, plain: DecomposedFeatures(train), transformed: strengths.map { change(train, $0) })
    return LadderScores(
      of: models, plain: test, transformed: strengths.map { change(test, $0) }, resampling: resampling(60)
    ).rungs([0, 1, 2])
  }

  @Test func `a change that features ignore is M0, and has no index`() {
    let rungs = scores { features, _ in features + 0 }
    #expect(rungs.values == [1, 1, 1, 1])
    #expect(rungs.linearizationIndex == nil)
  }

  @Test func `a shift in proportion to the strength is M2, M1 and M3, with index 1`() throws {
    let direction = generator.normal([1, 6], .float64)
    let rungs = scores { $0 + direction * $1 }
    #expect(rungs.values[0] < 0.9)
    #expect(rungs.values[1...].allSatisfy { abs($0 - 1) < 1e-12 })
    let index = try #require(rungs.linearizationIndex)
    #expect(abs(index.value - 1) < 1e-9 && index.lower > 1 - 1e-9)
  }

  @Test func `a shift that bends with the strength is M1 but not M2`() {
    let (one, other) = (generator.normal([1, 6], .float64), generator.normal([1, 6], .float64))
    let rungs = scores { $0 + one * $1 + other * ($1 * $1) }
    #expect(abs(rungs.values[1] - 1) < 1e-12 && abs(rungs.values[3] - 1) < 1e-12)
    #expect(rungs.values[2] < 0.95)
  }

  @Test func `an affine map is M3 alone; without a common shift the index is 0`() throws {
    let map = generator.normal([6, 6], .float64)
    let rungs = scores { $0 + $0.matmul(map) * (0.3 * $1) }
    #expect(abs(rungs.values[3] - 1) < 1e-6 && rungs.values[1] < 0.95)
    #expect(try #require(rungs.linearizationIndex).value < 0.05)
  }

  @Test func `noise alone leaves nothing to explain, and no index`() {
    var undefined = 0
    for seed in 0..<20 {
      let noise = RandomGenerator(seed: UInt64(seed), "noise")
      if scores({ features, _ in features + noise.normal(features.shape, .float64) }).linearizationIndex == nil {
        undefined += 1
      }
    }
    #expect(undefined >= 18)
  }

  @Test func `features that are all the same have no R²`() {
    let same = Tensor.full(3, [10, 4], .float64)
    let models = EquivarianceModels(strengths: [1], plain: DecomposedFeatures(same), transformed: [same])
    let rungs = LadderScores(of: models, plain: same, transformed: [same], resampling: resampling(10)).rungs([0])
    #expect(rungs.all.allSatisfy { $0 == nil } && rungs.linearizationIndex == nil)
  }

  @Test func `intervals are the percentiles over samples drawn one by one`() throws {
    let (train, test) = (generator.normal([20, 3], .float64), generator.normal([12, 3], .float64))
    let push = generator.normal([1, 3], .float64)
    let (movedTrain, moved) = (train + push, test + push * 0.8 + generator.normal([12, 3], .float64) * 0.3)
    let models = EquivarianceModels(
      strengths: [1], plain: DecomposedFeatures(train), transformed: [movedTrain])
    let resampling = resampling(12)
    let rungs = LadderScores(of: models, plain: test, transformed: [moved], resampling: resampling).rungs([0])
    let counts = resampling.counts.array(of: Double.self)
    let predictions = models.predictions(0, for: test)
    let values = (0..<Resampling.draws).map { draw -> [Double] in
      let places = (0..<12).flatMap { Array(repeating: Int64($0), count: Int(counts[draw * 12 + $0])) }
      let sample = moved.rows(Tensor(places))
      let centered = sample - sample.mean([0], keepingDimensions: true)
      let total = (centered * centered).sum().item(Double.self)
      return predictions.map { prediction in
        let error = prediction.rows(Tensor(places)) - sample
        return 1 - (error * error).sum().item(Double.self) / total
      }
    }
    for (model, estimate) in rungs.all.enumerated() {
      let (lower, upper) = try #require(Resampling.interval(values.map { $0[model] }))
      let estimate = try #require(estimate)
      #expect(relativeError([estimate.lower, estimate.upper], [lower, upper]) < 1e-9)
    }
  }
}

@Suite("Paths are as straight as they were drawn", .leavesNoTensors)
struct PathTests {
  /// One path of points in the plane.
  private func measure(_ points: [(Double, Double)]) -> (curvature: Double, ratio: Double, collinearity: Double) {
    var paths = PathMeasures()
    paths.append(points.map { Tensor([$0.0, $0.1], shape: [1, 2]) })
    return (paths.curvature[0], paths.ratio[0], paths.collinearity[0])
  }

  @Test func `a line, at any pace`() {
    let line = measure([(1, 1), (2, 3), (4, 7), (5, 9)])
    #expect(line.curvature < 1e-5 && abs(line.ratio - 1) < 1e-12 && abs(line.collinearity - 1) < 1e-12)
  }

  @Test func `corners, and there and back`() {
    let stairs = measure([(0, 0), (1, 0), (1, 1), (2, 1)])
    #expect(abs(stairs.curvature - 90) < 1e-9 && abs(stairs.ratio - 5.0.squareRoot() / 3) < 1e-12)
    let back = measure([(0, 0), (2, 0), (0, 0)])
    #expect(abs(back.curvature - 180) < 1e-5 && back.ratio == 0 && abs(back.collinearity - 1) < 1e-12)
    // Four points that are no line at all: both components are equal.
    #expect(abs(measure([(0, 0), (1, 0), (1, 1), (0, 1)]).collinearity - 0.5) < 1e-9)
  }

  @Test func `a step of no length is left out, a path of none has no numbers`() {
    let resting = measure([(0, 0), (1, 0), (1, 0), (1, 1), (1, 2)])
    #expect(abs(resting.curvature) < 1e-5)
    let still = measure([(3, 4), (3, 4), (3, 4)])
    #expect(still.curvature.isNaN && still.ratio.isNaN && still.collinearity.isNaN)
    var paths = PathMeasures()
    let flat = Tensor([5.0, 5], shape: [1, 2])
    paths.append([flat, flat, flat])
    #expect(EquivarianceLadder.Straightness(paths, resampling: resampling(1)) == nil)
  }

  @Test func `means leave out what is not there`() throws {
    let estimate = try #require(resampling(4).mean([1, .nan, 3, .nan]))
    #expect(estimate.value == 2 && estimate.lower == 1 && estimate.upper == 3)
    #expect(resampling(2).mean([.nan, .nan]) == nil)
  }
}

@Suite("Bootstrap samples", .leavesNoTensors)
struct ResamplingTests {
  @Test func `draw as many as there are, each as often as any other`() {
    let counts = resampling(50).counts
    #expect(counts.shape == [Resampling.draws, 50])
    #expect(counts.sum([1]).array(of: Double.self).allSatisfy { $0 == 50 })
    // Mean 1 over 1,000 draws with deviation 0.99 / √1000.
    #expect(counts.mean([0]).array(of: Double.self).allSatisfy { abs($0 - 1) < 0.15 })
    #expect(resampling(50).counts.array(of: Double.self) == counts.array(of: Double.self))
    #expect(resampling(0).sums(.zeros([0, 3], .float64)).shape == [Resampling.draws, 3])
  }

  @Test func `percentiles are linear between neighbours`() throws {
    let (lower, upper) = try #require(Resampling.interval((0...100).reversed().map(Double.init) + [.nan]))
    #expect(abs(lower - 2.5) < 1e-12 && abs(upper - 97.5) < 1e-12)
    #expect(Resampling.interval([.nan]) == nil)
  }
}

@Suite("Changed images go through the network and back into the ladder", .leavesNoTensors)
struct TransformedImagesTests {
  /// Images of mild values, so that brightness clamps nothing.
  private let dataset: Dataset = {
    func set(_ count: Int, _ offset: Int) -> ImageSet {
      ImageSet(
        width: 8, height: 8,
        pixels: (0..<count * 192).map { UInt8(20 + (($0 + offset) &* 2_654_435_761 >> 9) % 140) },
        labels: (0..<count).map { UInt8($0 % 2) })
    }
    return Dataset(
      name: "any", classNames: ["a", "b"], train: set(60, 0), test: set(50, 99_991),
      normalization: Normalization(mean: [0, 0, 0], deviation: [1, 1, 1]))
  }()

  private func ladder(_ features: (ImageSet) -> Tensor) -> EquivarianceLadder {
    func labelled(_ set: ImageSet) -> LabelledFeatures {
      LabelledFeatures(
        features: features(set), labels: set.labels, predictions: set.labels)
    }
    let (train, test) = (labelled(dataset.train), labelled(dataset.test))
    let width = train.features.shape[1]
    let run = RunFeatures(
      train: train, test: test, weight: RandomGenerator(seed: 1, "weight").normal([2, width], .float64),
      bias: .zeros([2], .float64), classNames: dataset.classNames)
    return equivarianceLadder(
      of: dataset, run: run, options: AnalysisOptions(), progress: { _, _, _ in }, features: features)
  }

  private func pixels(_ set: ImageSet) -> Tensor {
    Tensor(set.pixels, shape: [set.count, 192]).to(.float64)
  }

  @Test func `a linear network is affine under brightness, and bends no path that pixels do not`() throws {
    let map = RandomGenerator(seed: 2, "map").normal([192, 5], .float64)
    let ladder = ladder { pixels($0).matmul(map) }
    #expect(ladder.transforms.map(\.name) == ImageTransform.allCases.map(\.rawValue))
    #expect((ladder.trainCount, ladder.testCount) == (60, 50))
    let brightness = try #require(ladder.transforms.first)
    // But for rounding to 8 bits.
    #expect((brightness.pooled.affine?.value ?? 0) > 0.999)
    #expect((brightness.pooled.invariance?.value ?? 1) < 0.95)
    #expect((brightness.features?.curvature.value ?? 90) < 3 && (brightness.pixels?.curvature.value ?? 90) < 3)
    let shift = try #require(ladder.transforms.first { $0.name == "shift" })
    #expect((shift.pixels?.curvature.value ?? 0) > 60)
    for transform in ladder.transforms {
      #expect(transform.strengths.map(\.strength) == ImageTransform(rawValue: transform.name)?.strengths)
    }
  }

  @Test func `what does not depend on pixels is invariant, and its paths do not move`() {
    let table = RandomGenerator(seed: 3, "table").normal([2, 4], .float64)
    let ladder = ladder { set in table.rows(Tensor(set.labels.map(Int64.init))) }
    for transform in ladder.transforms {
      #expect(transform.pooled.values == [1, 1, 1, 1] && transform.pooled.linearizationIndex == nil)
      #expect(transform.features == nil && transform.pixels != nil && transform.straightening == nil)
      for strength in transform.strengths {
        #expect(strength.shifts.predictionsKept.value == 1 && strength.shifts.relativeLength == 0)
        #expect(strength.shifts.meanCosine == nil && strength.shifts.visibleShare == nil)
      }
    }
  }

  @Test func `the same seed gives the same numbers`() {
    let map = RandomGenerator(seed: 2, "map").normal([192, 5], .float64)
    #expect(ladder { pixels($0).matmul(map) } == ladder { pixels($0).matmul(map) })
  }
}
