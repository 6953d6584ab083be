//  The two hidden verbs: a side's process, and the process that keeps a core busy.

import ArgumentParser
import Foundation
import Torch

/// What a worker must know beside its row and side.
struct WorkerSettings: ParsableArguments {
  @Option(help: "Threads of libtorch.")
  var threads: Int

  @Option(help: "bfloat16 or float32, for training.")
  var precision: String

  @Option(help: "Images to extract features of.")
  var images: Int

  init() {}

  init(threads: Int, precision: String, images: Int) {
    (self.threads, self.precision, self.images) = (threads, precision, images)
  }

  var arguments: [String] {
    ["--threads", "\(threads)", "--precision", precision, "--images", "\(images)"]
  }
}

struct WorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker", abstract: "One side of a benchmark.", shouldDisplay: false)

  @Argument var benchmark: String
  @Argument var row: String
  @Argument var side: String
  @OptionGroup var settings: WorkerSettings

  func run() throws {
    guard let benchmark = benchmarks.first(where: { $0.name == benchmark }) else {
      throw ValidationError("no benchmark \"\(benchmark)\"; expected \(benchmarks.map(\.name).joined(separator: ", "))")
    }
    Library.threads = settings.threads
    let rounds = Rounds()
    rounds.answer("ready \(Library.version)")
    try benchmark.work(row: row, side: side, settings: settings, rounds: rounds)
  }
}

struct BurnCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "burn", abstract: "Keep a core busy until the parent is gone.", shouldDisplay: false)

  func run() {
    let parent = getppid()
    var state: UInt64 = 1
    while getppid() == parent {
      for _ in 0..<10_000_000 { state = state &* 6_364_136_223_846_793_005 &+ 1 }
      // The optimiser must believe that the number matters.
      guard state != 0 else { return }
    }
  }
}
