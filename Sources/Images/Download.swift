//  One file from the network: by the program `curl`, which knows proxies, certificates and redirections, and from where an
//  earlier attempt was cut off. Nothing has the file's name before all of it is there and is what was published.

public import Foundation
internal import Storage

/// Why a file did not come.
public struct DownloadError: Error, Equatable, CustomStringConvertible {
  public let address: String
  public let reason: String

  public var description: String { "\(address): \(reason); what has come stays, and the same command goes on from it" }
}

/// A file to come, and how it is known.
public struct Download {
  let source: URL
  let target: URL
  let bytes: Int
  let md5: String

  public init(_ source: URL, to target: URL, bytes: Int, md5: String) {
    (self.source, self.target, self.bytes, self.md5) = (source, target, bytes, md5)
  }

  private var partial: URL { target.appendingPathExtension("part") }

  private var bytesThere: Int {
    ((try? FileManager.default.attributesOfItem(atPath: partial.path))?[.size] as? Int) ?? 0
  }

  /// - Parameter progress: called a few times a second with the bytes that are there.
  /// - Throws: `DownloadError` where the network fails three times without a byte; `FileError` for other bytes than were
  ///   published, which are removed, or a disk that takes no more; what `progress` throws.
  public func run(progress: (Int) throws -> Void) throws {
    if FileManager.default.fileExists(atPath: target.path), try digest(of: target) == md5 { return }
    var failures = 0
    while bytesThere < bytes {
      let before = bytesThere
      let outcome = try curl(progress)
      switch outcome.status {
      case 0: break
      // The server cannot begin in the middle, so from the start.
      case 33, 36: try remove(partial)
      case 23: throw FileError.unwritable(path: partial.path, reason: outcome.said)
      default: break
      }
      if outcome.status == 0 { break }
      failures = bytesThere > before ? 0 : failures + 1
      guard failures < 3, Self.passing.contains(outcome.status) else {
        throw DownloadError(address: source.absoluteString, reason: outcome.said)
      }
    }
    let found = try digest(of: partial)
    guard found == md5 else {
      let size = bytesThere
      try remove(partial)
      throw FileError.malformed(
        path: source.absoluteString, found: "\(size) bytes with MD5 \(found), which were removed",
        expected: "\(bytes) bytes with MD5 \(md5), as published")
    }
    guard rename(partial.path, target.path) == 0 else {
      throw FileError.unwritable(path: target.path, reason: String(cString: strerror(errno)))
    }
  }

  /// Exit codes of curl that may be gone the next time: no connection (7), a cut one (18, 52, 56), silence (28), no
  /// resumption (33, 36).
  private static let passing: Set<Int32> = [7, 18, 28, 33, 36, 52, 56]

  private func curl(_ progress: (Int) throws -> Void) throws -> (status: Int32, said: String) {
    let curl = Process()
    curl.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    curl.arguments = [
      "curl", "--fail", "--location", "--silent", "--show-error", "--continue-at", "-", "--connect-timeout", "30",
      "--speed-limit", "100", "--speed-time", "60", "--max-filesize", "\(2 * bytes)", "--output", partial.path,
      source.absoluteString,
    ]
    let errors = Pipe()
    curl.standardError = errors
    curl.standardInput = FileHandle.nullDevice
    do {
      try curl.run()
    } catch {
      throw DownloadError(address: source.absoluteString, reason: "curl does not run: \(error.localizedDescription)")
    }
    do {
      while curl.isRunning {
        try progress(min(bytesThere, bytes))
        Thread.sleep(forTimeInterval: 0.1)
      }
    } catch {
      // Not SIGTERM, which a thread may block and its children then inherit; what is in the file stays there.
      kill(curl.processIdentifier, SIGKILL)
      curl.waitUntilExit()
      throw error
    }
    curl.waitUntilExit()
    let said = String(decoding: (try? errors.fileHandleForReading.readToEnd()) ?? Data(), as: UTF8.self)
    let status = curl.terminationStatus
    if status == 127 { throw DownloadError(address: source.absoluteString, reason: "curl is not installed") }
    return (status, said.firstLine.isEmpty ? "curl left with \(status)" : said.firstLine)
  }

  private func digest(of file: URL) throws(FileError) -> String {
    try WholeFile.read(file, expected: "a downloaded file").md5
  }

  private func remove(_ file: URL) throws(FileError) {
    guard FileManager.default.fileExists(atPath: file.path) else { return }
    guard unlink(file.path) == 0 else {
      throw .unwritable(path: file.path, reason: String(cString: strerror(errno)))
    }
  }
}
