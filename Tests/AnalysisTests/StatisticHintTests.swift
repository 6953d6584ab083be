import ClassStatistics
import Foundation
import Images
import Results
import TestSupport
import Testing
import Torch

@testable import Analysis

@Suite("Statistics of images give hints to directions", .leavesNoTensors)
struct StatisticHintTests {
  /// One class whose features are the columns given, the first with the largest variance.
  private func result(_ columns: [[Double]], _ set: ImageSet) -> ImageStatisticCorrelations {
    let count = columns[0].count
    let labels = Array(repeating: 0, count: count)
    let images = LabelledFeatures(
      features: Tensor((0..<count).flatMap { row in columns.map { $0[row] } }, shape: [count, columns.count]),
      labels: labels, predictions: labels)
    let run = RunFeatures(
      train: images, test: images, weight: .zeros([1, columns.count], .float64), bias: .zeros([1], .float64),
      classNames: ["a"])
    return statisticCorrelations(
      of: [ClassDirections(index: 0, of: run, options: AnalysisOptions())], with: set.statistics, among: images,
      options: AnalysisOptions())
  }

  private let set = ImageSet.portraits(seed: 6, count: 120)

  @Test(arguments: [1.0, -1]) func `the statistic that drives a direction is its hint, in words`(sign: Double) throws {
    let noise = RandomGenerator(seed: 4, "noise").normal([240], .float64).array(of: Double.self)
    let brightness = set.statistics.values.map { $0[0] }
    let result = result([brightness.enumerated().map { 100 * sign * $1 + 0.5 * noise[$0] }, Array(noise[120...])], set)
    let hint = try #require(result.hint(classIndex: 0, direction: 1))
    #expect(hint.statistic == "brightness" && hint.phrase == (sign > 0 ? "brighter" : "darker"))
    #expect(hint.correlation.r * sign > 0.97)
    #expect(hint.correlation.lower < hint.correlation.r && hint.correlation.r < hint.correlation.upper)
    #expect(hint.text.hasPrefix(sign > 0 ? "brighter, r = " : "darker, r = −"))
    let text = ImageStatisticCorrelations.Hint(
      statistic: "brightness", phrase: "darker", correlation: .init(-0.618, from: -0.7, to: 0.049)
    ).text
    #expect(text == "darker, r = −0.62 [−0.70, 0.05]")
    // The second direction is noise.
    #expect(result.hint(classIndex: 0, direction: 2) == nil)
    #expect(result.hint(classIndex: 0, direction: 3) == nil && result.hint(classIndex: 1, direction: 1) == nil)
    #expect(result.classes[0].values.map(\.count) == [ImageStatistic.allCases.count, ImageStatistic.allCases.count])
  }

  @Test func `noise gets a hint in at most five of a hundred`() {
    let hints = (0..<60).count { draw in
      let noise = RandomGenerator(seed: UInt64(draw), "noise").normal([240], .float64).array(of: Double.self)
      let result = result([noise[..<120].map { 2 * $0 }, Array(noise[120...])], set)
      return result.classes[0].hints.contains { $0 != nil }
    }
    // Below the chance level of 12 × 2 cells nothing shows; above it at most 5 % do.
    #expect(hints <= 7)
  }

  @Test func `an r that is not chance but small is no hint`() {
    let count = 2000
    let large = ImageSet.portraits(seed: 7, count: count)
    let noise = RandomGenerator(seed: 9, "noise").normal([2 * count], .float64).array(of: Double.self)
    let brightness = large.statistics.values.map { $0[0] }
    let mean = brightness.reduce(0, +) / Double(count)
    let deviation = (brightness.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)).squareRoot()
    let mixed = (0..<count).map { 3 * (0.2 * (brightness[$0] - mean) / deviation + noise[$0]) }
    let group = result([mixed, Array(noise[count...])], large).classes[0]
    #expect((group.values[0][0]?.r ?? 0) > group.chanceLevel)
    #expect(group.hints == [nil, nil])
  }

  @Test func `intervals are those of samples drawn one by one, and as wide as theory says`() throws {
    let count = 200
    let generator = RandomGenerator(seed: 3, "pairs")
    let x = generator.normal([count, 1], .float64)
    let y = x * 0.75 + generator.normal([count, 2], .float64)
    let seed = { RandomGenerator(seed: 8, "draws") }
    let intervals = correlationIntervals(projections: x, factors: y, generator: seed())
    let counts = Resampling(of: count, generator: seed()).counts.array(of: Double.self)
    let (xs, ys) = (x.array(of: Double.self), y.array(of: Double.self))
    for column in 0..<2 {
      let values = (0..<Resampling.draws).map { draw -> Double in
        let rows = (0..<count).flatMap { Array(repeating: $0, count: Int(counts[draw * count + $0])) }
        let (a, b) = (rows.map { xs[$0] }, rows.map { ys[2 * $0 + column] })
        let (ma, mb) = (a.reduce(0, +) / Double(count), b.reduce(0, +) / Double(count))
        let ab = zip(a, b).reduce(0) { $0 + ($1.0 - ma) * ($1.1 - mb) }
        let (aa, bb) = (a.reduce(0) { $0 + ($1 - ma) * ($1 - ma) }, b.reduce(0) { $0 + ($1 - mb) * ($1 - mb) })
        return ab / (aa * bb).squareRoot()
      }
      let expected = try #require(Resampling.interval(values))
      let found = try #require(intervals[0][column])
      #expect(relativeError([found.lower, found.upper], [expected.lower, expected.upper]) < 1e-9)
      // r is 0.6: 2 · 1.96 (1 − 0.36) / √200 = 0.177.
      #expect((0.12...0.25).contains(found.upper - found.lower))
    }
  }

  @Test func `a statistic that does not vary has no correlation`() {
    let grey = ImageSet(
      width: 2, height: 2, pixels: (0..<30).flatMap { Array(repeating: UInt8($0 * 5), count: 12) },
      labels: Array(repeating: 0, count: 30))
    let group = result([(0..<30).map(Double.init), (0..<30).map { Double($0 % 2) }], grey).classes[0]
    #expect((group.values[0][0]?.r ?? 0) > 0.999 && group.values[0][2] == nil)
  }
}

extension ImageSet {
  /// Portraits as `Dataset.portraits` has them for training.
  fileprivate static func portraits(seed: UInt64, count: Int) -> ImageSet {
    Dataset.portraits(seed: seed, trainCount: count, testCount: 1).train
  }
}
