//  What features do when images change in known ways: the four models of the ladder as bars, change by change, and
//  below them the numbers that say whether a change is one direction.

internal import Canvas
internal import Foundation
public import Results
internal import Storage

/// The equivariance ladder of one run.
public struct LadderFigure {
  public var ladder: EquivarianceLadder
  /// What the features come from, for the subtitle.
  public var run: String

  public init(_ ladder: EquivarianceLadder, run: String) {
    (self.ladder, self.run) = (ladder, run)
  }

  private static let labelWidth = 196.0
  private static let groupWidth = 96.0
  private static let barWidth = 17.0
  private static let plotHeight = 210.0
  private static let rowHeight = 17.0

  /// A model as it is drawn and called.
  private struct Model: Sendable {
    let name: String
    let color: Color
    let estimate: @Sendable (EquivarianceLadder.Rungs) -> Estimate?
  }

  private static let models = [
    Model(name: "M0  features stay", color: Color(0xB4B4BA)) { $0.invariance },
    Model(name: "M2  shift times strength", color: Color(0x56B4E9)) { $0.linearShift },
    Model(name: "M1  one shift a strength", color: Color(0x0072B2)) { $0.shift },
    Model(name: "M3  affine map", color: Color(0xE69F00)) { $0.affine },
  ]

  public func figure(prefix: String = "") -> Figure {
    let ruler = TextRuler()
    let count = max(ladder.transforms.count, 3)
    let rows = Self.models.count + 6
    let body = Size(
      Self.labelWidth + Double(count) * Self.groupWidth,
      Plot.headingHeight + Self.plotHeight + 40 + Double(rows) * Self.rowHeight + 14)
    let page = Page(
      title: "What features do when images change in known ways", subtitle: run,
      caption:
        "How much of the variance of the changed test images’ features four models explain, fitted on "
        + "\(grouped(ladder.trainCount)) training images and judged on \(grouped(ladder.testCount)) test images, all "
        + "strengths together; lines are bootstrap intervals of 95 % over test images. The linearization index "
        + "(M1 − M0) / (M3 − M0) is the share of what an affine map explains beyond invariance that one shift for all "
        + "images explains: 1 if the change is one direction, 0 if every image moves its own way. Below it, means "
        + "over strengths: the cosine between the shifts of two images, the share of the shift that the classifier "
        + "sees, and the share of images whose prediction stays. All classes are taken together, so R² is high "
        + "wherever a change moves features less than classes lie apart.")
    let drawing = page.drawing(body: body, ruler: ruler) { canvas, area in
      draw(in: area, ruler: ruler, on: canvas)
    }
    return Figure(name: figureName(prefix: prefix, "ladder"), title: page.title, drawing: drawing, table: table)
  }

  private func draw(in area: Rectangle, ruler: TextRuler, on canvas: Canvas) {
    let frame = Rectangle(
      x: area.x + Self.labelWidth, y: area.y + Plot.headingHeight, width: area.width - Self.labelWidth,
      height: Self.plotHeight)
    let values = ladder.transforms.flatMap { transform in
      Self.models.compactMap { $0.estimate(transform.pooled)?.lower }
    }
    let least = values.filter(\.isFinite).min() ?? 0
    // A model can be worse than the mean without end; the axis is not.
    let lower = least < 0 ? max((least * 5).rounded(.down) / 5, -2) : 0
    let plot = Plot(
      frame: frame, x: Axis(.linear, from: 0, to: 1, ticks: 0), y: Axis(.linear, from: lower, to: 1, ticks: 5),
      heading: "R² on test images")
    drawGrid(of: plot, on: canvas)
    for (index, transform) in ladder.transforms.enumerated() {
      let middle = frame.x + (Double(index) + 0.5) * Self.groupWidth
      for (place, model) in Self.models.enumerated() {
        let left = middle + (Double(place) - Double(Self.models.count) / 2) * Self.barWidth
        drawBar(model.estimate(transform.pooled), model.color, left: left, plot: plot, on: canvas)
      }
      let name = ruler.fitted(transform.name, font: Theme.heading, width: Self.groupWidth - 6)
      canvas.text(
        name, at: Point(middle, frame.maxY + 8), font: Theme.heading, color: Theme.ink, horizontal: .center,
        vertical: .top)
      canvas.text(
        ruler.fitted(range(of: transform), font: Theme.small, width: Self.groupWidth - 6),
        at: Point(middle, frame.maxY + 23), font: Theme.small, color: Theme.secondary, horizontal: .center,
        vertical: .top)
    }
    drawRows(from: frame.maxY + 46, frame: frame, left: area.x, ruler: ruler, on: canvas)
  }

  private func drawGrid(of plot: Plot, on canvas: Canvas) {
    canvas.text(plot.heading, at: Point(plot.frame.x, plot.frame.y - 15), font: Theme.heading, color: Theme.ink)
    for tick in plot.y.ticks {
      guard let height = plot.point(0, tick.value)?.y else { continue }
      canvas.move(plot.frame.x, height)
      canvas.line(plot.frame.maxX, height)
      canvas.stroke(tick.value == 0 ? Theme.axis : Theme.grid, width: tick.value == 0 ? 1 : 0.75)
      canvas.text(
        tick.label, at: Point(plot.frame.x - 7, height), font: Theme.tick, color: Theme.secondary, horizontal: .right,
        vertical: .middle)
    }
  }

  private func drawBar(
    _ estimate: Estimate?, _ color: Color, left: Double, plot: Plot, on canvas: Canvas
  ) {
    guard let estimate, let zero = plot.point(0, 0)?.y else { return }
    func height(_ value: Double) -> Double? { plot.point(0, min(max(value, plot.y.lower), plot.y.upper))?.y }
    guard let top = height(estimate.value), let low = height(estimate.lower), let high = height(estimate.upper) else {
      return
    }
    let bar = Rectangle(
      x: left + 1, y: min(top, zero), width: Self.barWidth - 2, height: max(abs(top - zero), 0.75))
    canvas.rectangle(bar)
    canvas.fill(color)
    if estimate.value < plot.y.lower {
      // Cut at the axis's end: an arrow says that the bar goes on.
      canvas.polygon([
        Point(bar.x, bar.maxY), Point(bar.maxX, bar.maxY), Point(bar.midX, bar.maxY + 6),
      ])
      canvas.fill(color)
    } else {
      canvas.move(bar.midX, low)
      canvas.line(bar.midX, high)
      canvas.stroke(Theme.ink, width: 1)
    }
  }

  /// A row of the list below the bars: its name, and a text for each change.
  private struct Row {
    let name: String
    var color: Color?
    var isStrong = false
    let text: (EquivarianceLadder.Transform) -> String
  }

  private var rows: [Row] {
    let r2 = Self.models.map { model in
      Row(name: model.name, color: model.color) { transform in
        model.estimate(transform.pooled).map { decimal($0.value, 3) } ?? "–"
      }
    }
    return r2 + [
      Row(name: "linearization index", isStrong: true) { transform in
        transform.pooled.linearizationIndex.map { decimal($0.value, 2) } ?? "within noise"
      },
      Row(name: "") { transform in
        transform.pooled.linearizationIndex.map { "[\(decimal($0.lower, 2)), \(decimal($0.upper, 2))]" } ?? ""
      },
      Row(name: "cosine of shifts") { mean($0.strengths.map(\.shifts.meanCosine)).map { decimal($0, 2) } ?? "–" },
      Row(name: "share the classifier sees") { transform in
        mean(transform.strengths.map { $0.shifts.visibleShare?.value }).map(percent) ?? "–"
      },
      Row(name: "predictions that stay") { transform in
        mean(transform.strengths.map(\.shifts.predictionsKept.value)).map(percent) ?? "–"
      },
    ]
  }

  private func mean(_ values: [Double?]) -> Double? {
    let values = values.compactMap(\.self).filter(\.isFinite)
    return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  private func drawRows(
    from top: Double, frame: Rectangle, left: Double, ruler: TextRuler, on canvas: Canvas
  ) {
    var y = top
    for (index, row) in rows.enumerated() {
      // A little air between the models and what follows from them.
      if index == Self.models.count { y += 8 }
      let middle = y + Self.rowHeight / 2
      var textLeft = left
      if let color = row.color {
        Legend.draw(.swatch(color), on: canvas, left: left, middle: middle)
        textLeft += Legend.width(of: .swatch(color)) + 6
      }
      canvas.text(
        row.name, at: Point(textLeft, middle), font: row.isStrong ? Theme.labelStrong : Theme.label,
        color: row.isStrong ? Theme.ink : Theme.secondary, vertical: .middle)
      for (column, transform) in ladder.transforms.enumerated() {
        let text = ruler.fitted(row.text(transform), font: Theme.label, width: Self.groupWidth - 4)
        canvas.text(
          text, at: Point(frame.x + (Double(column) + 0.5) * Self.groupWidth, middle),
          font: row.isStrong ? Theme.labelStrong : Theme.label, color: row.name.isEmpty ? Theme.secondary : Theme.ink,
          horizontal: .center, vertical: .middle)
      }
      y += Self.rowHeight
    }
  }

  /// From the weakest to the strongest, as −40 … 40 %.
  private func range(of transform: EquivarianceLadder.Transform) -> String {
    guard let first = transform.strengths.first?.strength, let last = transform.strengths.last?.strength else {
      return ""
    }
    let (factor, unit) =
      transform.unit.isEmpty ? (100.0, " %") : (1, transform.unit == "°" ? "°" : " \(transform.unit)")
    func text(_ value: Double) -> String {
      let value = value * factor
      return decimal(value, abs(value - value.rounded()) < 1e-9 ? 0 : 1)
    }
    return "\(text(first)) … \(text(last))\(unit)"
  }

  private var table: CSVTable {
    var table = CSVTable(header: ["transform", "quantity", "value", "lower", "upper"])
    for transform in ladder.transforms {
      func add(_ quantity: String, _ estimate: Estimate?) {
        table.append([
          transform.name, quantity, estimate.map { "\($0.value)" } ?? "", estimate.map { "\($0.lower)" } ?? "",
          estimate.map { "\($0.upper)" } ?? "",
        ])
      }
      func add(_ quantity: String, _ value: Double?) {
        table.append([transform.name, quantity, value.map { "\($0)" } ?? "", "", ""])
      }
      add("r2_m0_invariance", transform.pooled.invariance)
      add("r2_m1_shift", transform.pooled.shift)
      add("r2_m2_linear_shift", transform.pooled.linearShift)
      add("r2_m3_affine", transform.pooled.affine)
      add("linearization_index", transform.pooled.linearizationIndex)
      add("shift_mean_cosine", mean(transform.strengths.map(\.shifts.meanCosine)))
      add("shift_visible_share", mean(transform.strengths.map { $0.shifts.visibleShare?.value }))
      add("predictions_kept", mean(transform.strengths.map(\.shifts.predictionsKept.value)))
    }
    return table
  }
}
