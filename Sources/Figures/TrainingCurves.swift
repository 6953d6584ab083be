//  Error and loss by epoch, all runs on one page: colour tells runs apart, the line's style test from train.

internal import Canvas
internal import Foundation
public import Results
internal import Storage

/// The course of training of any number of runs.
public struct TrainingCurves {
  public struct Run: Sendable {
    /// Runs of the same name, such as repetitions with other seeds, share a colour.
    public var name: String
    public var records: [EpochRecord]
    /// Network and data set, for the subtitle.
    public var setting: String

    public init(name: String, records: [EpochRecord], setting: String = "") {
      (self.name, self.records, self.setting) = (name, records, setting)
    }

    /// A run named by its arm.
    public init(_ configuration: RunConfiguration, records: [EpochRecord]) {
      self.init(
        name: configuration.armName, records: records,
        setting: "\(configuration.network) on \(configuration.images.name)")
    }
  }

  public var runs: [Run]

  public init(_ runs: [Run]) {
    self.runs = runs
  }

  public func figure(prefix: String = "") -> Figure {
    let ruler = TextRuler()
    var names: [String] = []
    for run in runs where !names.contains(run.name) { names.append(run.name) }
    var settings: [String] = []
    for run in runs where !run.setting.isEmpty && !settings.contains(run.setting) { settings.append(run.setting) }

    // Side by side, or one below the other where that would be too narrow.
    let columns = Page.bodyRoom < 640 ? 1 : 2
    let panel = Size(min(412, (Page.bodyRoom + 16) / Double(columns) - 16), 330)
    let body = Size(
      Double(columns) * (panel.width + 16) - 16, columns == 2 ? panel.height : 2 * panel.height + 16)
    let legend = Legend(
      names.enumerated().map { .init(.line(Theme.color(ofRun: $0, of: names.count), width: 2.5, dash: []), $1) } + [
        .init(.line(Theme.secondary, width: 2, dash: []), "test"),
        .init(.line(Theme.secondary, width: 1.3, dash: Self.trainDash), "train"),
      ], width: body.width, ruler: ruler)
    let page = Page(
      title: "Error and loss by epoch", subtitle: settings.joined(separator: ", "),
      caption: (labelsEnds ? "Numbers at the right are those of the test images after the last epoch. " : "")
        + "The train loss is the one that was minimised, on "
        + "augmented images and while the weights moved; under ISDA it is the upper bound with the λ of its epoch. "
        + "The test loss is plain cross-entropy.")
    let drawing = page.drawing(body: Size(body.width, body.height + legend.height), ruler: ruler) { canvas, area in
      legend.draw(on: canvas, at: Point(area.x, area.y))
      let top = area.y + legend.height
      for (index, kind) in [Panel.error, .loss].enumerated() {
        let (column, row) = (Double(index % columns), Double(index / columns))
        draw(
          kind, names: names,
          in: Rectangle(
            x: area.x + column * (panel.width + 16), y: top + row * (panel.height + 16), width: panel.width,
            height: panel.height), on: canvas)
      }
    }
    return Figure(
      name: figureName(prefix: prefix, "training-curves"), title: page.title, drawing: drawing, table: table)
  }

  /// The ends of more lines than a few are too close for numbers.
  private var labelsEnds: Bool { runs.count <= 6 }

  private static let trainDash: [Double] = [4, 3.5]

  private enum Panel {
    case error, loss

    var heading: String {
      switch self {
      case .error: "Error (%)"
      case .loss: "Loss (nats per image)"
      }
    }

    func test(_ record: EpochRecord) -> Double { self == .error ? record.testError : record.testLoss }
    func train(_ record: EpochRecord) -> Double { self == .error ? record.trainError : record.trainLoss }
  }

  private func draw(_ panel: Panel, names: [String], in area: Rectangle, on canvas: Canvas) {
    let records = runs.flatMap(\.records)
    let values = records.flatMap { [panel.test($0), panel.train($0)] }.filter(\.isFinite)
    let frame = Rectangle(
      x: area.x + 34, y: area.y + Plot.headingHeight + 8, width: area.width - 34 - 40,
      height: area.height - Plot.headingHeight - 8 - Plot.footerHeight)
    // A loss that falls far, or jumps once, is read better on a logarithmic axis.
    let positive = values.filter { $0 > 0 }
    let wide = (positive.max() ?? 1) > 12 * (positive.min() ?? 1)
    let last = Double(records.map(\.epoch).max() ?? 1)
    let plot = Plot(
      frame: frame, x: Axis(.linear, from: 0, to: last, ticks: 6, wholeNumbers: true),
      y: panel == .loss && wide ? .logarithmic(covering: values) : .fromZero(covering: values),
      heading: panel.heading, xLabel: "Epoch")
    plot.drawAxes(on: canvas)

    var ends: [(height: Double, text: String, color: Color)] = []
    let width = labelsEnds ? 2 : 1.1
    for run in runs {
      let color = Theme.color(ofRun: names.firstIndex(of: run.name) ?? 0, of: names.count)
      plot.line(
        run.records.map { (Double($0.epoch), panel.train($0)) }, on: canvas, color: color, width: width * 0.65,
        dash: Self.trainDash)
      plot.line(run.records.map { (Double($0.epoch), panel.test($0)) }, on: canvas, color: color, width: width)
      if let final = run.records.last, let end = plot.point(Double(final.epoch), panel.test(final)) {
        let value = panel.test(final)
        ends.append((end.y, panel == .error ? decimal(value, 1) : decimal(value, value < 0.1 ? 3 : 2), color))
      }
    }
    guard labelsEnds else { return }
    let heights = spread(ends.map(\.height), gap: 13, from: frame.y, to: frame.maxY)
    for (end, height) in zip(ends, heights) {
      canvas.text(
        end.text, at: Point(frame.maxX + 7, height), font: Theme.labelStrong,
        color: end.color.mixed(with: .black, 0.15), vertical: .middle)
    }
  }

  private var table: CSVTable {
    var table = CSVTable(header: ["run", "name", "epoch", "train_error", "test_error", "train_loss", "test_loss"])
    for (index, run) in runs.enumerated() {
      for r in run.records {
        table.append([index, run.name, r.epoch, r.trainError, r.testError, r.trainLoss, r.testLoss])
      }
    }
    return table
  }
}
