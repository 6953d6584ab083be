//  How long the threads of an operation that wait for each other spin before they sleep.

import ArgumentParser
import Foundation

/// A verb that computes on all cores for more than a moment.
protocol ComputesOnAllCores: ParsableCommand {}

enum SpinLimit {
  private static let variable = "GOMP_SPINCOUNT"
  /// libgomp's own limit is 300,000 turns, up to 14 ms on Intel's processors. Where another process wants the core, it is
  /// kept busy so long in place of the thread that is waited for. So many turns are still longer than what lies between
  /// most operations of a training step: alone it takes a few per cent longer, beside a busy process a quarter less.
  private static let turns = "10000"

  /// Starts this process anew with the limit, unless the environment has one or says otherwise how threads wait: libgomp
  /// reads it before `main`. Returns where there is nothing to do; where it fails, the library's own limit stands.
  static func apply() {
    #if os(Linux)
      guard getenv(variable) == nil, getenv("OMP_WAIT_POLICY") == nil else { return }
      setenv(variable, turns, 1)
      execv("/proc/self/exe", CommandLine.unsafeArgv)
    #endif
  }
}
