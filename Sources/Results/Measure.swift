//  A family of measures of one run: plain values under a name, with a version, and as a table. Each family is kept in a
//  file of its own, so that one can be added, read or computed again without the others.

public import Foundation
public import Storage

/// What an analysis measured of one run, kept as `measures/<name>.json`, with `measures/<name>.csv` beside it.
public protocol Measure: Codable, Sendable {
  /// The stem of its files' names.
  static var name: String { get }
  /// Raised when a field changes its meaning or goes away.
  static var schemaVersion: Int { get }
  /// All numbers, tidy: one row an observation.
  var table: CSVTable { get }
}

/// The form of the file: the version stands beside the values.
private struct Versioned<Values: Codable>: Codable {
  var schemaVersion: Int
  var values: Values
}

/// Only the version, to be read where the values may have another form.
private struct Version: Codable {
  var schemaVersion: Int
}

extension RunFolder {
  public func measure(_ name: String) -> URL { url.appendingPathComponent("measures/\(name).json") }

  /// The JSON files of all families that are there, by name.
  public var measureFiles: [URL] {
    let folder = measure("").deletingLastPathComponent()
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }.sorted().map(folder.appendingPathComponent)
  }

  /// Writes a family's JSON and its table, each whole or not at all.
  public func write<Family: Measure>(_ measure: Family) throws(FileError) {
    try JSONFile.write(
      Versioned(schemaVersion: Family.schemaVersion, values: measure), to: self.measure(Family.name))
    try measure.table.write(to: url.appendingPathComponent("measures/\(Family.name).csv"))
  }

  /// Removes what an earlier analysis measured, which this one cannot.
  public func remove<Family: Measure>(_ family: Family.Type) throws(FileError) {
    try remove(measure(Family.name))
    try remove(url.appendingPathComponent("measures/\(Family.name).csv"))
  }

  /// The family as `isda analyze` left it; nil if it was not measured.
  /// - Throws: `FileError` if the file is damaged or of another version.
  public func read<Family: Measure>(_ family: Family.Type) throws(FileError) -> Family? {
    let file = measure(Family.name)
    guard FileManager.default.fileExists(atPath: file.path) else { return nil }
    let version = try JSONFile.read(Version.self, from: file).schemaVersion
    guard version == Family.schemaVersion else {
      throw .malformed(
        path: file.path, found: "schema version \(version)",
        expected: "version \(Family.schemaVersion); run `isda analyze` again")
    }
    return try JSONFile.read(Versioned<Family>.self, from: file).values
  }
}
