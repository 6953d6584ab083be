import ClassStatistics
import Foundation
import Networks
import Results
import Storage
import TestSupport
import Testing
import Torch
import Training

@testable import Analysis

/// What Scripts/reference/premise.py computed with numpy and scipy.
private struct Reference: Decodable {
  struct Budget: Decodable {
    let logits, rates: [Double]
    let label: Int
    let positive, negative: Double?
  }
  struct Share: Decodable {
    let successes, count: Int
    let low, high: Double
  }
  struct Ratio: Decodable {
    let above, below: [Double]
    let value, low, high: Double
  }
  struct Drift: Decodable {
    let featureCount, directions: Int
    let exact, kept, weight, mean, keptMean: [Double]
    let relativeError, traceRatio, cosine, overlap, meanShift, termRatio: Double
  }
  let budgets: [Budget]
  let shares: [Share]
  let ratio: Ratio
  let drift: Drift

  static let all: [Reference] = references("measures", in: .module)
}

/// Two classes on either side of 0 along the first axis, which alone the classifier sees; class variance `visible` along
/// it and `hidden` along each of the others.
private func plantedRun(visible: Double, hidden: Double, width: Int = 8, count: Int = 400, gap: Double = 3)
  -> RunFeatures
{
  func images(_ purpose: String) -> LabelledFeatures {
    let labels = (0..<count).map { $0 % 2 }
    let scales = Tensor(
      [visible.squareRoot()] + Array(repeating: hidden.squareRoot(), count: width - 1), shape: [1, width])
    let centers = Tensor(
      labels.flatMap { [$0 == 0 ? -gap : gap] + Array(repeating: 0.0, count: width - 1) }, shape: [count, width])
    let features = RandomGenerator(seed: 6, purpose).normal([count, width], .float64) * scales + centers
    let firsts = features.select(0, dimension: 1).array(of: Double.self)
    return LabelledFeatures(features: features, labels: labels, predictions: firsts.map { $0 > 0 ? 1 : 0 })
  }
  let axis = [1.0] + Array(repeating: 0, count: width - 1)
  return RunFeatures(
    train: images("train"), test: images("test"), weight: Tensor(axis.map { -$0 } + axis, shape: [2, width]),
    bias: .zeros([2], .float64), classNames: ["left", "right"])
}

private func classes(of run: RunFeatures) -> [ClassDirections] {
  run.classNames.indices.map { ClassDirections(index: $0, of: run, options: AnalysisOptions()) }
}

@Suite("Margin budgets are where the prediction changes", .leavesNoTensors)
struct MarginTests {
  @Test func `the closed form is what a search along the line finds`() throws {
    let reference = try #require(Reference.all.first)
    #expect(reference.budgets.count == 40)
    for budget in reference.budgets {
      let found = marginBudget(logits: budget.logits[...], rates: budget.rates, label: budget.label)
      for (value, expected) in [(found.positive, budget.positive), (found.negative, budget.negative)] {
        if let expected {
          #expect(relativeError([value], [expected]) < 1e-9)
        } else {
          #expect(value == .infinity)
        }
      }
    }
  }

  @Test func `along the axis that the classifier sees it is the distance to the boundary, along others infinite`()
    throws
  {
    // A gap of 3 and a deviation of ½: an image at the mean is 6 σ from the boundary, one way.
    let run = plantedRun(visible: 0.25, hidden: 0.01)
    let margins = MarginBudgets(
      of: run, classes: classes(of: run), leading: 3)
    #expect(margins.classes.map(\.classIndex) == [0, 1])
    let first = margins.classes[0].directions[0]
    #expect(abs(first.sigma - 0.5) < 0.05)
    #expect(abs(first.positive.median.value - 6) < 0.6)
    #expect(first.positive.median.lower < first.positive.median.value)
    #expect(first.positive.lowerQuartile < first.positive.median.lower)
    #expect(first.negative.median.value == .infinity && first.either.median == first.positive.median)
    #expect(first.survivors.value > 0.97)
    // Rounding leaves the other directions a trace of the first axis, too little to matter.
    for direction in margins.classes[0].directions.dropFirst() { #expect(direction.survivors.value == 1) }
    #expect(margins.table.rows.count == 2 * 3 * 3)
    #expect(margins.table.rows.contains { $0[6] == "inf" })
  }

  @Test func `images that are not recognised have no budget, and classes without any are left out`() {
    let run = plantedRun(visible: 0.25, hidden: 0.01)
    let wrong = RunFeatures(
      train: run.train,
      test: LabelledFeatures(
        features: run.test.features, labels: run.test.labels,
        predictions: run.test.labels.enumerated().map { $1 == 0 ? 1 : $0 % 4 == 1 ? 0 : 1 }),
      weight: run.weight, bias: run.bias, classNames: run.classNames)
    let margins = MarginBudgets(
      of: wrong, classes: classes(of: wrong), leading: 1)
    #expect(margins.classes.map(\.classIndex) == [1])
    #expect((margins.classes[0].images, margins.classes[0].recognised) == (200, 100))
  }
}

@Suite("Intervals are those of statistics", .leavesNoTensors)
struct IntervalTests {
  @Test func `of shares, Wilson's; of ratios, the linearised one`() throws {
    let reference = try #require(Reference.all.first)
    for share in reference.shares {
      let estimate = Intervals.share(share.successes, of: share.count)
      #expect(relativeError([estimate.lower, estimate.upper], [share.low, share.high]) < 1e-9)
    }
    let ratio = Intervals.ratio(reference.ratio.above, to: reference.ratio.below)
    #expect(
      relativeError(
        [ratio.value, ratio.lower, ratio.upper], [reference.ratio.value, reference.ratio.low, reference.ratio.high])
        < 1e-12)
    #expect(Intervals.ratio([1], to: [0]).value.isNaN)
  }

  @Test func `of means by the bootstrap as wide as theory has them, and the same for the same seed`() {
    let values = RandomGenerator(seed: 1, "values").normal([400, 2], .float64) * Tensor([1, 3] as [Double])
    func estimates(_ seed: UInt64) -> [Estimate] {
      Resampling(of: 400, generator: RandomGenerator(seed: seed, "bootstrap")).means(values)
    }
    let found = estimates(7)
    #expect(found == estimates(7) && found != estimates(8))
    #expect(relativeError(found.map(\.value), values.mean([0]).array()) < 1e-12)
    for (estimate, deviation) in zip(found, [1.0, 3]) {
      #expect((0.9...1.1).contains((estimate.upper - estimate.lower) / (2 * 1.96 * deviation / 20)))
      #expect(estimate.lower < estimate.value && estimate.value < estimate.upper)
    }
  }

  @Test func `of medians by ranks, which hold in 19 of 20 samples`() {
    var held = 0
    for seed in 0..<300 {
      let values = RandomGenerator(seed: UInt64(seed), "sample").normal([51], .float64).array(of: Double.self)
      let median = Intervals.median(values.sorted())
      #expect(median.value == values.sorted()[25])
      if median.lower <= 0 && median.upper >= 0 { held += 1 }
    }
    // At least 95 %, less three deviations of the count.
    #expect((274...300).contains(held), "\(held) of 300")
    #expect(Intervals.median([1, .infinity, .infinity]).value == .infinity)
    #expect(Intervals.median([]).value.isNaN)
    #expect(quantile(0.25, ofSorted: [0, 1, 2, 3, 4]) == 1 && quantile(0.5, ofSorted: [0, 1]) == 0.5)
  }
}

@Suite("The drift of a covariance is measured against the exact one", .leavesNoTensors)
struct DriftTests {
  @Test func `as numpy and scipy compute it`() throws {
    let reference = try #require(Reference.all.first).drift
    let width = reference.featureCount
    // Rows whose covariance is the given one: axes scaled to ±√(λ·width) about the mean.
    let (variances, axes) = Tensor(reference.exact, shape: [width, width]).symmetricEigen()
    let rows = axes * (variances * Double(width)).squareRoot.unsqueezed(1)
    let features =
      Tensor.concatenated([rows, rows * -1]) + Tensor(reference.mean, shape: [1, width])
    let images = LabelledFeatures(
      features: features, labels: Array(repeating: 1, count: 2 * width),
      predictions: Array(repeating: 1, count: 2 * width))
    let run = RunFeatures(
      train: images, test: images, weight: Tensor(reference.weight, shape: [4, width]), bias: .zeros([4], .float64),
      classNames: ["a", "b", "c", "d"])
    let zero = Tensor.zeros([1, width, width], .float64)
    let kept = ClassCovariances(
      matrix: .concatenated([zero, Tensor(reference.kept, shape: [1, width, width]), zero, zero]))
    let drift = CovarianceDrift(
      of: run, counts: [5, 7, 0, 0],
      means: .concatenated([
        .zeros([1, width], .float64), Tensor(reference.keptMean, shape: [1, width]), .zeros([2, width], .float64),
      ]),
      covariances: kept, classes: classes(of: run),
      leading: reference.directions)
    #expect(drift.classes.map(\.classIndex) == [1] && drift.classes[0].count == 7)
    let found = drift.classes[0]
    let values = [
      found.relativeError, found.traceRatio, found.cosine, found.overlap, found.meanShift, found.termRatio,
    ]
    let expected = [
      reference.relativeError, reference.traceRatio, reference.cosine, reference.overlap, reference.meanShift,
      reference.termRatio,
    ]
    #expect(relativeError(values, expected) < 1e-9, "\(values), expected \(expected)")
  }

  @Test func `it is read from the run's file, not there for a baseline, and refused of another network`() throws {
    let run = plantedRun(visible: 1, hidden: 1)
    let directions = classes(of: run)
    try withTemporaryFolder { url in
      let file = url.appendingPathComponent("isda.safetensors")
      #expect(try CovarianceDrift(of: run, kept: file, classes: directions, leading: 2) == nil)
      func write(_ moments: ClassMoments) throws {
        try Safetensors(arrays: [
          "isda.count": Tensor(moments.counts).stored, "isda.mean": moments.means.stored,
          "isda.covariance": try #require(moments.covariances.matrix).stored,
        ]).write(to: file)
      }
      let exact = ClassMoments(classCount: 2, featureCount: 8, elementType: .float64)
      exact.update(features: run.train.features, labels: run.train.labels)
      try write(exact)
      let drift = try #require(try CovarianceDrift(of: run, kept: file, classes: directions, leading: 2))
      for c in drift.classes {
        #expect(c.relativeError < 1e-12 && abs(c.overlap - 1) < 1e-9 && abs(c.termRatio - 1) < 1e-12)
      }
      try write(ClassMoments(classCount: 2, featureCount: 9))
      #expect {
        try CovarianceDrift(of: run, kept: file, classes: directions, leading: 2)
      } throws: { "\($0)".contains("isda.safetensors") && "\($0)".contains("another network") }
    }
  }
}

@Suite("Features that are moved keep what theory says they keep", .leavesNoTensors)
struct PreservationTests {
  private func preservation(_ run: RunFeatures, seed: UInt64 = 0) -> Preservation {
    Preservation(of: run, classes: classes(of: run), anchors: 150, seed: seed) { _ in }
  }

  private func point(
    _ preservation: Preservation, _ kind: Preservation.Kind, _ part: Preservation.Part, _ step: Double
  ) throws -> Preservation.Point {
    try #require(
      preservation.points.first {
        $0.split == .test && $0.kind == kind && $0.part == part && abs($0.step - step) < 1e-9
      })
  }

  @Test func `nothing changes without a step, nor outside the span whatever the step`() {
    let preservation = preservation(plantedRun(visible: 1, hidden: 1))
    #expect(preservation.galleries == ["train": 250, "test": 250])
    // Two splits, seven kinds, three parts, eight steps.
    #expect(preservation.points.count == 2 * 7 * 3 * 8)
    for point in preservation.points {
      if point.step == 0 {
        #expect(point.predictions.value == 1 && abs(point.distance.value - 1) < 1e-9)
      }
      if point.part == .outside { #expect(point.predictions.value == 1) }
      #expect(point.anchors == 150)
      #expect(point.predictions.lower <= point.predictions.value && point.predictions.value <= point.predictions.upper)
    }
  }

  @Test func `a step has the same length for all kinds, in deviations of the class`() throws {
    // All variance of the classes along the axis that is seen: √tr Σ is 1, the boundary 3 away.
    let run = plantedRun(visible: 1, hidden: 1e-6)
    let preservation = preservation(run)
    #expect(preservation.deviations.allSatisfy { abs($0 - 1) < 0.2 })
    for kind in [Preservation.Kind.ownDraw, .ownDirection(1), .otherDraw, .towardsOther] {
      // ±2 or towards the boundary from 3 ± 1 away: half of the moves of either sign go away from it.
      let share = try point(preservation, kind, .whole, 2).predictions.value
      #expect(kind == .towardsOther ? (0.7...0.95).contains(share) : (0.85...0.98).contains(share), "\(kind): \(share)")
      // Of 4, all that go towards the boundary and begin less than 4 away cross it: P(N(3, 1) < 4) = 0.84.
      let far = try point(preservation, kind, .whole, 4).predictions.value
      #expect(kind == .towardsOther ? (0.02...0.3).contains(far) : (0.48...0.75).contains(far), "\(kind): \(far)")
      // What the move lacks inside the span, stretched, is the move.
      #expect(try point(preservation, kind, .inside, 4).predictions.value == far)
    }
    // Isotropic noise of the same length spends it on seven hidden axes.
    #expect(try point(preservation, .isotropic, .whole, 2).predictions.value > 0.95)
    let noise = try point(preservation, .isotropic, .whole, 2)
    let own = try point(preservation, .ownDraw, .whole, 2)
    #expect(noise.distance.value > 20 && own.distance.value < 10, "\(noise.distance.value) \(own.distance.value)")
  }

  @Test func `the nearest image is the nearest, by its label and its distance`() throws {
    // On a line, moved towards the other mean by a known length: the nearest real image can be looked up.
    let run = plantedRun(visible: 4, hidden: 1e-12, width: 2, count: 60, gap: 3)
    let preservation = Preservation(of: run, classes: classes(of: run), anchors: 12, seed: 3) { _ in }
    let order = RandomGenerator(seed: 3, "anchors", "test").permutation(60).array(of: Int64.self).map(Int.init)
    let anchors = order.prefix(30).filter { run.test.predictions[$0] == run.test.labels[$0] }.prefix(12)
    let places = run.test.features.select(0, dimension: 1).array(of: Double.self)
    let gallery = (0..<60).filter { !anchors.contains($0) }
    for step in Preservation.steps {
      let kept = anchors.count { anchor in
        let label = run.test.labels[anchor]
        let goal = run.trainMoments.means.select(1 - label).array(of: Double.self)[0]
        let target = places[anchor] + (goal > places[anchor] ? 1 : -1) * step * preservation.deviations[label]
        let nearest = gallery.min { abs(places[$0] - target) < abs(places[$1] - target) } ?? 0
        return run.test.labels[nearest] == label
      }
      let found = try point(preservation, .towardsOther, .whole, step)
      #expect(abs(found.neighbours.value - Double(kept) / 12) < 1e-9, "step \(step)")
    }
  }

  @Test func `the same seed gives the same numbers, another one others`() {
    let run = plantedRun(visible: 1, hidden: 1)
    #expect(preservation(run) == preservation(run))
    #expect(preservation(run, seed: 1) != preservation(run))
  }

  @Test func `one class, or a class nobody recognises, is no error`() {
    let run = plantedRun(visible: 1, hidden: 1)
    let alone = LabelledFeatures(
      features: run.train.features, labels: run.train.labels.map { _ in 0 },
      predictions: run.train.labels.map { _ in 0 })
    let one = preservation(
      RunFeatures(
        train: alone, test: alone, weight: run.weight.slice(0..<1), bias: .zeros([1], .float64), classNames: ["a"]))
    #expect(!one.points.isEmpty && one.points.allSatisfy { $0.part != .inside && $0.kind != .otherDraw })
    let unrecognised = LabelledFeatures(
      features: run.test.features, labels: run.test.labels, predictions: run.test.labels.map { 1 - $0 })
    let none = preservation(
      RunFeatures(
        train: run.train, test: unrecognised, weight: run.weight, bias: run.bias, classNames: run.classNames))
    #expect(none.points.allSatisfy { $0.split == .train })
  }
}

@Suite("Bound and collapse of a run", .leavesNoTensors)
struct BoundMeasureTests {
  @Test func `grow with λ, the bound the faster, and hold for every image`() throws {
    let run = plantedRun(visible: 1, hidden: 0.5, gap: 1)
    let report = BoundReport(of: run, seed: 0)
    // Two splits, eight λ, all and two classes.
    #expect(report.points.count == 2 * 8 * 3)
    for split in [ImageReference.Split.train, .test] {
      let points = report.points.filter { $0.split == split && $0.classIndex == nil }
      #expect(points.map(\.lambda) == BoundReport.lambdas)
      #expect(points[0].effect.value == 0 && points[0].gap.value == 0 && points[0].gapOverEffect.value.isNaN)
      for (lower, upper) in zip(points, points.dropFirst()) {
        #expect(lower.expectation < upper.expectation && lower.gap.value < upper.gap.value)
        #expect(upper.crossEntropy == lower.crossEntropy && upper.violations == 0)
        #expect(abs(upper.effect.value - (upper.expectation - upper.crossEntropy)) < 1e-12)
        #expect(upper.gapOverEffect.lower < upper.gapOverEffect.value)
      }
      // All is the mean of the classes, which are equally large.
      for point in points {
        let classes = report.points.filter { $0.split == split && $0.lambda == point.lambda && $0.classIndex != nil }
        #expect(relativeError([classes.reduce(0) { $0 + $1.bound / 2 }], [point.bound]) < 1e-12)
      }
    }
    #expect(JSONFile.encode(report) == JSONFile.encode(BoundReport(of: run, seed: 0)))
  }

  @Test func `a class's visible share is what was planted, within its interval`() {
    // One seen axis of variance 1, seven hidden ones of ½: 1 / 4.5.
    let report = CollapseReport(of: plantedRun(visible: 1, hidden: 0.5, count: 4000))
    #expect((report.visibleDimensions, report.featureCount) == (1, 8))
    #expect(report.classes.count == 4)
    for c in report.classes {
      #expect(c.visibleShare.lower - 0.01 < 1 / 4.5 && 1 / 4.5 < c.visibleShare.upper + 0.01)
      #expect(c.visibleShare.upper - c.visibleShare.lower < 0.05)
      #expect(abs(c.variance - 4.5) < 0.3 && abs(c.weightDistance - 2) < 1e-12 && abs(c.meanDistance - 6) < 0.2)
      // (w_j − w_c)ᵀΣ(w_j − w_c) = 2² · 1.
      #expect(abs(c.term - 4) < 0.4)
    }
    #expect(report.train.visibleShare != report.test.visibleShare)
    #expect(report.table.rows.count == 2 * 15 + 4 * 5)
  }
}
