//  What is known of every image file of a folder after each has been decoded once: its size, its digest, and whether it is
//  whole. It is kept beside the images, so that of a million files only those that are new or changed are looked at again.

internal import Dispatch
internal import Foundation
internal import Raster
internal import Storage
internal import Synchronization

/// The image files below a folder.
struct ImageIndex {
  struct Entry: Sendable {
    /// From the folder, with slashes.
    let name: String
    let bytes: Int
    /// Nanoseconds since 1970.
    let modified: Int
    /// Upright; 0 of a file that does not decode.
    var width = 0
    var height = 0
    /// The SHA-256 of the bytes.
    var digest: [UInt8] = []
    /// Why the file does not decode.
    var fault: String?
  }

  /// More pixels than this make no training image but exhaust a machine: 8,192 × 8,192, 200 MB once decoded.
  static let mostPixels = 1 << 26

  let root: URL
  /// By name.
  private(set) var entries: [Entry]

  /// Lists the PNG and JPEG files below `root` and decodes those that the kept index does not know, on all cores: about
  /// 4 ms for a photograph on each. It is kept every 10,000 files, so that a stopped command has not worked for nothing.
  /// - Parameter progress: called on this thread with the files decoded and to be decoded.
  /// - Throws: `FileError` if `root` is no folder or holds no image; what `progress` throws.
  init(_ root: URL, progress: (Int, Int) throws -> Void = { _, _ in }) throws {
    self.root = root
    entries = try Self.files(in: root)
    guard !entries.isEmpty else {
      throw FileError.malformed(path: root.path, found: "no PNG or JPEG file", expected: "folders of images")
    }
    let known = Dictionary(Self.kept(of: root).map { ($0.name, $0) }) { first, _ in first }
    var unknown: [Int] = []
    for (place, entry) in entries.enumerated() {
      if let old = known[entry.name], old.bytes == entry.bytes, old.modified == entry.modified {
        entries[place] = old
      } else {
        unknown.append(place)
      }
    }
    guard !unknown.isEmpty || known.count != entries.count else { return }
    let blocks = stride(from: 0, to: unknown.count, by: 500).map { unknown[$0..<min($0 + 500, unknown.count)] }
    var isComplete = false
    defer { if !isComplete { keep(entries.filter { !$0.digest.isEmpty }) } }
    for (number, block) in blocks.enumerated() {
      try progress(number * 500, unknown.count)
      for (place, entry) in zip(block, Self.inspected(block.map { entries[$0] }, in: root)) { entries[place] = entry }
      if number % 20 == 19 { keep(entries.filter { !$0.digest.isEmpty }) }
    }
    keep(entries)
    isComplete = true
  }

  /// Names and dates alone.
  private static func files(in root: URL) throws(FileError) -> [Entry] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: root.path, isDirectory: &isFolder) else {
      throw .missing(path: root.path, expected: "a folder of images")
    }
    guard isFolder.boolValue else {
      throw .malformed(path: root.path, found: "a file", expected: "a folder of images")
    }
    var entries: [Entry] = []
    // Links may lead in circles, and nobody nests classes so deep.
    func list(_ folder: String, depth: Int) throws(FileError) {
      let path = folder.isEmpty ? root.path : "\(root.path)/\(folder)"
      let names: [String]
      do {
        names = try FileManager.default.contentsOfDirectory(atPath: path)
      } catch {
        throw .malformed(
          path: path, found: "a folder that cannot be read (\(error.localizedDescription))", expected: "images")
      }
      for name in names.sorted(by: precedes) where !name.hasPrefix(".") {
        var status = stat()
        guard stat("\(path)/\(name)", &status) == 0 else { continue }
        let full = folder.isEmpty ? name : "\(folder)/\(name)"
        if status.st_mode & S_IFMT == S_IFDIR {
          if depth < 8 { try list(full, depth: depth + 1) }
        } else if isImage(name) {
          guard !name.contains("\n") else {
            throw .malformed(path: path, found: "a line break in the name of a file", expected: "names of one line")
          }
          #if canImport(Darwin)
            let time = status.st_mtimespec
          #else
            let time = status.st_mtim
          #endif
          entries.append(
            Entry(
              name: full, bytes: Int(status.st_size),
              modified: Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec)))
        }
      }
    }
    try list("", depth: 0)
    return entries.sorted { precedes($0.name, $1.name) }
  }

  private static func isImage(_ name: String) -> Bool {
    let lower = name.lowercased()
    return [".png", ".jpg", ".jpeg"].contains(where: lower.hasSuffix)
  }

  /// Decodes files on all cores.
  private static func inspected(_ entries: [Entry], in root: URL) -> [Entry] {
    let results = Mutex(entries)
    DispatchQueue.concurrentPerform(iterations: entries.count) { place in
      var entry = entries[place]
      do {
        let path = "\(root.path)/\(entry.name)"
        let data = try WholeFile.read(URL(fileURLWithPath: path), expected: "an image")
        entry.digest = data.sha256Bytes
        (entry.width, entry.height) = try Image.size(of: data, name: path)
        // An eighth of the size: all bytes are read and unpacked, which is where damage shows.
        _ = try Image(decoding: data, name: path, limit: mostPixels, shrink: 8)
      } catch {
        (entry.width, entry.height) = (0, 0)
        if entry.digest.isEmpty { entry.digest = [UInt8](repeating: 0, count: 32) }
        entry.fault =
          if case FileError.malformed(_, let found, _) = error { found } else { "\(error)" }
      }
      results.withLock { $0[place] = entry }
    }
    return results.withLock { $0 }
  }
}

/// By the bytes of the names, as other programs sort them whatever the language.
func precedes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }

// MARK: The kept index

extension ImageIndex {
  /// Beside the images, or where that cannot be written among the user's caches.
  private static func keptFiles(of root: URL) -> [URL] {
    let caches =
      ProcessInfo.processInfo.environment["XDG_CACHE_HOME"].map { URL(fileURLWithPath: $0) }
      ?? FileManager.default.homeDirectoryForCurrentUser.appendingPathComponent(".cache")
    let name = Data(root.standardizedFileURL.path.utf8).sha256.prefix(16)
    return [
      root.appendingPathComponent(".isda-index.safetensors"),
      caches.appendingPathComponent("isda/index-\(name).safetensors"),
    ]
  }

  /// What an earlier command kept; nothing if there is none or it is damaged, because it can be made again.
  private static func kept(of root: URL) -> [Entry] {
    for file in keptFiles(of: root) {
      guard let content = try? Safetensors(sealedAt: file), let entries = entries(of: content) else { continue }
      return entries
    }
    return []
  }

  private static func entries(of content: Safetensors) -> [Entry]? {
    guard let names = content.arrays["names"], let numbers = content.arrays["numbers"],
      let digests = content.arrays["digests"], numbers.elementType == .int64, numbers.shape.count == 2,
      numbers.shape[1] == 4, digests.elementType == .uint8, digests.shape == [numbers.shape[0], 32],
      let faults = try? JSONFile.decode([String: String].self, from: Data((content.metadata["faults"] ?? "").utf8))
    else { return nil }
    let lines = String(decoding: names.bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    guard lines.count == numbers.shape[0] else { return nil }
    let values = numbers.bytes.withUnsafeBytes { bytes in
      (0..<4 * lines.count).map {
        Int(Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Int64.self)))
      }
    }
    let bytes = [UInt8](digests.bytes)
    return lines.indices.map { row in
      Entry(
        name: lines[row], bytes: values[4 * row], modified: values[4 * row + 1], width: values[4 * row + 2],
        height: values[4 * row + 3], digest: Array(bytes[32 * row..<32 * row + 32]), fault: faults[lines[row]])
    }
  }

  /// Keeps entries where that is possible; where it is not, the next command decodes again.
  private func keep(_ entries: [Entry]) {
    let names = Data(entries.map(\.name).joined(separator: "\n").utf8)
    let numbers = entries.flatMap { [$0.bytes, $0.modified, $0.width, $0.height].map(Int64.init) }
    let faults = Dictionary(uniqueKeysWithValues: entries.compactMap { entry in entry.fault.map { (entry.name, $0) } })
    let content = Safetensors(
      arrays: [
        "names": StoredArray(.uint8, shape: [names.count], bytes: names),
        "numbers": StoredArray(numbers, shape: [entries.count, 4]),
        "digests": StoredArray(.uint8, shape: [entries.count, 32], bytes: Data(entries.flatMap(\.digest))),
      ], metadata: ["faults": JSONFile.encode(faults, pretty: false)])
    for file in Self.keptFiles(of: root) {
      if (try? content.writeSealed(to: file)) != nil { return }
    }
  }
}
