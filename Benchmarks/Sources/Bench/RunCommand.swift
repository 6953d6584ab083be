//  The verbs that people use: run benchmarks, and show a result again.

import ArgumentParser
import Canvas
import Foundation
import Raster
import Results
import Storage
import Torch

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run benchmarks and write Benchmarks/results/<date>.json and .png (the default).")

  @Argument(
    help: """
      Which to run: names such as term, or single rows such as term/128x10x64. All if none is named. step, train and \
      extract can do every network, such as extract/densenet121, and do most only when they are named.
      """)
  var cases: [String] = []

  @Flag(help: "Short rounds, small sets and the first row of each benchmark: shows that everything runs.")
  var quick = false

  @Flag(help: "Print the benchmarks and their rows, and run nothing.")
  var list = false

  @Flag(help: "Check that all sides compute the same numbers, and run nothing.")
  var check = false

  @Option(help: "Rounds that count; 9, or 3 if quick.")
  var rounds: Int?

  @OptionGroup var sides: SideOptions

  func validate() throws {
    if let rounds, !(1...10_000).contains(rounds) {
      throw ValidationError("--rounds is \(rounds); expected 1 to 10000")
    }
    _ = try selection()
  }

  func run() throws {
    if list { return printList() }
    let scripts = try sides.scripts()
    if check {
      guard try Check.run(scripts) else { throw ExitCode.failure }
      return
    }
    try measure(scripts)
  }

  private func measure(_ scripts: PythonScripts) throws {
    signal(SIGPIPE, SIG_IGN)  // a side that dies is an error of that side
    let settings = WorkerSettings(
      threads: sides.threadCount, precision: Device.cpu.hasBFloat16 ? "bfloat16" : "float32",
      images: quick ? 1000 : 10_000)
    let session = Session(
      scripts: scripts, settings: settings, rounds: rounds ?? (quick ? 3 : 9),
      roundLength: quick ? 0.3 : 1
    ) { line in
      FileHandle.standardError.write(Data((line + "\n").utf8))
    }
    var report = Report(
      environment: Machine.environment(threads: settings.threads, precision: settings.precision),
      physicalCores: Machine.physicalCores, waiting: Session.waiting, rounds: session.rounds, isQuick: quick)

    let file = scripts.folder.appendingPathComponent(
      "results/\(report.environment.started.stamp)\(quick ? "-quick" : "").json")
    for (benchmark, row) in try selection() {
      let result = session.measure(benchmark, row: row)
      report.rows.append(result)
      write(summary(of: result))
      // After every row, so that a run that is broken off has left what it knows.
      try JSONFile.write(report, to: file)
    }
    try show(report, file: file)
  }

  /// Benchmarks and rows in their own order.
  private func selection() throws -> [(any Benchmark, String)] {
    func named(_ benchmark: any Benchmark) -> [String] {
      cases.filter { $0.hasPrefix(benchmark.name + "/") }.map { String($0.dropFirst(benchmark.name.count + 1)) }
    }
    for name in cases
    where !benchmarks.contains(where: { name == $0.name || named($0).contains { name.hasSuffix("/\($0)") } }) {
      throw ValidationError(
        "no benchmark \"\(name)\"; expected \(benchmarks.map(\.name).joined(separator: ", ")), or one of their rows "
          + "such as \(benchmarks[0].name)/\(benchmarks[0].rows[0])")
    }
    return try benchmarks.flatMap { benchmark in
      let own = cases.isEmpty || cases.contains(benchmark.name) ? benchmark.rows.prefix(quick ? 1 : .max) : []
      let others = named(benchmark).filter { !own.contains($0) }
      if let unknown = others.first(where: { !benchmark.hasRow($0) }) {
        throw ValidationError(
          "no row \"\(unknown)\" of \(benchmark.name); expected \(benchmark.rows.joined(separator: ", "))"
            + (benchmark is any NetworkBenchmark ? ", or another network" : ""))
      }
      return (own + others).map { (benchmark, $0) }
    }
  }

  private func printList() {
    for benchmark in benchmarks {
      print("\(benchmark.name): \(benchmark.summary)")
      for row in benchmark.rows { print("  \(benchmark.name)/\(row)") }
    }
  }

  /// Every side's times and every ratio, for the terminal.
  private func summary(of row: Report.Row) -> String {
    var lines = [
      "\(row.benchmark) \(row.row), one \(row.unit)" + (row.images.map { " of \($0) images" } ?? "")
    ]
    for measurement in row.measurements {
      guard let spread = Spread(measurement.values) else { continue }
      func text(_ value: Double) -> String { readable(value, measurement.quantity) }
      lines.append(
        "  \(measurement.side): median \(row.median(of: measurement.side)), quartiles \(text(spread.lowerQuartile)) to "
          + "\(text(spread.upperQuartile)), all \(text(spread.least)) to \(text(spread.greatest))")
    }
    for ratio in row.ratios {
      let target = ratio.target.map { "; target \($0.text): \(ratio.isReached == true ? "reached" : "not reached")" }
      lines.append(
        "  \(ratio.numerator) ÷ \(ratio.denominator) = \(significant(ratio.spread.median)), quartiles "
          + "\(significant(ratio.spread.lowerQuartile)) to \(significant(ratio.spread.upperQuartile))\(target ?? "")")
    }
    return lines.joined(separator: "\n")
  }
}

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Print the table of a result again, and draw its chart.")

  @Argument(help: "A file of Benchmarks/results.", completion: .file(extensions: ["json"]))
  var file: String

  func run() throws {
    let file = URL(fileURLWithPath: file)
    try show(try JSONFile.read(Report.self, from: file), file: file)
  }
}

/// Prints the Markdown table and draws the chart beside the file.
private func show(_ report: Report, file: URL) throws {
  write("\n\(report.markdown)\n\n\(report.circumstances).\n\n\(file.relativePath)")
  // `explore` compares nothing, so there is nothing to draw.
  guard report.rows.contains(where: { !$0.ratios.isEmpty }) else { return }
  let chart = file.deletingPathExtension().appendingPathExtension("png")
  let image = RatioChart(report: report).drawing().image(dotsPerInch: 192)
  let png = image.png(
    dotsPerInch: 192,
    texts: [
      "Title": RatioChart.heading, "Software": "isda-bench \(report.environment.version)",
      "Command": "isda-bench report \(file.lastPathComponent)",
    ])
  try WholeFile.write(png, to: chart)
  write(chart.relativePath)
}

extension Date {
  /// Day and second as a part of a file's name.
  var stamp: String {
    formatted(
      .verbatim(
        "\(year: .defaultDigits)-\(month: .twoDigits)-\(day: .twoDigits)-\(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased))\(minute: .twoDigits)\(second: .twoDigits)",
        timeZone: .gmt, calendar: Calendar(identifier: .gregorian)))
  }
}

/// Prints at once, so that results and progress keep their order where both go into one file.
func write(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }
