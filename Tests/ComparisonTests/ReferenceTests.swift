import Foundation
import Randomness
import Results
import Testing

@testable import Comparison

/// Of everything that is computed, and of what is counted.
private let (tolerance, exactTolerance) = (1e-9, 1e-12)

@Suite("Statistics are those of scipy and statsmodels")
struct ReferenceTests {
  @Test func `distribution functions`() {
    for case let reference in References.all.distributions {
      let a = reference.arguments
      let values: [Double]? =
        switch reference.function {
        case "t tail": [StudentT(freedom: a[1]).upperTail(a[0])]
        case "t quantile": [StudentT(freedom: a[1]).quantile(a[0])]
        case "t power": [StudentT(freedom: a[1]).power(beyond: a[0], noncentrality: a[2])]
        case "normal": [StandardNormal.lowerTail(a[0])]
        case "normal two-sided": [StandardNormal.twoSided(a[0])]
        case "normal quantile": [StandardNormal.quantile(a[0])]
        case "binomial": [Binomial(trials: Int(a[1]), chance: a[2]).lowerTail(Int(a[0]))]
        case "Clopper-Pearson":
          [Binomial.interval(successes: Int(a[0]), of: Int(a[1]), level: 0.95)].flatMap { [$0.lower, $0.upper] }
        case "F": [FisherF(freedomAbove: a[1], freedomBelow: a[2]).upperTail(a[0])]
        default: nil
        }
      // Relative, because what matters of a small tail is its first digits.
      for (value, expected) in zip(values ?? [.nan], reference.value) {
        #expect(abs(value - expected) <= tolerance * abs(expected) + 1e-300, "\(reference) gives \(value)")
      }
    }
    #expect(References.all.distributions.count > 80)
  }

  @Test(arguments: References.all.paired)
  func `seeds: estimates, tests, intervals, effects, power`(reference: References.Paired) {
    let seeds = (0..<reference.arm.count).map(UInt64.init)
    func compared(_ seeds: [UInt64]?, _ resampled: References.Resampled) -> SeedComparison {
      SeedComparison(
        arm: reference.arm, baseline: reference.baseline, seeds: seeds, tolerance: reference.tolerance,
        resamplingSeed: resampled.seed,
        purpose: String(resampled.purpose.prefix { $0 != "/" }), resamples: resampled.resamples)
    }
    let paired = compared(seeds, reference.meanBootstrap)
    #expect(error(paired.signFlip?.pValue, reference.signFlip) <= exactTolerance)
    #expect(error(paired.wilcoxon?.pValue, reference.wilcoxon) <= exactTolerance)
    #expect(paired.signFlip?.isExact == true && paired.wilcoxon?.isExact == true)
    if seeds.count <= 16 {
      #expect(error(paired.signFlipInterval.ends, reference.signFlipInterval ?? []) <= tolerance)
    }
    #expect(error(reference.arm.mean, reference.mean) <= tolerance)
    #expect(error(reference.arm.deviation, reference.deviation) <= tolerance)
    #expect(error(reference.arm.interquartileMean, reference.interquartileMean) <= tolerance)
    #expect(error(paired.difference, reference.difference) <= tolerance)
    #expect(error(paired.deviation, reference.differenceDeviation) <= tolerance)
    #expect(error(paired.pairedTPValue, reference.pairedT) <= tolerance)
    #expect(error(paired.tInterval.ends, reference.interval95) <= tolerance)
    #expect(error(paired.equivalenceInterval.ends, reference.interval90) <= tolerance)
    #expect(error(paired.equivalencePValue, reference.tost) <= tolerance)
    #expect(error(paired.welchPValue, reference.welch) <= tolerance)
    #expect(error(paired.probabilityOfImprovement, reference.probabilityOfImprovement) <= exactTolerance)
    #expect(error(paired.cliffsDelta, reference.cliffsDelta) <= exactTolerance)
    #expect(error(paired.pairedEffect, reference.pairedEffect) <= tolerance)
    #expect(error(paired.percentileInterval.ends, reference.meanBootstrap.percentile) <= tolerance)
    #expect(error(paired.biasCorrectedInterval.ends, reference.meanBootstrap.BCa) <= tolerance)
    if seeds.count >= 6 {
      #expect(error(paired.detectableDifference, reference.detectable) <= tolerance)
    } else {
      #expect(paired.detectableDifference == nil)
    }
    #expect(paired.runsNeededForTolerance == reference.runsNeeded.map { max($0, 6) })

    let known = MeanDifference(
      arm: SummaryStatistics(reference.arm), baseline: SummaryStatistics(reference.baseline))
    #expect(error(known.freedom, reference.welchFreedom) <= tolerance)
    let unpaired = compared(nil, reference.welchBootstrap)
    #expect(error(unpaired.welchPValue, reference.welch) <= tolerance)
    #expect(error(unpaired.tInterval.ends, reference.welchInterval) <= tolerance)
    #expect(error(unpaired.equivalencePValue, reference.welchTOST) <= tolerance)
    #expect(unpaired.signFlip == nil && unpaired.pairedTPValue == nil && unpaired.pairedEffect == nil)

    let resampled = reference.welchBootstrap
    var generator = SplitMix64(seed: resampled.seed, purpose: resampled.purpose)
    let bootstrap = Bootstrap(
      [reference.arm, reference.baseline], resamples: resampled.resamples, generator: &generator
    ) { $0[0].mean - $0[1].mean }
    #expect(error(bootstrap.percentile(level: 0.95).ends, resampled.percentile) <= tolerance)
    #expect(error(bootstrap.biasCorrected(level: 0.95).ends, resampled.BCa) <= tolerance)
  }

  @Test func `exact McNemar`() {
    for case let reference in References.all.mcNemar {
      let pValue = ExactTests.mcNemar(onlyFirst: reference.onlyFirst, onlySecond: reference.onlySecond)
      #expect(error(pValue, reference.pValue) <= exactTolerance)
    }
  }

  @Test func `Holm`() {
    for reference in References.all.holm {
      #expect(error(holm(reference.pValues), reference.adjusted) <= exactTolerance)
    }
    #expect(holm([]).isEmpty)
  }

  @Test(arguments: References.all.calibration.indices)
  func `calibration, before and after temperature scaling`(index: Int) {
    let reference = References.all.calibration[index]
    let predictions = Predictions(
      logits: reference.logits.map(Float.init), labels: reference.labels, classCount: reference.classCount)
    let folds = TemperatureScaling.folds(reference.labels, classCount: reference.classCount)
    let temperature = TemperatureScaling(predictions, folds: folds)
    #expect(error(temperature.temperatures, reference.temperatures) <= tolerance)
    for (calibration, expected) in [
      (Calibration(predictions) { _ in 1 }, reference.asTrained),
      (Calibration(predictions) { 1 / temperature.temperatures[folds[$0]] }, reference.scaled),
    ] {
      #expect(error(calibration.negativeLogLikelihood, expected.negativeLogLikelihood) <= tolerance)
      #expect(error(calibration.brier, expected.brier) <= tolerance)
      for (binned, expected) in [
        (calibration.equalWidth, expected.equalWidth), (calibration.equalMass, expected.equalMass),
        (calibration.classwise, expected.classwise),
      ] {
        #expect(error(binned.value, expected.value) <= tolerance)
        #expect(error(binned.expectedIfCalibrated, expected.expectedIfCalibrated) <= tolerance)
      }
      #expect(calibration.reliability.map(\.count) == expected.reliabilityCounts)
      #expect(error(calibration.reliability.map(\.accuracy), expected.reliabilityAccuracy) <= tolerance)
    }
  }

  @Test func `variance components are those of the analysis of variance`() throws {
    for reference in References.all.components {
      let components = try #require(VarianceComponents(reference.values))
      #expect(error(components.seed, reference.seed) <= tolerance)
      #expect(error(components.image, reference.image) <= tolerance)
      #expect(error(components.interaction, reference.interaction) <= tolerance)
      #expect(error(components.testSetShare, reference.testSetShare) <= tolerance)
      #expect(error(components.testSetShareBetweenRuns, reference.testSetShareBetweenRuns) <= tolerance)
      #expect(error(components.seedPValue, reference.seedPValue) <= tolerance)
    }
  }

  @Test func `the crossed bootstrap, image by image`() {
    for reference in References.all.crossed {
      var generator = SplitMix64(seed: 21, purpose: "crossed")
      let crossed = CrossedBootstrap(
        arm: ImageErrors(wrong: reference.arm), baseline: ImageErrors(wrong: reference.baseline),
        isPaired: reference.isPaired, labels: reference.labels, classCount: reference.classCount,
        resamples: reference.resamples, generator: &generator)
      #expect(error(crossed.overall.ends, reference.overall) <= tolerance)
      for (interval, expected) in zip(crossed.classes, reference.classes) {
        #expect(error(interval.ends, expected) <= tolerance)
      }
    }
  }

  @Test func `what training costs beside the baseline`() throws {
    for reference in References.all.cost {
      func costs(_ seconds: [Double]) -> [RunCost?] {
        // As if memory grew with time: then both ratios are the same.
        seconds.map { RunCost(secondsPerEpoch: $0, imagesPerSecond: 1600 / $0, peakMemory: 1e8 * $0) }
      }
      let cost = try #require(
        CostComparison(
          arm: costs(reference.arm), baseline: costs(reference.baseline), isPaired: reference.isPaired))
      #expect(error(cost.ratio, reference.ratio) <= tolerance)
      #expect((cost.interval == nil) == (reference.interval == nil))
      if let interval = cost.interval { #expect(error(interval.ends, reference.interval ?? []) <= tolerance) }
      #expect(error(cost.memoryRatio, reference.ratio) <= tolerance)
      #expect((cost.memoryInterval == nil) == (reference.interval == nil))
      if let interval = cost.memoryInterval { #expect(error(interval.ends, reference.interval ?? []) <= tolerance) }
      #expect(error(cost.baseline.peakMemory, 1e8 * reference.baseline.mean) <= tolerance)
      #expect(error(cost.arm.secondsPerEpoch, reference.arm.mean) <= tolerance)
      #expect(
        CostComparison(arm: costs(reference.arm) + [nil], baseline: costs(reference.baseline), isPaired: false) == nil)
      // An old run among them: time is compared, memory is not.
      var older = costs(reference.arm)
      older[0]?.peakMemory = nil
      let timeOnly = try #require(
        CostComparison(arm: older, baseline: costs(reference.baseline), isPaired: reference.isPaired))
      #expect(timeOnly.ratio == cost.ratio && timeOnly.memoryRatio == nil && timeOnly.arm.peakMemory == nil)
    }
  }

  @Test func `the cost of a run leaves out its first epoch, and weighs speeds by time`() throws {
    func record(_ epoch: Int, seconds: Double, speed: Double, memory: Int? = nil) -> EpochRecord {
      EpochRecord(
        epoch: epoch, learningRate: 0.1, lambda: 0, trainLoss: 1, trainError: 1, testLoss: 1, testError: 1,
        seconds: seconds, imagesPerSecond: speed, peakMemory: memory)
    }
    let cost = try #require(
      RunCost([
        // Before the run was stopped and went on in a smaller process.
        record(1, seconds: 100, speed: 1, memory: 900), record(2, seconds: 10, speed: 300, memory: 500),
        record(3, seconds: 30, speed: 100, memory: 700),
      ]))
    #expect(cost.secondsPerEpoch == 20 && cost.imagesPerSecond == 150 && cost.peakMemory == 900)
    #expect(RunCost([record(1, seconds: 100, speed: 1)])?.secondsPerEpoch == 100)
    #expect(RunCost([record(1, seconds: 1, speed: 1), record(2, seconds: 0, speed: 1)]) == nil)
    #expect(RunCost([record(1, seconds: 1, speed: 1)])?.peakMemory == nil)
    #expect(RunCost([]) == nil)
  }

  @Test func `what a study can show`() {
    for reference in References.all.planned {
      let planned = PlannedComparison(
        pairs: reference.pairs, comparisons: reference.comparisons, deviation: reference.deviation)
      #expect(planned.smallestPValue == reference.smallestPValue)
      #expect(planned.fewestPairs == reference.fewestPairs)
      for (value, expected) in [
        (planned.detectable, reference.detectable), (planned.detectableAfterHolm, reference.detectableAfterHolm),
      ] {
        #expect((value == nil) == (expected == nil))
        if let value, let expected { #expect(error(value, expected) <= tolerance) }
      }
    }
  }

  @Test func `the published CIFAR table: 14 of 18 cells stand alone, 7 after Holm`() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../docs/published-cifar.csv").standardizedFileURL
    let comparison = try SummaryComparison(contentsOf: file, tolerance: 0.1)
    #expect(comparison.cells.count == 18)
    #expect(comparison.significant == 14 && comparison.significantAfterHolm == 7)
    for (cell, expected) in zip(comparison.cells, References.all.published) {
      #expect(cell.name == expected.name)
      #expect(error(cell.pValue, expected.pValue) <= tolerance)
      #expect(error(cell.adjustedPValue, expected.adjusted) <= tolerance)
      #expect(error(cell.degreesOfFreedom, expected.freedom) <= tolerance)
      #expect(error(cell.interval.ends, expected.interval) <= tolerance)
      #expect(cell.verdict == (cell.adjustedPValue <= 0.05 ? .better : .undecided))
    }
  }
}

extension Interval? {
  var ends: [Double] { map { [$0.lower, $0.upper] } ?? [] }
}

extension Interval {
  var ends: [Double] { [lower, upper] }
}
