import Foundation
import Randomness
import TestSupport
import Testing
import Torch

@testable import ClassStatistics

/// What Scripts/reference/significance.py computed with numpy, scipy and scikit-learn.
private struct Reference: Decodable, CustomTestStringConvertible {
  let name: String
  let count, width, wanted, halfWanted: Int
  let rows, eigenvalues, directions, kurtosis, weights, resampled, resampledTotals, halfProducts: [Double]
  let orders: [Int64]
  let total, overlap, edge: Double

  var testDescription: String { name }

  static let all: [Reference] = references("significance", in: .module)

  var sample: ClassSample { ClassSample(Tensor(rows, shape: [count, width]), directions: wanted) }
}

@Suite("Measures of directions are numpy’s, scipy’s and scikit-learn’s", .leavesNoTensors)
struct SampleReferenceTests {
  @Test func `the reference is there`() {
    #expect(Reference.all.count == 3)
  }

  @Test(arguments: Reference.all) fileprivate func `eigenvalues, directions and kurtosis`(reference: Reference) {
    let sample = reference.sample
    #expect(relativeError(sample.variances, reference.eigenvalues) < 1e-12)
    #expect(relativeError(sample.principal.directions.array(), reference.directions) < 1e-9)
    #expect(abs(sample.totalVariance / reference.total - 1) < 1e-13)
    #expect(relativeError(sample.excessKurtosis, reference.kurtosis) < 1e-9)
    #expect(abs(sample.noiseEdge(after: 1) / reference.edge - 1) < 1e-12)
  }

  @Test(arguments: Reference.all) fileprivate func `the bootstrap, given its weights`(reference: Reference) {
    let weights = Tensor(reference.weights, shape: [reference.weights.count / reference.count, reference.count])
    let (variances, totals) = BootstrapIntervals.resampled(reference.sample, weights: weights)
    #expect(relativeError(variances, reference.resampled) < 1e-9)
    // Offsets of the mean are taken from rows in float32.
    #expect(relativeError(totals, reference.resampledTotals) < 1e-7)
  }

  @Test(arguments: Reference.all) fileprivate func `directions of halves`(reference: Reference) {
    let sample = reference.sample
    let orders = Tensor(reference.orders, shape: [reference.orders.count / reference.count, reference.count])
    let products: [Double] = halfCosines(of: sample.centered, orders: orders, count: reference.halfWanted).array()
    #expect(relativeError(products.map(abs), reference.halfProducts) < 2e-3)
    let side = reference.halfWanted
    var squares = 0.0
    for split in 0..<orders.shape[0] {
      for (i, j) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let product: Double = products[(split * side + i) * side + j]
        squares += product * product
      }
    }
    let overlap: Double = squares / Double(2 * orders.shape[0])
    #expect(abs(overlap - reference.overlap) < 2e-3)
  }
}

@Suite("With fewer images than dimensions the Gram matrix serves", .leavesNoTensors)
struct GramTests {
  @Test(arguments: [(7, 30), (29, 30), (30, 30), (31, 30), (2, 5)])
  func `its eigenvalues and directions are those of the covariance`(count: Int, width: Int) {
    let generator = RandomGenerator(seed: 4, "gram", count)
    let rows = generator.normal([count, width], .float64) * Tensor((0..<width).map { 1 + Double($0) }) + 3
    let sample = ClassSample(rows, directions: width)
    let centered = rows - sample.mean
    let whole = PrincipalDirections(covariance: centered.transposed.matmul(centered) * (1 / Double(count)))
    let rank = min(count - 1, width)
    #expect(sample.variances.count == rank)
    #expect(relativeError(sample.variances, whole.variances.slice(0..<rank).array()) < 1e-12)
    #expect(relativeError(sample.principal.directions.array(), whole.directions.slice(0..<rank).array()) < 1e-9)
    // The whole variance, though directions without any are left out.
    #expect(abs(sample.totalVariance / sample.variances.reduce(0, +) - 1) < 1e-12)
    // Unit vectors at right angles.
    let products = sample.principal.directions.matmul(sample.principal.directions.transposed).array(of: Double.self)
    for index in products.indices {
      #expect(abs(products[index] - (index % (rank + 1) == 0 ? 1 : 0)) < 1e-9)
    }
  }

  @Test(arguments: [0, 1, 2, 3]) func `a class of few images, or of equal ones, has what it has`(count: Int) {
    for rows in [RandomGenerator(seed: 5, "few").normal([count, 4]), Tensor.ones([count, 4])] {
      let sample = ClassSample(rows, directions: 4)
      #expect(sample.variances.count <= max(count - 1, 0))
      let generator = RandomGenerator(seed: 6, "few")
      let floor = NoiseFloor(sample, generator: generator)
      #expect(floor.significantCount == 0)
      #expect(floor.levels.count == sample.variances.count && floor.pValues.count == floor.levels.count)
      let intervals = BootstrapIntervals(sample, count: 4, resamples: 20, generator: generator)
      #expect(intervals.logVarianceErrors.count == sample.variances.count)
      #expect(intervals.logVarianceErrors.allSatisfy { $0.isFinite })
      let groups = SplitHalfStability.closeGroups(sample.variances, logErrors: intervals.logVarianceErrors)
      let stability = SplitHalfStability(sample, groups: groups, splits: 3, generator: generator)
      #expect(stability.overlaps.count == sample.variances.count && stability.overlaps.allSatisfy { $0.isFinite })
    }
  }
}

/// One draw of a class of noise.
enum Noise: String, CaseIterable, CustomTestStringConvertible {
  case gaussian, unequal, heavyTailed, skewed, commonScale, wide, wideCommonScale, long

  var testDescription: String { rawValue }

  func rows(_ generator: RandomGenerator) -> Tensor {
    func t3(_ shape: [Int]) -> Tensor {
      let squares = (0..<3).map { _ -> Tensor in
        let part = generator.normal(shape, .float64)
        return part * part
      }
      return generator.normal(shape, .float64) / ((squares[0] + squares[1] + squares[2]) * (1.0 / 3)).squareRoot
    }
    switch self {
    case .gaussian: return generator.normal([60, 12], .float64)
    case .unequal: return generator.normal([60, 12], .float64) * Tensor((0..<12).map { 1 + 0.5 * Double($0) })
    case .heavyTailed: return t3([60, 12])
    case .skewed:
      let root = generator.normal([60, 12], .float64)
      return root * root
    case .commonScale, .wideCommonScale:
      // A multivariate t with 3 degrees of freedom: uncorrelated features that are large in the same images.
      let (count, width) = self == .commonScale ? (60, 12) : (20, 40)
      let squares = generator.normal([count, 3], .float64)
      return generator.normal([count, width], .float64)
        / ((squares * squares).sum([1], keepingDimensions: true) * (1.0 / 3)).squareRoot
    case .wide: return generator.normal([15, 40], .float64)
    case .long: return generator.normal([500, 5], .float64)
    }
  }
}

@Suite("The noise floor holds its level", .leavesNoTensors)
struct NoiseFloorTests {
  @Test(arguments: Noise.allCases) func `at most five in a hundred classes of noise show a direction`(noise: Noise) {
    var shown = 0
    for draw in 0..<200 {
      let generator = RandomGenerator(seed: UInt64(draw), "noise", noise.rawValue)
      let floor = NoiseFloor(ClassSample(noise.rows(generator), directions: 3), generator: generator)
      if floor.significantCount > 0 { shown += 1 }
    }
    // The level is 2 % at most, so the number is binomial with mean 4 or less: above 10 in 3 of 1000 such tests.
    #expect(shown <= 10)
  }

  /// A level that nothing ever reaches would pass the test above.
  @Test func `and its level is used where it is exact`() {
    var shown = 0
    for draw in 0..<200 {
      let generator = RandomGenerator(seed: UInt64(draw), "used")
      let sample = ClassSample(generator.normal([40, 6], .float64), directions: 1)
      if NoiseFloor(sample, level: 0.2, generator: generator).significantCount > 0 { shown += 1 }
    }
    // Above 4 permuted and 4 flipped draws of the same distribution: 1 in 9, so 22 ± 4.4 of 200.
    #expect((9...36).contains(shown))
  }

  /// Four factors through a random linear map, in noise.
  private func planted(_ generator: RandomGenerator, count: Int, width: Int, strengths: [Double])
    -> (rows: Tensor, axes: Tensor)
  {
    let mixing = generator.normal([width, width], .float64)
    let (_, axes) = mixing.matmul(mixing.transposed).symmetricEigen()
    let planted = axes.slice(0..<strengths.count)
    let factors = generator.normal([count, strengths.count], .float64) * Tensor(strengths)
    return (factors.matmul(planted) + generator.normal([count, width], .float64), planted)
  }

  @Test(arguments: [(400, 20), (120, 160)])
  func `planted directions come back and stand out, and no others`(count: Int, width: Int) {
    var wrong = 0
    for draw in 0..<25 {
      let generator = RandomGenerator(seed: UInt64(draw), "planted", count)
      // Far enough apart, and from the noise, that images of this number show them.
      let strengths = count > width ? [6.0, 4, 2.6, 1.7] : [48, 24, 12, 6]
      let (rows, axes) = planted(generator, count: count, width: width, strengths: strengths)
      let sample = ClassSample(rows, directions: 8)
      let floor = NoiseFloor(sample, generator: generator)
      #expect(floor.significantCount >= 4, "draw \(draw)")
      if floor.significantCount > 4 { wrong += 1 }
      let products = sample.principal.directions.slice(0..<4).matmul(axes.transposed).array(of: Double.self)
      for k in 0..<4 { #expect(abs(products[5 * k]) > 0.95, "draw \(draw), direction \(k + 1)") }
      // What stands out lies above its bar, what does not below.
      for k in 0..<8 {
        #expect((sample.variances[k] > floor.levels[k]) == (k < floor.significantCount))
        #expect(floor.medians[k] <= floor.levels[k])
      }
      #expect(floor.pValues[3] == 0.02)
      let next = floor.pValues.dropFirst(floor.significantCount).first ?? nil
      #expect((next ?? 1) > 0.02)
    }
    #expect(wrong <= 3)
  }

  /// One image far out is no direction of the class, though its eigenvalue is large.
  @Test func `one outlying image is not a direction`() {
    let generator = RandomGenerator(seed: 7, "outlier")
    let values = generator.normal([100, 10], .float64).array(of: Double.self)
    let rows = Tensor(values.enumerated().map { $0 < 10 ? 30 * ($1 < 0 ? -1 : 1) : $1 }, shape: [100, 10])
    #expect(NoiseFloor(ClassSample(rows, directions: 1), generator: generator).significantCount == 0)
  }

  @Test func `the same seed gives the same numbers, also on another number of threads`() {
    let rows = RandomGenerator(seed: 8, "rows").normal([50, 10])
    func floor() -> NoiseFloor {
      NoiseFloor(ClassSample(rows, directions: 5), generator: RandomGenerator(seed: 9, "floor"))
    }
    let threads = Library.threads
    let first = floor()
    Library.threads = threads == 1 ? 2 : 1
    let second = floor()
    Library.threads = threads
    #expect(first.levels == second.levels && first.medians == second.medians && first.pValues == second.pValues)
  }

  @Test func `a level asks for so many draws`() {
    #expect([0.5, 0.2, 0.05, 0.02, 0.01].map(NoiseFloor.draws) == [1, 4, 19, 49, 99])
  }
}

@Suite("A draw of noise is what it says", .leavesNoTensors)
struct NoiseShareTests {
  /// The draw by hand: values moved one by one, spaces projected out with whole matrices, a whole decomposition.
  private func spectrum(
    _ kind: NoiseKind, of features: [[Double]], seed: UInt64, scores: Tensor, directions: Tensor
  ) -> [Double] {
    var numbers = SplitMix64(seed: seed)
    let drawn = features.map { row -> [Double] in
      var row = row
      switch kind {
      case .permuted:
        var bits: UInt64 = 0
        for (turn, i) in stride(from: row.count - 1, to: 0, by: -1).enumerated() {
          bits = turn.isMultiple(of: 2) ? numbers.next() : bits >> 32
          row.swapAt(i, Int(((bits & 0xFFFF_FFFF) * UInt64(i + 1)) >> 32))
        }
      case .flipped:
        let bits = numbers.next()
        for i in row.indices where bits >> UInt64(i) & 1 == 1 { row[i] = -row[i] }
      }
      return row
    }
    var matrix = Tensor(drawn.joined().map { $0 }, shape: [features.count, features[0].count])
    matrix = matrix - matrix.matmul(scores.transposed).matmul(scores)
    matrix = matrix - directions.transposed.matmul(directions.matmul(matrix))
    let values: [Double] = matrix.matmul(matrix.transposed).symmetricEigen().values.array()
    return [values[0], values.reduce(0, +)]
  }

  @Test(arguments: [NoiseKind.permuted, .flipped], [0, 3]) func `with what is projected out`(
    kind: NoiseKind, removed: Int
  ) {
    let (width, count) = (9, 40)
    let generator = RandomGenerator(seed: 10, "draw")
    let features = generator.normal([width, count], .float64)
    func orthonormal(_ rows: Int, _ length: Int) -> Tensor {
      let parts = generator.normal([length, length], .float64)
      return parts.matmul(parts.transposed).symmetricEigen().vectors.slice(0..<rows)
    }
    let (scores, directions) = (orthonormal(removed, count), orthonormal(removed, width))
    let values = features.array(of: Double.self)
    let seeds: [Int64] = [1, 77, 123_456_789_012]
    let found = noiseSpectra(
      of: features.to(.float32), without: scores.to(.float32), directions.to(.float32), kind, seeds: Tensor(seeds))
    let expected = seeds.map {
      spectrum(
        kind, of: (0..<width).map { Array(values[$0 * count..<($0 + 1) * count]) }, seed: UInt64($0), scores: scores,
        directions: directions)
    }
    #expect(relativeError(found.map(\.largest), expected.map { $0[0] }) < 3e-4)
    #expect(relativeError(found.map(\.trace), expected.map { $0[1] }) < 1e-5)
  }

  /// A draw loses variance to the accepted direction, which the rest of the class has lost already.
  @Test func `after an accepted direction, permuted draws count as shares of what is left`() {
    let noise = RandomGenerator(seed: 15, "rows")
    let rows = noise.normal([40, 9], .float64) + noise.normal([40, 1], .float64) * 3
    let sample = ClassSample(rows, directions: 2)
    func generator() -> RandomGenerator { RandomGenerator(seed: 16, "floor") }
    let floor = NoiseFloor(sample, generator: generator())
    #expect(floor.significantCount == 1)

    let direction = sample.principal.directions.slice(0..<1)
    let centered = rows - sample.mean
    let along = centered.matmul(direction.transposed)
    let length = (along * along).sum([0]).squareRoot
    let scores = Tensor.concatenated([
      Tensor.full(1 / 40.0.squareRoot(), [1, 40], .float64), (along / length).transposed,
    ])
    let rest = (centered - along.matmul(direction)).transposed.array(of: Double.self)
    let left = sample.totalVariance - sample.variances[0]
    // The second direction fails among the first draws, which are permuted ones, and no more are made.
    let seeds: [Int64] = generator().integers(in: 0..<Int.max, [49]).slice(0..<10).array()
    let draws = seeds.map { seed in
      let values = spectrum(
        .permuted, of: (0..<9).map { Array(rest[$0 * 40..<($0 + 1) * 40]) }, seed: UInt64(seed), scores: scores,
        directions: direction)
      return left * values[0] / values[1]
    }
    #expect(abs(floor.levels[1] / (draws.max() ?? 0) - 1) < 1e-3)
    #expect(floor.pValues[1] == Double(1 + draws.count { $0 > sample.variances[1] }) / 11)
  }
}

@Suite("Intervals cover, and halves agree as they should", .leavesNoTensors)
struct StabilityTests {
  @Test func `an eigenvalue’s interval covers it in about 95 of 100 samples`() {
    let variances = [9.0, 3, 1]
    var covered = [0, 0, 0]
    for draw in 0..<120 {
      let generator = RandomGenerator(seed: UInt64(draw), "coverage")
      let rows = generator.normal([150, 3], .float64) * Tensor(variances.map { $0.squareRoot() })
      let sample = ClassSample(rows, directions: 3)
      let intervals = BootstrapIntervals(sample, count: 3, resamples: 100, generator: generator)
      for k in 0..<3 {
        let interval = BootstrapIntervals.interval(sample.variances[k], logError: intervals.logVarianceErrors[k])
        #expect(interval.contains(sample.variances[k]))
        if interval.contains(variances[k]) { covered[k] += 1 }
      }
    }
    // 114 ± 2.4 of 120 for exact intervals; the bootstrap's are a little short.
    for k in 0..<3 { #expect((105...120).contains(covered[k]), "\(covered)") }
  }

  @Test func `a share’s interval is narrower than its eigenvalue’s where one direction is all`() {
    let rows = RandomGenerator(seed: 11, "rows").normal([80, 4], .float64) * Tensor([10.0, 0.1, 0.1, 0.1])
    let intervals = BootstrapIntervals(
      ClassSample(rows, directions: 4), count: 1, resamples: 100, generator: RandomGenerator(seed: 12, "b"))
    #expect(intervals.logShareErrors[0] < 0.01 * intervals.logVarianceErrors[0])
  }

  @Test func `halves agree on a long axis, not on noise, and on a space of equal axes`() {
    let generator = RandomGenerator(seed: 13, "halves")
    let lengths = [8.0, 3, 3, 3] + Array(repeating: 0.5, count: 76)
    let rows = generator.normal([400, 80], .float64) * Tensor(lengths)
    let sample = ClassSample(rows, directions: 8)
    let intervals = BootstrapIntervals(sample, count: 8, resamples: 60, generator: generator)
    let groups = SplitHalfStability.closeGroups(sample.variances, logErrors: intervals.logVarianceErrors)
    #expect(groups.first == 0..<1 && groups.contains(1..<4), "\(groups)")
    let stability = SplitHalfStability(sample, groups: groups, splits: 10, generator: generator)
    func mean(_ k: Int) -> Double { stability.cosines.map { $0[k] }.reduce(0, +) / 10 }
    #expect(mean(0) > 0.98)
    #expect(stability.overlaps[2] > 0.9 && mean(2) < 0.9)
    #expect(mean(7) < 0.4)
  }

  @Test func `eigenvalues are close where halves cannot tell them apart`() {
    #expect(
      SplitHalfStability.closeGroups([10, 9.1, 5, 4.9, 4.55, 1], logErrors: Array(repeating: 0.02, count: 6))
        == [0..<1, 1..<2, 2..<5, 5..<6])
    #expect(SplitHalfStability.closeGroups([], logErrors: []).isEmpty)
  }

  @Test func `random directions agree as chance has it`() {
    #expect(abs(SplitHalfStability.chanceCosine(width: 2) - 2 / .pi) < 1e-15)
    #expect(abs(SplitHalfStability.chanceCosine(width: 3) - 0.5) < 1e-15)
    #expect(SplitHalfStability.chanceCosine(width: 1) == 1)
    let rows = RandomGenerator(seed: 14, "rows").normal([2000, 64], .float64)
    let unit = rows / (rows * rows).sum([1], keepingDimensions: true).squareRoot
    let cosines: [Double] = (unit.slice(0..<1000) * unit.slice(1000..<2000)).sum([1]).array()
    let mean = cosines.map(abs).reduce(0, +) / 1000
    #expect(abs(mean / SplitHalfStability.chanceCosine(width: 64) - 1) < 0.08)
  }
}

@Suite("The Marchenko–Pastur edge")
struct EdgeTests {
  @Test func `is the textbook’s`() {
    // Values of a table for σ² = 1: 64 dimensions of 5000 and 500 images, 640 of 500.
    #expect(abs(marchenkoPasturEdge(variance: 1, count: 5000, width: 64) - 1.239) < 1e-3)
    #expect(abs(marchenkoPasturEdge(variance: 1, count: 500, width: 64) - 1.844) < 1e-3)
    #expect(abs(marchenkoPasturEdge(variance: 2, count: 500, width: 640) - 2 * 4.543) < 1e-3)
  }
}
