//  Every run of two arms, each joined with its partner of the same seed: what a mean and a p value are made of.

internal import Canvas
internal import Foundation
public import Results
internal import Storage

/// Test errors of arms beside their baselines, a panel a comparison.
public struct PairedRunsFigure {
  /// An arm and its baseline. Run i of both shares its seed where they are paired.
  public struct Panel: Sendable {
    public var arm: String
    public var baseline: String
    /// Of the runs, in percent.
    public var baselineErrors: [Double]
    public var armErrors: [Double]
    public var isPaired: Bool
    /// What the comparison comes to, in a word.
    public var verdict: String
    /// Arm − baseline with the 95 % interval of the test that decides; nil for a single run in an arm.
    public var difference: Estimate?

    public init(
      arm: String, baseline: String, baselineErrors: [Double], armErrors: [Double], isPaired: Bool, verdict: String,
      difference: Estimate?
    ) {
      (self.arm, self.baseline, self.isPaired) = (arm, baseline, isPaired)
      (self.baselineErrors, self.armErrors) = (baselineErrors, armErrors)
      (self.verdict, self.difference) = (verdict, difference)
    }
  }

  public var panels: [Panel]
  /// Network and data set, for the subtitle.
  public var setting: String

  public init(_ panels: [Panel], setting: String) {
    (self.panels, self.setting) = (panels, setting)
  }

  private static let (panelWidth, plotHeight, gap, lineHeight) = (236.0, 238.0, 24.0, 14.0)

  public func figure(prefix: String = "") -> Figure {
    let ruler = TextRuler()
    // Names have as many lines as the longest of them needs, so that what stands below is level in all panels.
    let nameLines = panels.flatMap { [$0.arm, $0.baseline] }.map { names(of: $0, ruler: ruler).count }.max() ?? 1
    let panelHeight = Self.plotHeight + Double(nameLines) * Self.lineHeight + 48
    let columns = max(1, min(panels.count, Int(min((Page.bodyRoom + Self.gap) / (Self.panelWidth + Self.gap), 3))))
    let rows = (max(panels.count, 1) + columns - 1) / columns
    let width = Double(columns) * (Self.panelWidth + Self.gap) - Self.gap
    let page = Page(
      title: "Test error of every run", subtitle: setting,
      caption:
        "A dot is a run; a line joins two runs of one seed, which began with the same weights and saw the same images in "
        + "the same order. Solid lines fall (the arm has less), dashed ones rise. Bars are means. Below, the difference "
        + "with the 95 % interval of the test that decides.")
    let body = Size(max(width, Page.minimumWidth), Double(rows) * panelHeight)
    let drawing = page.drawing(body: body, ruler: ruler) { canvas, area in
      let all = panels.flatMap { $0.baselineErrors + $0.armErrors }
      for (index, panel) in panels.enumerated() {
        let left = area.x + Double(index % columns) * (Self.panelWidth + Self.gap)
        let top = area.y + Double(index / columns) * panelHeight
        let frame = Rectangle(
          x: left + 40, y: top + Plot.headingHeight, width: Self.panelWidth - 40,
          height: Self.plotHeight - Plot.headingHeight)
        draw(panel, axis: .around(all), nameLines: nameLines, in: frame, ruler: ruler, on: canvas)
      }
    }
    return Figure(name: figureName(prefix: prefix, "paired-runs"), title: page.title, drawing: drawing, table: table)
  }

  /// The lines of an arm's name under its half of a panel.
  private func names(of arm: String, ruler: TextRuler) -> [String] {
    ruler.lines(of: arm, font: Theme.label, width: (Self.panelWidth - 40) / 2 - 4)
  }

  private func draw(
    _ panel: Panel, axis: Axis, nameLines: Int, in frame: Rectangle, ruler: TextRuler, on canvas: Canvas
  ) {
    let plot = Plot(
      frame: frame, x: Axis(.linear, from: 0, to: 1, ticks: 0), y: axis,
      heading: ruler.fitted("Test error (%): \(panel.verdict)", font: Theme.heading, width: frame.width))
    let belowNames = frame.maxY + 8 + Double(nameLines) * Self.lineHeight
    let sides = [(0.25, panel.baseline, panel.baselineErrors, 1), (0.75, panel.arm, panel.armErrors, 0)]
    plot.drawRows(on: canvas)
    canvas.text(plot.heading, at: Point(frame.x, frame.y - 15), font: Theme.heading, color: Theme.ink)
    if panel.isPaired {
      for (before, after) in zip(panel.baselineErrors, panel.armErrors) {
        plot.line(
          [(0.25, before), (0.75, after)], on: canvas, color: after > before ? Palette.okabeIto[1] : Theme.secondary,
          width: 1, dash: after > before ? [3, 3] : [])
      }
    }
    for (x, name, errors, color) in sides {
      let color = color == 0 ? Palette.okabeIto[0] : Theme.ink
      for error in errors {
        guard let place = plot.point(x, error) else { continue }
        canvas.circle(place.x, place.y, radius: 3)
        canvas.fill(color, keepingPath: true)
        canvas.stroke(.white, width: 0.8)
      }
      let mean = errors.reduce(0, +) / Double(max(errors.count, 1))
      plot.line([(x - 0.14, mean), (x + 0.14, mean)], on: canvas, color: color, width: 2)
      if let place = plot.point(x, plot.y.lower) {
        for (index, line) in names(of: name, ruler: ruler).enumerated() {
          canvas.text(
            line, at: Point(place.x, frame.maxY + 8 + Double(index) * Self.lineHeight), font: Theme.label,
            color: Theme.ink, horizontal: .center, vertical: .top)
        }
        canvas.text(
          "\(decimal(mean, 2)) %", at: Point(place.x, belowNames), font: Theme.label, color: Theme.secondary,
          horizontal: .center, vertical: .top)
      }
    }
    if let d = panel.difference {
      canvas.text(
        "\(decimal(d.value, 2, signed: true)) [\(decimal(d.lower, 2)), \(decimal(d.upper, 2))]",
        at: Point(frame.midX, belowNames + 16), font: Theme.labelStrong, color: Theme.ink, horizontal: .center,
        vertical: .top)
    }
  }

  private var table: CSVTable {
    var table = CSVTable(header: ["arm", "baseline", "run", "baseline_error", "arm_error"])
    for panel in panels {
      for index in 0..<max(panel.baselineErrors.count, panel.armErrors.count) {
        func cell(_ values: [Double]) -> String { index < values.count ? "\(values[index])" : "" }
        table.append([panel.arm, panel.baseline, "\(index)", cell(panel.baselineErrors), cell(panel.armErrors)])
      }
    }
    return table
  }
}
