//  Files appear whole or not at all: bytes go to a temporary neighbour, reach the disk, and only then take
//  the name. A reader never sees half a file, and a killed process leaves the old one.

public import Foundation

/// Reading and writing of complete files.
public enum WholeFile {
  /// Reads a file, memory-mapped where that is safe.
  /// - Throws: `FileError.missing` if nothing is at `url`, `.malformed` if it is a folder or cannot be read.
  public static func read(_ url: URL, expected: String) throws(FileError) -> Data {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      throw .missing(path: url.path, expected: expected)
    }
    guard !isFolder.boolValue else {
      throw .malformed(path: url.path, found: "a folder", expected: expected)
    }
    do {
      return try Data(contentsOf: url, options: .mappedIfSafe)
    } catch {
      throw .malformed(
        path: url.path, found: "a file that cannot be read (\(error.localizedDescription))", expected: expected)
    }
  }

  /// Writes `data` to `url`, making the folders above it. After it returns the file is on the disk; if it
  /// throws, whatever was at `url` before is still there.
  /// - Parameter durably: false leaves it to the system when the bytes reach the disk: for many small files that
  ///   can be made again. They still appear whole or not at all to every reader.
  /// - Throws: `FileError.unwritable` with the system's reason.
  public static func write(_ data: Data, to url: URL, durably: Bool = true) throws(FileError) {
    // As text, because a URL takes longer to make than a small file.
    let path = url.path
    let start = path.utf8.lastIndex(of: UInt8(ascii: "/")).map(path.utf8.index(after:)) ?? path.startIndex
    let temporary = "\(path[..<start]).\(path[start...]).\(getpid())\(partialSuffix)"
    var descriptor = create(temporary)
    if descriptor < 0 && (errno == ENOENT || errno == ENOTDIR) {
      try makeFolder(url.deletingLastPathComponent())
      descriptor = create(temporary)
    }
    guard descriptor >= 0 else { throw unwritable(url) }
    var failure: FileError?
    data.withUnsafeBytes { bytes in
      var written = 0
      while written < bytes.count, let base = bytes.baseAddress {
        let count = Foundation.write(descriptor, base + written, bytes.count - written)
        if count < 0 && errno == EINTR { continue }
        if count <= 0 {
          failure = unwritable(url)
          return
        }
        written += count
      }
    }
    if failure == nil && durably && fsync(descriptor) != 0 { failure = unwritable(url) }
    if close(descriptor) != 0 && failure == nil { failure = unwritable(url) }
    if failure == nil && rename(temporary, path) != 0 { failure = unwritable(url) }
    if let failure {
      unlink(temporary)
      throw failure
    }
    // The rename itself must survive a power cut, which takes a sync of the folder.
    if durably { sync(folder: url.deletingLastPathComponent()) }
  }

  /// Writes `text` as UTF-8; see `write(_:to:)`.
  public static func write(_ text: String, to url: URL) throws(FileError) {
    try write(Data(text.utf8), to: url)
  }

  /// Makes a folder and those above it, so that a power cut does not take away the new ones.
  public static func makeFolder(_ url: URL) throws(FileError) {
    let isNew = !FileManager.default.fileExists(atPath: url.path)
    let parent = url.deletingLastPathComponent()
    if isNew { try makeFolder(parent) }
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    } catch {
      throw .unwritable(path: url.path, reason: error.localizedDescription)
    }
    if isNew { sync(folder: parent) }
  }

  /// Removes the temporary files that killed processes have left in a folder. Only for who alone writes there.
  public static func removePartialFiles(in folder: URL) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    for name in names where name.hasPrefix(".") && name.hasSuffix(partialSuffix) {
      unlink(folder.appendingPathComponent(name).path)
    }
  }

  private static let partialSuffix = ".partial"

  private static func sync(folder: URL) {
    let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  private static func create(_ path: String) -> Int32 {
    open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
  }

  private static func unwritable(_ url: URL) -> FileError {
    .unwritable(path: url.path, reason: String(cString: strerror(errno)))
  }
}
