//  Whether there is something to explore in a run folder, and if not, what to run.

internal import Foundation
public import Results
internal import Storage

/// What a run folder is in a condition to show.
public struct RunCondition: Sendable, Equatable {
  public enum State: String, Codable, Sendable, CaseIterable {
    case loading, ready, missing, unfinished, unanalysed, newer, damaged
    case otherImages = "other-images"
  }

  public var state: State
  /// What is the matter.
  public var message: String?
  /// What mends it.
  public var command: String?

  public init(_ state: State, message: String? = nil, command: String? = nil) {
    (self.state, self.message, self.command) = (state, message, command)
  }

  /// Of a folder as it is on the disk, before anything large is read: `loading` where an analysis seems to be whole.
  public init(of folder: RunFolder) {
    let path = folder.url.relativePath
    let analyze = "isda analyze \(path.quotedForShell)"
    guard FileManager.default.fileExists(atPath: folder.url.path) else {
      self.init(
        .missing, message: "There is no folder \(path).",
        command: "isda train --dataset portraits --network resnet8 --out \(path.quotedForShell)")
      return
    }
    guard folder.holdsRun else {
      self.init(
        .missing, message: "\(path) holds no run: it has no config.json.",
        command: "isda train --dataset portraits --network resnet8 --out \(path.quotedForShell)")
      return
    }
    if let newer = Self.newerVersion(in: folder) {
      self.init(
        .newer,
        message: "\(newer) This is isda \(RunEnvironment.toolVersion); use the version that wrote it, or a later one.")
      return
    }
    do {
      _ = try folder.configuration()
    } catch {
      self.init(.damaged, message: error.description)
      return
    }
    guard folder.isFinished else {
      let epochs = (try? folder.state())?.epochsDone
      self.init(
        .unfinished,
        message: "The training has not come to its end\(epochs.map { "; \($0) epochs are done" } ?? "").",
        command: "isda train --resume \(path.quotedForShell)")
      return
    }
    let needed = [folder.report, folder.catalogueFile, folder.directions, folder.features(.test)]
    guard needed.contains(where: { FileManager.default.fileExists(atPath: $0.path) }) else {
      self.init(.unanalysed, message: "The run is trained, but nobody has analysed it.", command: analyze)
      return
    }
    if let missing = needed.first(where: { !FileManager.default.fileExists(atPath: $0.path) }) {
      self.init(
        .unanalysed, message: "The analysis is not complete: \(missing.lastPathComponent) is missing.", command: analyze
      )
      return
    }
    if let version = Self.schemaVersion(of: folder.report), version < DirectionsReport.schemaVersion {
      self.init(
        .unanalysed,
        message: "An earlier version of isda made this analysis: its report has version \(version), this one reads "
          + "\(DirectionsReport.schemaVersion).", command: analyze)
      return
    }
    self.init(.loading)
  }

  /// Why a run could not be read after all.
  public init(_ error: any Error, in folder: RunFolder) {
    self.init(
      .damaged, message: "\(error)", command: "isda analyze \(folder.url.relativePath.quotedForShell)")
  }

  /// What says that a later version wrote here.
  private static func newerVersion(in folder: RunFolder) -> String? {
    if let environment = try? JSONFile.read(VersionOnly.self, from: folder.environmentFile),
      let version = environment.version, isLater(version, than: RunEnvironment.toolVersion)
    {
      return "isda \(version) wrote this run."
    }
    let known = [
      (folder.report, DirectionsReport.schemaVersion), (folder.catalogueFile, DirectionCatalogue.schemaVersion),
    ]
    for (file, supported) in known {
      if let version = schemaVersion(of: file), version > supported {
        return "\(file.lastPathComponent) has version \(version); this isda reads version \(supported)."
      }
    }
    return nil
  }

  private struct VersionOnly: Decodable {
    var version: String?
  }

  /// The `schemaVersion` of a JSON file, found without decoding the rest, which can be large and of another form.
  private static func schemaVersion(of file: URL) -> Int? {
    guard let data = try? WholeFile.read(file, expected: "JSON"),
      let key = data.range(of: Data("\"schemaVersion\"".utf8), options: .backwards)
    else { return nil }
    let digits = data[key.upperBound...].drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: ":") }
      .prefix { (48...57).contains($0) }
    return Int(String(decoding: digits, as: UTF8.self))
  }

  /// Compares versions number by number.
  static func isLater(_ version: String, than other: String) -> Bool {
    func numbers(_ text: String) -> [Int] { text.split(separator: ".").map { Int($0.prefix { $0.isNumber }) ?? 0 } }
    let (a, b) = (numbers(version), numbers(other))
    for place in 0..<max(a.count, b.count) {
      let (x, y) = (place < a.count ? a[place] : 0, place < b.count ? b[place] : 0)
      if x != y { return x > y }
    }
    return false
  }
}

extension String {
  /// As a word of a shell's command line.
  public var quotedForShell: String {
    let plain = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:,+@%")
    return !isEmpty && unicodeScalars.allSatisfy(plain.contains)
      ? self : "'" + replacingOccurrences(of: "'", with: "'\\''") + "'"
  }
}
