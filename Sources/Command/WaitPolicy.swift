//  How the threads of a tensor operation wait for each other. libtorch's OpenMP lets them spin for milliseconds, which
//  is best on cores of its own; where another process takes a core, a thread spins for one that cannot run, and training
//  becomes several times slower. A short spin costs nothing measurable on a quiet machine.

import Foundation

enum WaitPolicy {
  /// Starts this process again, once, with a short spin, unless the environment chooses for itself: OpenMP reads its
  /// settings before `main`. The process keeps its number, its terminal and its arguments.
  static func settle() {
    #if os(Linux)
      let environment = ProcessInfo.processInfo.environment
      guard environment["GOMP_SPINCOUNT"] == nil, environment["OMP_WAIT_POLICY"] == nil else { return }
      setenv("GOMP_SPINCOUNT", spinCount, 1)
      execv("/proc/self/exe", CommandLine.unsafeArgv)
    // Without /proc the process goes on as it is.
    #endif
  }

  private static let spinCount = "10000"
}
