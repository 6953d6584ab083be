//  What features know of each attribute, one row an attribute: whether it can be read at all, whether it can be read in
//  a class that the probe has not seen, and whether it is one direction everywhere. Controls and chance stand in the
//  same row, because no score means anything without them.

internal import Canvas
internal import Foundation
public import Results
internal import Storage

/// Probe scores, their generalisation over classes, and the parallelism of every attribute.
public struct AttributesFigure {
  public var measures: AttributeMeasures
  /// What the features come from, for the subtitle.
  public var run: String

  public init(_ measures: AttributeMeasures, run: String) {
    (self.measures, self.run) = (measures, run)
  }

  /// A page holds so many attributes; of more, those that a line reads best are drawn.
  private static let mostAttributes = 30
  private static let rowHeight = 22.0
  private static let panelWidth = 204.0
  private static let panelGap = 22.0
  private static let headingHeight = 34.0
  private static let blockHeading = 22.0
  private static let blockFooter = 30.0

  private typealias Score = AttributeMeasures.Score

  /// Attributes of one kind, best read first, on the axes that they share.
  private struct Block {
    let heading: String
    let attributes: [AttributeMeasures.Attribute]
    let names: [String]
    /// Where a score says nothing: 0.5 or 0.
    let baseline: Double
    let scores: Axis
    var height: Double { blockHeading + Double(attributes.count) * rowHeight + blockFooter }
  }

  private enum Mark: CaseIterable {
    case linear, neighbours, control, across, within, parallelism

    var color: Color {
      switch self {
      case .linear: Color(0x0072B2)
      case .neighbours: Color(0xE08A00)
      case .control: Color(0x77777D)
      case .across, .within: Color(0x00805E)
      case .parallelism: Color(0x8A3B74)
      }
    }

    /// Below the middle of the row.
    var offset: Double {
      switch self {
      case .linear: -5
      case .neighbours, .parallelism: 0
      case .control: 5
      case .across: -3
      case .within: 4
      }
    }
  }

  private var drawn: [AttributeMeasures.Attribute] {
    func height(_ attribute: AttributeMeasures.Attribute) -> Double {
      guard let value = attribute.probe?.linear.value, value.isFinite else { return -.infinity }
      // Areas run from a half, determinations from 0.
      return attribute.kind == .binary ? 2 * value - 1 : value
    }
    let sorted = measures.attributes.enumerated().sorted {
      (-height($0.element), $0.offset) < (-height($1.element), $1.offset)
    }
    return sorted.prefix(Self.mostAttributes).map(\.element)
  }

  public func figure(prefix: String = "") -> Figure {
    let ruler = TextRuler()
    let blocks = self.blocks(ruler)
    let nameWidth = max(ruler.width(ofWidest: blocks.flatMap(\.names), font: Theme.label) + 14, 60)
    let width = nameWidth + 3 * Self.panelWidth + 2 * Self.panelGap
    let legend = Legend(Self.legendEntries, width: width, ruler: ruler)
    let height = Self.headingHeight + blocks.reduce(0) { $0 + $1.height } + 8 + legend.height
    let hidden = measures.attributes.count - drawn.count
    let page = Page(
      title: "What features know of each attribute",
      subtitle: [
        run, "fitted to \(grouped(measures.fittedImages)) \(measures.fittedTo)",
        "scored on \(grouped(measures.images)) others",
      ].filter { !$0.isEmpty }.joined(separator: " · "),
      caption:
        "Left: the attribute read from features of images that no probe was fitted to, by a linear probe, by the "
        + "nearest images, and by the linear probe on control labels (random, one for each cell of the feature space), "
        + "which shows what it would read from anything. Middle: features and attribute less their class means, by a "
        + "linear probe fitted to all classes, and to all but the one that is scored. Right: the mean cosine of the "
        + "difference vectors that the attribute has in two classes. Lines are 95 % intervals over test images, not "
        + "over trainings; grey bands end where chance ends in 95 % of its draws (middle: every class turned at random; "
        + "right: the attribute of other images of the class), or at nothing if that is more. An arrowhead: farther out."
        + (hidden > 0
          ? " Drawn are the \(drawn.count) of \(measures.attributes.count) attributes that are read best." : ""))
    let drawing = page.drawing(body: Size(width, height), ruler: ruler) { canvas, area in
      drawHeadings(in: area, nameWidth: nameWidth, on: canvas)
      var y = area.y + Self.headingHeight
      for block in blocks {
        draw(block, at: Point(area.x, y), nameWidth: nameWidth, on: canvas)
        y += block.height
      }
      legend.draw(on: canvas, at: Point(area.x, area.maxY - legend.height))
    }
    return Figure(name: figureName(prefix: prefix, "attributes"), title: page.title, drawing: drawing, table: table)
  }

  private static let legendEntries: [Legend.Entry] = [
    .init(.dot(Mark.linear.color), "linear probe"), .init(.diamond(Mark.neighbours.color), "nearest images"),
    .init(.ring(Mark.control.color), "control labels"),
    .init(.dot(Mark.across.color), "fitted to the other classes"),
    .init(.ring(Mark.within.color), "fitted to all classes"),
    .init(.dot(Mark.parallelism.color), "parallelism"), .init(.swatch(Color(0xE4E4E8)), "chance"),
  ]

  private func blocks(_ ruler: TextRuler) -> [Block] {
    func block(_ heading: String, _ kind: AttributeMeasures.Kind, baseline: Double, floor: Double) -> Block? {
      let attributes = drawn.filter { $0.kind == kind }
      guard !attributes.isEmpty else { return nil }
      let values = attributes.flatMap { attribute in
        scores(of: attribute).filter { $0.mark != .parallelism }.flatMap { [$0.score.value, $0.score.lower] }
      }.compactMap(\.self).filter(\.isFinite)
      let least = max(floor, min(values.min() ?? baseline, baseline) - 0.02)
      return Block(
        heading: heading, attributes: attributes,
        names: attributes.map {
          ruler.fitted($0.name.replacingOccurrences(of: "_", with: " "), font: Theme.label, width: 150)
        },
        baseline: baseline, scores: Axis(.linear, from: least, to: 1.02, ticks: 6))
    }
    return [
      block("Yes or no: area under the ROC curve", .binary, baseline: 0.5, floor: 0.25),
      block("Numbers: R²", .continuous, baseline: 0, floor: -0.35),
    ].compactMap(\.self)
  }

  private var parallelismAxis: Axis {
    let values = drawn.compactMap(\.consistency?.parallelism).flatMap { [$0.value, $0.lower] }.compactMap(\.self)
    let least = values.filter(\.isFinite).min() ?? 0
    return Axis(.linear, from: max(-0.5, min(least, 0) - 0.04), to: 1.04, ticks: 5)
  }

  private func scores(of attribute: AttributeMeasures.Attribute) -> [(mark: Mark, score: Score)] {
    let scores: [(Mark, Score?)] = [
      (.control, attribute.probe?.control), (.neighbours, attribute.probe?.neighbours),
      (.linear, attribute.probe?.linear), (.within, attribute.generalization?.within),
      (.across, attribute.generalization?.across), (.parallelism, attribute.consistency?.parallelism),
    ]
    return scores.compactMap { mark, score in score.map { (mark, $0) } }
  }

  private func left(ofPanel index: Int, from x: Double, nameWidth: Double) -> Double {
    x + nameWidth + Double(index) * (Self.panelWidth + Self.panelGap)
  }

  private func drawHeadings(in area: Rectangle, nameWidth: Double, on canvas: Canvas) {
    for (index, heading) in [
      ("Read from features", "all classes, unseen images"), ("Read within a class", "unseen images, unseen class"),
      ("One direction in all classes", "mean cosine of two classes"),
    ].enumerated() {
      let x = left(ofPanel: index, from: area.x, nameWidth: nameWidth)
      canvas.text(heading.0, at: Point(x, area.y + 8), font: Theme.heading, color: Theme.ink)
      canvas.text(heading.1, at: Point(x, area.y + 22), font: Theme.small, color: Theme.secondary)
    }
  }

  private func draw(_ block: Block, at corner: Point, nameWidth: Double, on canvas: Canvas) {
    let rows = Double(block.attributes.count) * Self.rowHeight
    canvas.text(
      block.heading, at: Point(corner.x, corner.y + 14), font: Theme.labelStrong, color: Theme.secondary)
    let top = corner.y + Self.blockHeading
    for (index, name) in block.names.enumerated() {
      let middle = top + (Double(index) + 0.5) * Self.rowHeight
      canvas.text(name, at: Point(corner.x, middle), font: Theme.label, color: Theme.ink, vertical: .middle)
    }
    for (index, marks) in [[Mark.control, .neighbours, .linear], [.within, .across], [.parallelism]].enumerated() {
      let frame = Rectangle(
        x: left(ofPanel: index, from: corner.x, nameWidth: nameWidth), y: top, width: Self.panelWidth, height: rows)
      let axis = index == 2 ? parallelismAxis : block.scores
      let baseline = index == 2 ? 0 : block.baseline
      drawGrid(axis, baseline: baseline, in: frame, on: canvas)
      for (row, attribute) in block.attributes.enumerated() {
        let lane = Rectangle(
          x: frame.x, y: frame.y + Double(row) * Self.rowHeight, width: frame.width, height: Self.rowHeight)
        let scores = scores(of: attribute).filter { marks.contains($0.mark) }
        if let chance = scores.lazy.compactMap(\.score.chance).first {
          // Chance may lie below nothing, which is no achievement to exceed.
          drawBand(to: max(chance, baseline), from: axis, in: lane, on: canvas)
        }
        for (mark, score) in scores { draw(mark, score, on: axis, in: lane, on: canvas) }
        if scores.isEmpty {
          let remark = index == 0 ? "does not vary" : "varies in fewer than two classes"
          canvas.rectangle(
            Rectangle(
              x: lane.x, y: lane.y + 3, width: canvas.width(of: remark, font: Theme.small) + 12,
              height: lane.height - 6))
          canvas.fill(.white)
          canvas.text(
            remark, at: Point(lane.x + 6, lane.midY), font: Theme.small, color: Theme.secondary, vertical: .middle)
        }
      }
    }
  }

  private func drawGrid(_ axis: Axis, baseline: Double, in frame: Rectangle, on canvas: Canvas) {
    for row in 0...Int((frame.height / Self.rowHeight).rounded()) {
      canvas.move(frame.x, frame.y + Double(row) * Self.rowHeight)
      canvas.line(frame.maxX, frame.y + Double(row) * Self.rowHeight)
    }
    canvas.stroke(Theme.band, width: 1)
    for (value, color) in axis.ticks.map({ ($0.value, Theme.grid) }) + [(baseline, Theme.axis)] {
      guard let fraction = axis.fraction(value) else { continue }
      canvas.move(frame.x + fraction * frame.width, frame.y)
      canvas.line(frame.x + fraction * frame.width, frame.maxY)
      canvas.stroke(color, width: 0.9)
    }
    for tick in axis.ticks {
      guard let fraction = axis.fraction(tick.value) else { continue }
      let x = frame.x + fraction * frame.width
      canvas.text(
        tick.label, at: Point(x, frame.maxY + 6), font: Theme.tick, color: Theme.secondary, horizontal: .center,
        vertical: .top)
    }
  }

  private func drawBand(to chance: Double, from axis: Axis, in lane: Rectangle, on canvas: Canvas) {
    guard let fraction = axis.fraction(chance), fraction > 0 else { return }
    canvas.rectangle(
      Rectangle(x: lane.x, y: lane.y + 3, width: min(fraction, 1) * lane.width, height: lane.height - 6))
    canvas.fill(Color(0xE4E4E8, opacity: 0.75))
  }

  private func draw(_ mark: Mark, _ score: Score, on axis: Axis, in lane: Rectangle, on canvas: Canvas) {
    guard let fraction = axis.fraction(score.value) else { return }
    let y = lane.midY + mark.offset
    func place(_ fraction: Double) -> Double { lane.x + min(max(fraction, 0), 1) * lane.width }
    if let lower = score.lower.flatMap(axis.fraction), let upper = score.upper.flatMap(axis.fraction), upper > 0 {
      canvas.move(place(lower), y)
      canvas.line(place(upper), y)
      canvas.stroke(mark.color.opacity(0.75), width: 1.3)
    }
    guard fraction >= 0 else {
      canvas.polygon([Point(lane.x, y), Point(lane.x + 6, y - 3), Point(lane.x + 6, y + 3)])
      canvas.fill(mark.color)
      return
    }
    let x = place(fraction)
    switch mark {
    case .linear, .across, .parallelism:
      canvas.circle(x, y, radius: 3.4)
      canvas.fill(mark.color)
    case .control, .within:
      canvas.circle(x, y, radius: 2.7)
      canvas.fill(.white, keepingPath: true)
      canvas.stroke(mark.color, width: 1.3)
    case .neighbours:
      canvas.polygon([Point(x, y - 3.9), Point(x + 3.9, y), Point(x, y + 3.9), Point(x - 3.9, y)])
      canvas.fill(mark.color)
    }
  }

  private var table: CSVTable {
    var table = CSVTable(header: ["attribute", "kind", "score", "value", "lower", "upper", "chance"])
    for attribute in measures.attributes {
      for (mark, score) in scores(of: attribute) {
        table.append([
          attribute.name, attribute.kind.rawValue, "\(mark)", score.value, score.lower.map { "\($0)" } ?? "",
          score.upper.map { "\($0)" } ?? "", score.chance.map { "\($0)" } ?? "",
        ])
      }
    }
    return table
  }
}
