//  `isda compare`: whether one arm is better than another, from finished runs or from a printed table.

import ArgumentParser
import Comparison
import Figures
import Foundation
import Images
import Results
import Storage

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Say with sound statistics whether arms differ in test error, and in what.",
    discussion: """
      Examples:
        isda compare runs/ce-s0 runs/ce-s1 runs/isda-s0 runs/isda-s1 \\
          --out comparison
        isda compare runs
        isda compare runs/portraits-study --out runs/portraits-study/report
        isda compare --summary docs/published-cifar.csv

      Arms are found from the configurations, and runs of one seed are a pair. Everything comes from the saved logits \
      of the last epoch. Runs on other data, of other epochs or classes are refused. A verdict is one of four words: \
      better, worse, equivalent, undecided. Of a study (`isda study`) the analysis was frozen before its first run. \
      The test is the exact sign-flip test, or Welch's where no seed is shared, at 5 %.
      """)

  @Argument(help: "Run folders, folders that hold run folders, or the folder of a study.", completion: .directory)
  var runs: [String] = []

  @Option(
    help: """
      Instead of runs, a CSV table with the columns setting, baseline_mean, baseline_deviation, baseline_runs, arm_mean, \
      arm_deviation and arm_runs.
      """, completion: .file(extensions: ["csv"]))
  var summary: String?

  @Option(help: "The arm that others are compared with; the one with plain cross-entropy if not given.")
  var baseline: String?

  @Option(help: "The difference in percent points that is too small to matter; 0.1 if not given.")
  var tolerance: Double?

  @Option(help: "Seed of the resampling, 0 if not given: the same one gives the same intervals.")
  var seed: UInt64?

  @Option(
    help: "A folder for report.html, figures, JSON, and all tables as CSV, Markdown and LaTeX.", completion: .directory,
    transform: nonEmptyPath)
  var out: String?

  @Option(
    help: "Folder of the data set's files, if they have moved; without them images that changed sides are not shown.",
    completion: .directory)
  var data: String?

  @OptionGroup var output: OutputOptions

  private static let tolerance = 0.1

  func validate() throws {
    if let tolerance, !(tolerance > 0 && tolerance.isFinite) {
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
      let comparison = try SummaryComparison(
        contentsOf: URL(fileURLWithPath: summary), tolerance: tolerance ?? Self.tolerance)
      if let folder { try comparison.write(to: folder) }
      switch output.format {
      case .json: print(JSONFile.encode(comparison))
      case .text: show(comparison.table)
      }
      return
    }
    let report = try compare(console)
    if let folder { try write(report, to: folder, console) }
    switch output.format {
    case .json: print(JSONFile.encode(report))
    case .text: show(report)
    }
  }

  private func write(_ report: ComparisonReport, to folder: URL, _ console: Console) throws {
    let tables = try report.write(to: folder)
    let run = RunFolder(URL(fileURLWithPath: report.arms[0].runs[0].path, isDirectory: true))
    var images: ImageSource?
    do {
      let test = try loadDataset(of: run, data: data, console).test
      if test.count == report.testImages {
        images = { test.image($0.row) }
      } else {
        console.say("no images are shown: the data set has \(test.count) test images, the runs \(report.testImages)")
      }
    } catch let error as FileError {
      console.say("no images are shown: \(error)")
    }
    console.progress(1, "drawing figures")
    let digest = try WholeFile.read(tables[0], expected: "the comparison").sha256
    let provenance = Provenance(
      software: "isda \(RunEnvironment.toolVersion)",
      command: (["isda compare"] + runs + ["--out \(folder.relativePath)"]).joined(separator: " "),
      data: "comparison.json sha256 \(digest)")
    let files = try ComparisonFigures(report: report, images: images).write(to: folder, provenance: provenance)
    console.closeLine()
    if let page = files.last { console.say("\(page.relativePath) has everything on one page") }
  }

  private func compare(_ console: Console) throws -> ComparisonReport {
    func progress(_ fraction: Double, _ step: String) throws {
      try StopSignal.throwIfRequested()
      console.progress(fraction, step)
    }
    let urls = runs.map { URL(fileURLWithPath: $0, isDirectory: true) }
    do {
      let report: ComparisonReport
      if let study = urls.map({ StudyFolder($0) }).first(where: \.holdsStudy) {
        guard urls.count == 1 else {
          throw ValidationError("\(study.url.relativePath) is a study, which is compared alone")
        }
        guard baseline == nil, tolerance == nil, seed == nil else {
          throw ValidationError("--baseline, --tolerance and --seed were frozen in \(study.studyFile.relativePath)")
        }
        report = try ComparisonReport(study, progress: progress)
      } else {
        report = try ComparisonReport(
          urls.flatMap(Self.runFolders), baseline: baseline, tolerance: tolerance ?? Self.tolerance, seed: seed ?? 0,
          progress: progress)
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
