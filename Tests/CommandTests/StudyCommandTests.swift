import Foundation
import Results
import Storage
import Testing

private let recipe = """
  name: tiny
  dataset: portraits
  trainCount: 40
  testCount: 40
  network: resnet8
  epochs: 2
  batch: 10
  precision: float32
  seeds: 0..2
  arms:
    ce: {loss: ce}
    isda: {loss: isda, lambda: 0.5, retention: 0.99, augmentation: none}

  """

@Suite("A study", .serialized, .timeLimit(.minutes(20)))
struct StudyCommandTests {
  private func write(_ text: String, _ folder: String) throws -> String {
    let path = "\(folder)/recipe.yaml"
    try WholeFile.write(text, to: URL(fileURLWithPath: path))
    return path
  }

  @Test func `is trained, goes on without repeating, is compared, exported and compared again`() throws {
    try withFolder { folder in
      let (path, out) = (try write(recipe, folder), "\(folder)/study")
      let outcome = try Outcome("study", path, "--out", out, "--jobs", "2", "--quiet", "--format", "json")
      #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
      let study = try StudyFolder(URL(fileURLWithPath: out)).study()
      for run in study.runs {
        let place = StudyFolder(URL(fileURLWithPath: out)).folder(of: run)
        // Every setting has found its way through the command line.
        #expect(place.isFinished)
        #expect(try place.configuration() == run.configuration)
      }
      // A finished run is left as it is; what has been lost is made again.
      let state = "\(out)/runs/ce-s0/state.json"
      let date = try FileManager.default.attributesOfItem(atPath: state)[.modificationDate] as? Date
      try FileManager.default.removeItem(atPath: "\(out)/runs/isda-s2")
      // What there is can be handed on, and somebody else's study goes on with it.
      let part = try Outcome("study", "export", out, "--out", "\(folder)/part")
      #expect(part.output.contains("part: 5 runs") && part.output.contains("1 not finished"), "\(part.output)")
      let continued = try Outcome("study", path, "--out", "\(folder)/part")
      #expect(continued.errors.contains("isda-s2: test error") && !continued.errors.contains("ce-s0"))
      #expect(try Outcome("study", "export", "\(folder)/part", "--out", "\(folder)/whole").code == 0)
      let again = try Outcome("study", path, "--out", out)
      #expect(again.code == 0 && again.errors.contains("isda-s2: test error"), "\(again.errors)")
      #expect(!again.errors.contains("ce-s0") && again.output.contains("6 runs finished"))
      #expect(try FileManager.default.attributesOfItem(atPath: state)[.modificationDate] as? Date == date)

      struct Report: Decodable {
        struct Arm: Decodable { let name: String, mean: Double }
        struct Frozen: Decodable { let name: String, seeds: Int, seedsFinished: Int }
        let arms: [Arm], study: Frozen, notes: [String]
      }
      func compare(_ folder: String) throws -> Report {
        let outcome = try Outcome("compare", folder, "--format", "json", "--quiet")
        #expect(outcome.code == 0, "\(outcome.errors)")
        return try JSONFile.decode(Report.self, from: Data(outcome.output.utf8))
      }
      let report = try compare(out)
      #expect(report.study.name == "tiny" && report.study.seedsFinished == 3 && report.arms.count == 2)
      for option in ["--tolerance", "--seed"] {
        let refused = try Outcome("compare", out, option, "1")
        #expect(refused.code == 64 && refused.errors.contains("were frozen in"), "\(refused.errors)")
      }
      // Where its images lay is not told.
      let first = RunFolder(URL(fileURLWithPath: "\(out)/runs/ce-s0"))
      var told = try first.configuration()
      told.images.data = "/home/somebody/images"
      try JSONFile.write(told, to: first.configurationFile)
      let copied = try Outcome("study", "export", out, "--out", "\(folder)/copy", "--format", "json")
      let size = try FileManager.default.subpathsOfDirectory(atPath: "\(folder)/copy").reduce(0) { size, path in
        let file = try FileManager.default.attributesOfItem(atPath: "\(folder)/copy/\(path)")
        return size + (file[.type] as? FileAttributeType == .typeRegular ? file[.size] as? Int ?? 0 : 0)
      }
      #expect(copied.output.contains("\"bytes\" : \(size),"), "\(size): \(copied.output)")
      #expect(try RunFolder(URL(fileURLWithPath: "\(folder)/copy/runs/ce-s0")).configuration().images.data == nil)
      #expect(copied.code == 0, "\(copied.errors)")
      for copy in ["copy", "whole"] {
        #expect(try compare("\(folder)/\(copy)").arms.map(\.mean) == report.arms.map(\.mean))
      }
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/copy/runs/ce-s0/checkpoints"))
      #expect(
        try Data(contentsOf: RunFolder(URL(fileURLWithPath: "\(folder)/copy/runs/ce-s0")).dataFile)
          == Data(contentsOf: first.dataFile))

      // Another analysis is another study, and a run that has been tampered with is no run of this one.
      _ = try write(recipe + "analysis: {tolerance: 0.5}\n", folder)
      let other = try Outcome("study", path, "--out", out)
      #expect(other.code == 65 && other.errorLines == 1, "\(other.errors)")
      #expect(other.errors.contains("found analysis.tolerance 0.5; expected 0.1, as frozen in"), "\(other.errors)")
      _ = try write(recipe, folder)
      let foreign = RunFolder(URL(fileURLWithPath: "\(out)/runs/ce-s1"))
      var configuration = try foreign.configuration()
      configuration.learningRate = 0.3
      try JSONFile.write(configuration, to: foreign.configurationFile)
      let tampered = try Outcome("study", path, "--out", out)
      #expect(tampered.code == 65 && tampered.errors.contains("that of ce-s1 in study.json"), "\(tampered.errors)")
    }
  }

  @Test func `is stopped by Ctrl-C, killed, and ends with the bytes of an undisturbed one`() throws {
    try withFolder { folder in
      let path = try write(
        recipe.replacingOccurrences(of: "epochs: 2", with: "epochs: 25").replacingOccurrences(of: "0..2", with: "0..1"),
        folder)
      #expect(try Outcome("study", path, "--out", "\(folder)/undisturbed", "--jobs", "2", "--quiet").code == 0)
      let out = "\(folder)/study"
      let arguments = ["study", path, "--out", out, "--jobs", "2", "--quiet"]
      func waitForRuns() throws {
        struct NeverCame: Error {}
        for _ in 0..<6000 {
          let begun = ["ce-s0", "isda-s0"].allSatisfy {
            FileManager.default.fileExists(atPath: "\(out)/runs/\($0)/metrics.jsonl")
          }
          if begun { return }
          Thread.sleep(forTimeInterval: 0.01)
        }
        throw NeverCame()
      }
      /// The study's folder, as the kernel lists whoever holds a lock.
      func waitForLock(by process: Process) throws {
        struct NeverHeld: Error {}
        for _ in 0..<6000 {
          let locks = try String(contentsOfFile: "/proc/locks", encoding: .utf8).split(separator: "\n")
          if locks.contains(where: { $0.contains("FLOCK") && $0.contains(" \(process.processIdentifier) ") }) { return }
          Thread.sleep(forTimeInterval: 0.01)
        }
        throw NeverHeld()
      }
      let stopped = try Outcome(Outcome.isda, arguments) { process in
        try waitForRuns()
        process.interrupt()
      }
      #expect(stopped.code == 130 && stopped.errorLines == 1, "\(stopped.errors)")
      #expect(stopped.errors.contains("of 4 runs finished; the same command goes on"), "\(stopped.errors)")
      // Nobody works on.
      let partial = try Outcome(Outcome.isda, ["compare", out, "--quiet"])
      #expect(partial.code == 65 && partial.errors.contains("no seed with a finished run"), "\(partial.errors)")

      let killed = try Outcome(Outcome.isda, arguments) { process in
        // The runs are there from before, so only the lock tells that this one is at work.
        try waitForLock(by: process)
        let busy = try Outcome(Outcome.isda, arguments)
        #expect(busy.code == 75, "\(busy.errors)")
        kill(process.processIdentifier, SIGKILL)
      }
      #expect(killed.code == SIGKILL)
      // Workers of the dead one stop by themselves; this one waits for them.
      let finished = try Outcome(Outcome.isda, arguments)
      #expect(finished.code == 0, "\(finished.errors)")
      for run in ["ce-s0", "isda-s0", "ce-s1", "isda-s1"] {
        func weights(_ study: String) throws -> Data {
          try Data(contentsOf: URL(fileURLWithPath: "\(study)/runs/\(run)/checkpoints/last.safetensors"))
        }
        #expect(try weights(out) == weights("\(folder)/undisturbed"), "\(run)")
      }
    }
  }

  @Test func `goes on without a run that diverges, and not without a disk`() throws {
    try withFolder { folder in
      let wild = recipe + "  wild: {loss: ce, learningRate: 1e30, weightDecay: 1}\n"
      let path = try write(wild.replacingOccurrences(of: "0..2", with: "[0]") + "analysis: {baseline: ce}\n", folder)
      let out = "\(folder)/study"
      let outcome = try Outcome("study", path, "--out", out, "--quiet")
      #expect(outcome.code == 1, "\(outcome.errors)")
      #expect(outcome.errors.contains("wild-s0 failed: ") && outcome.errors.contains("not finite"), "\(outcome.errors)")
      #expect(outcome.errors.contains("1 of 3 runs failed: wild-s0; the others are finished"))
      #expect(RunFolder(URL(fileURLWithPath: "\(out)/runs/isda-s0")).isFinished)

      let blocked = "\(folder)/blocked"
      let plain = try write(recipe, folder)
      try WholeFile.makeFolder(URL(fileURLWithPath: blocked))
      #expect(try Outcome("study", plain, "--out", blocked, "--jobs", "1", "--quiet", interruptAfter: 0.5).code == 130)
      try? FileManager.default.removeItem(atPath: "\(blocked)/runs")
      try WholeFile.write("no folder", to: URL(fileURLWithPath: "\(blocked)/runs"))
      let stuck = try Outcome("study", plain, "--out", blocked, "--quiet")
      #expect(stuck.code == 73 && stuck.errors.contains("and so would the others"), "\(stuck.errors)")
    }
  }

  @Test func `is planned: runs, time, disk, and what it can show`() throws {
    try withFolder { folder in
      struct Plan: Decodable {
        struct Power: Decodable { let detectable: Double?, smallestPValue: Double, fewestPairs: Int }
        let arms: [String], runs: Int, epochs: Int, jobs: Int, seconds: Double?, secondsPerEpoch: [String: Double]?,
          bytes: Int
        let power: Power
      }
      func plan(_ text: String, _ options: String...) throws -> Plan {
        let outcome = try Outcome(
          Outcome.isda, ["study", "plan", try write(text, folder), "--format", "json", "--quiet"] + options)
        #expect(outcome.code == 0, "\(outcome.errors)")
        return try JSONFile.decode(Plan.self, from: Data(outcome.output.utf8))
      }
      let few = try plan(recipe)
      #expect(few.runs == 6 && few.epochs == 12 && few.power.detectable == nil && few.power.smallestPValue == 0.25)
      let perEpoch = try #require(few.secondsPerEpoch)
      #expect(perEpoch.count == 2 && Set(perEpoch.keys) == Set(few.arms) && perEpoch.values.allSatisfy { $0 > 0 })
      // Three seeds of two epochs each, on one of two processors or both.
      let (seconds, whole) = (try #require(few.seconds), 6 * perEpoch.values.reduce(0, +))
      #expect(few.jobs >= 1 && abs(seconds - whole / Double(few.jobs)) < 1e-9 * whole && few.bytes > 6 * 75_000 * 4)
      let many = recipe.replacingOccurrences(of: "0..2", with: "0..9")
      let ten = try plan(many, "--quick", "--deviation", "0.5")
      #expect(ten.seconds == nil && ten.power.fewestPairs == 6)
      #expect(try #require(ten.power.detectable) > 0.5)
      let cifar = [10, 100].map {
        recipe.replacingOccurrences(of: "portraits\ntrainCount: 40\ntestCount: 40", with: "cifar\($0)")
      }
      let bytes = try cifar.map { try plan($0, "--quick", "--data", folder).bytes }
      // Logits of 10,000 test images, in six runs.
      #expect(bytes[1] - bytes[0] > 6 * 10_000 * 90 * 4)
      let text = try Outcome("study", "plan", try write(recipe, folder), "--quick")
      #expect(text.code == 0 && text.output.contains("3 seeds = 6 runs") && text.output.contains("fewer than 6"))
      #expect(try Outcome("study", "plan", "\(folder)/none.yaml").code == 66)
      #expect(try Outcome("study", "plan", "\(folder)/recipe.yaml", "--deviation", "0").code == 64)
    }
  }
}
