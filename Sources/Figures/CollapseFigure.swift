//  Collapse of features onto their class means by epoch, and beside it the factors that ISDA's term is made of: whether
//  a run makes the term small by shrinking the variance of its classes or by turning its weights away from it.

internal import Canvas
internal import Foundation
public import Results
internal import Storage

/// Neural collapse and ISDA's term of any number of runs, by epoch.
public struct CollapseFigure {
  public struct Run: Sendable {
    /// Runs of the same name, such as repetitions with other seeds, share a colour.
    public var name: String
    public var records: [EpochRecord]
    /// The end of the run, for runs whose epochs were not recorded.
    public var end: CollapseReport?
    /// Network and data set, for the subtitle.
    public var setting: String

    public init(name: String, records: [EpochRecord], end: CollapseReport? = nil, setting: String = "") {
      (self.name, self.records, self.end, self.setting) = (name, records, end, setting)
    }

    /// A run named by its arm.
    public init(_ configuration: RunConfiguration, records: [EpochRecord], end: CollapseReport?) {
      self.init(
        name: configuration.armName, records: records, end: end,
        setting: "\(configuration.network) on \(configuration.images.name)")
    }

    /// What is known, by epoch; without records the end alone.
    var epochs: [(epoch: Int, train: CollapseMeasures, test: CollapseMeasures)] {
      let recorded = records.compactMap { record in
        record.collapse.map { (epoch: record.epoch, train: $0.train, test: $0.test) }
      }
      guard recorded.isEmpty, let end else { return recorded }
      return [(epoch: records.last?.epoch ?? 0, train: end.train, test: end.test)]
    }
  }

  public var runs: [Run]

  public init(_ runs: [Run]) {
    self.runs = runs
  }

  private struct Panel: Sendable {
    enum Scale { case fromZero, around, wide }
    let heading: String
    let scale: Scale
    let value: @Sendable (CollapseMeasures) -> Double
  }

  private static let sections: [(title: String, panels: [Panel])] = [
    (
      "Collapse onto the class means",
      [
        Panel(heading: "NC1, variability", scale: .wide) { $0.nc1 },
        Panel(heading: "CDNV, class-distance variance", scale: .wide) { $0.cdnv },
        Panel(heading: "NC2, distance from a frame", scale: .fromZero) { $0.frameError },
        Panel(heading: "NC3, distance from duality", scale: .fromZero) { $0.dualityError },
        Panel(heading: "NC4, nearest mean agrees (%)", scale: .around) { 100 * $0.nearestMeanAgreement },
      ]
    ),
    (
      "What ISDA’s term is made of",
      [
        Panel(heading: "Visible share of variance (%)", scale: .fromZero) { 100 * $0.visibleShare },
        Panel(heading: "Class variance, tr Σ", scale: .fromZero) { $0.withinTrace },
        Panel(heading: "Distance between weights", scale: .fromZero) { $0.weightDistance },
        Panel(heading: "Alignment (1: isotropic)", scale: .fromZero) { $0.alignment },
        Panel(heading: "The term, v·Σv for v = w − w’", scale: .wide) { $0.term },
      ]
    ),
    (
      "The same against the distances between classes",
      [
        Panel(heading: "Distance between means", scale: .fromZero) { $0.meanDistance },
        Panel(heading: "Variance within over between", scale: .wide) { $0.traceRatio },
        Panel(heading: "Term over squared margin", scale: .wide) { $0.marginVariance },
      ]
    ),
  ]

  private static let panel = Size(226, 178)
  private static let columns = 5
  private static let gap = 10.0
  private static let sectionHeading = 26.0
  private static let trainDash: [Double] = [4, 3]

  public func figure(prefix: String = "") -> Figure {
    let ruler = TextRuler()
    var names: [String] = []
    for run in runs where !names.contains(run.name) { names.append(run.name) }
    var settings: [String] = []
    for run in runs where !run.setting.isEmpty && !settings.contains(run.setting) { settings.append(run.setting) }
    let width = Double(Self.columns) * (Self.panel.width + Self.gap) - Self.gap
    let legend = Legend(
      names.enumerated().map { .init(.line(Theme.color(ofRun: $0, of: names.count), width: 2.5, dash: []), $1) } + [
        .init(.line(Theme.secondary, width: 2, dash: []), "test images"),
        .init(.line(Theme.secondary, width: 1.3, dash: Self.trainDash), "training images, unaugmented"),
      ], width: width, ruler: ruler)
    let ends = runs.count { run in run.epochs.count == 1 && run.records.allSatisfy { $0.collapse == nil } }
    let page = Page(
      title: "Neural collapse, and what it leaves for ISDA to move", subtitle: settings.joined(separator: ", "),
      caption:
        "NC1 compares the covariances within and between classes; NC2 and NC3 are distances of the class means, and of "
        + "weights times means, from a simplex equiangular tight frame, 0 if collapse is complete; Σ is the covariance of "
        + "a class, w a row of the last layer; all are means over classes or pairs of classes. Visible is the share of a class’s variance inside span{w_j − w_c}; alignment compares "
        + "the term with what it would be if the same variance had no direction. Features and weights can trade scale, "
        + "so variance, weights and distance mean little alone; the last two panels and the shares do not depend on it."
        + (ends > 0 ? " Dots: \(ends) of \(runs.count) runs kept no record by epoch; drawn is their end." : ""))
    let sectionHeight = Self.sectionHeading + Self.panel.height + 8
    let body = Size(width, legend.height + 6 + Double(Self.sections.count) * sectionHeight)
    let drawing = page.drawing(body: body, ruler: ruler) { canvas, area in
      legend.draw(on: canvas, at: Point(area.x, area.y))
      for (row, section) in Self.sections.enumerated() {
        let top = area.y + legend.height + 6 + Double(row) * sectionHeight
        canvas.text(
          section.title, at: Point(area.x, top + 6), font: Theme.heading, color: Theme.secondary, vertical: .top)
        for (column, panel) in section.panels.enumerated() {
          draw(
            panel, names: names,
            in: Rectangle(
              x: area.x + Double(column) * (Self.panel.width + Self.gap), y: top + Self.sectionHeading,
              width: Self.panel.width, height: Self.panel.height), on: canvas)
        }
      }
    }
    return Figure(
      name: figureName(prefix: prefix, "collapse"), title: page.title, drawing: drawing, table: table)
  }

  private func draw(_ panel: Panel, names: [String], in area: Rectangle, on canvas: Canvas) {
    let frame = Rectangle(
      x: area.x + 38, y: area.y + Plot.headingHeight, width: area.width - 38 - 8,
      height: area.height - Plot.headingHeight - Plot.footerHeight)
    let values = runs.flatMap(\.epochs).flatMap { [panel.value($0.train), panel.value($0.test)] }.filter(\.isFinite)
    let positive = values.filter { $0 > 0 }
    let y: Axis =
      switch panel.scale {
      case .fromZero: .fromZero(covering: values, ticks: 4)
      case .around: .around(values, ticks: 4)
      case .wide:
        (positive.max() ?? 1) > 8 * (positive.min() ?? 1)
          ? .logarithmic(covering: values, ticks: 4) : .fromZero(covering: values, ticks: 4)
      }
    let last = Double(runs.flatMap(\.epochs).map(\.epoch).max() ?? 1)
    let plot = Plot(
      frame: frame, x: Axis(.linear, from: 0, to: max(last, 1), ticks: 5, wholeNumbers: true), y: y,
      heading: panel.heading, xLabel: "Epoch")
    plot.drawAxes(on: canvas)
    for run in runs {
      let color = Theme.color(ofRun: names.firstIndex(of: run.name) ?? 0, of: names.count)
      let width = runs.count > 6 ? 1.1 : 2
      plot.line(
        run.epochs.map { (Double($0.epoch), panel.value($0.train)) }, on: canvas, color: color, width: width * 0.65,
        dash: Self.trainDash)
      plot.line(run.epochs.map { (Double($0.epoch), panel.value($0.test)) }, on: canvas, color: color, width: width)
    }
  }

  private var table: CSVTable {
    var table = CSVTable(
      header: ["run", "name", "epoch", "split", "images"] + CollapseMeasures.columnNames)
    for (index, run) in runs.enumerated() {
      for epoch in run.epochs {
        for (split, measures) in [(ImageReference.Split.train, epoch.train), (.test, epoch.test)] {
          table.append(
            ([index, run.name, epoch.epoch, split.rawValue, measures.images] as [any CustomStringConvertible])
              + measures.columnValues)
        }
      }
    }
    return table
  }
}
