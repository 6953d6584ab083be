//  Differences with their intervals, one below the other: which classes an arm helps and which it harms.

internal import Canvas
internal import Foundation
public import Results
internal import Storage

/// Differences in error, class by class.
public struct ForestFigure {
  public struct Row: Sendable {
    public var name: String
    /// In points, with a 95 % interval.
    public var difference: Estimate
    /// Not 0 after Holm's correction over the rows.
    public var standsOut: Bool

    public init(name: String, difference: Estimate, standsOut: Bool) {
      (self.name, self.difference, self.standsOut) = (name, difference, standsOut)
    }
  }

  public var rows: [Row]
  public var arm: String
  public var baseline: String

  public init(_ rows: [Row], arm: String, baseline: String) {
    (self.rows, self.arm, self.baseline) = (rows, arm, baseline)
  }

  private static let (rowHeight, chartWidth, mostDrawn) = (19.0, 380.0, 40)

  /// By rising difference; of many, those farthest from 0.
  private var drawn: [Row] {
    let chosen =
      rows.count > Self.mostDrawn
      ? rows.sorted { abs($0.difference.value) > abs($1.difference.value) }.prefix(Self.mostDrawn) : rows[...]
    return chosen.sorted { ($0.difference.value, $0.name) < ($1.difference.value, $1.name) }
  }

  public func figure(prefix: String = "") -> Figure {
    let ruler = TextRuler()
    let drawn = drawn
    let names = drawn.map { ruler.fitted($0.name, font: Theme.label, width: 130) }
    let (left, right) = (max(ruler.width(ofWidest: names, font: Theme.label), 40) + 14, 136.0)
    let legend = Legend(
      [
        .init(.diamond(Palette.okabeIto[0]), "differs after Holm over classes"),
        .init(.ring(Theme.secondary), "has not been shown to differ"),
      ], width: left + Self.chartWidth + right, ruler: ruler)
    let page = Page(
      title: "Which classes the arm helps", subtitle: "\(arm) − \(baseline), test error in points",
      caption:
        "Left of 0 the arm has less error. Lines are 95 % intervals over seeds and images (crossed bootstrap), each for "
        + "its class alone; marks are by the exact test over seeds with Holm's correction over the classes."
        + (drawn.count < rows.count ? " Drawn are the \(drawn.count) of \(rows.count) classes farthest from 0." : ""))
    let height = Double(max(drawn.count, 1)) * Self.rowHeight
    let body = Size(left + Self.chartWidth + right, legend.height + 10 + height + Plot.footerHeight)
    let drawing = page.drawing(body: body, ruler: ruler) { canvas, area in
      legend.draw(on: canvas, at: Point(area.x, area.y))
      let frame = Rectangle(
        x: area.x + left, y: area.y + legend.height + 10, width: Self.chartWidth, height: height)
      draw(drawn, names: names, in: frame, edge: area.maxX, on: canvas)
    }
    return Figure(
      name: figureName(prefix: prefix, "classes", arm), title: page.title, drawing: drawing, table: table)
  }

  private func draw(_ rows: [Row], names: [String], in frame: Rectangle, edge: Double, on canvas: Canvas) {
    let ends: [Double] =
      [0] + rows.map(\.difference.lower) + rows.map(\.difference.upper) + rows.map(\.difference.value)
    let axis = Axis.around(ends, ticks: 6)
    func x(_ value: Double) -> Double { frame.x + (axis.fraction(value) ?? 0) * frame.width }
    axis.drawColumns(in: frame, on: canvas)
    canvas.text(
      "Difference in test error (points)", at: Point(frame.midX, frame.maxY + 25), font: Theme.label,
      color: Theme.secondary, horizontal: .center, vertical: .top)
    for (index, row) in rows.enumerated() {
      let middle = frame.y + (Double(index) + 0.5) * Self.rowHeight
      let d = row.difference
      canvas.text(
        names[index], at: Point(frame.x - 10, middle), font: row.standsOut ? Theme.labelStrong : Theme.label,
        color: Theme.ink, horizontal: .right, vertical: .middle)
      let color = row.standsOut ? Palette.okabeIto[0] : Theme.secondary
      if d.lower.isFinite, d.upper.isFinite {
        canvas.move(x(d.lower), middle)
        canvas.line(x(d.upper), middle)
        canvas.stroke(color, width: 1.4)
      }
      if d.value.isFinite {
        Legend.draw(
          row.standsOut ? .diamond(color) : .ring(color), on: canvas, left: x(d.value) - 4, middle: middle)
      }
      canvas.text(
        "\(decimal(d.value, 2, signed: true)) [\(decimal(d.lower, 2)), \(decimal(d.upper, 2))]",
        at: Point(edge, middle), font: Theme.small, color: Theme.ink, horizontal: .right, vertical: .middle)
    }
  }

  private var table: CSVTable {
    var table = CSVTable(header: ["class", "difference", "lower", "upper", "differs_after_holm"])
    for row in rows {
      table.append([row.name, row.difference.value, row.difference.lower, row.difference.upper, row.standsOut])
    }
    return table
  }
}
