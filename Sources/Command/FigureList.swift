//  Which figures there are of some runs, and what of the runs they show.

import Analysis
import Figures
import Foundation
import Results
import Storage

/// A run with all that figures need of it.
struct DrawnRun: Sendable {
  let folder: RunFolder
  let configuration: RunConfiguration
  let records: [EpochRecord]
  let report: DirectionsReport
  let map: NeighbourMap?
  let ladder: EquivarianceLadder?
  let statistics: ImageStatisticCorrelations?
  let walks: Walks?
  let attributes: AttributeMeasures?
  let significance: DirectionSignificance?
  let bound: BoundReport?
  let margins: MarginBudgets?
  let collapse: CollapseReport?
  let preservation: Preservation?
  /// Of the report's file and the measures' after it, by name: `cat directions/report.json measures/*.json | sha256sum`.
  let digest: String

  init(_ folder: RunFolder) throws(FileError) {
    self.folder = folder
    configuration = try folder.configuration()
    records = try folder.metrics()
    report = try folder.directionsReport()
    map = try folder.read(NeighbourMap.self)
    ladder = try folder.read(EquivarianceLadder.self)
    statistics = try folder.read(ImageStatisticCorrelations.self)
    walks = try folder.read(Walks.self)
    attributes = try folder.read(AttributeMeasures.self)
    significance = try folder.read(DirectionSignificance.self)
    bound = try folder.read(BoundReport.self)
    margins = try folder.read(MarginBudgets.self)
    collapse = try folder.read(CollapseReport.self)
    preservation = try folder.read(Preservation.self)
    var data = try WholeFile.read(folder.report, expected: "a report")
    for file in folder.measureFiles { data.append(try WholeFile.read(file, expected: "a measure")) }
    digest = data.sha256
  }

  /// How figures title the run.
  var title: String { configuration.title }
}

/// Rows of a report are places in a data set, so runs on one page must share theirs.
func requireSameImages(_ runs: [DrawnRun]) throws(FileError) {
  for run in runs where run.configuration.images != runs[0].configuration.images {
    throw .malformed(
      path: run.folder.url.relativePath, found: "a run on other images than \(runs[0].folder.url.relativePath)",
      expected: "runs on the same data set; draw these apart")
  }
}

/// Every figure of some runs, each made only when it is drawn.
struct FigureList {
  /// Made and drawn on a thread of its own.
  typealias Maker = @Sendable () -> (Figure, of: [DrawnRun])

  let figures: [Maker]
  private let runs: [DrawnRun]
  private let images: ImageSource
  private let shownClasses: Set<Int>

  /// The walks of two runs from the anchors of the first; nothing for other numbers of runs.
  func besideEachOther() throws -> [Maker] {
    guard runs.count == 2, let first = runs[0].walks, let second = runs[1].walks else { return [] }
    let other = try AnalysedRun(runs[1].folder)
    let (runs, images, classNames) = (runs, images, runs[0].report.classNames)
    return try first.walks.filter { shownClasses.contains($0.classIndex) && $0.query == .axis }.compactMap { walk in
      guard second.walks.contains(where: { $0.classIndex == walk.classIndex }) else { return nil }
      let beside = try other.walk(classIndex: walk.classIndex, query: walk.query, anchor: walk.anchor.row)
      return {
        (
          WalkGrid(
            [.init(walk, run: runs[0].title), .init(beside, run: runs[1].title)], classNames: classNames, images: images
          ).figure(), runs
        )
      }
    }
  }

  init(_ runs: [DrawnRun], similarity: RunSimilarity?, classes: [String], images: @escaping ImageSource) {
    let classNames = runs[0].report.classNames
    let setting = "\(runs[0].configuration.network) on \(runs[0].configuration.images.name)"
    let shownClasses = Set(classNames.indices.filter { classes.contains(classNames[$0]) })
    func isShown(_ index: Int) -> Bool { shownClasses.contains(index) }
    var figures: [Maker] = []
    let trained = runs.filter(\.configuration.isTrainedHere)
    if !trained.isEmpty {
      figures.append {
        (TrainingCurves(trained.map { .init($0.configuration, records: $0.records) }).figure(), trained)
      }
    }
    figures.append {
      let panels = runs.map { FeatureMapFigure.Panel(title: $0.title, map: $0.report.map) }
      return (FeatureMapFigure(panels, classNames: classNames, setting: setting, images: images).figure(), runs)
    }
    if runs.contains(where: { $0.map != nil }) {
      figures.append {
        let shown = runs.filter { $0.map != nil }
        let panels = shown.compactMap { run in run.map.map { FeatureMapFigure.Panel(title: run.title, map: $0) } }
        return (FeatureMapFigure(panels, classNames: classNames, setting: setting, images: images).figure(), shown)
      }
    }
    if runs.contains(where: { run in run.collapse != nil || run.records.contains { $0.collapse != nil } }) {
      figures.append {
        (CollapseFigure(runs.map { .init($0.configuration, records: $0.records, end: $0.collapse) }).figure(), runs)
      }
    }
    if let similarity {
      figures.append { (SimilarityFigure(similarity, setting: setting).figure(), runs) }
      for match in similarity.matches {
        let shown = [runs[0], runs[match.second]]
        figures.append {
          (
            MatchedDirections(
              match, first: shown[0].title, second: shown[1].title, classNames: classNames, setting: setting
            ).figure(prefix: similarity.matches.count > 1 ? shown[1].folder.name : ""), shown
          )
        }
      }
    }
    for run in runs {
      let (report, prefix) = (run.report, runs.count > 1 ? run.folder.name : "")
      figures.append {
        (SpectrumFigure(report.spectra, classNames: classNames, run: run.title).figure(prefix: prefix), [run])
      }
      if let significance = run.significance {
        figures.append { (ScreeFigure(significance, run: run.title).figure(prefix: prefix), [run]) }
        figures.append { (StabilityFigure(significance, run: run.title).figure(prefix: prefix), [run]) }
      }
      if let bound = run.bound {
        let trainedAt = run.configuration.loss.usesCovariances ? run.configuration.lambda : nil
        figures.append { (BoundFigure(bound, trainedAt: trainedAt, run: run.title).figure(prefix: prefix), [run]) }
      }
      if let margins = run.margins {
        figures.append { (MarginFigure(margins, run: run.title).figure(prefix: prefix), [run]) }
      }
      if let preservation = run.preservation {
        for split in [ImageReference.Split.train, .test] where preservation.galleries[split.rawValue] != nil {
          figures.append {
            (PreservationFigure(preservation, split: split, run: run.title).figure(prefix: prefix), [run])
          }
        }
      }
      if let factors = report.factors {
        figures.append {
          (FactorHeatMap(factors, classNames: classNames, run: run.title).figure(prefix: prefix), [run])
        }
      }
      if let statistics = run.statistics {
        figures.append {
          (FactorHeatMap(statistics, classNames: classNames, run: run.title).figure(prefix: prefix), [run])
        }
      }
      if let ladder = run.ladder {
        figures.append { (LadderFigure(ladder, run: run.title).figure(prefix: prefix), [run]) }
        figures.append { (PathsFigure(ladder, run: run.title).figure(prefix: prefix), [run]) }
      }
      if let attributes = run.attributes {
        figures.append { (AttributesFigure(attributes, run: run.title).figure(prefix: prefix), [run]) }
      }
      for walk in run.walks?.walks ?? [] where isShown(walk.classIndex) {
        figures.append {
          (WalkGrid(walk, classNames: classNames, run: run.title, images: images).figure(prefix: prefix), [run])
        }
      }
      for slabs in run.walks?.slabs ?? [] where isShown(slabs.classIndex) {
        figures.append {
          (SlabFigure(slabs, classNames: classNames, run: run.title, images: images).figure(prefix: prefix), [run])
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
    (self.runs, self.images, self.shownClasses) = (runs, images, shownClasses)
  }
}
