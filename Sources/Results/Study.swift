//  A study is runs of several arms over the same seeds, and how they will be judged: decided and written down before the
//  first run, so that nobody chooses the seeds or the analysis that like the result.

public import Foundation
public import Storage

/// A study as it was frozen before its first run: `study.json`.
public struct Study: Codable, Sendable, Equatable {
  public static let schemaVersion = 1
  public var schemaVersion = Study.schemaVersion
  public var name: String
  /// The SHA-256 of the recipe that it was read from.
  public var recipe: String
  public var analysis: Analysis
  public var arms: [Arm]
  /// Every arm is trained with every one of them.
  public var seeds: [UInt64]

  public init(name: String, recipe: String, analysis: Analysis, arms: [Arm], seeds: [UInt64]) {
    (self.name, self.recipe, self.analysis, self.arms, self.seeds) = (name, recipe, analysis, arms, seeds)
  }

  /// How the runs will be judged.
  public struct Analysis: Codable, Sendable, Equatable {
    public var metric: Metric
    public var epochs: EpochRule
    public var test: Test
    /// The difference in percent points that is too small to matter.
    public var tolerance: Double
    /// Of all resampling.
    public var seed: UInt64

    public init(
      metric: Metric = .error, epochs: EpochRule = .last, test: Test = .signFlip, tolerance: Double = 0.1,
      seed: UInt64 = 0
    ) {
      (self.metric, self.epochs, self.test) = (metric, epochs, test)
      (self.tolerance, self.seed) = (tolerance, seed)
    }

    public enum Metric: String, Codable, Sendable, CaseIterable {
      /// Test error in percent.
      case error
    }

    public enum Test: String, Codable, Sendable, CaseIterable {
      /// Exact, over pairs of one seed; Welch's decides where no seed is shared.
      case signFlip = "sign-flip"
    }
  }

  /// Of which epochs the test error counts. The best on test images is no choice: it is picked by looking at them.
  public enum EpochRule: String, Codable, Sendable, CaseIterable {
    case last
    /// As ISDA's results are published.
    case meanOfLast10 = "mean-of-last-10"
    /// The epoch whose error on held-out validation images is least, the first of equal ones.
    case bestOnValidation = "best-on-validation"

    /// How many epochs it needs.
    public var count: Int {
      switch self {
      case .last, .bestOnValidation: 1
      case .meanOfLast10: 10
      }
    }

    /// The test error that counts, in percent; nil where epochs, or their validation errors, are missing.
    public func testError(of records: [EpochRecord]) -> Double? {
      switch self {
      case .last: return records.last?.testError
      case .meanOfLast10:
        guard records.count >= count else { return nil }
        return records.suffix(count).map(\.testError).reduce(0, +) / Double(count)
      case .bestOnValidation:
        let errors = records.compactMap(\.validationError)
        guard errors.count == records.count else { return nil }
        return errors.indices.min { errors[$0] < errors[$1] }.map { records[$0].testError }
      }
    }

    /// In a sentence about so many epochs.
    public func words(epochs: Int) -> String {
      switch self {
      case .last: "after \(epochs) epochs"
      case .meanOfLast10: "on average over the last \(count) of \(epochs) epochs"
      case .bestOnValidation: "after the epoch of \(epochs) that was best on validation images"
      }
    }
  }

  /// One configuration.
  public struct Arm: Codable, Sendable, Equatable {
    public var name: String
    /// The arm that it is compared with; nil for one that others are compared with.
    public var baseline: String?
    /// Of all of its runs but for the seed.
    public var configuration: RunConfiguration

    public init(name: String, baseline: String?, configuration: RunConfiguration) {
      (self.name, self.baseline, self.configuration) = (name, baseline, configuration)
    }
  }

  /// One run that is to be made.
  public struct Run: Sendable, Equatable {
    public let arm: String
    public let configuration: RunConfiguration

    /// Of its folder.
    public var name: String { "\(arm)-s\(configuration.seed)" }
  }

  /// All runs, seed by seed, so that wherever a study is stopped the arms have as many runs, of the same seeds, but for
  /// the last ones.
  public var runs: [Run] {
    seeds.flatMap { seed in
      arms.map { arm in
        var configuration = arm.configuration
        configuration.seed = seed
        return Run(arm: arm.name, configuration: configuration)
      }
    }
  }
}

/// The folder of a study.
///
///     study.json recipe.yaml    what was frozen before the first run
///     runs/<arm>-s<seed>/       ordinary run folders
public struct StudyFolder: Sendable, Equatable {
  public let url: URL

  public init(_ url: URL) {
    self.url = url
  }

  public var studyFile: URL { url.appendingPathComponent("study.json") }
  public var recipeFile: URL { url.appendingPathComponent("recipe.yaml") }
  public var runsFolder: URL { url.appendingPathComponent("runs", isDirectory: true) }

  public func folder(of run: Study.Run) -> RunFolder {
    RunFolder(runsFolder.appendingPathComponent(run.name, isDirectory: true))
  }

  /// Whether a study was frozen here.
  public var holdsStudy: Bool { FileManager.default.fileExists(atPath: studyFile.path) }

  public func study() throws(FileError) -> Study {
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw .missing(path: url.path, expected: "the folder of a study, as `isda study --out` leaves it")
    }
    let study = try JSONFile.read(Study.self, from: studyFile)
    guard study.schemaVersion == Study.schemaVersion else {
      throw .malformed(
        path: studyFile.path, found: "schema version \(study.schemaVersion)",
        expected: "version \(Study.schemaVersion)")
    }
    return study
  }

  /// Holds the recipe that is kept here to the one that was frozen.
  /// - Throws: `FileError` if it is another one.
  public func requireFrozenRecipe(_ study: Study) throws(FileError) {
    let digest = try WholeFile.read(recipeFile, expected: "the recipe that was frozen").sha256
    guard digest == study.recipe else {
      throw .malformed(
        path: recipeFile.path, found: "SHA-256 \(digest)", expected: "\(study.recipe), as frozen in study.json")
    }
  }
}
