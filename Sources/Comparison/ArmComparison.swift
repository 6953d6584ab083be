//  Everything that is said about one arm beside the baseline.

internal import Randomness

/// An arm and the baseline: over seeds, over images, class by class, and in calibration.
public struct ArmComparison: Codable, Sendable {
  public var arm: String
  public var baseline: String
  public var settings: [SettingDifference]
  /// Of the test error in percent; p values adjusted over all arms.
  public var error: SeedComparison
  public var verdict: Verdict
  /// 95 % of the difference in error when seeds and images are both drawn again.
  public var crossedInterval: Interval
  /// Of the paired differences; nil where runs are not paired or there is one pair.
  public var variance: VarianceComponents?
  public var classes: [ClassComparison]
  /// [class][prediction]: mean count of images, arm − baseline.
  public var confusionDifference: [[Double]]
  public var calibration: [CalibrationComparison]
  public var pairs: [PairComparison]
  /// Nil where a run has no record of its epochs.
  public var cost: CostComparison?
  /// Runs whose seed the other arm lacks, which a paired comparison leaves out.
  public var leftOut: [String]

  /// The error on the images of one class.
  public struct ClassComparison: Codable, Sendable {
    public var name: String
    public var images: Int
    /// Mean over runs, in percent.
    public var baseline: Double
    public var arm: Double
    public var difference: Double
    /// 95 % over seeds on these test images; nil for a single run in an arm.
    public var tInterval: Interval?
    /// 95 % over seeds and images.
    public var crossedInterval: Interval
    /// Exact sign-flip over pairs of seeds, Welch where they are not paired, exact McNemar for one pair of runs.
    public var pValue: Double
    /// After Holm over the classes.
    public var adjustedPValue: Double
  }

  /// One measure of calibration.
  public struct CalibrationComparison: Codable, Sendable {
    public var measure: CalibrationMeasure
    public var afterTemperatureScaling: Bool
    public var baseline: Double
    public var arm: Double
    public var difference: Double
    public var tInterval: Interval?
    public var pValue: Double?
    /// After Holm over all measures of this comparison.
    public var adjustedPValue: Double?
  }

  /// Proper scores first: they are what to judge by.
  public enum CalibrationMeasure: String, Codable, Sendable, CaseIterable {
    case negativeLogLikelihood, brier, equalWidthECE, equalMassECE, classwiseECE

    func value(_ calibration: Calibration) -> Double {
      switch self {
      case .negativeLogLikelihood: calibration.negativeLogLikelihood
      case .brier: calibration.brier
      case .equalWidthECE: calibration.equalWidth.value
      case .equalMassECE: calibration.equalMass.value
      case .classwiseECE: calibration.classwise.value
      }
    }

    public var title: String {
      switch self {
      case .negativeLogLikelihood: "NLL (nats)"
      case .brier: "Brier"
      case .equalWidthECE: "ECE, equal width"
      case .equalMassECE: "ECE, equal mass"
      case .classwiseECE: "ECE, classwise"
      }
    }
  }

  public static let resampledImages = CrossedBootstrap.resamples

  /// - Parameter error: compared over seeds and adjusted over all arms.
  init(
    arm: ScoredArm, baseline: ScoredArm, error: SeedComparison, classNames: [String], tolerance: Double, seed: UInt64
  ) {
    let pairing = Pairing(arm: arm, baseline: baseline)
    (self.arm, self.baseline, self.error) = (arm.arm.name, baseline.arm.name, error)
    leftOut = pairing.leftOut
    settings = arm.arm.differences(from: baseline.arm)
    verdict = error.verdict(
      arm: arm.arm.name, baseline: baseline.arm.name, measure: "test error", unit: "points", tolerance: tolerance)

    let (mine, other) = (pairing.arm, pairing.baseline)
    let labels = mine[0].labels
    let (armErrors, baselineErrors) = (ImageErrors(wrong: mine.map(\.wrong)), ImageErrors(wrong: other.map(\.wrong)))
    var generator = SplitMix64(seed: seed, purpose: "\(arm.arm.name)/\(baseline.arm.name)/crossed")
    let crossed = CrossedBootstrap(
      arm: armErrors, baseline: baselineErrors, isPaired: pairing.isPaired, labels: labels,
      classCount: classNames.count, generator: &generator)
    crossedInterval = crossed.overall
    variance =
      pairing.isPaired
      ? VarianceComponents(
        zip(armErrors.wrong, baselineErrors.wrong).map { zip($0, $1).map { Double($0) - Double($1) } })
      : nil
    pairs = pairing.comparesImages ? zip(mine, other).map { PairComparison(arm: $0, baseline: $1) } : []

    classes = Self.classes(pairing, crossed, pairs, names: classNames, labels: labels, seed: seed)
    func meanConfusion(_ runs: [ScoredRun]) -> [[Double]] {
      let all = runs.map { $0.confusion(classCount: classNames.count) }
      return classNames.indices.map { row in
        classNames.indices.map { column in all.map { $0[row][column] }.mean }
      }
    }
    confusionDifference = zip(meanConfusion(mine), meanConfusion(other)).map { zip($0, $1).map { $0 - $1 } }
    calibration = Self.calibration(pairing, seed: seed)
    cost = CostComparison(arm: mine.map(\.cost), baseline: other.map(\.cost), isPaired: pairing.isPaired)
  }

  private static func classes(
    _ pairing: Pairing, _ crossed: CrossedBootstrap, _ pairs: [PairComparison], names: [String], labels: [Int],
    seed: UInt64
  ) -> [ClassComparison] {
    var rows: [ClassComparison] = []
    for (index, name) in names.enumerated() {
      guard let crossedInterval = crossed.classes[index] else { continue }
      let (mine, other) = (pairing.arm.map { $0.classErrors[index] }, pairing.baseline.map { $0.classErrors[index] })
      let tested = pairing.test(arm: mine, baseline: other, seed: seed)
      let flips = pairs.first.map { pair in
        (pair.rightToWrong.count { $0.label == index }, pair.wrongToRight.count { $0.label == index })
      }
      let pValue = tested?.pValue ?? flips.map { ExactTests.mcNemar(onlyFirst: $0.0, onlySecond: $0.1) } ?? 1
      rows.append(
        ClassComparison(
          name: name, images: labels.count { $0 == index }, baseline: other.mean, arm: mine.mean,
          difference: mine.mean - other.mean, tInterval: tested?.interval, crossedInterval: crossedInterval,
          pValue: pValue, adjustedPValue: pValue))
    }
    for (index, adjusted) in holm(rows.map(\.pValue)).enumerated() { rows[index].adjustedPValue = adjusted }
    return rows
  }

  private static func calibration(_ pairing: Pairing, seed: UInt64) -> [CalibrationComparison] {
    var rows: [CalibrationComparison] = []
    for isScaled in [false, true] {
      for measure in CalibrationMeasure.allCases {
        func values(_ runs: [ScoredRun]) -> [Double] { runs.map { measure.value(isScaled ? $0.scaled : $0.asTrained) } }
        let (mine, other) = (values(pairing.arm), values(pairing.baseline))
        let tested = pairing.test(arm: mine, baseline: other, seed: seed)
        rows.append(
          CalibrationComparison(
            measure: measure, afterTemperatureScaling: isScaled, baseline: other.mean, arm: mine.mean,
            difference: mine.mean - other.mean, tInterval: tested?.interval, pValue: tested?.pValue))
      }
    }
    for (index, adjusted) in holm(rows.compactMap(\.pValue)).enumerated() { rows[index].adjustedPValue = adjusted }
    return rows
  }
}

/// An arm with its runs scored.
struct ScoredArm {
  let arm: Arm
  let runs: [ScoredRun]
}

/// Which runs of two arms stand side by side.
struct Pairing {
  let isPaired: Bool
  let arm: [ScoredRun]
  let baseline: [ScoredRun]
  let leftOut: [String]

  /// Runs of one seed are a pair. Where the arms share no seed all runs count and none is paired; where they share some,
  /// the others are left out.
  init(arm: ScoredArm, baseline: ScoredArm) {
    let common = Set(arm.arm.seeds).intersection(baseline.arm.seeds)
    isPaired = !common.isEmpty
    func chosen(_ runs: [ScoredRun]) -> [ScoredRun] { common.isEmpty ? runs : runs.filter { common.contains($0.seed) } }
    (self.arm, self.baseline) = (chosen(arm.runs), chosen(baseline.runs))
    leftOut =
      common.isEmpty ? [] : (baseline.runs + arm.runs).filter { !common.contains($0.seed) }.map(\.path)
  }

  /// Whether runs stand beside each other image by image: pairs, or a single run in each arm.
  var comparesImages: Bool { isPaired || (arm.count == 1 && baseline.count == 1) }

  var seeds: [UInt64]? { isPaired ? arm.map(\.seed) : nil }

  /// The primary test of any measure, and the t interval beside it; nil for a single run in an arm.
  func test(arm mine: [Double], baseline other: [Double], seed: UInt64) -> (interval: Interval, pValue: Double)? {
    guard min(mine.count, other.count) > 1 else { return nil }
    let level = 1 - Verdict.level
    guard isPaired else {
      let known = MeanDifference(arm: SummaryStatistics(mine), baseline: SummaryStatistics(other))
      return (known.interval(level: level), known.pValue)
    }
    let differences = zip(mine, other).map { $0 - $1 }
    return (
      MeanDifference(paired: differences).interval(level: level),
      ExactTests.signFlip(differences, seed: seed).pValue
    )
  }
}
