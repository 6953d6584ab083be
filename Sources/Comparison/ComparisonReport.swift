//  Run folders to one value that holds everything that was found, and back from its JSON. Only configurations, states and
//  saved logits are read, so it can be made again from them alone.

internal import Foundation
public import Results
internal import Storage

/// The comparison of arms over seeds and images. Errors and their differences are in percent points; less is better in
/// every measure, and differences are arm − baseline.
public struct ComparisonReport: Codable, Sendable {
  public static let schemaVersion = 1
  public var schemaVersion = ComparisonReport.schemaVersion
  public var tool: String
  /// Of all resampling; the same seed gives the same intervals on every machine.
  public var seed: UInt64
  /// The difference in percent points that is too small to matter.
  public var tolerance: Double
  public var dataset: String
  public var epochs: Int
  public var classNames: [String]
  public var testImages: Int
  /// The baseline first.
  public var arms: [ArmSummary]
  public var comparisons: [ArmComparison]
  /// What a reader has to know of how runs were matched.
  public var notes: [String]

  /// One arm by itself.
  public struct ArmSummary: Codable, Sendable {
    public var name: String
    public var runs: [RunSummary]
    /// Of the test error over runs, in percent.
    public var mean: Double
    public var deviation: Double?
    public var interquartileMean: Double
    /// 95 %, of the mean.
    public var tInterval: Interval?
    public var percentileInterval: Interval?
    public var biasCorrectedInterval: Interval?
    /// 95 % percentile interval of the interquartile mean.
    public var interquartileInterval: Interval?
    /// The class with the largest mean error.
    public var worstClass: String
    public var worstClassError: Double
    /// Of the errors of its runs.
    public var variance: VarianceComponents?
  }

  /// One run by itself.
  public struct RunSummary: Codable, Sendable {
    public var path: String
    public var seed: UInt64
    public var error: Double
    public var classErrors: [Double]
    public var calibration: Calibration
    public var temperatures: [Double]
    public var calibrationAfterTemperatureScaling: Calibration
  }

  /// Compares finished runs, each arm with the baseline.
  /// - Parameters:
  ///   - baseline: the name of the arm that others are compared with; nil takes the only one trained with plain
  ///     cross-entropy, or else that of the first run.
  ///   - tolerance: in percent points.
  ///   - progress: called before each step, which may throw to stop.
  /// - Throws: `ComparisonError` where there are no two arms or no such baseline; `FileError` for a run that cannot be
  ///   read or cannot be compared with the first one.
  public init(
    _ folders: [RunFolder], baseline: String? = nil, tolerance: Double, seed: UInt64,
    progress: (_ fraction: Double, _ step: String) throws -> Void = { _, _ in }
  ) throws {
    let loaded = try folders.enumerated().map { index, folder in
      try progress(0.3 * Double(index) / Double(folders.count), "reading \(folder.name)")
      return try LoadedRun(folder)
    }
    let arms = try Arm.find(loaded)
    let first = try Self.baseline(of: arms, named: baseline)
    var scored: [ScoredArm] = []
    var done = 0
    for arm in [first] + arms.filter({ $0.name != first.name }) {
      var runs: [ScoredRun] = []
      for run in arm.runs {
        try progress(0.3 + 0.4 * Double(done) / Double(folders.count), "calibration of \(run.folder.name)")
        runs.append(ScoredRun(run))
        done += 1
      }
      scored.append(ScoredArm(arm: arm, runs: runs))
    }

    let (reference, others) = (scored[0], scored.dropFirst())
    let classNames = loaded[0].classNames
    tool = "isda \(RunEnvironment.toolVersion)"
    (self.seed, self.tolerance, self.classNames) = (seed, tolerance, classNames)
    dataset = loaded[0].configuration.dataset
    epochs = loaded[0].configuration.epochs
    testImages = loaded[0].predictions.count
    self.arms = scored.map { ArmSummary($0, classNames: classNames, seed: seed) }

    var errors = others.map { arm in
      let pairing = Pairing(arm: arm, baseline: reference)
      return SeedComparison(
        arm: pairing.arm.map(\.error), baseline: pairing.baseline.map(\.error), seeds: pairing.seeds,
        tolerance: tolerance, resamplingSeed: seed, purpose: "\(arm.arm.name)/\(reference.arm.name)")
    }
    SeedComparison.adjust(&errors)
    var comparisons: [ArmComparison] = []
    for (index, arm) in others.enumerated() {
      try progress(0.7 + 0.3 * Double(index) / Double(others.count), "\(arm.arm.name) beside \(reference.arm.name)")
      comparisons.append(
        ArmComparison(
          arm: arm, baseline: reference, error: errors[index], classNames: classNames, tolerance: tolerance, seed: seed)
      )
    }
    self.comparisons = comparisons
    notes = Self.notes(comparisons, runs: loaded)
  }

  private static func baseline(of arms: [Arm], named name: String?) throws -> Arm {
    guard arms.count > 1 else { throw ComparisonError.oneArm(arms.first?.name ?? "none") }
    if let name {
      guard let arm = arms.first(where: { $0.name == name }) else {
        throw ComparisonError.noSuchArm(name, known: arms.map(\.name))
      }
      return arm
    }
    let plain = arms.filter(\.isBaseline)
    return plain.count == 1 ? plain[0] : arms[0]
  }

  private static func notes(_ comparisons: [ArmComparison], runs: [LoadedRun]) -> [String] {
    var notes: [String] = []
    for comparison in comparisons {
      if !comparison.error.isPaired {
        notes.append(
          "\(comparison.arm) and \(comparison.baseline) share no seed, so their runs are not paired: Welch decides, and "
            + "it takes more runs to see the same difference.")
      }
      if !comparison.leftOut.isEmpty {
        notes.append(
          "Left out of \(comparison.arm) beside \(comparison.baseline), because only one of them has the seed: "
            + comparison.leftOut.joined(separator: ", ") + ".")
      }
    }
    let precisions = Set(runs.compactMap(\.precision)).sorted()
    if precisions.count > 1 {
      notes.append(
        "Runs were trained in \(precisions.joined(separator: " and ")), which may be part of the difference.")
    }
    notes.append(
      "Temperatures were fitted on test images, each fold of which was scored with the other's: no validation images "
        + "were set aside.")
    return notes
  }
}

/// Runs that make no comparison.
public enum ComparisonError: Error, CustomStringConvertible {
  case oneArm(String)
  case noSuchArm(String, known: [String])

  public var description: String {
    switch self {
    case .oneArm(let name): "all runs belong to one arm, \(name); expected runs of two or more"
    case .noSuchArm(let name, let known):
      "no run belongs to \"\(name)\"; expected one of \(known.map { "\"\($0)\"" }.joined(separator: ", "))"
    }
  }
}

extension ComparisonReport.ArmSummary {
  init(_ arm: ScoredArm, classNames: [String], seed: UInt64) {
    let errors = arm.runs.map(\.error)
    name = arm.arm.name
    runs = arm.runs.map {
      ComparisonReport.RunSummary(
        path: $0.path, seed: $0.seed, error: $0.error, classErrors: $0.classErrors, calibration: $0.asTrained,
        temperatures: $0.temperature.temperatures, calibrationAfterTemperatureScaling: $0.scaled)
    }
    mean = errors.mean
    interquartileMean = errors.interquartileMean
    let byClass = classNames.indices.map { index in arm.runs.map { $0.classErrors[index] }.mean }
    let worst = byClass.indices.filter { !byClass[$0].isNaN }.max { byClass[$0] < byClass[$1] } ?? 0
    (worstClass, worstClassError) = (classNames[worst], byClass[worst])
    variance = VarianceComponents(arm.runs.map { $0.wrong.map(Double.init) })
    guard errors.count > 1 else { return }
    deviation = errors.deviation
    let level = 1 - Verdict.level
    tInterval = MeanDifference(paired: errors).interval(level: level)
    var generator = ResamplingGenerator(seed: seed, purpose: "\(name)/mean")
    let means = Bootstrap([errors], generator: &generator) { $0[0].mean }
    percentileInterval = means.percentile(level: level)
    biasCorrectedInterval = means.biasCorrected(level: level)
    generator = ResamplingGenerator(seed: seed, purpose: "\(name)/interquartile mean")
    interquartileInterval = Bootstrap([errors], generator: &generator) { $0[0].interquartileMean }
      .percentile(level: level)
  }
}
