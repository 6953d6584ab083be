//  Runs of a study in processes of their own, as many side by side as there is room for. A run that dies takes no other
//  with it; whatever stops the study, what is finished stays, and what is not goes on from its last checkpoint.

public import Foundation
public import Results
internal import Storage

/// What a study tells while it goes on.
public enum StudyEvent: Sendable {
  case progress(StudyProgress)
  /// The error of its last epoch, in percent.
  case finished(run: String, error: Double)
  /// The study goes on without it.
  case failed(run: String, message: String)
  /// What a user should know, though all goes on.
  case notice(String)
}

/// How far a study has come.
public struct StudyProgress: Sendable, Equatable {
  public var runsDone: Int
  public var runs: Int
  public var epochsDone: Int
  public var epochs: Int
  /// The runs at work.
  public var running: [String]
  /// At the speed of this session; nil before its first epoch has ended.
  public var secondsLeft: Double?
}

/// Why a study ended before its last run, or with runs that failed.
public enum StudyError: Error, CustomStringConvertible {
  /// Stopped on request; all that was done is kept.
  case stopped(runsDone: Int, runs: Int)
  /// A run failed for a reason that would end the others too; `code` is how its process left.
  case cannotGoOn(run: String, message: String, code: Int32)
  /// All others are finished.
  case someFailed([String], runs: Int)

  public var description: String {
    switch self {
    case .stopped(let done, let runs): "stopped with \(done) of \(runs) runs finished; the same command goes on"
    case .cannotGoOn(let run, let message, _): "\(run) failed, and so would the others: \(message)"
    case .someFailed(let names, let runs):
      "\(names.count) of \(runs) runs failed: \(names.joined(separator: ", ")); the others are finished"
    }
  }
}

/// Makes the runs of a frozen study that are not finished yet.
public struct StudyRunner {
  public let folder: StudyFolder
  public let study: Study
  /// Runs side by side.
  public var jobs: Int
  /// Where the data set's files lie, if not where the recipe says.
  public var data: String?
  /// The program that trains one run, and its arguments for a run that begins, or that goes on.
  public var trainer: URL
  public var arguments: (_ configuration: RunConfiguration, _ folder: RunFolder, _ resumes: Bool) -> [String]

  public init(
    _ folder: StudyFolder, study: Study, jobs: Int, data: String? = nil, trainer: URL,
    arguments: @escaping (_ configuration: RunConfiguration, _ folder: RunFolder, _ resumes: Bool) -> [String]
  ) {
    (self.folder, self.study, self.jobs, self.data) = (folder, study, jobs, data)
    (self.trainer, self.arguments) = (trainer, arguments)
  }

  /// A run's process.
  private struct Worker {
    let run: Study.Run
    let process: Process
    let errors: Pipe
  }

  /// Seconds between looks at the workers.
  private static let pause = 0.05
  /// Between two reports of progress.
  private static let reportInterval = 0.5

  /// Makes all runs. Nobody else may do so in this folder meanwhile.
  /// - Parameter shouldStop: asked many times a second; true stops every run after its current step.
  /// - Throws: `StudyError`; `FileError` for a folder that is in use, and for a run in it that is not the study's.
  public func run(shouldStop: () -> Bool, report: (StudyEvent) -> Void) throws {
    try FolderLock.holding(folder.url) {
      try makeRuns(shouldStop: shouldStop, report: report)
    }
  }

  private func makeRuns(shouldStop: () -> Bool, report: (StudyEvent) -> Void) throws {
    let runs = study.runs
    var waiting: [Study.Run] = []
    for run in runs where !(try isFinished(run)) { waiting.append(run) }
    var (workers, failures): ([Worker], [String]) = ([], [])
    var announced: Set<String> = []
    var clock = StudyClock(study, folder: folder)
    var lastReport = ContinuousClock.now - .seconds(Self.reportInterval)
    // Whatever is thrown on the way, no worker is left behind.
    defer { stop(workers) }
    while !waiting.isEmpty || !workers.isEmpty {
      if shouldStop() {
        stop(workers)
        workers = []
        throw StudyError.stopped(runsDone: try runs.count { try isFinished($0) }, runs: runs.count)
      }
      for (index, worker) in workers.enumerated().reversed() where !worker.process.isRunning {
        workers.remove(at: index)
        try settle(worker, report: report).map { failures.append($0) }
      }
      var passed: [Study.Run] = []
      while workers.count < jobs, !waiting.isEmpty {
        let run = waiting.removeFirst()
        // A training that outlived a study that was killed ends after its step; somebody else's may take longer.
        if let busy = busyError(folder.folder(of: run)) {
          if announced.insert(run.name).inserted { report(.notice("waiting: \(busy)")) }
          passed.append(run)
        } else if try !isFinished(run) {
          workers.append(try start(run))
        }
      }
      waiting = passed + waiting
      if ContinuousClock.now - lastReport >= .seconds(Self.reportInterval) {
        report(.progress(try clock.progress(running: workers.map(\.run.name))))
        lastReport = .now
      }
      Thread.sleep(forTimeInterval: Self.pause)
    }
    guard failures.isEmpty else { throw StudyError.someFailed(failures, runs: runs.count) }
  }

  /// Whether a run is there and has come to its end.
  /// - Throws: `FileError` if a run of another configuration is there.
  private func isFinished(_ run: Study.Run) throws(FileError) -> Bool {
    let place = folder.folder(of: run)
    guard place.holdsRun else { return false }
    let found = try place.configuration()
    guard found.armSettings == run.configuration.armSettings, found.seed == run.configuration.seed else {
      throw .malformed(
        path: place.configurationFile.path, found: "another configuration",
        expected: "that of \(run.name) in study.json")
    }
    return place.isFinished
  }

  private func busyError(_ place: RunFolder) -> FileError? {
    guard FileManager.default.fileExists(atPath: place.url.path) else { return nil }
    do {
      try FolderLock.holding(place.url) {}
      return nil
    } catch let error as FileError {
      guard case .busy = error else { return nil }
      return error
    } catch {
      return nil
    }
  }

  private func start(_ run: Study.Run) throws(FileError) -> Worker {
    let place = folder.folder(of: run)
    var configuration = run.configuration
    configuration.images.data = data ?? configuration.images.data
    let process = Process()
    let errors = Pipe()
    process.executableURL = trainer
    process.arguments = arguments(configuration, place, place.holdsRun)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = errors
    do {
      try process.run()
    } catch {
      throw .unwritable(path: place.url.path, reason: "\(trainer.path) does not start: \(error.localizedDescription)")
    }
    return Worker(run: run, process: process, errors: errors)
  }

  /// Takes note of how a worker ended.
  /// - Returns: the name of a run that failed though the others can go on.
  private func settle(_ worker: Worker, report: (StudyEvent) -> Void) throws -> String? {
    let lines = output(of: worker)
    let (process, name) = (worker.process, worker.run.name)
    let place = folder.folder(of: worker.run)
    if process.terminationReason == .exit, process.terminationStatus == 0 {
      for line in lines { report(.notice(line)) }
      report(.finished(run: name, error: try place.metrics().last?.testError ?? .nan))
      return nil
    }
    if process.terminationReason == .uncaughtSignal {
      report(.failed(run: name, message: "killed by signal \(process.terminationStatus)"))
      return name
    }
    let message = lines.last ?? "it left with \(process.terminationStatus) and said nothing"
    // A training that diverges is its arm's own trouble; a full disk or missing images are everybody's.
    guard process.terminationStatus == EXIT_FAILURE else {
      throw StudyError.cannotGoOn(run: name, message: message, code: process.terminationStatus)
    }
    report(.failed(run: name, message: message))
    return name
  }

  /// Every line that a worker wrote on standard error, without the program's name.
  private func output(of worker: Worker) -> [String] {
    let data = (try? worker.errors.fileHandleForReading.readToEnd()) ?? Data()
    return String(decoding: data, as: UTF8.self).split(separator: "\n").map {
      String($0.hasPrefix("isda: ") ? $0.dropFirst(6) : $0)
    }
  }

  /// Ends workers as Ctrl-C would, and waits until they have written what they go on from.
  private func stop(_ workers: [Worker]) {
    for worker in workers where worker.process.isRunning { worker.process.interrupt() }
    for worker in workers { worker.process.waitUntilExit() }
  }
}

/// Counts epochs of a whole study, and guesses from those of this session when it will end.
struct StudyClock {
  private let folder: StudyFolder
  private let runs: [Study.Run]
  private let start = ContinuousClock.now
  /// What each run has recorded. Read again only while it can have grown.
  private var recorded: [String: [EpochRecord]] = [:]
  /// Epochs of each run that were done before this session.
  private var before: [String: Int]?

  init(_ study: Study, folder: StudyFolder) {
    (self.folder, runs) = (folder, study.runs)
  }

  mutating func progress(running: [String]) throws(FileError) -> StudyProgress {
    for run in runs where recorded[run.name].map({ $0.count < run.configuration.epochs }) ?? true {
      recorded[run.name] = try folder.folder(of: run).metrics()
    }
    func count(_ run: Study.Run) -> Int { recorded[run.name]?.count ?? 0 }
    let earlier = before ?? Dictionary(uniqueKeysWithValues: runs.map { ($0.name, count($0)) })
    before = earlier

    // An epoch of a larger network is more of the way; one of a network without any weighs as much as the mean of all.
    var seconds: [String: [Double]] = [:]
    for run in runs { seconds[run.configuration.network, default: []] += (recorded[run.name] ?? []).map(\.seconds) }
    let all = seconds.values.flatMap { $0 }
    func mean(_ values: [Double]) -> Double { values.isEmpty ? 1 : values.reduce(0, +) / Double(values.count) }
    func work(_ epochs: (Study.Run) -> Int) -> Double {
      runs.reduce(0) { sum, run in
        let own = seconds[run.configuration.network] ?? []
        return sum + mean(own.isEmpty ? all : own) * Double(epochs(run))
      }
    }
    let done = work { count($0) - (earlier[$0.name] ?? 0) }
    let left = work { $0.configuration.epochs - count($0) }
    return StudyProgress(
      runsDone: runs.count { count($0) == $0.configuration.epochs }, runs: runs.count,
      epochsDone: runs.reduce(0) { $0 + count($1) }, epochs: runs.reduce(0) { $0 + $1.configuration.epochs },
      running: running, secondsLeft: done > 0 ? left / done * ((ContinuousClock.now - start) / .seconds(1)) : nil)
  }
}
