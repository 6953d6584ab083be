//  What a run leaves behind, and where each piece lies.

public import Foundation
public import Storage

/// The folder of one run.
///
///     config.json env.json              what was asked, and on what it ran
///     data.json                         the splits of the data set, by number and digest
///     metrics.jsonl metrics.csv         one line an epoch
///     events.out.tfevents.0.isda        the same for TensorBoard
///     checkpoints/last.safetensors      weights by name; state.json beside the run says from when
///     checkpoints/isda.safetensors      count, mean and covariance of each class, as the loss kept them
///     checkpoints/step-<n>.safetensors  while the run is unfinished: all that it continues from, the newest two
///     predictions/test.safetensors      logits and labels of the test images
///     features/{train,test}.safetensors from the analysis: features, logits, labels
///     directions/                       report.json, and directions.safetensors with every vector
///     measures/<name>.{json,csv}        one pair a family of measures
///     artifacts.json                    size and sha256 of everything above
public struct RunFolder: Sendable, Equatable {
  public let url: URL

  public init(_ url: URL) {
    self.url = url
  }

  public var name: String { url.standardizedFileURL.lastPathComponent }

  public var configurationFile: URL { url.appendingPathComponent("config.json") }
  public var environmentFile: URL { url.appendingPathComponent("env.json") }
  public var dataFile: URL { url.appendingPathComponent("data.json") }
  public var stateFile: URL { url.appendingPathComponent("state.json") }
  public var metricsFile: URL { url.appendingPathComponent("metrics.jsonl") }
  public var metricsTable: URL { url.appendingPathComponent("metrics.csv") }
  public var events: URL { url.appendingPathComponent("events.out.tfevents.0.isda") }
  public var artifacts: URL { url.appendingPathComponent("artifacts.json") }
  public var checkpoint: URL { url.appendingPathComponent("checkpoints/last.safetensors") }
  public var isdaState: URL { url.appendingPathComponent("checkpoints/isda.safetensors") }
  public var predictions: URL { url.appendingPathComponent("predictions/test.safetensors") }
  public func features(_ split: ImageReference.Split) -> URL {
    url.appendingPathComponent("features/\(split.rawValue).safetensors")
  }
  public var report: URL { url.appendingPathComponent("directions/report.json") }
  public var directions: URL { url.appendingPathComponent("directions/directions.safetensors") }

  /// Whether a run was begun here.
  public var holdsRun: Bool { FileManager.default.fileExists(atPath: configurationFile.path) }

  /// Whether the run that is here has come to its end.
  public var isFinished: Bool {
    guard let configuration = try? configuration(), let state = try? state() else { return false }
    return state.epochsDone == configuration.epochs && fullCheckpoints.isEmpty
  }

  /// The file of everything that a run continues from after `step` optimiser steps.
  public func fullCheckpoint(step: Int) -> URL {
    url.appendingPathComponent("checkpoints/step-\(step).safetensors")
  }

  /// What is there of these files, the newest first.
  public var fullCheckpoints: [(step: Int, file: URL)] {
    let names =
      (try? FileManager.default.contentsOfDirectory(atPath: checkpoint.deletingLastPathComponent().path)) ?? []
    return names.compactMap { name in name.wholeMatch(of: /step-(\d+)\.safetensors/).flatMap { Int($0.1) } }
      .sorted(by: >).map { ($0, fullCheckpoint(step: $0)) }
  }

  /// Runs `body` while no other process trains or analyses here, and first removes what killed ones left half-written.
  /// - Throws: `FileError.busy` if another one does; what `body` throws.
  public func exclusively<Result>(_ body: () throws -> Result) throws -> Result {
    try FolderLock.holding(url) {
      for file in [configurationFile, checkpoint, predictions, features(.train), report, measure("")] {
        WholeFile.removePartialFiles(in: file.deletingLastPathComponent())
      }
      return try body()
    }
  }

  // MARK: Reading

  public func configuration() throws(FileError) -> RunConfiguration {
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw .missing(path: url.path, expected: "a run folder, as `isda train --out` leaves it")
    }
    return try JSONFile.read(RunConfiguration.self, from: configurationFile)
  }

  public func state() throws(FileError) -> RunState {
    try JSONFile.read(RunState.self, from: stateFile)
  }

  public func directionsReport() throws(FileError) -> DirectionsReport {
    guard FileManager.default.fileExists(atPath: report.path) else {
      throw .missing(path: report.path, expected: "the result of `isda analyze \(url.path)`")
    }
    let report = try JSONFile.read(DirectionsReport.self, from: report)
    guard report.schemaVersion == DirectionsReport.schemaVersion else {
      throw .malformed(
        path: self.report.path, found: "schema version \(report.schemaVersion)",
        expected: "version \(DirectionsReport.schemaVersion); run `isda analyze` again")
    }
    return report
  }

  /// The epochs so far; none if the run was stopped within its first.
  public func metrics() throws(FileError) -> [EpochRecord] {
    guard FileManager.default.fileExists(atPath: metricsFile.path) else { return [] }
    let expected = "one JSON record an epoch"
    let text = String(decoding: try WholeFile.read(metricsFile, expected: expected), as: UTF8.self)
    var records: [EpochRecord] = []
    for (index, line) in text.split(separator: "\n").enumerated() {
      guard let record = try? JSONFile.decode(EpochRecord.self, from: Data(line.utf8)) else {
        throw .malformed(path: metricsFile.path, found: "line \(index + 1) damaged", expected: expected)
      }
      records.append(record)
    }
    return records
  }

  // MARK: Writing

  /// Writes the metrics in all their forms: JSON lines, a table, and for TensorBoard.
  public func write(metrics: [EpochRecord], started: Date) throws(FileError) {
    let lines = metrics.map { JSONFile.encode($0, pretty: false) + "\n" }.joined()
    try WholeFile.write(lines, to: metricsFile)
    try EpochRecord.table(metrics).write(to: metricsTable)
    try WholeFile.write(TensorBoardEvents.file(metrics, started: started), to: events)
  }

  /// Removes what an earlier run left here, so that nothing of it is taken for the new one's. The configuration goes
  /// first: a folder without it holds no run, wherever this is cut short.
  public func clear() throws(FileError) {
    let folders = ["checkpoints", "predictions", "features", "directions", "measures", "figures"].map(
      url.appendingPathComponent)
    for item in [configurationFile, environmentFile, dataFile, stateFile, metricsFile, metricsTable, events, artifacts]
      + folders
    {
      try remove(item)
    }
  }

  /// Removes the full checkpoints of other steps than those named, the oldest first.
  public func removeFullCheckpoints(except kept: [Int] = []) throws(FileError) {
    for (step, file) in fullCheckpoints.reversed() where !kept.contains(step) { try remove(file) }
  }

  func remove(_ item: URL) throws(FileError) {
    guard FileManager.default.fileExists(atPath: item.path) else { return }
    do {
      try FileManager.default.removeItem(at: item)
    } catch {
      throw .unwritable(path: item.path, reason: error.localizedDescription)
    }
  }
}

/// How far a run has come, and what belongs to its weights besides them: `state.json`.
public struct RunState: Codable, Sendable, Equatable {
  public var epochsDone: Int
  /// Optimiser steps that the checkpoint has seen.
  public var step: Int
  /// Stopped before its end.
  public var interrupted: Bool
  public var classNames: [String]
  /// Of the network's input, channel by channel, as fractions of 1.
  public var mean: [Double]
  public var deviation: [Double]

  public init(
    epochsDone: Int, step: Int, interrupted: Bool, classNames: [String], mean: [Double], deviation: [Double]
  ) {
    self.epochsDone = epochsDone
    self.step = step
    self.interrupted = interrupted
    self.classNames = classNames
    self.mean = mean
    self.deviation = deviation
  }
}
