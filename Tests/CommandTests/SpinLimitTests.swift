#if os(Linux)
  import Foundation
  import Testing

  @Suite("Threads that wait for each other spin briefly, unless the user says otherwise", .timeLimit(.minutes(5)))
  struct SpinLimitTests {
    /// What a training that is under way has in its environment about waiting, beside nothing but `given`.
    private func waiting(_ given: [String: String]) throws -> Set<String> {
      var found: Set<String> = []
      try withFolder { folder in
        let process = Process()
        process.executableURL = Outcome.isda
        process.arguments = [
          "train", "--dataset", "portraits", "--train-count", "100", "--test-count", "20", "--network", "resnet8",
          "--loss", "ce", "--epochs", "100000", "--batch", "20", "--out", "\(folder)/run", "--quiet",
        ]
        var environment = ProcessInfo.processInfo.environment
        for name in ["GOMP_SPINCOUNT", "OMP_WAIT_POLICY"] { environment[name] = nil }
        process.environment = environment.merging(given) { $1 }
        process.standardError = FileHandle.nullDevice
        try process.run()
        while process.isRunning, !FileManager.default.fileExists(atPath: "\(folder)/run/metrics.csv") {
          Thread.sleep(forTimeInterval: 0.05)
        }
        // What the process began with, the last time that it began.
        let text = try String(contentsOfFile: "/proc/\(process.processIdentifier)/environ", encoding: .utf8)
        found = Set(
          text.split(separator: "\0").map(String.init).filter { $0.hasPrefix("GOMP_") || $0.hasPrefix("OMP_W") })
        process.interrupt()
        process.waitUntilExit()
        #expect(process.terminationStatus == 130)
      }
      return found
    }

    @Test func `a command that computes on all cores sets the limit and is still itself`() throws {
      #expect(try waiting([:]) == ["GOMP_SPINCOUNT=10000"])
    }

    @Test(arguments: [["GOMP_SPINCOUNT": "7"], ["OMP_WAIT_POLICY": "passive"]])
    func `what the user has chosen stays`(given: [String: String]) throws {
      #expect(try waiting(given) == Set(given.map { "\($0)=\($1)" }))
    }
  }
#endif
