//  What a network's confidence is worth: how often it is right among images of which it is equally sure.

internal import Canvas
internal import Foundation
public import Results
internal import Storage

/// Reliability diagrams side by side, with the number of images of each bar.
public struct ReliabilityFigure {
  /// Images of about the same confidence.
  public struct Bin: Sendable {
    public var lower: Double
    public var upper: Double
    public var count: Int
    public var confidence: Double
    /// With its 95 % interval over images.
    public var accuracy: Estimate

    public init(lower: Double, upper: Double, count: Int, confidence: Double, accuracy: Estimate) {
      (self.lower, self.upper, self.count) = (lower, upper, count)
      (self.confidence, self.accuracy) = (confidence, accuracy)
    }
  }

  public struct Panel: Sendable {
    public var run: String
    public var bins: [Bin]
    /// Of equal width, and what right probabilities would show on average.
    public var error: Double
    public var expectedError: Double

    public init(run: String, bins: [Bin], error: Double, expectedError: Double) {
      (self.run, self.bins, self.error, self.expectedError) = (run, bins, error, expectedError)
    }
  }

  public var panels: [Panel]
  public var setting: String

  public init(_ panels: [Panel], setting: String) {
    (self.panels, self.setting) = (panels, setting)
  }

  private static let (side, countsHeight, gap, left) = (250.0, 62.0, 26.0, 40.0)

  public func figure(prefix: String = "") -> Figure {
    let ruler = TextRuler()
    let columns = max(
      1, min(panels.count, Int(min((Page.bodyRoom + Self.gap) / (Self.left + Self.side + Self.gap), 4))))
    let rows = (max(panels.count, 1) + columns - 1) / columns
    let rowHeight = Plot.headingHeight + 16 + Self.side + 34 + Self.countsHeight + Plot.footerHeight
    let width = Double(columns) * (Self.left + Self.side + Self.gap) - Self.gap
    let page = Page(
      title: "What confidence is worth", subtitle: setting,
      caption:
        "Test images by the largest probability that the network gives: dots are how often it is right, with 95 % "
        + "intervals (Clopper and Pearson), at the mean confidence of the bar; on the diagonal it is as often right as it "
        + "says. Below, how many images are in each bar. ECE is the mean distance; beside it what right probabilities "
        + "would show on average, because few images scatter. One run of each arm, as trained.")
    let drawing = page.drawing(
      body: Size(max(width, Page.minimumWidth), Double(rows) * rowHeight), ruler: ruler
    ) { canvas, area in
      let most = panels.flatMap(\.bins).map(\.count).max() ?? 1
      for (index, panel) in panels.enumerated() {
        let x = area.x + Double(index % columns) * (Self.left + Self.side + Self.gap) + Self.left
        let y = area.y + Double(index / columns) * rowHeight + Plot.headingHeight + 16
        draw(panel, most: most, at: Point(x, y), ruler: ruler, on: canvas)
      }
    }
    return Figure(name: figureName(prefix: prefix, "reliability"), title: page.title, drawing: drawing, table: table)
  }

  private func draw(_ panel: Panel, most: Int, at corner: Point, ruler: TextRuler, on canvas: Canvas) {
    let unit = Axis(.linear, from: 0, to: 1, ticks: 5)
    let plot = Plot(
      frame: Rectangle(x: corner.x, y: corner.y, width: Self.side, height: Self.side), x: unit, y: unit)
    plot.drawAxes(on: canvas)
    canvas.text(
      ruler.fitted(panel.run, font: Theme.heading, width: Self.side), at: Point(corner.x, corner.y - 29),
      font: Theme.heading, color: Theme.ink)
    canvas.text(
      "Right (share); ECE \(decimal(panel.error, 4)), \(decimal(panel.expectedError, 4)) if calibrated",
      at: Point(corner.x, corner.y - 13), font: Theme.label, color: Theme.secondary)
    plot.line([(0, 0), (1, 1)], on: canvas, color: Theme.axis, width: 1, dash: [4, 3])
    for bin in panel.bins {
      if let low = plot.point(bin.confidence, bin.accuracy.lower),
        let high = plot.point(bin.confidence, bin.accuracy.upper)
      {
        canvas.move(low.x, low.y)
        canvas.line(high.x, high.y)
        canvas.stroke(Palette.okabeIto[0], width: 1.2)
      }
      if let place = plot.point(bin.confidence, bin.accuracy.value) {
        canvas.circle(place.x, place.y, radius: 3.2)
        canvas.fill(Palette.okabeIto[0], keepingPath: true)
        canvas.stroke(.white, width: 0.8)
      }
    }
    let counts = Plot(
      frame: Rectangle(x: corner.x, y: corner.y + Self.side + 34, width: Self.side, height: Self.countsHeight), x: unit,
      y: Axis(.linear, from: 0, to: Double(most), ticks: 2, wholeNumbers: true), xLabel: "Confidence")
    counts.drawAxes(on: canvas)
    for bin in panel.bins {
      guard let low = counts.point(bin.lower, 0), let high = counts.point(bin.upper, Double(bin.count)) else {
        continue
      }
      canvas.rectangle(
        Rectangle(x: low.x + 0.5, y: high.y, width: max(high.x - low.x - 1, 0.5), height: max(low.y - high.y, 0.6)))
      canvas.fill(Theme.faint)
    }
  }

  private var table: CSVTable {
    var table = CSVTable(header: [
      "run", "lower", "upper", "count", "confidence", "accuracy", "accuracy_lower", "accuracy_upper",
    ])
    for panel in panels {
      for bin in panel.bins {
        table.append([
          panel.run, bin.lower, bin.upper, bin.count, bin.confidence, bin.accuracy.value, bin.accuracy.lower,
          bin.accuracy.upper,
        ])
      }
    }
    return table
  }
}
