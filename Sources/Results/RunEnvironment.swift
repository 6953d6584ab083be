//  On what a run ran: `env.json`.

public import Foundation

/// Versions, machine and settings that a run's numbers depend on.
public struct RunEnvironment: Codable, Sendable, Equatable {
  public var version: String
  public var libtorch: String
  public var operatingSystem: String
  public var processor: String
  public var vectorInstructions: String
  public var threads: Int
  /// `cpu` or `cuda`, after `auto` was resolved; nil in records from when there was only the processor.
  public var device: String?
  /// Of the GPU that was computed on.
  public var gpu: String?
  /// Float32 or bfloat16, after `auto` was resolved.
  public var precision: String
  /// Of the folder where the command was run, if it is in a git repository.
  public var gitCommit: String?
  public var started: Date

  /// This tool's version, in every record and picture.
  public static let toolVersion = "0.1.0"

  public init(
    libtorch: String, vectorInstructions: String, threads: Int, device: String, gpu: String?, precision: String
  ) {
    version = RunEnvironment.toolVersion
    self.libtorch = libtorch
    self.vectorInstructions = vectorInstructions
    self.threads = threads
    self.device = device
    self.gpu = gpu
    self.precision = precision
    operatingSystem = ProcessInfo.processInfo.operatingSystemVersionString
    processor = RunEnvironment.processorName
    gitCommit = RunEnvironment.currentCommit
    started = Date()
  }

  /// What the last bits of the numbers depend on besides the precision, in words.
  public var numerics: String {
    "isda \(version), libtorch \(libtorch), \(vectorInstructions), \(threads) threads, on "
      + (gpu ?? device ?? "cpu")
  }

  private static var processorName: String {
    let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n") ?? []
    let model = lines.first { $0.hasPrefix("model name") }?.split(separator: ":").last
    return model.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
  }

  private static var currentCommit: String? {
    let git = Process()
    let output = Pipe()
    git.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    git.arguments = ["git", "rev-parse", "HEAD"]
    git.standardOutput = output
    git.standardError = FileHandle.nullDevice
    guard (try? git.run()) != nil else { return nil }
    let data = (try? output.fileHandleForReading.readToEnd()) ?? Data()
    git.waitUntilExit()
    let commit = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    return git.terminationStatus == 0 && commit.count == 40 ? commit : nil
  }
}
