//  One process at a time in a folder. The kernel keeps the lock and lets go of it when the process ends, however it
//  ends, so the dead never lock out the living.

public import Foundation

/// An exclusive hold on a folder, by `flock` on the file `.lock` in it.
public enum FolderLock {
  /// Runs `body` while nobody else, in this process or another, holds `folder`.
  /// - Throws: `FileError.busy` with the holder's process identifier, at once and without waiting;
  ///   `FileError.unwritable` if the folder takes no lock; what `body` throws.
  public static func holding<Result>(_ folder: URL, _ body: () throws -> Result) throws -> Result {
    let file = folder.appendingPathComponent(".lock").path
    // Closed on exec: a child process would inherit the lock and might outlive this one.
    let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw unwritable(file) }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      guard errno == EWOULDBLOCK else { throw unwritable(file) }
      throw FileError.busy(path: folder.path, holder: holder(descriptor))
    }
    // Said aloud, because closing alone leaves the lock to a child that another thread has just forked.
    defer { flock(descriptor, LOCK_UN) }
    // For the message alone; on a full disk the lock holds without it.
    let identifier = Data("\(getpid())\n".utf8)
    if ftruncate(descriptor, 0) == 0 {
      _ = identifier.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }
    return try body()
  }

  private static func holder(_ descriptor: Int32) -> Int? {
    var bytes = [UInt8](repeating: 0, count: 20)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    return Int(
      String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
  }

  private static func unwritable(_ path: String) -> FileError {
    .unwritable(path: path, reason: String(cString: strerror(errno)))
  }
}
