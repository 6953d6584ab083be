//  How straight features move when images change little by little, beside how straight the pixels move.

internal import Canvas
internal import Foundation
public import Results
internal import Storage

/// Curvature, straightness and collinearity of the paths of one run, change by change.
public struct PathsFigure {
  public var ladder: EquivarianceLadder
  /// What the features come from, for the subtitle.
  public var run: String

  public init(_ ladder: EquivarianceLadder, run: String) {
    (self.ladder, self.run) = (ladder, run)
  }

  private static let rowHeight = 30.0
  private static let panelWidth = 224.0
  private static let gap = 26.0
  private static let featureColor = Color(0x0072B2)
  private static let pixelColor = Color(0x8A8A90)

  /// What a panel shows.
  private struct Panel: Sendable {
    let heading, label, key: String
    let axis: Axis
    let estimate: @Sendable (EquivarianceLadder.Straightness) -> Estimate
  }

  private static let panels = [
    Panel(
      heading: "Curvature", label: "degrees, 0 is straight", key: "curvature",
      axis: Axis(.linear, from: 0, to: 180, ticks: 6), estimate: { $0.curvature }),
    Panel(
      heading: "Distance of the ends / length", label: "1 is straight", key: "straightness",
      axis: Axis(.linear, from: 0, to: 1, ticks: 5), estimate: { $0.ratio }),
    Panel(
      heading: "Share of the first component", label: "1 is straight", key: "collinearity",
      axis: Axis(.linear, from: 0, to: 1, ticks: 5), estimate: { $0.collinearity }),
  ]

  public func figure(prefix: String = "") -> Figure {
    let ruler = TextRuler()
    let names = ladder.transforms.map { ruler.fitted($0.name, font: Theme.label, width: 120) }
    let nameWidth = max(ruler.width(ofWidest: names, font: Theme.label), 40) + 12
    let legend = Legend(
      [.init(.dot(Self.featureColor), "features"), .init(.dot(Self.pixelColor), "pixels")], width: 400, ruler: ruler)
    let rows = Double(max(ladder.transforms.count, 1)) * Self.rowHeight
    let count = Double(Self.panels.count)
    let body = Size(
      nameWidth + count * Self.panelWidth + (count - 1) * Self.gap + 8,
      legend.height + Plot.headingHeight + 6 + rows + Plot.footerHeight)
    let page = Page(
      title: "How straight features move as images change little by little", subtitle: run,
      caption:
        "The path of a test image leads through all strengths of a change and through the image itself. Curvature is "
        + "the mean angle between one step and the next; the middle panel divides the distance of the path’s ends by "
        + "its length; the right one is the share of the variance of its points along one line. Means over "
        + "\(grouped(ladder.testCount)) test images, those left out that do not move, with bootstrap intervals of "
        + "95 %, where they are wider than the dots. Features left of pixels in the first panel, or right of them in the others: the network straightens "
        + "the change. Few and wide steps, so compare features with pixels, not one change with another.")
    let drawing = page.drawing(body: body, ruler: ruler) { canvas, area in
      legend.draw(on: canvas, at: Point(area.x + nameWidth, area.y))
      let top = area.y + legend.height + Plot.headingHeight + 6
      for (index, name) in names.enumerated() {
        canvas.text(
          name, at: Point(area.x + nameWidth - 12, top + (Double(index) + 0.5) * Self.rowHeight), font: Theme.label,
          color: Theme.ink, horizontal: .right, vertical: .middle)
      }
      for (index, panel) in Self.panels.enumerated() {
        let left = area.x + nameWidth + Double(index) * (Self.panelWidth + Self.gap)
        draw(panel, in: Rectangle(x: left, y: top, width: Self.panelWidth, height: rows), on: canvas)
      }
    }
    return Figure(name: figureName(prefix: prefix, "paths"), title: page.title, drawing: drawing, table: table)
  }

  private func draw(_ panel: Panel, in frame: Rectangle, on canvas: Canvas) {
    for index in ladder.transforms.indices where index.isMultiple(of: 2) {
      canvas.rectangle(
        Rectangle(x: frame.x, y: frame.y + Double(index) * Self.rowHeight, width: frame.width, height: Self.rowHeight))
      canvas.fill(Theme.band)
    }
    let plot = Plot(
      frame: frame, x: panel.axis, y: Axis(.linear, from: 0, to: 1, ticks: 0), heading: panel.heading,
      xLabel: panel.label)
    drawAxis(of: plot, on: canvas)
    for (index, transform) in ladder.transforms.enumerated() {
      let middle = frame.y + (Double(index) + 0.5) * Self.rowHeight
      let estimates = [transform.pixels, transform.features].map { $0.map(panel.estimate) }
      let places = estimates.map { $0.flatMap { plot.point($0.value, 0)?.x } }
      if let from = places[0], let to = places[1] {
        canvas.move(from, middle)
        canvas.line(to, middle)
        canvas.stroke(Theme.faint, width: 1)
      }
      for (estimate, color) in zip(estimates, [Self.pixelColor, Self.featureColor]) {
        guard let estimate, let x = plot.point(estimate.value, 0)?.x, let low = plot.point(estimate.lower, 0)?.x,
          let high = plot.point(estimate.upper, 0)?.x
        else { continue }
        canvas.move(low, middle)
        canvas.line(high, middle)
        canvas.stroke(color, width: 2.4)
        canvas.circle(x, middle, radius: 4)
        canvas.fill(color, keepingPath: true)
        canvas.stroke(.white, width: 1)
      }
    }
  }

  /// Only across: the rows have names, not places on an axis.
  private func drawAxis(of plot: Plot, on canvas: Canvas) {
    let frame = plot.frame
    canvas.text(plot.heading, at: Point(frame.x, frame.y - 13), font: Theme.heading, color: Theme.ink)
    for tick in plot.x.ticks {
      guard let x = plot.point(tick.value, 0)?.x else { continue }
      canvas.move(x, frame.y)
      canvas.line(x, frame.maxY)
      canvas.stroke(Theme.grid, width: 0.75)
      canvas.text(
        tick.label, at: Point(x, frame.maxY + 8), font: Theme.tick, color: Theme.secondary, horizontal: .center,
        vertical: .top)
    }
    canvas.text(
      plot.xLabel, at: Point(frame.midX, frame.maxY + 25), font: Theme.label, color: Theme.secondary,
      horizontal: .center, vertical: .top)
  }

  private var table: CSVTable {
    var table = CSVTable(header: ["transform", "space", "quantity", "value", "lower", "upper"])
    for transform in ladder.transforms {
      for (space, path) in [("features", transform.features), ("pixels", transform.pixels)] {
        for panel in Self.panels {
          let estimate = path.map(panel.estimate)
          table.append([
            transform.name, space, panel.key, estimate.map { "\($0.value)" } ?? "",
            estimate.map { "\($0.lower)" } ?? "", estimate.map { "\($0.upper)" } ?? "",
          ])
        }
      }
    }
    return table
  }
}
