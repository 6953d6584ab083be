//  How much main memory this process has needed so far.

internal import Foundation

enum ProcessMemory {
  /// The largest resident set in bytes; nil where the system keeps no `/proc`.
  ///
  /// Not `ru_maxrss`: a process that was started by a larger one begins there with that one's.
  static var peak: Int? {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
      let kibibytes = line.split(whereSeparator: { !$0.isNumber }).first.flatMap({ Int($0) })
    else { return nil }
    return 1024 * kibibytes
  }
}
