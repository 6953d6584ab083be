//  The directions of a run under names: where each comes from, how long a step along it is and how far the data reach,
//  and what people call it. A list in JSON; the vectors lie beside it as safetensors.

public import Foundation
public import Storage

/// What is known of one direction. The vector is in the catalogue, under `id`.
public struct DirectionEntry: Codable, Sendable, Equatable {
  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// Of one class's covariance.
    case principal
    /// Of the pooled covariance within classes.
    case within
    /// Of the class means: their principal directions, or from one class to another.
    case between
    /// Images with an attribute less images without.
    case attribute
    /// The same among the nearest to an anchor.
    case localAttribute = "local-attribute"
    /// An attribute with another projected out.
    case conditional
    /// A difference of two rows of the last layer.
    case weights
    /// A class's leading directions, rotated so that each is made of few features.
    case varimax
    /// Drawn at random from the span of a class.
    case random
    /// What a change of the images does to their features.
    case transform
    /// From one group of images that somebody chose to another.
    case own
    /// From elsewhere.
    case imported
  }

  /// What commands call it, such as `cat.principal.1`.
  public var id: String
  public var kind: Kind
  /// The class whose test images σ and range are of; all test images if nil.
  public var classIndex: Int?
  /// What it is, in words.
  public var title: String
  /// Standard deviation of the test features along it.
  public var sigma: Double
  /// Steps within the data: the 1st and 99th percentile of the test images' projections about their mean, in σ; or what
  /// people have narrowed it to.
  public var lower: Double
  public var upper: Double
  /// What people call it.
  public var name: String?
  public var note: String?

  public init(
    id: String, kind: Kind, classIndex: Int?, title: String, sigma: Double, lower: Double, upper: Double,
    name: String? = nil, note: String? = nil
  ) {
    (self.id, self.kind, self.classIndex, self.title) = (id, kind, classIndex, title)
    (self.sigma, self.lower, self.upper, self.name, self.note) = (sigma, lower, upper, name, note)
  }

  /// The name that people gave, or what it is.
  public var label: String { name ?? title }

  /// In characters.
  public static let longestName = 100
  public static let longestNote = 2000

  /// Why these cannot be given to a direction; nil if they can. A name is one line, a note may have several.
  public static func fault(name: String?, note: String?) -> String? {
    for (key, text, limit, breaks) in [("name", name, longestName, ""), ("note", note, longestNote, "\n\t")] {
      guard let text else { continue }
      if text.count > limit { return "the \(key) has \(text.count) characters; expected at most \(limit)" }
      let controls = CharacterSet.controlCharacters.subtracting(CharacterSet(charactersIn: breaks))
      if text.unicodeScalars.contains(where: controls.contains) { return "the \(key) has control characters" }
    }
    return nil
  }
}

/// Directions of one feature space.
public struct DirectionCatalogue: Sendable, Equatable {
  public static let schemaVersion = 1

  /// A.
  public let dimension: Int
  public private(set) var entries: [DirectionEntry] = []
  private var vectors: [String: [Double]] = [:]

  public init(dimension: Int) {
    self.dimension = dimension
  }

  /// The unit vector of an entry; nil if there is no such entry.
  public func vector(_ id: String) -> [Double]? { vectors[id] }
  public func entry(_ id: String) -> DirectionEntry? { entries.first { $0.id == id } }

  /// Adds a direction; one of the same `id` makes way in its place.
  /// - Precondition: `vector` is a unit vector of `dimension` numbers (see `problem(with:)`).
  public mutating func add(_ entry: DirectionEntry, vector: [Double]) {
    precondition(problem(with: vector) == nil, "direction \(entry.id)")
    vectors[entry.id] = vector
    if let place = entries.firstIndex(where: { $0.id == entry.id }) {
      entries[place] = entry
    } else {
      entries.append(entry)
    }
  }

  /// Changes what is known of a direction; its `id` stays.
  /// - Returns: false if there is none of this `id`.
  public mutating func change(_ id: String, _ body: (inout DirectionEntry) -> Void) -> Bool {
    guard let place = entries.firstIndex(where: { $0.id == id }) else { return false }
    body(&entries[place])
    entries[place].id = id
    return true
  }

  /// Takes a direction out.
  public mutating func remove(_ id: String) {
    entries.removeAll { $0.id == id }
    vectors[id] = nil
  }

  /// Takes over what people did with an earlier catalogue of the same run: names, notes and ranges where the direction
  /// is still the same (|cos| ≥ 0.99; a range is mirrored with the sign), and whatever was imported, added or named and
  /// is no longer made by itself.
  public mutating func inherit(from earlier: DirectionCatalogue) {
    guard earlier.dimension == dimension else { return }
    for old in earlier.entries {
      guard let vector = earlier.vectors[old.id] else { continue }
      let isTouched = old.name != nil || old.note != nil
      guard let current = vectors[old.id] else {
        if isTouched || Self.madeByPeople.contains(old.kind) { add(old, vector: vector) }
        continue
      }
      let cosine = zip(current, vector).reduce(0) { $0 + $1.0 * $1.1 }
      if abs(cosine) >= 0.99 {
        _ = change(old.id) { entry in
          (entry.name, entry.note) = (old.name, old.note)
          (entry.lower, entry.upper) = cosine > 0 ? (old.lower, old.upper) : (-old.upper, -old.lower)
        }
      } else if isTouched {
        var kept = old
        (kept.id, kept.kind) = (old.id + ".before", .imported)
        add(kept, vector: vector)
      }
    }
  }

  private static let madeByPeople: Set<DirectionEntry.Kind> = [
    .attribute, .localAttribute, .conditional, .transform, .own, .imported,
  ]

  /// Why a vector cannot be in this catalogue, and what was expected; nil if it can.
  public func problem(with vector: [Double]) -> (found: String, expected: String)? {
    guard vector.count == dimension else {
      return ("\(vector.count) numbers", "\(dimension), as the features of this run have")
    }
    guard vector.allSatisfy(\.isFinite) else { return ("a number that is not finite", "finite numbers") }
    let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
    guard abs(length - 1) <= 1e-4 else { return ("length \(length)", "a unit vector") }
    return nil
  }
}

// MARK: - Files

extension DirectionCatalogue {
  /// The JSON file. The vectors' file has a name made of its contents and is there before the JSON names it, so that
  /// list and vectors always belong together, whenever a writer is killed.
  private struct File: Codable {
    var schemaVersion: Int
    var dimension: Int
    /// The safetensors file beside this one.
    var vectors: String
    var directions: [DirectionEntry]
  }

  /// Writes `<name>.json` and `<name>-<digest>.safetensors`, each whole or not at all, and then removes vectors that an
  /// earlier version of the file named.
  /// - Returns: both files.
  @discardableResult
  public func write(to file: URL) throws(FileError) -> [URL] {
    let stem = file.deletingPathExtension().lastPathComponent
    let contents = encoded(stem: stem)
    let folder = file.deletingLastPathComponent()
    let before = FileManager.default.fileExists(atPath: file.path) ? try? JSONFile.read(File.self, from: file) : nil
    try WholeFile.write(contents.vectors, to: folder.appendingPathComponent(contents.vectorsName))
    try WholeFile.write(contents.list, to: file)
    if let before, before.vectors != contents.vectorsName, before.vectors.hasPrefix(stem + "-") {
      try? FileManager.default.removeItem(at: folder.appendingPathComponent(before.vectors))
    }
    return [file, folder.appendingPathComponent(contents.vectorsName)]
  }

  /// Both files as bytes, for a list of this stem.
  public func encoded(stem: String) -> (list: Data, vectorsName: String, vectors: Data) {
    let data = Safetensors(
      arrays: vectors.mapValues { vector in
        StoredArray(.float64, shape: [vector.count], bytes: vector.withUnsafeBytes { Data($0) })
      }, metadata: ["dimension": "\(dimension)"]
    ).data
    let name = "\(stem)-\(data.sha256.prefix(16)).safetensors"
    let list = JSONFile.encode(
      File(schemaVersion: Self.schemaVersion, dimension: dimension, vectors: name, directions: entries))
    return (Data((list + "\n").utf8), name, data)
  }

  /// Reads what `write` left; vectors may be float32 too.
  /// - Throws: `FileError` for files that are missing or damaged, and for a direction without vector, of another
  ///   dimension, with numbers that are not finite, or not of unit length, each by its `id`.
  public init(contentsOf file: URL) throws(FileError) {
    let data = try WholeFile.read(file, expected: "a list of directions")
    try self.init(list: data, name: file.path) { vectors throws(FileError) in
      let place = file.deletingLastPathComponent().appendingPathComponent(vectors)
      return (try Safetensors(contentsOf: place), place.path)
    }
  }

  /// The same from bytes. `name` stands for the file in errors; `read` gives the vectors' file, which lies beside the
  /// list, and what it is called in errors.
  public init(
    list data: Data, name: String, vectors read: (String) throws(FileError) -> (Safetensors, name: String)
  ) throws(FileError) {
    let list = try JSONFile.decode(File.self, from: data, name: name)
    guard list.schemaVersion == Self.schemaVersion else {
      throw .malformed(
        path: name, found: "schema version \(list.schemaVersion)", expected: "version \(Self.schemaVersion)")
    }
    guard !list.vectors.contains("/") else {
      throw .malformed(path: name, found: "vectors in \"\(list.vectors)\"", expected: "a file beside this one")
    }
    let (file, place) = try read(list.vectors)
    self.init(dimension: list.dimension)
    for entry in list.directions {
      guard let vector = file.arrays[entry.id]?.doubles else {
        throw .malformed(
          path: place, found: "no vector \"\(entry.id)\"",
          expected: "a float64 or float32 vector for each direction")
      }
      if let problem = problem(with: vector) {
        throw .malformed(
          path: place, found: "direction \"\(entry.id)\" with \(problem.found)", expected: problem.expected)
      }
      guard self.entry(entry.id) == nil else {
        throw .malformed(path: name, found: "two directions \"\(entry.id)\"", expected: "each once")
      }
      guard entry.sigma.isFinite, entry.sigma >= 0, entry.lower.isFinite, entry.upper.isFinite,
        entry.lower <= entry.upper
      else {
        throw .malformed(
          path: name,
          found: "direction \"\(entry.id)\" with sigma \(entry.sigma) and range \(entry.lower) to \(entry.upper)",
          expected: "finite numbers, sigma at least 0, and a range that rises")
      }
      add(entry, vector: vector)
    }
  }
}

extension StoredArray {
  /// The numbers of a float64 or float32 vector.
  fileprivate var doubles: [Double]? {
    guard shape.count == 1 else { return nil }
    let bytes = [UInt8](self.bytes)
    return bytes.withUnsafeBytes { raw in
      switch elementType {
      case .float64: (0..<shape[0]).map { raw.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) }
      case .float32: (0..<shape[0]).map { Double(raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self)) }
      default: nil
      }
    }
  }
}

extension RunFolder {
  public var catalogueFile: URL { url.appendingPathComponent("directions/catalogue.json") }

  /// The directions of the run.
  /// - Throws: `FileError.missing` before the run was analysed.
  public func catalogue() throws(FileError) -> DirectionCatalogue {
    guard FileManager.default.fileExists(atPath: catalogueFile.path) else {
      throw .missing(path: catalogueFile.path, expected: "the result of `isda analyze \(url.path)`")
    }
    do {
      return try DirectionCatalogue(contentsOf: catalogueFile)
    } catch FileError.missing {
      // Somebody has replaced list and vectors between the two readings.
      return try DirectionCatalogue(contentsOf: catalogueFile)
    }
  }

  /// Reads, changes and writes the catalogue while nobody else writes in the folder, so that of two changes at a time
  /// none is lost.
  /// - Throws: `FileError.busy` if somebody else does; what `change` throws, and then nothing is written.
  public func changeCatalogue(_ change: (inout DirectionCatalogue) throws -> Void) throws {
    _ = try configuration()
    try exclusively {
      var catalogue = try catalogue()
      try change(&catalogue)
      try writeArtifacts(changed: catalogue.write(to: catalogueFile))
    }
  }
}
