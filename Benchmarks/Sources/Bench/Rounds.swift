//  A worker's half of the conversation with the program that runs the sides in turns: one line asks, one answers.
//
//    warm 0.3        → repetitions 17      works for so long, untimed; so many repetitions fill that time
//    go 17           → seconds 0.2981      how long 17 repetitions took
//    quantile 0.99   → seconds 0.0412      the quantile of single repetitions, each timed for itself; 500 of them
//    peak            → bytes 3239936       how far one repetition drove the resident set up; None if not known
//
//  A worker says `ready` and its libtorch's version first, waits between lines without using a core, and ends with
//  its input. `pytorch/worker.py` is the twin.

import Foundation
import Images

final class Rounds {
  private enum Phase {
    case waiting
    case warming(seconds: Double, since: ContinuousClock.Instant, runs: Int)
    case timing
    case sampling(quantile: Double, samples: [Double])
    case peaking(before: Int?)
  }

  private static let sampleCount = 500
  private var phase = Phase.waiting
  private var start = ContinuousClock.now
  private var stopped: ContinuousClock.Instant?

  /// Does `step` as often as asked for, until there is nothing more to do.
  func run(_ step: () throws -> Void) rethrows {
    while let count = next() {
      for _ in 0..<count { try step() }
    }
  }

  /// Takes a batch as often as asked for, epoch after epoch.
  func run(_ batches: any BatchSource) {
    let endless = (0...).lazy.flatMap { batches.shuffled(seed: 0, epoch: $0) }
    var iterator = endless.makeIterator()
    run { _ = iterator.next() }
  }

  /// Ends the round that is under way, and waits for the next.
  /// - Returns: how many repetitions to do before the next call; nil to leave.
  func next() -> Int? {
    let elapsed = (ContinuousClock.now - start) / .seconds(1)
    switch phase {
    case .waiting: break
    case .warming(let seconds, let since, let runs):
      if runs < 2 || (ContinuousClock.now - since) / .seconds(1) < seconds {
        return begin(.warming(seconds: seconds, since: since, runs: runs + 1), 1)
      }
      answer("repetitions \(max(1, Int((seconds / elapsed).rounded())))")
    case .timing: answer("seconds \(elapsed)")
    case .sampling(let quantile, var samples):
      samples.append(elapsed)
      if samples.count < Self.sampleCount { return begin(.sampling(quantile: quantile, samples: samples), 1) }
      let place = Int((quantile * Double(samples.count)).rounded(.up)) - 1
      answer("seconds \(samples.sorted()[max(0, place)])")
    case .peaking(let before):
      let after = Self.memory("VmHWM:")
      answer("bytes \(before.flatMap { before in after.map { "\(max(0, $0 - before))" } } ?? "None")")
    }
    phase = .waiting
    while let line = readLine() {
      let words = line.split(separator: " ")
      switch (words.first, words.last.flatMap { Double($0) }) {
      case ("warm", let seconds?): return begin(.warming(seconds: seconds, since: .now, runs: 1), 1)
      case ("go", let count?): return begin(.timing, Int(count))
      case ("quantile", let quantile?): return begin(.sampling(quantile: quantile, samples: []), 1)
      case ("peak", _): return begin(.peaking(before: Self.resetPeak()), 1)
      default: answer("unknown \(line)")
      }
    }
    return nil
  }

  private func begin(_ phase: Phase, _ count: Int) -> Int {
    self.phase = phase
    start = .now
    return count
  }

  /// What happens from here to `resume` does not count.
  func pause() { stopped = .now }

  func resume() {
    guard let stopped else { return }
    start += .now - stopped
    self.stopped = nil
  }

  func answer(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

  /// Sets the high-water mark of the resident set back to what is resident now, and returns that.
  private static func resetPeak() -> Int? {
    guard let file = FileHandle(forWritingAtPath: "/proc/self/clear_refs"),
      (try? file.write(contentsOf: Data("5".utf8))) != nil
    else { return nil }
    return memory("VmRSS:")
  }

  /// A line of /proc/self/status in bytes; nil where there is none.
  private static func memory(_ name: String) -> Int? {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return nil }
    let line = status.split(separator: "\n").first { $0.hasPrefix(name) }
    return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
  }
}
