import Foundation
import Images
import Results
import Storage
import TestSupport
import Testing
import Torch

@testable import Training

/// What a run leaves, but for the clock.
private struct End: Equatable {
  let files: [String: Data]
  let records: [EpochRecord]

  init(_ folder: RunFolder) throws {
    let paths = FileManager.default.subpaths(atPath: folder.url.path) ?? []
    let timed = ["env.json", "artifacts.json", ".lock"]
    files = try Dictionary(
      uniqueKeysWithValues: paths.compactMap { path in
        let url = folder.url.appendingPathComponent(path)
        if url.hasDirectoryPath || timed.contains(path) || path.contains("metrics") || path.contains("events") {
          return nil
        }
        return (path, try Data(contentsOf: url))
      })
    records = try folder.metrics().map {
      var record = $0
      (record.seconds, record.imagesPerSecond, record.peakMemory) = (0, 0, nil)
      return record
    }
  }
}

@Suite("A run that was stopped goes on to the end that it would have had", .serialized, .leavesNoTensors)
struct ResumeTests {
  private func withFolder<Result>(_ body: (RunFolder) throws -> Result) throws -> Result {
    try withTemporaryFolder { try body(RunFolder($0.appendingPathComponent("run"))) }
  }

  private func end(of configuration: RunConfiguration) throws -> End {
    try withFolder { folder in
      try train(configuration, in: folder)
      return try End(folder)
    }
  }

  /// Trains until asked the `steps`-th time whether to stop.
  private func stop(
    _ configuration: RunConfiguration, in folder: RunFolder, _ beginning: TrainingRun.Beginning = .anew,
    after steps: Int, checkpointInterval: Double = 0
  ) throws {
    #expect {
      try train(configuration, in: folder, beginning, stopAfter: steps, checkpointInterval: checkpointInterval)
    } throws: { error in
      if case TrainingError.interrupted = error { true } else { false }
    }
  }

  @Test(
    "wherever it is stopped, in a step or while testing",
    arguments: [
      configuration(.isda), configuration(.ce), configuration(.isda, precision: .bfloat16),
      {
        var explicit = configuration(.explicit(draws: 2))
        explicit.covariance = .lowRank(3)
        explicit.lambdaSchedule = .step
        explicit.retention = 0.9
        return explicit
      }(),
      {
        var plain = configuration(.ce); plain.momentum = 0; plain.augmentation = .none; plain.schedule = .step;
        return plain
      }(),
    ])
  func everywhere(configuration: RunConfiguration) throws {
    let undisturbed = try end(of: configuration)
    #expect(undisturbed.records.count == 2)
    // Four steps and one test for each of two epochs, each of which asks once.
    for steps in 1...10 {
      try withFolder { folder in
        try stop(configuration, in: folder, after: steps)
        var resumed: [Int] = []
        try train(configuration, in: folder, .resuming) { event in
          if case .resumed(let epoch, let step) = event { resumed = [epoch, step] }
        }
        #expect(resumed == [1 + (steps - 1) / 5, min(4, (steps - 1) % 5 + 1)])
        #expect(try End(folder) == undisturbed, "stopped at \(steps)")
      }
    }
  }

  @Test(
    "whatever the loss keeps, and whatever is done to the images",
    arguments: [
      configuration(.center(0.1), "crop:2:zero,flip,randaugment:2:5,cutout:8"),
      configuration(.isda, "crop:2,flip,autoaugment,mixup:1:0.5"),
      configuration(.disturbed(0.2), "flip,translate:2,rotate:10,jitter:0.3:20,cutmix"),
    ])
  func losses(configuration: RunConfiguration) throws {
    let undisturbed = try end(of: configuration)
    // Within an epoch and within the next one.
    for steps in [2, 7] {
      try withFolder { folder in
        try stop(configuration, in: folder, after: steps)
        try train(configuration, in: folder, .resuming)
        #expect(try End(folder) == undisturbed, "stopped at \(steps)")
      }
    }
  }

  @Test func `and stopped again after every step`() throws {
    let undisturbed = try end(of: configuration(.isda))
    try withFolder { folder in
      try stop(configuration(.isda), in: folder, after: 1)
      for _ in 1..<8 { try stop(configuration(.isda), in: folder, .resuming, after: 1) }
      try train(configuration(.isda), in: folder, .resuming)
      #expect(try End(folder) == undisturbed)
    }
  }

  @Test func `checkpoints within an epoch change nothing, and the last two are kept`() throws {
    let undisturbed = try end(of: configuration(.isda))
    try withFolder { folder in
      var kept: [[Int]] = []
      try train(configuration(.isda), in: folder, checkpointInterval: 1e-9) { event in
        if case .epochEnded = event { kept.append(folder.fullCheckpoints.map(\.step)) }
      }
      #expect(kept == [[4, 3], [8, 7]])
      #expect(try End(folder) == undisturbed)
      #expect(folder.isFinished)
    }
  }

  enum Damage: CaseIterable {
    case empty, truncated, flipped, foreign
    func apply(to file: URL) throws {
      var data = try Data(contentsOf: file)
      switch self {
      case .empty: data = Data()
      case .truncated: data = data.prefix(data.count / 2)
      case .flipped: data[data.count - 1000] ^= 0x10
      case .foreign: data = Safetensors(arrays: [:]).data
      }
      try data.write(to: file)
    }
  }

  @Test(arguments: Damage.allCases)
  func `a damaged checkpoint is named and the one before taken`(damage: Damage) throws {
    let undisturbed = try end(of: configuration(.isda))
    try withFolder { folder in
      try stop(configuration(.isda), in: folder, after: 6, checkpointInterval: 1e-9)
      #expect(folder.fullCheckpoints.map(\.step) == [5, 4])
      try damage.apply(to: folder.fullCheckpoint(step: 5))
      var (notices, resumed): ([String], [Int]) = ([], [])
      // Stopped after one step again: the damaged file must not stay as a later one than those that follow.
      #expect(throws: TrainingError.self) {
        try train(configuration(.isda), in: folder, .resuming, stopAfter: 1) { event in
          switch event {
          case .notice(let text): notices.append(text)
          case .resumed(let epoch, let step): resumed = [epoch, step]
          default: break
          }
        }
      }
      #expect(notices.count == 1 && notices[0].contains(folder.fullCheckpoint(step: 5).path), "\(notices)")
      #expect(resumed == [2, 0])
      #expect(folder.fullCheckpoints.map(\.step) == [5, 4])
      try train(configuration(.isda), in: folder, .resuming) { event in
        if case .notice(let text) = event { Issue.record("\(text)") }
      }
      #expect(try End(folder) == undisturbed)
    }
  }

  @Test func `with no whole checkpoint left, it says what to do and touches nothing`() throws {
    try withFolder { folder in
      try stop(configuration(.ce), in: folder, after: 3, checkpointInterval: 1e-9)
      let files = folder.fullCheckpoints.map(\.file)
      #expect(files.count == 2)
      for file in files { try Damage.truncated.apply(to: file) }
      let before = try End(folder)
      #expect {
        try train(configuration(.ce), in: folder, .resuming)
      } throws: { error in
        guard case FileError.malformed = error else { return false }
        return "\(error)".contains("2 checkpoints") && "\(error)".contains("--overwrite")
      }
      #expect(try End(folder) == before)
    }
  }

  @Test func `a run of a version without checkpoints is refused, one killed before its first begins again`() throws {
    try withFolder { folder in
      try stop(configuration(.ce), in: folder, after: 6)
      try folder.removeFullCheckpoints()
      #expect {
        try train(configuration(.ce), in: folder, .resuming)
      } throws: { "\($0)".contains("a run without a checkpoint") && "\($0)".contains("--overwrite") }
    }
    let undisturbed = try end(of: configuration(.ce))
    try withFolder { folder in
      try JSONFile.write(configuration(.ce), to: folder.configurationFile)
      try train(configuration(.ce), in: folder, .resuming)
      #expect(try End(folder) == undisturbed)
    }
  }

  @Test func `other images, another configuration and another network are refused`() throws {
    try withFolder { folder in
      try stop(configuration(.isda), in: folder, after: 3)
      var pixels = dataset.train.pixels
      pixels[100_000] ^= 1
      let other = Dataset(
        name: "colours", classNames: dataset.classNames,
        train: ImageSet(width: 32, height: 32, pixels: pixels, labels: dataset.train.labels), test: dataset.test,
        normalization: dataset.normalization)
      #expect {
        try train(configuration(.isda), on: other, in: folder, .resuming)
      } throws: { "\($0)".contains("colours: found other images") }
      #expect {
        try train(configuration(.isda, epochs: 3), in: folder, .resuming)
      } throws: { "\($0)".contains("config.json: found another configuration") }

      // Whole and of this run, but without what the loss keeps.
      let file = folder.fullCheckpoint(step: 3)
      var content = try Safetensors(sealedAt: file)
      content.arrays["isda.mean"] = nil
      try content.writeSealed(to: file)
      #expect {
        try train(configuration(.isda), in: folder, .resuming)
      } throws: { "\($0)".contains("step-3.safetensors: found arrays of another network or loss") }
    }
  }

  @Test func `going on on another device is said, and the run goes on there`() throws {
    try withFolder { folder in
      try stop(configuration(.isda, device: .auto), in: folder, after: 3)
      let file = folder.fullCheckpoint(step: 3)
      var content = try Safetensors(sealedAt: file)
      let here = try JSONFile.read(RunEnvironment.self, from: folder.environmentFile)
      let (device, gpu) = (try #require(here.device), here.gpu)
      content.metadata["state"] = content.metadata["state"]?.replacingOccurrences(
        of: "\"device\":\"\(device)\"", with: "\"device\":\"abacus\",\"gpu\":\"ten rods\"")
      try content.writeSealed(to: file)
      var notices: [String] = []
      try train(configuration(.isda, device: .auto), in: folder, .resuming) { event in
        if case .notice(let text) = event { notices.append(text) }
      }
      #expect(notices.count == 1, "\(notices)")
      #expect(notices[0].contains("threads, on ten rods and goes on") && notices[0].contains("on \(gpu ?? device),"))
      #expect(folder.isFinished)
    }
  }

  @Test func `going on with other versions or threads is said`() throws {
    try withFolder { folder in
      try stop(configuration(.ce), in: folder, after: 3)
      let file = folder.fullCheckpoint(step: 3)
      var content = try Safetensors(sealedAt: file)
      content.metadata["state"] = content.metadata["state"]?.replacingOccurrences(
        of: "\"libtorch\":\"\(Library.version)\"", with: "\"libtorch\":\"1.0\"")
      try content.writeSealed(to: file)
      var notices: [String] = []
      try train(configuration(.ce), in: folder, .resuming) { event in
        if case .notice(let text) = event { notices.append(text) }
      }
      #expect(notices.count == 1 && notices[0].contains("libtorch 1.0,") && notices[0].contains(Library.version))
    }
  }

  @Test func `a folder that holds a run, or is in use, is left alone`() throws {
    try withFolder { folder in
      try stop(configuration(.ce), in: folder, after: 6)
      let before = try End(folder)
      #expect {
        try train(configuration(.ce), in: folder)
      } throws: { "\($0)".contains("holds a run already") && "\($0)".contains("--resume") }
      try folder.exclusively {
        for beginning in [TrainingRun.Beginning.anew, .replacing, .resuming] {
          #expect(throws: FileError.busy(path: folder.url.path, holder: Int(getpid()))) {
            try train(configuration(.ce), in: folder, beginning)
          }
        }
      }
      #expect(try End(folder) == before)
      try train(configuration(.isda), in: folder, .replacing)
      #expect(try folder.configuration() == configuration(.isda) && folder.isFinished)
    }
  }
}
