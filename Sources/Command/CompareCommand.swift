//  `isda compare`: whether one arm is better than another, from finished runs or from a printed table.

import ArgumentParser
import Comparison
import Foundation
import Results
import Storage

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Say with sound statistics whether arms differ in test error, and in what.",
    discussion: """
      Examples:
        isda compare runs/ce-s0 runs/ce-s1 runs/isda-s0 runs/isda-s1 --out comparison
        isda compare runs
        isda compare --summary docs/published-cifar.csv

      Arms are found from the configurations, and runs of one seed are a pair. Everything comes from the saved logits of
      the last epoch. Runs on other data, of other epochs or classes are refused. A verdict is one of four words: better,
      worse, equivalent, undecided. The test is the exact sign-flip test, or Welch's where no seed is shared, at 5 %.
      """)

  @Argument(help: "Run folders, or folders that hold run folders.", completion: .directory)
  var runs: [String] = []

  @Option(
    help: """
      Instead of runs, a CSV table with the columns setting, baseline_mean, baseline_deviation, baseline_runs, arm_mean, \
      arm_deviation and arm_runs.
      """, completion: .file(extensions: ["csv"]))
  var summary: String?

  @Option(help: "The arm that others are compared with; the one with plain cross-entropy if not given.")
  var baseline: String?

  @Option(help: "The difference in percent points that is too small to matter.")
  var tolerance = 0.1

  @Option(help: "Seed of the resampling: the same one gives the same intervals.")
  var seed: UInt64 = 0

  @Option(help: "A folder for JSON, and for all tables as CSV, Markdown and LaTeX.", completion: .directory)
  var out: String?

  @Option(help: "How to print the result: text or json.")
  var format = OutputFormat.text

  @OptionGroup var output: QuietOption

  func validate() throws {
    guard tolerance > 0, tolerance.isFinite else {
      throw ValidationError("--tolerance is \(tolerance); expected a number above 0")
    }
    guard runs.isEmpty != (summary == nil) else {
      throw ValidationError("give either run folders or --summary TABLE.csv")
    }
    if summary != nil && baseline != nil {
      throw ValidationError("--baseline belongs to run folders; a table says which column is the baseline's")
    }
  }

  func run() throws {
    let console = Console(quiet: output.quiet)
    StopSignal.listen()
    let folder = out.map { URL(fileURLWithPath: $0, isDirectory: true) }
    if let summary {
      let comparison = try SummaryComparison(contentsOf: URL(fileURLWithPath: summary), tolerance: tolerance)
      if let folder { try comparison.write(to: folder) }
      switch format {
      case .json: print(JSONFile.encode(comparison))
      case .text: show(comparison.table)
      }
      return
    }
    let report = try compare(console)
    if let folder { try report.write(to: folder) }
    switch format {
    case .json: print(JSONFile.encode(report))
    case .text: show(report)
    }
  }

  private func compare(_ console: Console) throws -> ComparisonReport {
    let folders = try runs.flatMap { try Self.runFolders(URL(fileURLWithPath: $0, isDirectory: true)) }
    do {
      let report = try ComparisonReport(folders, baseline: baseline, tolerance: tolerance, seed: seed) {
        fraction, step in
        try StopSignal.throwIfRequested()
        console.progress(fraction, step)
      }
      console.closeLine()
      return report
    } catch let error as ComparisonError {
      throw ValidationError(error.description)
    }
  }

  /// The run in a folder, or those in the folders of it, by name.
  private static func runFolders(_ url: URL) throws -> [RunFolder] {
    let folder = RunFolder(url)
    guard !folder.holdsRun else { return [folder] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
    let inside = names.sorted().map { RunFolder(url.appendingPathComponent($0, isDirectory: true)) }.filter(\.holdsRun)
    guard !inside.isEmpty else {
      throw FileError.missing(
        path: url.path, expected: "a run folder, as `isda train --out` leaves it, or a folder of them")
    }
    return inside
  }

  private func show(_ report: ComparisonReport) {
    for comparison in report.comparisons {
      print(wrapped("\(comparison.arm): \(comparison.verdict.word.rawValue). \(comparison.verdict.sentence)") + "\n")
    }
    for table in report.tables where table.readable.count > 1 { show(table) }
    for note in report.notes { print(wrapped(note)) }
  }

  /// A table under its caption; of a long one both ends.
  private func show(_ table: ReportTable) {
    let most = 24
    var rows = table.readable
    let left = rows.count - 1 - most
    if left > 0 && summary == nil {
      let gap = ["… \(left) more"] + [String](repeating: "", count: rows[0].count - 1)
      rows.replaceSubrange(1 + most / 2..<rows.count - most / 2, with: [gap])
    }
    print("\(wrapped(table.caption))\n\(columns(rows))\n")
  }
}

/// Text in lines of up to 100 characters, broken between words.
private func wrapped(_ text: String) -> String {
  var lines = [""]
  for word in text.split(separator: " ") {
    let last = lines[lines.count - 1]
    if last.isEmpty {
      lines[lines.count - 1] = String(word)
    } else if last.count + 1 + word.count <= 100 {
      lines[lines.count - 1] += " \(word)"
    } else {
      lines.append(String(word))
    }
  }
  return lines.joined(separator: "\n")
}
