//  Run folders to one value that holds everything that was found, and back from its JSON. Only configurations, states and
//  saved logits are read, so it can be made again from them alone.

internal import Foundation
internal import Randomness
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
  /// What was frozen before the first run; nil for loose runs.
  public var study: FrozenStudy?
  /// A baseline first, then those compared with it.
  public var arms: [ArmSummary]
  public var comparisons: [ArmComparison]
  /// What a reader has to know of how runs were matched.
  public var notes: [String]

  /// The study that the runs are of.
  public struct FrozenStudy: Codable, Sendable {
    public var name: String
    /// SHA-256 of the recipe.
    public var recipe: String
    public var analysis: Study.Analysis
    public var seeds: Int
    /// Seeds with a finished run of every arm; only these are compared.
    public var seedsFinished: Int
  }

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
    /// In percent, of the last epoch or by the study's rule; everything else is of the last epoch.
    public var error: Double
    public var classErrors: [Double]
    public var cost: RunCost?
    public var calibration: Calibration
    public var temperatures: [Double]
    public var calibrationAfterTemperatureScaling: Calibration
  }

  /// Compares finished runs, each arm with its baseline.
  /// - Parameters:
  ///   - baseline: the name of the arm that others are compared with. Nil takes the one trained with plain
  ///     cross-entropy, of several that which differs from an arm in nothing but the loss, or else that of the first run.
  ///   - tolerance: in percent points.
  ///   - progress: called before each step, which may throw to stop.
  /// - Throws: `ComparisonError` where there are no two arms or no such baseline; `FileError` for a run that cannot be
  ///   read or cannot be compared with the first one.
  public init(
    _ folders: [RunFolder], baseline: String? = nil, tolerance: Double, seed: UInt64,
    progress: (_ fraction: Double, _ step: String) throws -> Void = { _, _ in }
  ) throws {
    try self.init(
      folders, epochs: .last, tolerance: tolerance, seed: seed, progress: progress,
      baselines: { try Self.baselines(of: $0, named: baseline) })
  }

  /// Compares the arms of a study as its frozen analysis says, on the seeds that have a finished run of every arm.
  /// - Throws: `FileError` if no seed has, and as `init(_:baseline:tolerance:seed:progress:)`.
  public init(
    _ folder: StudyFolder, progress: (_ fraction: Double, _ step: String) throws -> Void = { _, _ in }
  ) throws {
    let study = try folder.study()
    try folder.requireFrozenRecipe(study)
    let unfinished = Set(study.runs.filter { !folder.folder(of: $0).isFinished }.map(\.configuration.seed))
    let runs = study.runs.filter { !unfinished.contains($0.configuration.seed) }
    guard !runs.isEmpty else {
      throw FileError.malformed(
        path: folder.url.path, found: "no seed with a finished run of every arm",
        expected: "at least one; `isda study` goes on with them")
    }
    let arms = Dictionary(uniqueKeysWithValues: runs.map { ($0.name, $0.arm) })
    let baselines = Dictionary(uniqueKeysWithValues: study.arms.map { ($0.name, $0.baseline) })
    try self.init(
      runs.map(folder.folder), epochs: study.analysis.epochs, tolerance: study.analysis.tolerance,
      seed: study.analysis.seed, progress: progress
    ) { found in
      let names = found.map { arms[$0.runs[0].folder.name] }
      return names.map { name in
        guard let name, let baseline = baselines[name] ?? nil else { return nil }
        return names.firstIndex(of: baseline)
      }
    }
    self.study = FrozenStudy(
      name: study.name, recipe: study.recipe, analysis: study.analysis, seeds: study.seeds.count,
      seedsFinished: study.seeds.count - unfinished.count)
    if !unfinished.isEmpty {
      notes.insert(
        "An interim look: \(unfinished.count) of \(study.seeds.count) seeds are unfinished. Stopping where the result is "
          + "liked finds differences more often than 5 % of the time where there are none; only the whole study decides.",
        at: 0)
    }
    if study.analysis.epochs != .last {
      notes.append(
        "Test errors of runs are \(study.analysis.epochs.words(epochs: epochs)); classes, images, crossed intervals, shares "
          + "of variance and calibration are of the last epoch, whose logits were kept.")
    }
  }

  /// - Parameter baselines: the place of each arm's baseline; nil for those that others are compared with.
  private init(
    _ folders: [RunFolder], epochs rule: Study.EpochRule, tolerance: Double, seed: UInt64,
    progress: (_ fraction: Double, _ step: String) throws -> Void, baselines: ([Arm]) throws -> [Int?]
  ) throws {
    let loaded = try folders.enumerated().map { index, folder in
      try progress(0.3 * Double(index) / Double(folders.count), "reading \(folder.name)")
      return try LoadedRun(folder, epochs: rule)
    }
    let arms = try Arm.find(loaded)
    let places = try baselines(arms)
    let first = arms.indices.filter { places[$0] == nil }
    let order = first.flatMap { baseline in [baseline] + arms.indices.filter { places[$0] == baseline } }
    var scored: [ScoredArm] = []
    var done = 0
    for place in order {
      let arm = arms[place]
      var runs: [ScoredRun] = []
      for run in arm.runs {
        try progress(0.3 + 0.4 * Double(done) / Double(folders.count), "calibration of \(run.folder.name)")
        runs.append(ScoredRun(run))
        done += 1
      }
      scored.append(ScoredArm(arm: arm, runs: runs))
    }
    // Each arm that has a baseline, beside it.
    let compared = order.indices.compactMap { place in
      places[order[place]].flatMap(order.firstIndex(of:)).map { (arm: scored[place], baseline: scored[$0]) }
    }

    let classNames = loaded[0].classNames
    tool = "isda \(RunEnvironment.toolVersion)"
    (self.seed, self.tolerance, self.classNames) = (seed, tolerance, classNames)
    dataset = loaded[0].configuration.images.name
    epochs = loaded[0].configuration.epochs
    testImages = loaded[0].predictions.count
    self.arms = scored.map { ArmSummary($0, classNames: classNames, seed: seed) }

    var errors = compared.map { arm, reference in
      let pairing = Pairing(arm: arm, baseline: reference)
      return SeedComparison(
        arm: pairing.arm.map(\.error), baseline: pairing.baseline.map(\.error), seeds: pairing.seeds,
        tolerance: tolerance, resamplingSeed: seed, purpose: "\(arm.arm.name)/\(reference.arm.name)")
    }
    SeedComparison.adjust(&errors)
    var comparisons: [ArmComparison] = []
    for (index, (arm, reference)) in compared.enumerated() {
      try progress(0.7 + 0.3 * Double(index) / Double(compared.count), "\(arm.arm.name) beside \(reference.arm.name)")
      comparisons.append(
        ArmComparison(
          arm: arm, baseline: reference, error: errors[index], classNames: classNames, tolerance: tolerance, seed: seed)
      )
    }
    self.comparisons = comparisons
    notes = Self.notes(comparisons, runs: loaded)
  }

  private static func baselines(of arms: [Arm], named name: String?) throws -> [Int?] {
    guard arms.count > 1 else { throw ComparisonError.oneArm(arms.first?.name ?? "none") }
    func all(beside baseline: Int) -> [Int?] { arms.indices.map { $0 == baseline ? nil : baseline } }
    if let name {
      guard let place = arms.firstIndex(where: { $0.name == name }) else {
        throw ComparisonError.noSuchArm(name, known: arms.map(\.name))
      }
      return all(beside: place)
    }
    let plain = arms.indices.filter { arms[$0].isBaseline }
    if plain.count == 1 { return all(beside: plain[0]) }
    // Networks, schedules or augmentations are not compared with each other where each has a baseline of its own.
    let own = arms.map { arm in
      plain.first { arm.differences(from: arms[$0]).allSatisfy { Arm.loss.contains($0.setting) } }
    }
    let others = arms.indices.filter { !arms[$0].isBaseline }
    guard !others.isEmpty, others.allSatisfy({ own[$0] != nil }) else { return all(beside: 0) }
    return arms.indices.map { arms[$0].isBaseline ? nil : own[$0] }
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
        path: $0.path, seed: $0.seed, error: $0.error, classErrors: $0.classErrors, cost: $0.cost,
        calibration: $0.asTrained,
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
    var generator = SplitMix64(seed: seed, purpose: "\(name)/mean")
    let means = Bootstrap([errors], generator: &generator) { $0[0].mean }
    percentileInterval = means.percentile(level: level)
    biasCorrectedInterval = means.biasCorrected(level: level)
    generator = SplitMix64(seed: seed, purpose: "\(name)/interquartile mean")
    interquartileInterval = Bootstrap([errors], generator: &generator) { $0[0].interquartileMean }
      .percentile(level: level)
  }
}
