//  What can be wrong with a file, said in one line that names the file, what was found and what was expected.

/// A problem with a file or folder that a user can mend.
public enum FileError: Error, Equatable, CustomStringConvertible {
  /// Nothing is there. `expected` says what should have been.
  case missing(path: String, expected: String)
  /// It is there and cannot be what it should be.
  case malformed(path: String, found: String, expected: String)
  /// It could not be written (permission, full disk, …). `reason` is the system's.
  case unwritable(path: String, reason: String)
  /// Another process is at work in the folder. `holder` is its process identifier, where that could be read.
  case busy(path: String, holder: Int?)

  public var description: String {
    switch self {
    case .missing(let path, let expected): "\(path): not found; expected \(expected)"
    case .malformed(let path, let found, let expected): "\(path): found \(found); expected \(expected)"
    case .unwritable(let path, let reason): "\(path): cannot be written: \(reason)"
    case .busy(let path, let holder):
      "\(path): in use by \(holder.map { "process \($0)" } ?? "another process"); wait until it ends, or stop it"
    }
  }
}
