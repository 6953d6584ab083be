import Foundation
import Randomness
import Testing

@testable import Comparison

@Suite("Tests and intervals keep what they promise")
struct PropertyTests {
  /// Normal numbers, by Box and Muller.
  struct Normal {
    var generator: SplitMix64

    init(_ purpose: String) { generator = SplitMix64(seed: 2026, purpose: purpose) }

    mutating func next() -> Double {
      let (u, v) = (Double(generator.next() >> 11 + 1) * 0x1p-53, Double(generator.next() >> 11) * 0x1p-53)
      return (-2 * log(max(u, 0x1p-60))).squareRoot() * cos(2 * .pi * v)
    }
  }

  /// The verdict on `count` runs an arm, whose true difference is `shift`; errors are whole images of 10,000, as real
  /// ones are.
  private func word(
    _ normal: inout Normal, count: Int, shift: Double, tolerance: Double, isPaired: Bool, arms: Int = 1
  ) -> [Verdict.Word] {
    func measured(_ value: Double) -> Double { (100 * value).rounded() / 100 }
    let common = (0..<count).map { _ in 7 + 0.2 * normal.next() }
    let baseline = common.map { measured($0 + 0.15 * normal.next()) }
    var family = (0..<arms).map { _ in
      SeedComparison(
        arm: common.map { measured((isPaired ? $0 : 7 + 0.2 * normal.next()) + shift + 0.15 * normal.next()) },
        baseline: baseline, seeds: isPaired ? (0..<count).map(UInt64.init) : nil, tolerance: tolerance,
        resamplingSeed: 0, purpose: "", resamples: 1)
    }
    SeedComparison.adjust(&family)
    return family.map {
      $0.verdict(arm: "arm", baseline: "baseline", measure: "error", unit: "points", tolerance: tolerance).word
    }
  }

  @Test(arguments: [(5, true, 1), (8, true, 1), (7, true, 3), (5, false, 1)])
  func `of 2,000 studies of equal arms at most 5 % say better or worse`(count: Int, isPaired: Bool, arms: Int) {
    var normal = Normal("null \(count) \(isPaired) \(arms)")
    let claims = (0..<2_000).count { _ in
      word(&normal, count: count, shift: 0, tolerance: 0.02, isPaired: isPaired, arms: arms)
        .contains { $0 == .better || $0 == .worse }
    }
    #expect(claims <= 100, "\(claims) of 2000")
    if count > 5 || !isPaired { #expect(claims >= 30, "\(claims) of 2000: a test that never speaks") }
  }

  @Test func `of 500 studies whose arms differ by the tolerance at most about 5 % say equivalent`() {
    var normal = Normal("edge")
    let claims = (0..<500).count { _ in
      word(&normal, count: 8, shift: 0.2, tolerance: 0.2, isPaired: true) == [.equivalent]
    }
    #expect((10...40).contains(claims), "\(claims) of 500")
  }

  @Test func `a large difference is found, in its direction; none at all is called equivalent`() {
    var normal = Normal("power")
    for (shift, expected) in [(-1.0, Verdict.Word.better), (1, .worse), (0, .equivalent)] {
      let hits = (0..<50).count { _ in
        word(&normal, count: 8, shift: shift, tolerance: 0.5, isPaired: true) == [expected]
      }
      #expect(hits >= 48, "\(expected): \(hits) of 50")
    }
  }

  @Test func `intervals over seeds cover the truth as often as they say`() {
    var normal = Normal("coverage")
    var covered = [0, 0, 0]
    let studies = 400
    for study in 0..<studies {
      let differences = (0..<20).map { _ in 0.3 + 0.5 * normal.next() }
      var generator = SplitMix64(seed: UInt64(study), purpose: "coverage")
      let bootstrap = Bootstrap([differences], resamples: 500, generator: &generator) { $0[0].mean }
      let intervals = [
        MeanDifference(paired: differences).interval(level: 0.95), bootstrap.percentile(level: 0.95),
        bootstrap.biasCorrected(level: 0.95),
      ]
      for (index, interval) in intervals.enumerated() where interval.contains(0.3) { covered[index] += 1 }
    }
    // 95 % of 400 is 380, with a deviation of 4.4; bootstraps of 20 numbers are known to cover 92 to 93 %.
    #expect((367...393).contains(covered[0]), "t: \(covered[0]) of \(studies)")
    #expect((350...388).contains(covered[1]), "percentile: \(covered[1]) of \(studies)")
    #expect((350...388).contains(covered[2]), "BCa: \(covered[2]) of \(studies)")
  }

  @Test func `the crossed interval covers the truth on other seeds and other images`() {
    // Each image has a difficulty, each seed a shift; the truth is the mean difference over all of both.
    var normal = Normal("crossed")
    var covered = 0
    let studies = 150
    let (seeds, images) = (6, 80)
    for study in 0..<studies {
      let difficulty = (0..<images).map { _ in normal.next() }
      func runs(_ shift: Double) -> ImageErrors {
        ImageErrors(
          wrong: (0..<seeds).map { _ in
            let seed = 0.3 * normal.next()
            return difficulty.map { $0 + shift + seed + normal.next() > 1 ? 1 : 0 }
          })
      }
      let (arm, baseline) = (runs(-0.3), runs(0))
      var generator = SplitMix64(seed: UInt64(study), purpose: "crossed")
      let crossed = CrossedBootstrap(
        arm: arm, baseline: baseline, isPaired: true, labels: (0..<images).map { $0 % 2 }, classCount: 2,
        resamples: 200, generator: &generator)
      // P(N(0, 1 + 0.09 + 1) > 1.3) − P(… > 1)
      let deviation = 2.09.squareRoot()
      let truth = 100 * (StandardNormal.lowerTail(-1.3 / deviation) - StandardNormal.lowerTail(-1 / deviation))
      if crossed.overall.contains(truth) { covered += 1 }
    }
    // 95 % of 150 is 142.5, with a deviation of 2.7; drawing only seeds or only images covers far less.
    #expect(covered >= 134, "\(covered) of \(studies)")
  }

  @Test func `counting all sign patterns by halves is counting them one by one, and drawing them comes close`() {
    var normal = Normal("signs")
    let differences = (0..<41).map { _ in (normal.next() + 0.35) * 64 }.map { $0.rounded() / 64 }
    let counted = ExactTests.signFlip(Array(differences.dropLast()), seed: 0)
    let drawn = ExactTests.signFlip(differences + [0], seed: 0)
    let other = ExactTests.signFlip(differences + [0], seed: 1)
    #expect(counted.isExact && !drawn.isExact)
    #expect(drawn.pValue > 0 && abs(drawn.pValue - other.pValue) < 0.005 && drawn.pValue != other.pValue)
    #expect(drawn == ExactTests.signFlip(differences + [0], seed: 0))
    #expect(abs(counted.pValue - drawn.pValue) < 0.05)

    // The interval holds 0 exactly when the test does not refute it, however far the t interval reaches.
    for shift in stride(from: 0, to: 1.5, by: 0.1) {
      let some = differences.prefix(9).map { $0 / 64 + shift }
      let refuted = ExactTests.signFlip(some, seed: 0).pValue <= 0.05
      #expect(ExactTests.signFlipInterval(some, alpha: 0.05)?.contains(0) == !refuted)
    }
    #expect(ExactTests.signFlipInterval([1, 2, 3, 4, 5], alpha: 0.05) == nil)
    #expect(ExactTests.signFlipInterval([1, 2, 3, 4, 5, 6], alpha: 0.05) == Interval(lower: 1, upper: 6))

    // Sums that are equal but for rounding count as reached: 0.1 + 0.2 and 0.3 are not the same number.
    #expect(ExactTests.signFlip([0.1, 0.2, 0.3], seed: 0).pValue == 0.25)
    #expect(ExactTests.signFlip([0.1, 0.2, -0.3], seed: 0).pValue == 1)
    #expect(ExactTests.signFlip([0, 0], seed: 0).pValue == 1)
  }

  @Test func `what nothing scatters in has answers too`() {
    let same = SeedComparison(
      arm: [5, 5, 5], baseline: [5, 5, 5], seeds: [0, 1, 2], tolerance: 0.1, resamplingSeed: 0, purpose: "",
      resamples: 10)
    #expect(same.signFlip?.pValue == 1 && same.wilcoxon?.pValue == 1 && same.pairedTPValue == 1)
    #expect(same.equivalencePValue == 0 && same.pairedEffect == nil && same.runsNeededForTolerance == nil)
    #expect(same.biasCorrectedInterval == Interval(lower: 0, upper: 0))
    let shifted = SeedComparison(
      arm: [4, 4, 4], baseline: [5, 5, 5], seeds: [0, 1, 2], tolerance: 0.1, resamplingSeed: 0, purpose: "",
      resamples: 10)
    #expect(shifted.signFlip?.pValue == 0.25 && shifted.pairedTPValue == 0 && shifted.equivalencePValue == 1)
    let one = SeedComparison(
      arm: [4], baseline: [5], seeds: [0], tolerance: 0.1, resamplingSeed: 0, purpose: "", resamples: 10)
    #expect(one.difference == -1 && one.signFlip == nil && one.tInterval == nil)
    #expect(VarianceComponents([[1, 0, 1], [1, 1, 0]]) != nil)
    #expect(VarianceComponents([[1, 0, 1]]) == nil && VarianceComponents([[0, 0], [0, 0]]) == nil)
    // All right, so the lower the temperature the better: it stops where a double no longer tells the difference.
    let certain = Predictions(logits: [9, 0, 0, 9, 9, 0, 0, 9], labels: [0, 1, 0, 1], classCount: 2)
    let scaling = TemperatureScaling(certain, folds: [0, 0, 1, 1])
    #expect(scaling.temperatures.allSatisfy { TemperatureScaling.range.contains($0) && $0 < 0.3 })
  }

  @Test func `sentences name what decides`() {
    func verdict(_ arm: [Double], _ baseline: [Double], tolerance: Double = 0.1) -> Verdict {
      var family = [
        SeedComparison(
          arm: arm, baseline: baseline, seeds: arm.indices.map(UInt64.init), tolerance: tolerance, resamplingSeed: 0,
          purpose: "", resamples: 10)
      ]
      SeedComparison.adjust(&family)
      return family[0].verdict(
        arm: "ISDA", baseline: "cross-entropy", measure: "test error", unit: "points", tolerance: tolerance)
    }
    let baseline = [7.0, 7.1, 6.9, 7.2, 7.05, 6.95]
    let better = verdict(baseline.map { $0 - 0.5 }, [7.02, 7.1, 6.93, 7.2, 7.05, 6.95])
    #expect(better.word == .better)
    #expect(
      better.sentence.hasPrefix("ISDA has 0.51 points less test error than cross-entropy (95 % interval −0.53 to −0.50")
    )
    #expect(better.sentence.contains("exact sign-flip p = 0.031 over 6 pairs of runs"))
    let few = verdict([6.0, 6.1, 6.2], [7.0, 7.2, 7.1])
    #expect(few.word == .undecided && few.sentence.contains("cannot go below p = 0.25"))
    let equivalent = verdict(baseline.map { $0 - 0.02 }, [7.01, 7.1, 6.9, 7.2, 7.05, 6.95])
    #expect(equivalent.word == .equivalent && equivalent.sentence.contains("it is not 0, though"))
    #expect(verdict([6], [7]).word == .undecided && verdict([6], [7]).sentence.contains("One run"))
  }
}
