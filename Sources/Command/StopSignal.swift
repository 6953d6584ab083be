//  Ctrl-C and SIGTERM as a wish that long work asks for between its steps.

import Foundation
import Synchronization

/// Whether the user has asked to stop. A second Ctrl-C ends the process at once.
enum StopSignal {
  private static let requested = Atomic<Int32>(0)

  /// Whose child this process is as long as it is to go on; 0 if that does not matter.
  private static let parent = Atomic<Int32>(0)

  static var isRequested: Bool {
    let parent = parent.load(ordering: .relaxed)
    if parent != 0 && getppid() != parent { requested.store(SIGTERM, ordering: .relaxed) }
    return requested.load(ordering: .relaxed) != 0
  }

  /// As shells report a process that a signal ended: 130 after Ctrl-C, 143 after SIGTERM.
  static var exitCode: Int32 { 128 + requested.load(ordering: .relaxed) }

  /// From now on the first signal is only noted.
  /// - Parameter parent: a process whose end, however it came, counts as SIGTERM; it must have started this one.
  static func listen(parent: Int32? = nil) {
    self.parent.store(parent ?? 0, ordering: .relaxed)
    // A parent that started this process from a worker thread may have left the signals blocked.
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM] {
      sigaddset(&signals, number)
      signal(number) { number in
        // Only what is allowed inside a signal handler: a lock-free store, and the default for the next one.
        StopSignal.requested.store(number, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
    }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  static func throwIfRequested() throws {
    if isRequested { throw Interrupted() }
  }
}
