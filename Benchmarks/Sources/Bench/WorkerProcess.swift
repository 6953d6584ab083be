//  The other half of the conversation that `Rounds` describes: starts a side's process and asks it.

import Foundation

/// Why a side has no numbers.
struct WorkerError: Error, CustomStringConvertible {
  let description: String
}

final class WorkerProcess {
  /// Of libtorch, as the worker says it.
  private(set) var version = ""
  private let process = Process()
  private let (input, output) = (Pipe(), Pipe())
  private var unread = Data()

  /// Starts the process and waits until it is ready.
  init(executable: URL, arguments: [String], environment: [String: String]) throws {
    process.executableURL = executable
    process.arguments = arguments
    process.environment = environment
    (process.standardInput, process.standardOutput) = (input, output)
    do {
      try process.run()
    } catch {
      throw WorkerError(description: "\(executable.path): cannot be started (\(error.localizedDescription))")
    }
    version = try read("ready")
  }

  deinit {
    try? input.fileHandleForWriting.close()
    process.terminate()
    process.waitUntilExit()
  }

  /// - Returns: how many repetitions fill the time.
  func warm(seconds: Double) throws -> Int { Int(try ask("warm \(seconds)", for: "repetitions")) ?? 1 }

  /// - Returns: seconds for one of the repetitions.
  func time(repetitions: Int) throws -> Double {
    (Double(try ask("go \(repetitions)", for: "seconds")) ?? .nan) / Double(repetitions)
  }

  /// - Returns: seconds that so large a share of single repetitions do not exceed.
  func quantile(_ share: Double) throws -> Double { Double(try ask("quantile \(share)", for: "seconds")) ?? .nan }

  func peakBytes() throws -> Double {
    let answer = try ask("peak", for: "bytes")
    guard let bytes = Double(answer) else {
      throw WorkerError(description: "this system does not tell a process's peak memory")
    }
    return bytes
  }

  /// - Returns: what follows the name in the line that answers.
  func ask(_ line: String, for name: String) throws -> String {
    do {
      try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
    } catch {
      throw ended
    }
    return try read(name)
  }

  /// The rest of the next line that begins with `name`.
  private func read(_ name: String) throws -> String {
    while true {
      while let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: unread[..<end], as: UTF8.self)
        unread.removeSubrange(...end)
        if line.hasPrefix(name + " ") { return String(line.dropFirst(name.count + 1)) }
      }
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else { throw ended }
      unread.append(more)
    }
  }

  private var ended: WorkerError {
    process.waitUntilExit()
    return WorkerError(description: "its process ended with status \(process.terminationStatus)")
  }
}
