//  The command `isda-bench`, which `make bench` runs. It measures and reports; it never fails because something was
//  slow.

import ArgumentParser
import Foundation

@main
struct IsdaBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "isda-bench",
    abstract: "Measure this package beside PyTorch, in turns, on this machine.",
    discussion: """
      Examples, from the package's root:
        make bench
        make bench CASES="term step" OPTIONS="--rounds 21"
        make bench CASES=train/resnet20 OPTIONS=--quick
        Benchmarks/.build/release/isda-bench report Benchmarks/results/2026-11-22-1845.json
      """,
    subcommands: [
      RunCommand.self, ReportCommand.self, CurvesCommand.self, StepsCommand.self, WorkerCommand.self, BurnCommand.self,
    ],
    defaultSubcommand: RunCommand.self)
}
