//  The built command as a user meets it: started, stopped, and asked what it printed and how it left.

import Foundation

/// What a run of the built command printed and how it left.
struct Outcome {
  let code: Int32
  let output: String
  let errors: String

  /// Where the build puts `isda`: beside the tests.
  static let isda = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    .appendingPathComponent("isda")

  /// Runs `isda`.
  init(_ arguments: String..., interruptAfter seconds: Double? = nil) throws {
    try self.init(Self.isda, arguments) { process in
      guard let seconds else { return }
      Thread.sleep(forTimeInterval: seconds)
      process.interrupt()
    }
  }

  /// Runs any program, and `body` once it has started.
  init(_ program: URL, _ arguments: [String], while body: (Process) throws -> Void = { _ in }) throws {
    let process = Process()
    (process.executableURL, process.arguments) = (program, arguments)
    // Threads that wait sleep, because other tests want the cores; and the width of the help.
    process.environment = ProcessInfo.processInfo.environment.merging(["OMP_WAIT_POLICY": "passive", "COLUMNS": "80"]) {
      own, _ in own
    }
    let (output, errors) = (Pipe(), Pipe())
    (process.standardOutput, process.standardError) = (output, errors)
    try process.run()
    do {
      try body(process)
    } catch {
      process.terminate()
      throw error
    }
    self.output = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    self.errors = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    code = process.terminationStatus
  }

  var errorLines: Int { errors.split(separator: "\n").count }
}

func withFolder(_ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("isda-command-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try body(folder.path)
}
