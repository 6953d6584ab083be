//  How far an image can go along each direction before it is taken for another class, both ways from where it is.

internal import Canvas
internal import Foundation
public import Results
internal import Storage

/// The margin budgets of all classes along their leading directions.
public struct MarginFigure {
  public var budgets: MarginBudgets
  /// What the features come from, for the subtitle.
  public var run: String

  public init(_ budgets: MarginBudgets, run: String) {
    (self.budgets, self.run) = (budgets, run)
  }

  private static let rowHeight = 15.0
  private static let groupGap = 9.0
  private static let chartWidth = 460.0
  private static let headerHeight = 22.0
  private static let mostClasses = 20

  /// The classes that are drawn, in their own order: of many, those in which the fewest images survive.
  private var drawn: [MarginBudgets.Class] {
    let all = budgets.classes
    guard all.count > Self.mostClasses else { return all }
    func survivors(_ group: MarginBudgets.Class) -> Double {
      group.directions.map(\.survivors.value).filter(\.isFinite).min() ?? 1
    }
    let chosen = all.indices.sorted { (survivors(all[$0]), $0) < (survivors(all[$1]), $1) }.prefix(Self.mostClasses)
    return chosen.sorted().map { all[$0] }
  }

  /// Half the width of the chart in standard deviations: most quartiles fit, and ±3 takes a good part.
  private static func reach(of drawn: [MarginBudgets.Class]) -> Double {
    let ends = drawn.flatMap(\.directions).flatMap { [$0.positive.upperQuartile, $0.negative.upperQuartile] }
      .filter(\.isFinite).sorted()
    let most = ends.isEmpty ? 6 : ends[min(ends.count - 1, ends.count * 8 / 10)]
    return min(max(most.rounded(.up), 6), 15)
  }

  public func figure(prefix: String = "") -> Figure {
    let ruler = TextRuler()
    let drawn = self.drawn
    let names = drawn.map {
      ruler.fitted(className($0.classIndex, budgets.classNames), font: Theme.labelStrong, width: 150)
    }
    let nameWidth = max(ruler.width(ofWidest: names, font: Theme.labelStrong), 40) + 14
    let left = nameWidth + 40
    let survivorsWidth = 150.0
    let width = left + Self.chartWidth + 16 + survivorsWidth
    let rows = drawn.reduce(0.0) { $0 + Double(max($1.directions.count, 1)) * Self.rowHeight + Self.groupGap }
    let chartHeight = max(rows, 60)
    let legend = Legend(
      [
        .init(.dot(Palette.okabeIto[0]), "median image, towards +"), .init(.dot(Palette.okabeIto[1]), "towards −"),
        .init(.line(Theme.faint, width: 3, dash: []), "middle half of the images"),
        .init(.swatch(Theme.band), "±3σ"),
      ], width: width, ruler: ruler)
    let page = Page(
      title: "How far images can go along a direction before they change class", subtitle: run,
      caption:
        "Recognised test images of each class, moved from where they are along the leading directions (PC) of the "
        + "class until the last layer prefers another class; in standard deviations σ of the class’s test images. What "
        + "lies beyond the frame ends in an arrow. At the right the share of images that keep their class from −3σ to "
        + "+3σ, with its 95 % interval over images. An image stands somewhere in its class already, so ±3σ from it "
        + "is more than ±3σ from the mean; and a feature that is moved need not be one of any image."
        + (drawn.count < budgets.classes.count
          ? " Drawn are the \(drawn.count) of \(budgets.classes.count) classes with the fewest survivors." : ""))
    let body = Size(width, legend.height + 6 + Self.headerHeight + chartHeight + Plot.footerHeight)
    let drawing = page.drawing(body: body, ruler: ruler) { canvas, area in
      legend.draw(on: canvas, at: Point(area.x, area.y))
      let frame = Rectangle(
        x: area.x + left, y: area.y + legend.height + 6 + Self.headerHeight, width: Self.chartWidth,
        height: chartHeight)
      draw(drawn, names: names, left: area.x, in: frame, survivorsEdge: area.x + width, on: canvas)
    }
    return Figure(
      name: figureName(prefix: prefix, "margins"), title: page.title, drawing: drawing, table: budgets.table)
  }

  private func draw(
    _ groups: [MarginBudgets.Class], names: [String], left: Double, in frame: Rectangle, survivorsEdge: Double,
    on canvas: Canvas
  ) {
    let reach = Self.reach(of: groups)
    let axis = Axis(.linear, from: -reach, to: reach, ticks: 9, wholeNumbers: true)
    func x(_ value: Double) -> Double {
      frame.midX + min(max(value / reach, -1), 1) * frame.width / 2
    }
    canvas.rectangle(Rectangle(x: x(-3), y: frame.y, width: x(3) - x(-3), height: frame.height))
    canvas.fill(Theme.band)
    axis.drawColumns(in: frame, on: canvas)
    canvas.text(
      "Standard deviations σ along the direction", at: Point(frame.midX, frame.maxY + 25), font: Theme.label,
      color: Theme.secondary, horizontal: .center, vertical: .top)
    canvas.text(
      "keep their class within ±3σ", at: Point(survivorsEdge, frame.y - 8), font: Theme.small, color: Theme.secondary,
      horizontal: .right)
    var y = frame.y
    for (group, name) in zip(groups, names) {
      canvas.text(
        name, at: Point(left, y + Self.rowHeight / 2), font: Theme.labelStrong, color: Theme.ink, vertical: .middle)
      for direction in group.directions {
        let middle = y + Self.rowHeight / 2
        canvas.text(
          "PC \(direction.direction)", at: Point(frame.x - 8, middle), font: Theme.small, color: Theme.secondary,
          horizontal: .right, vertical: .middle)
        for (sign, side, color) in [
          (1.0, direction.positive, Palette.okabeIto[0]), (-1, direction.negative, Palette.okabeIto[1]),
        ] {
          draw(side, sign: sign, color: color, at: middle, reach: reach, x: x, on: canvas)
        }
        let share = direction.survivors
        canvas.text(
          share.value.isFinite
            ? "\(decimal(100 * share.value, 0)) %  [\(decimal(100 * share.lower, 0)), \(decimal(100 * share.upper, 0))]"
            : "–",
          at: Point(survivorsEdge, middle), font: Theme.small, color: Theme.ink, horizontal: .right, vertical: .middle)
        y += Self.rowHeight
      }
      if group.directions.isEmpty { y += Self.rowHeight }
      y += Self.groupGap
    }
  }

  private func draw(
    _ side: MarginBudgets.Side, sign: Double, color: Color, at middle: Double, reach: Double, x: (Double) -> Double,
    on canvas: Canvas
  ) {
    guard !side.lowerQuartile.isNaN, !side.upperQuartile.isNaN, !side.median.value.isNaN else { return }
    let (from, to) = (x(sign * min(side.lowerQuartile, reach)), x(sign * min(side.upperQuartile, reach)))
    if side.lowerQuartile <= reach {
      canvas.move(from, middle)
      canvas.line(to, middle)
      canvas.stroke(color.opacity(0.35), width: 3)
    }
    if side.upperQuartile > reach {
      let tip = x(sign * reach)
      canvas.polygon([
        Point(tip + sign * 6, middle), Point(tip, middle - 3.5), Point(tip, middle + 3.5),
      ])
      canvas.fill(color.opacity(side.lowerQuartile > reach ? 1 : 0.45))
    }
    if side.median.value <= reach {
      canvas.move(x(sign * min(side.median.lower, reach)), middle)
      canvas.line(x(sign * min(side.median.upper, reach)), middle)
      canvas.stroke(color, width: 1.4)
      canvas.circle(x(sign * side.median.value), middle, radius: 3.2)
      canvas.fill(color, keepingPath: true)
      canvas.stroke(.white, width: 0.8)
    }
  }
}
