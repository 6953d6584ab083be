//  `isda figures`: the pictures of one run, or of several side by side.

import ArgumentParser
import Figures
import Foundation
import Images
import Raster
import Results
import Storage

struct FiguresCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "figures",
    abstract: "Draw every figure of one or more runs as PNG, SVG and CSV.",
    discussion: """
      Examples:
        isda figures runs/isda-s0 --out pictures
        isda figures runs/ce-s0 runs/isda-s0 --classes cat,dog --out pictures

      Training curves and feature maps show all runs on one page; spectra, walks, extremes and factor correlations
      are drawn for each run. `isda analyze` comes first. The same runs give the same files, byte for byte.
      """)

  @Argument(help: "Run folders that have been analysed.", completion: .directory)
  var runs: [String]

  @Option(help: "The folder to draw into.", completion: .directory)
  var out: String

  @Option(help: "Classes whose walks and extremes are drawn, with commas between; all if not given.")
  var classes: String?

  @Option(help: "Resolution of the PNG files; 192 makes the pixels of 32-pixel images blocks of 3 × 3.")
  var dpi = 192.0

  @Option(help: "Folder of the data set's files, if they have moved since the training.", completion: .directory)
  var data: String?

  @Option(help: "How to print the paths of the pictures: text or json.")
  var format = OutputFormat.text

  @OptionGroup var output: QuietOption

  func validate() throws {
    guard (48...1200).contains(dpi) else { throw ValidationError("--dpi is \(dpi); expected 48 to 1200") }
    guard !runs.isEmpty else { throw ValidationError("name at least one run folder") }
  }

  func run() throws {
    let console = Console(quiet: output.quiet)
    StopSignal.listen()
    let folders = runs.map { RunFolder(URL(fileURLWithPath: $0, isDirectory: true)) }
    let pictures = try drawFigures(
      folders, classes: classes?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }, data: data,
      into: URL(fileURLWithPath: out, isDirectory: true), dotsPerInch: dpi, console: console)
    switch format {
    case .text: for picture in pictures { print(picture.relativePath) }
    case .json: print(JSONFile.encode(pictures.map(\.relativePath)))
    }
  }
}

/// Draws all figures of analysed runs.
/// - Parameter classes: by name; nil for all.
/// - Returns: the PNG files.
func drawFigures(
  _ folders: [RunFolder], classes: [String]? = nil, data: String? = nil, into folder: URL,
  dotsPerInch: Double = 192, console: Console
) throws -> [URL] {
  let runs = try folders.map { try AnalysedRun($0) }
  try requireSameImages(runs)
  if let classes, let unknown = classes.first(where: { !runs[0].report.classNames.contains($0) }) {
    throw ValidationError(
      "--classes names \"\(unknown)\"; expected \(runs[0].report.classNames.joined(separator: ", "))")
  }
  let dataset = try loadDataset(of: folders[0], data: data, console)
  for run in runs where run.report.map.entries.count != dataset.test.count {
    throw FileError.malformed(
      path: run.folder.report.path, found: "an analysis of \(run.report.map.entries.count) test images",
      expected: "\(dataset.test.count), as the data set has; run `isda analyze` again")
  }
  let images: ImageSource = { reference in
    (reference.split == .train ? dataset.train : dataset.test).image(reference.row)
  }
  let figures = FigureList(runs, classes: classes, images: images).figures
  var written: [URL] = []
  for (index, draw) in figures.enumerated() {
    try StopSignal.throwIfRequested()
    let (figure, shown) = draw()
    console.progress(Double(index) / Double(figures.count), "drawing \(figure.name)")
    let command =
      "isda figures \(shown.map { $0.folder.url.relativePath }.joined(separator: " ")) --out \(folder.relativePath)"
    let files = try figure.write(
      to: folder, dotsPerInch: dotsPerInch,
      provenance: Provenance(
        software: "isda \(RunEnvironment.toolVersion)", command: command,
        data: shown.map { "\($0.folder.name) sha256 \($0.digest)" }.joined(separator: ", ")))
    written += files.filter { $0.pathExtension == "png" }
  }
  console.closeLine()
  return written
}

/// A run with all that figures need of it.
private struct AnalysedRun {
  let folder: RunFolder
  let configuration: RunConfiguration
  let records: [EpochRecord]
  let report: DirectionsReport
  /// nil where an older analysis has not measured it.
  let significance: DirectionSignificance?
  /// Of the report's file.
  let digest: String

  init(_ folder: RunFolder) throws(FileError) {
    self.folder = folder
    configuration = try folder.configuration()
    records = try folder.metrics()
    report = try folder.directionsReport()
    significance = try folder.read(DirectionSignificance.self)
    digest = try WholeFile.read(folder.report, expected: "a report").sha256
  }

  /// How figures title the run.
  var title: String { "\(configuration.armName), seed \(configuration.seed)" }
}

/// Rows of a report are places in a data set, so runs on one page must share theirs.
private func requireSameImages(_ runs: [AnalysedRun]) throws(FileError) {
  func images(_ run: AnalysedRun) -> [String?] {
    let c = run.configuration
    return [c.dataset, c.data, c.trainCount?.description, c.testCount?.description]
  }
  for run in runs where images(run) != images(runs[0]) {
    throw .malformed(
      path: run.folder.url.relativePath, found: "a run on other images than \(runs[0].folder.url.relativePath)",
      expected: "runs on the same data set; draw these apart")
  }
}

/// Every figure of some runs, each made only when it is drawn.
private struct FigureList {
  let figures: [() -> (Figure, of: [AnalysedRun])]

  init(_ runs: [AnalysedRun], classes: [String]?, images: @escaping ImageSource) {
    let classNames = runs[0].report.classNames
    func isShown(_ index: Int) -> Bool { classes?.contains(classNames[index]) ?? true }
    var figures: [() -> (Figure, of: [AnalysedRun])] = [
      { (TrainingCurves(runs.map { .init($0.configuration, records: $0.records) }).figure(), runs) },
      {
        let panels = runs.map { FeatureMapFigure.Panel(title: $0.title, map: $0.report.map) }
        let setting = "\(runs[0].configuration.network) on \(runs[0].configuration.dataset)"
        return (FeatureMapFigure(panels, classNames: classNames, setting: setting, images: images).figure(), runs)
      },
    ]
    for run in runs {
      let (report, prefix) = (run.report, runs.count > 1 ? run.folder.name : "")
      figures.append {
        (SpectrumFigure(report.spectra, classNames: classNames, run: run.title).figure(prefix: prefix), [run])
      }
      if let significance = run.significance {
        figures.append { (ScreeFigure(significance, run: run.title).figure(prefix: prefix), [run]) }
        figures.append { (StabilityFigure(significance, run: run.title).figure(prefix: prefix), [run]) }
      }
      if let factors = report.factors {
        figures.append {
          (FactorHeatMap(factors, classNames: classNames, run: run.title).figure(prefix: prefix), [run])
        }
      }
      for walk in report.walks where isShown(walk.classIndex) {
        figures.append {
          (WalkGrid(walk, classNames: classNames, run: run.title, images: images).figure(prefix: prefix), [run])
        }
      }
      for extremes in report.extremes where isShown(extremes.classIndex) {
        figures.append {
          (
            ExtremesFigure(extremes, classNames: classNames, run: run.title, images: images).figure(prefix: prefix),
            [run]
          )
        }
      }
    }
    self.figures = figures
  }
}
