//  Which runs belong together, and which cannot be compared at all. An arm is what was asked of its runs, seed aside; so
//  arms are found from the configurations, and nobody has to name them.

internal import Foundation
internal import Results
internal import Storage

/// A finished run with all that a comparison needs of it.
struct LoadedRun {
  let folder: RunFolder
  let configuration: RunConfiguration
  let classNames: [String]
  let precision: String?
  /// Nil for runs of versions that did not record it, and where it was not kept.
  let images: RecordedImages?
  let predictions: Predictions
  /// The test error by the study's rule, in percent; nil where the last epoch counts, whose predictions are there.
  let chosenError: Double?
  let cost: RunCost?

  /// - Throws: `FileError` where there is no run, an unfinished one, or one with damaged predictions or too few epochs.
  init(_ folder: RunFolder, epochs rule: Study.EpochRule) throws(FileError) {
    self.folder = folder
    configuration = try folder.configuration()
    let state = try folder.state()
    guard state.epochsDone == configuration.epochs else {
      throw .malformed(
        path: folder.url.path, found: "a run after \(state.epochsDone) of \(configuration.epochs) epochs",
        expected: "a finished one; `isda train --resume` continues it")
    }
    classNames = state.classNames
    precision = (try? JSONFile.read(RunEnvironment.self, from: folder.environmentFile))?.precision
    images = try? JSONFile.read(RecordedImages.self, from: folder.dataFile)
    predictions = try Predictions(folder, classCount: classNames.count)
    let records = try folder.metrics()
    cost = RunCost(records)
    guard rule != .last else {
      chosenError = nil
      return
    }
    guard let error = rule.testError(of: records) else {
      throw .malformed(
        path: folder.metricsFile.path, found: "\(records.count) epochs",
        expected: rule == .bestOnValidation ? "a validation error in each" : "at least \(rule.count)")
    }
    chosenError = error
  }

  var path: String { folder.url.relativePath }
}

/// What `data.json` says of the images themselves.
struct RecordedImages: Decodable {
  struct Split: Decodable { let sha256: String }
  let train, test: Split
}

/// One setting of a configuration in which arms differ.
public struct SettingDifference: Codable, Sendable, Equatable {
  /// The key in `config.json`.
  public var setting: String
  public var baseline: String
  public var arm: String
}

/// The runs of one configuration, by rising seed.
struct Arm {
  let name: String
  let settings: [String: String]
  let runs: [LoadedRun]
  let isBaseline: Bool

  /// The settings that say what is minimised.
  static let loss: Set = ["loss", "lambda", "lambdaSchedule", "covariance", "retention"]
  /// The settings that `armName` tells.
  static let named = loss.union(["augmentation"])

  var seeds: [UInt64] { runs.map(\.configuration.seed) }

  /// Groups runs into arms, in the order of their first runs.
  /// - Throws: `FileError` for runs on other data, of other epochs or classes, and for two runs of one arm and seed.
  static func find(_ runs: [LoadedRun]) throws(FileError) -> [Arm] {
    if let first = runs.first {
      for run in runs.dropFirst() { try requireComparable(run, with: first) }
    }
    var groups: [(settings: [String: String], runs: [LoadedRun])] = []
    for run in runs {
      let settings = run.configuration.armSettings
      if let place = groups.firstIndex(where: { $0.settings == settings }) {
        if let twin = groups[place].runs.first(where: { $0.configuration.seed == run.configuration.seed }) {
          throw .malformed(
            path: run.path,
            found: "\(run.configuration.armName) with seed \(run.configuration.seed), as in \(twin.path)",
            expected: "each arm and seed once")
        }
        groups[place].runs.append(run)
      } else {
        groups.append((settings, [run]))
      }
    }
    // What sets arms apart beyond the names that configurations give them.
    let varying = Set(groups.flatMap { $0.settings.keys }).subtracting(named).filter { key in
      Set(groups.map { $0.settings[key] }).count > 1
    }.sorted()
    // What all of them share tells none apart.
    let parts = groups.map { $0.runs[0].configuration.armParts }
    let shared = parts.map { Set($0.dropFirst()) }.reduce(Set(parts.first ?? [])) { $0.intersection($1) }
    return zip(groups, parts).map { group, parts in
      let name =
        (parts.filter { !shared.contains($0) } + varying.map { "\($0)=\(group.settings[$0] ?? "–")" })
        .joined(separator: ", ")
      return Arm(
        name: name, settings: group.settings, runs: group.runs.sorted { $0.configuration.seed < $1.configuration.seed },
        isBaseline: group.runs[0].configuration.loss == .ce)
    }
  }

  /// Settings in which an arm differs from the baseline, by name.
  func differences(from baseline: Arm) -> [SettingDifference] {
    Set(settings.keys).union(baseline.settings.keys).sorted().compactMap { key in
      let (mine, other) = (settings[key] ?? "–", baseline.settings[key] ?? "–")
      return mine == other ? nil : SettingDifference(setting: key, baseline: other, arm: mine)
    }
  }

  private static func requireComparable(_ run: LoadedRun, with first: LoadedRun) throws(FileError) {
    let (mine, other) = (run.configuration, first.configuration)
    func count(_ value: Int?) -> String { value.map(String.init) ?? "all" }
    func share(_ value: Double?) -> String { value.map { "\($0)" } ?? "none" }
    var pairs: [(name: String, mine: String, other: String)] = [
      ("data set", mine.images.name, other.images.name),
      ("number of training images", count(mine.images.trainCount), count(other.images.trainCount)),
      ("share held out for validation", share(mine.images.validationShare), share(other.images.validationShare)),
      ("share of test images", share(mine.images.testShare), share(other.images.testShare)),
      ("images that are evaluated", mine.images.evaluateOn.rawValue, other.images.evaluateOn.rawValue),
      ("number of test images", "\(run.predictions.count)", "\(first.predictions.count)"),
      ("epochs", "\(mine.epochs)", "\(other.epochs)"),
      ("classes", run.classNames.joined(separator: ", "), first.classNames.joined(separator: ", ")),
    ]
    // Folders of one name may have been filled anew.
    if let mine = run.images, let other = first.images {
      pairs += [
        ("training images of SHA-256", mine.train.sha256, other.train.sha256),
        ("test images of SHA-256", mine.test.sha256, other.test.sha256),
      ]
    }
    for pair in pairs where pair.mine != pair.other {
      throw .malformed(
        path: run.path, found: "\(pair.name) \(pair.mine)",
        expected: "\(pair.other), as in \(first.path); runs that differ in this cannot be compared")
    }
    if let image = zip(run.predictions.labels, first.predictions.labels).enumerated().first(where: { $1.0 != $1.1 }) {
      throw .malformed(
        path: run.folder.predictions.path,
        found: "label \(image.element.0) for test image \(image.offset)",
        expected: "\(image.element.1), as in \(first.path); runs tested on other images cannot be compared")
    }
  }
}
