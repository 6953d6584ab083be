//  One measure of two arms over their seeds: estimates, intervals, tests and what follows from them.

internal import Randomness

/// How the values of one measure, of which less is better, compare between an arm and the baseline. Differences are
/// arm − baseline, so a negative one is an improvement.
public struct SeedComparison: Codable, Sendable {
  /// Whether run i of both arms shares its seed, and with it initial weights, order and augmentation.
  public var isPaired: Bool
  /// Of the pairs; unpaired, none.
  public var seeds: [UInt64]
  public var baseline: [Double]
  public var arm: [Double]
  public var difference: Double
  /// Of the paired differences; unpaired, √(s₁² + s₂²). Nil for a single run in an arm, like all that needs a deviation.
  public var deviation: Double?

  /// 95 %, of the mean difference over seeds on these test images.
  public var tInterval: Interval?
  public var percentileInterval: Interval?
  public var biasCorrectedInterval: Interval?
  /// 90 %: lies within ±tolerance exactly when TOST says equivalent.
  public var equivalenceInterval: Interval?

  /// Paired runs only; the primary test.
  public var signFlip: CountedTest?
  /// 95 %: the differences that the sign-flip test does not refute. Nil for fewer than 6 pairs, which refute none, and for
  /// more than 20, where the t interval is as good.
  public var signFlipInterval: Interval?
  /// The smallest p value that the sign-flip test can give with so many pairs.
  public var smallestSignFlip: Double?
  public var pairedTPValue: Double?
  public var wilcoxon: CountedTest?
  /// The primary test where runs are not paired.
  public var welchPValue: Double?
  public var equivalencePValue: Double?
  /// The p values of the primary test and of TOST after Holm over all comparisons with the baseline.
  public var adjustedPValue: Double?
  public var adjustedEquivalencePValue: Double?

  /// P(a run of the arm has less than one of the baseline), ties half; its percentile interval, runs of either arm drawn
  /// apart.
  public var probabilityOfImprovement: Double
  public var improvementInterval: Interval?
  /// Cohen's d of the paired differences.
  public var pairedEffect: Double?
  /// P(more) − P(less) over all pairs of runs, from −1 to 1; negative is an improvement.
  public var cliffsDelta: Double

  /// The true difference that a t test at 5 % would find in 80 % of such studies, with this deviation and as many runs.
  /// Nil too where the sign-flip test cannot reach 5 % however large the difference.
  public var detectableDifference: Double?
  /// Runs in each arm with which a difference of the tolerance would be found likewise.
  public var runsNeededForTolerance: Int?

  public static let power = 0.8

  /// - Parameters:
  ///   - seeds: of paired runs, in the order of both lists of values; nil if they are not paired.
  ///   - tolerance: what difference is too small to matter.
  ///   - resamplingSeed: of the intervals.
  ///   - purpose: names the stream of random numbers.
  /// - Precondition: no arm is empty; paired arms are of one length.
  init(
    arm: [Double], baseline: [Double], seeds: [UInt64]?, tolerance: Double, resamplingSeed: UInt64, purpose: String,
    resamples: Int = Bootstrap.resamples
  ) {
    (self.arm, self.baseline, self.seeds, isPaired) = (arm, baseline, seeds ?? [], seeds != nil)
    let differences = isPaired ? zip(arm, baseline).map { $0 - $1 } : []
    difference = isPaired ? differences.mean : arm.mean - baseline.mean
    probabilityOfImprovement = EffectSizes.probabilityOfImprovement(arm: arm, baseline: baseline)
    cliffsDelta = 1 - 2 * probabilityOfImprovement
    guard min(arm.count, baseline.count) > 1 else { return }

    let level = 1 - Verdict.level
    let welch = MeanDifference(arm: SummaryStatistics(arm), baseline: SummaryStatistics(baseline))
    let known = isPaired ? MeanDifference(paired: differences) : welch
    let spread = isPaired ? differences.deviation : (pow2(arm.deviation) + pow2(baseline.deviation)).squareRoot()
    deviation = spread
    tInterval = known.interval(level: level)
    equivalenceInterval = known.interval(level: 1 - 2 * Verdict.level)
    equivalencePValue = known.equivalencePValue(tolerance: tolerance)
    welchPValue = welch.pValue

    var generator = SplitMix64(seed: resamplingSeed, purpose: "\(purpose)/difference")
    let resampled =
      isPaired
      ? Bootstrap([differences], resamples: resamples, generator: &generator) { $0[0].mean }
      : Bootstrap([arm, baseline], resamples: resamples, generator: &generator) { $0[0].mean - $0[1].mean }
    percentileInterval = resampled.percentile(level: level)
    biasCorrectedInterval = resampled.biasCorrected(level: level)
    generator = SplitMix64(seed: resamplingSeed, purpose: "\(purpose)/improvement")
    improvementInterval = Bootstrap([arm, baseline], resamples: resamples, generator: &generator) {
      EffectSizes.probabilityOfImprovement(arm: $0[0], baseline: $0[1])
    }.percentile(level: level)

    var fewest = 2
    if isPaired {
      signFlip = ExactTests.signFlip(differences, seed: resamplingSeed)
      signFlipInterval = ExactTests.signFlipInterval(differences, alpha: Verdict.level)
      smallestSignFlip = ExactTests.smallestSignFlip(pairs: differences.count)
      pairedTPValue = known.pValue
      wilcoxon = ExactTests.wilcoxon(differences)
      pairedEffect = EffectSizes.paired(differences)
      fewest = Self.fewestPairs
    }
    if arm.count >= fewest {
      detectableDifference = known.detectable(level: Verdict.level, power: Self.power)
    }
    runsNeededForTolerance = MeanDifference.runsNeeded(
      for: tolerance, deviation: spread, isPaired: isPaired, level: Verdict.level, power: Self.power, atLeast: fewest)
  }

  /// Pairs with which the sign-flip test can reach 5 %: six.
  static let fewestPairs = (1...).first { ExactTests.smallestSignFlip(pairs: $0) <= Verdict.level } ?? 1

  /// Of the test that decides.
  var primaryPValue: Double? { isPaired ? signFlip?.pValue : welchPValue }

  /// Corrects the p values that decide, over all measures or comparisons of one family.
  static func adjust(_ family: inout [SeedComparison]) {
    let tested = family.indices.filter { family[$0].primaryPValue != nil }
    let differences = holm(tested.compactMap { family[$0].primaryPValue })
    let equivalences = holm(tested.compactMap { family[$0].equivalencePValue })
    for (place, index) in tested.enumerated() {
      family[index].adjustedPValue = differences[place]
      family[index].adjustedEquivalencePValue = equivalences[place]
    }
  }

  /// After `adjust`.
  /// - Parameters:
  ///   - measure: what is compared, as in "less test error".
  ///   - tolerance: as given to `init`; in `unit`.
  func verdict(arm name: String, baseline other: String, measure: String, unit: String, tolerance: Double) -> Verdict {
    let word = Verdict.word(
      difference: difference, differencePValue: adjustedPValue, equivalencePValue: adjustedEquivalencePValue)
    let count = isPaired ? "\(arm.count) pairs of runs" : "\(arm.count) and \(baseline.count) unpaired runs"
    guard let tInterval, let equivalenceInterval, let pValue = adjustedPValue, let tost = adjustedEquivalencePValue
    else {
      return Verdict(
        word: word,
        sentence: "One run of an arm shows what this run did, not what another seed would; a difference of "
          + "\(Format.signed(difference)) \(unit) cannot be told from the scatter of seeds.")
    }
    let test = isPaired ? "exact sign-flip" : "Welch"
    // Of the test that decides, so that it holds 0 exactly when the test does not refute it.
    let interval = "95 % interval \(Wording.interval(signFlipInterval ?? tInterval))"
    let sentence: String
    switch word {
    case .better, .worse:
      sentence =
        "\(name) has \(Format.fixed(abs(difference), 2)) \(unit) \(word == .better ? "less" : "more") \(measure) than "
        + "\(other) (\(interval), \(test) \(Wording.pValue(pValue)) over \(count))."
    case .equivalent:
      sentence =
        "The difference of \(Format.signed(difference)) \(unit) (90 % interval \(Wording.interval(equivalenceInterval)))"
        + " lies within ±\(Format.plain(tolerance)), called too small to matter (TOST \(Wording.pValue(tost)) over "
        + "\(count))" + (pValue <= Verdict.level ? "; it is not 0, though (\(test) \(Wording.pValue(pValue)))." : ".")
    case .undecided:
      var parts = [
        "\(count) show neither a difference (\(Format.signed(difference)) \(unit), \(interval), "
          + "\(test) \(Wording.pValue(pValue))) nor that it is within ±\(Format.plain(tolerance)) (TOST \(Wording.pValue(tost)))"
      ]
      if let smallestSignFlip, smallestSignFlip > Verdict.level {
        parts.append("so few pairs cannot go below p = \(Format.plain(smallestSignFlip)), whatever they show")
      } else if let detectableDifference {
        parts.append(
          "a true difference of \(Format.fixed(detectableDifference, 2)) would have been found in 80 % of such studies")
      }
      if let runsNeededForTolerance {
        parts.append("for one of \(Format.plain(tolerance)) it takes \(runsNeededForTolerance) runs an arm")
      }
      sentence = parts.joined(separator: "; ") + "."
    }
    return Verdict(word: word, sentence: sentence)
  }
}

func pow2(_ value: Double) -> Double { value * value }
