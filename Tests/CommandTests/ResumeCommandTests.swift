import Foundation
import Storage
import Testing

/// Waits until a file of the folder `folder/checkpoints` begins with `prefix`.
private func waitForCheckpoint(in folder: String, prefix: String = "step-") throws {
  struct NeverCame: Error {}
  for _ in 0..<12_000 {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/checkpoints")) ?? []
    if names.contains(where: { $0.hasPrefix(prefix) }) { return }
    Thread.sleep(forTimeInterval: 0.005)
  }
  throw NeverCame()
}

private func training(_ folder: String, epochs: Int, every seconds: Double = 0) -> [String] {
  [
    "train", "--dataset", "portraits", "--train-count", "60", "--test-count", "20", "--network", "resnet8", "--loss",
    "isda", "--epochs", "\(epochs)", "--batch", "10", "--threads", "1", "--precision", "float32", "--device", "cpu",
    "--out", folder,
    "--checkpoint-every", "\(seconds)", "--quiet",
  ]
}

private func weights(_ folder: String) throws -> [Data] {
  try ["checkpoints/last", "checkpoints/isda", "predictions/test"].map {
    try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($0).safetensors"))
  }
}

private func partialFiles(_ folder: String) -> [String] {
  (FileManager.default.subpaths(atPath: folder) ?? []).filter { $0.hasSuffix(".partial") }
}

@Suite("Nothing of a run is lost", .serialized, .timeLimit(.minutes(20)))
struct ResumeCommandTests {
  @Test func `killed at random moments and resumed, it ends with the same bytes`() throws {
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../CrashTests/kill-at-random").standardizedFileURL
    let outcome = try Outcome(
      URL(fileURLWithPath: "/usr/bin/env"),
      ["python3", script.path, "--isda", Outcome.isda.path, "--kills", "6", "--arms", "1"])
    #expect(outcome.code == 0, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains("bytes of its undisturbed twin"))
  }

  @Test func `while it is trained its folder is closed to others; SIGTERM stops it, and it goes on`() throws {
    try withFolder { folder in
      let run = folder + "/run"
      var identifier: Int32 = 0
      let stopped = try Outcome(Outcome.isda, training(run, epochs: 400, every: 0.01)) { process in
        identifier = process.processIdentifier
        // The weights for others come at the end of the first epoch; then the run could be analysed.
        try waitForCheckpoint(in: run, prefix: "last")
        for arguments in [["train", "--resume", run], ["analyze", run], training(run, epochs: 1) + ["--overwrite"]] {
          let refused = try Outcome(Outcome.isda, arguments + ["--quiet"])
          #expect(refused.code == 75 && refused.errorLines == 1, "\(refused.errors)")
          #expect(refused.errors.contains("\(run): in use by process \(process.processIdentifier);"))
        }
        process.terminate()
      }
      #expect(stopped.code == 143 && stopped.errorLines == 1, "\(stopped.errors)")
      #expect(stopped.errors.contains("`isda train --resume \(run)` continues"))
      #expect(!FileManager.default.fileExists(atPath: run + "/directions"))

      let again = try Outcome(
        "train", "--resume", run, "--checkpoint-every", "0.01", "--quiet", interruptAfter: 3)
      #expect(again.code == 130 && again.errorLines == 1, "\(again.errors)")
      #expect(try Outcome("analyze", run, "--quiet").code == 0)
      // The lock names a process that is gone, and holds nobody up.
      #expect(try String(contentsOfFile: run + "/.lock", encoding: .utf8) != "\(identifier)\n")
    }
  }

  @Test func `a full disk is named with its file; what was there stays, and the run goes on when there is room`() throws
  {
    try withFolder { folder in
      // More seconds than a Duration holds: never within an epoch.
      #expect(try Outcome(Outcome.isda, training(folder + "/undisturbed", epochs: 20, every: 1e300)).code == 0)
      let run = folder + "/run"
      let stopped = try Outcome(Outcome.isda, training(run, epochs: 20, every: 0.01)) { process in
        try waitForCheckpoint(in: run)
        process.interrupt()
      }
      #expect(stopped.code == 130, "\(stopped.errors)")
      let checkpoints = try FileManager.default.contentsOfDirectory(atPath: run + "/checkpoints").sorted()

      // Room for any file but a checkpoint; a limit of the process stands in for the disk's. Signals as a terminal
      // leaves them, because those that a parent ignores or blocks are ignored or blocked in its children.
      let limited = """
        import os, resource, signal, sys
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
        os.execv(sys.argv[1], sys.argv[1:])
        """
      let full = try Outcome(
        URL(fileURLWithPath: "/usr/bin/env"),
        ["python3", "-c", limited, Outcome.isda.path, "train", "--resume", run, "--quiet"])
      #expect(full.code == 73 && full.errorLines == 1, "\(full.errors)")
      #expect(full.errors.contains("\(run)/checkpoints/step-"))
      #expect(full.errors.contains("safetensors: cannot be written: File too large"))
      #expect(partialFiles(run).isEmpty)
      #expect(try FileManager.default.contentsOfDirectory(atPath: run + "/checkpoints").sorted() == checkpoints)

      #expect(try Outcome("train", "--resume", run, "--quiet").code == 0)
      #expect(try weights(run) == weights(folder + "/undisturbed"))
      let finished = try Outcome("train", "--resume", run)
      #expect(finished.code == 0 && finished.errors.contains("finished already"))
      #expect(finished.output.contains("after 20 epochs"))
      #expect(try weights(run) == weights(folder + "/undisturbed"))
    }
  }

  @Test func `a damaged checkpoint is named even when quiet; with none left it is 65 and says what to do`() throws {
    try withFolder { folder in
      let run = folder + "/run"
      let stopped = try Outcome(Outcome.isda, training(run, epochs: 20, every: 0.01)) { process in
        try waitForCheckpoint(in: run, prefix: "last")
        process.interrupt()
      }
      #expect(stopped.code == 130, "\(stopped.errors)")
      let checkpoints = try FileManager.default.contentsOfDirectory(atPath: run + "/checkpoints")
        .filter { $0.hasPrefix("step-") }.sorted { $0.count == $1.count ? $0 > $1 : $0.count > $1.count }
      #expect(checkpoints.count == 2)
      let files = checkpoints.map { URL(fileURLWithPath: "\(run)/checkpoints/\($0)") }
      try Data().write(to: files[0])
      let resumed = try Outcome("train", "--resume", run, "--quiet")
      #expect(resumed.code == 0 && resumed.errorLines == 1, "\(resumed.errors)")
      #expect(resumed.errors.contains("\(files[0].path): found 0 bytes"))
    }
    try withFolder { folder in
      try WholeFile.write("no checkpoint", to: URL(fileURLWithPath: folder + "/checkpoints/step-7.safetensors"))
      try WholeFile.write(
        """
        {"augment":true,"batch":10,"dataset":"portraits","epochs":2,"lambda":0.5,"learningRate":0.1,"loss":"ce",
        "momentum":0.9,"network":"resnet8","precision":"float32","schedule":"cosine","seed":0,"testCount":20,
        "trainCount":20,"weightDecay":0.0005}
        """, to: URL(fileURLWithPath: folder + "/config.json"))
      // The configuration is one of the first version, which knew fewer keys.
      let outcome = try Outcome("train", "--resume", folder, "--quiet")
      #expect(outcome.code == 65, "\(outcome.errors)")
      #expect(outcome.errors.contains("step-7.safetensors") && outcome.errors.contains("--overwrite"))
      #expect(try Outcome("train", "--resume", folder + "/none", "--quiet").code == 66)
    }
  }

  /// The options of `isda train` as the command itself describes them.
  @Test func `beside resume stands only what cannot change the result`() throws {
    struct Help: Decodable {
      struct Name: Decodable { let kind: String, name: String }
      struct Argument: Decodable { let kind: String, names: [Name]? }
      struct Command: Decodable { let commandName: String, arguments: [Argument]?, subcommands: [Command]? }
      let command: Command
    }
    let dump = try Outcome("--experimental-dump-help")
    let help = try JSONDecoder().decode(Help.self, from: Data(dump.output.utf8)).command
    let train = try #require(help.subcommands?.first { $0.commandName == "train" })
    let allowed = ["resume", "data", "checkpoint-every", "format", "quiet", "help", "version", "parent"]
    let values = [
      "dataset": "portraits", "network": "resnet8", "loss": "ce", "schedule": "step", "precision": "float32",
      "lambda-schedule": "step", "covariance": "pooled", "forget": "0.5", "device": "cpu",
      "augmentation": "none", "evaluate-on": "validation", "broken": "skip",
    ]
    var refused = 0
    for argument in train.arguments ?? [] {
      for name in (argument.names ?? []).filter({ $0.kind == "long" }).map(\.name) where !allowed.contains(name) {
        var arguments = ["train", "--resume", "nowhere", "--\(name)"]
        if argument.kind == "option" { arguments[3] += "=" + (values[name] ?? "1") }
        let outcome = try Outcome(Outcome.isda, arguments)
        #expect(
          outcome.code == 64 && outcome.errors.contains("--\(name) does not go with --resume"), "\(outcome.errors)")
        refused += 1
      }
    }
    #expect(refused >= 18)
    // What is allowed goes on to look for the folder.
    #expect(
      try Outcome(
        "train", "--resume", "nowhere", "--data", "x", "--checkpoint-every", "1", "--format", "json", "--quiet"
      ).code == 66)
    #expect(try Outcome("train", "--resume", "nowhere", "--checkpoint-every", "-1").code == 64)
  }
}
