//  Which factor of the images each direction follows: correlations as colours. A value that chance alone
//  would reach is drawn pale and without its number, so that noise looks like noise.

internal import Canvas
internal import Foundation
public import Results
internal import Storage

/// Correlations of the leading directions of all classes with the factors of the images.
public struct FactorHeatMap {
  public var correlations: FactorCorrelations
  public var classNames: [String]
  /// What the features come from, for the subtitle.
  public var run: String

  private let wording: Wording
  /// What stands beside a direction, by its class.
  private let notes: [Int: [String]]

  public init(_ correlations: FactorCorrelations, classNames: [String], run: String) {
    (self.correlations, self.classNames, self.run) = (correlations, classNames, run)
    (wording, notes) = (.factors, [:])
  }

  /// The same for plain statistics of the images; each direction's hint stands beside it.
  public init(_ statistics: ImageStatisticCorrelations, classNames: [String], run: String) {
    correlations = FactorCorrelations(
      factorNames: statistics.statisticNames,
      classes: statistics.classes.map { group in
        .init(
          classIndex: group.classIndex, count: group.count, values: group.values.map { $0.map { $0?.r } },
          lower: group.values.map { $0.map { $0?.lower } }, upper: group.values.map { $0.map { $0?.upper } },
          chanceLevel: group.chanceLevel)
      })
    (self.classNames, self.run, wording) = (classNames, run, .statistics)
    notes = Dictionary(
      statistics.classes.map { group in (group.classIndex, group.hints.map { $0?.text ?? "" }) },
      uniquingKeysWith: { first, _ in first })
  }

  /// What the columns are called.
  private struct Wording {
    let name, title, columns: String
    var remark = ""

    static let factors = Wording(
      name: "factors", title: "Which factors the principal directions follow", columns: "factor")
    static let statistics = Wording(
      name: "statistics", title: "Which plain statistics of the images the principal directions follow",
      columns: "statistic",
      remark:
        " At the right, for directions with |r| ≥ \(decimal(ImageStatisticCorrelations.leastCorrelation, 1)), the "
        + "strongest in words: what images have more of as the direction grows, and r with a bootstrap interval of "
        + "95 %. A statistic that goes along with a direction need not be what the network looks at.")
  }

  private static let cell = Size(42, 23)
  private static let groupGap = 8.0
  private static let angle = -Double.pi / 4
  private static let maximumLabel = 130.0
  /// A page holds so many classes; of more, those that stand out most from chance are drawn.
  private static let mostClasses = 24

  private struct Measures {
    let names: [String]
    let factors: [String]
    let nameWidth: Double
    let headerHeight: Double
    /// How far the last slanted label leans out over the cells.
    let overhang: Double
    let left: Double
    let notesWidth: Double
    var cellsWidth: Double { Double(factors.count) * FactorHeatMap.cell.width }
    static let directionWidth = 38.0
    static let chanceWidth = 86.0
    static let barWidth = 74.0
  }

  /// The classes that are drawn, in their own order.
  private var drawn: [FactorCorrelations.Class] {
    func excess(_ group: FactorCorrelations.Class) -> Double {
      (group.values.joined().compactMap { $0.map(abs) }.filter(\.isFinite).max() ?? 0) - group.chanceLevel
    }
    let all = correlations.classes
    guard all.count > Self.mostClasses else { return all }
    let chosen = all.indices.sorted { (-excess(all[$0]), $0) < (-excess(all[$1]), $1) }.prefix(Self.mostClasses)
    return chosen.sorted().map { all[$0] }
  }

  public func figure(prefix: String = "") -> Figure {
    let ruler = TextRuler()
    let drawn = self.drawn
    let names = drawn.map {
      ruler.fitted(className($0.classIndex, classNames), font: Theme.labelStrong, width: 150)
    }
    let factors = correlations.factorNames.map {
      ruler.fitted($0.replacingOccurrences(of: "_", with: " "), font: Theme.label, width: Self.maximumLabel)
    }
    let shown = Set(drawn.map(\.classIndex))
    let texts = notes.filter { shown.contains($0.key) }.values.joined()
    let notesWidth = texts.contains { !$0.isEmpty } ? ruler.width(ofWidest: Array(texts), font: Theme.small) + 18 : 0
    let nameWidth = ruler.width(ofWidest: names, font: Theme.labelStrong) + 14
    let lean = ruler.width(ofWidest: factors, font: Theme.label) * sin(.pi / 4)
    let measures = Measures(
      names: names, factors: factors, nameWidth: nameWidth, headerHeight: max(lean + 18, 30),
      overhang: max(0, lean - Self.cell.width / 2 + 12), left: nameWidth + Measures.directionWidth,
      notesWidth: notesWidth)

    let groups = drawn.reduce(0.0) { $0 + groupHeight($1) }
    let width =
      measures.left + measures.cellsWidth + max(measures.overhang, Measures.chanceWidth + notesWidth)
      + Measures.barWidth
    let height = measures.headerHeight + max(groups - Self.groupGap, 150)
    let page = Page(
      title: wording.title, subtitle: run,
      caption:
        "Pearson correlation r of the projections on each direction (PC) with each \(wording.columns), over the test "
        + "images of the class. A value has its number and full colour only if |r| exceeds the class’s chance level, "
        + "at the right: the largest |r| of all its cells stays below that level in 95 % of random pairings of images "
        + "and \(wording.columns)s. "
        + (hasIntervals
          ? "The line below a number is its 95 % interval over test images, from −1 at the left edge of the cell to 1 "
            + "at the right one. " : "")
        + "Hatched: the \(wording.columns) does not vary within the class." + wording.remark
        + (drawn.count < correlations.classes.count
          ? " Drawn are the \(drawn.count) of \(correlations.classes.count) classes that exceed chance most." : ""))
    let drawing = page.drawing(body: Size(width, height), ruler: ruler) { canvas, area in
      draw(drawn, in: area, measures, on: canvas)
    }
    return Figure(name: figureName(prefix: prefix, wording.name), title: page.title, drawing: drawing, table: table)
  }

  private var hasIntervals: Bool { correlations.classes.contains { $0.lower != nil && $0.upper != nil } }

  private func groupHeight(_ group: FactorCorrelations.Class) -> Double {
    Double(max(group.values.count, 1)) * Self.cell.height + Self.groupGap
  }

  private func draw(
    _ groups: [FactorCorrelations.Class], in area: Rectangle, _ measures: Measures, on canvas: Canvas
  ) {
    let left = area.x + measures.left
    let top = area.y + measures.headerHeight
    for (column, name) in measures.factors.enumerated() {
      canvas.text(
        name, at: Point(left + (Double(column) + 0.5) * Self.cell.width + 2, top - 7), font: Theme.label,
        color: Theme.ink, rotation: Self.angle)
    }
    var y = top
    for (group, name) in zip(groups, measures.names) {
      canvas.text(
        name, at: Point(area.x, y + Self.cell.height / 2), font: Theme.labelStrong, color: Theme.ink,
        vertical: .middle)
      for (row, values) in group.values.enumerated() {
        let rowTop = y + Double(row) * Self.cell.height
        canvas.text(
          "PC \(row + 1)", at: Point(left - 8, rowTop + Self.cell.height / 2), font: Theme.small,
          color: Theme.secondary, horizontal: .right, vertical: .middle)
        for (column, value) in values.prefix(measures.factors.count).enumerated() {
          let rectangle = Rectangle(
            x: left + Double(column) * Self.cell.width, y: rowTop, width: Self.cell.width, height: Self.cell.height)
          draw(
            value, interval: interval(of: group, row, column), chanceLevel: group.chanceLevel,
            in: rectangle.inset(by: 0.75), on: canvas)
        }
        if let note = notes[group.classIndex]?.dropFirst(row).first, !note.isEmpty {
          canvas.text(
            note,
            at: Point(left + measures.cellsWidth + Measures.chanceWidth, rowTop + Self.cell.height / 2),
            font: Theme.small, color: Theme.ink, vertical: .middle)
        }
      }
      canvas.text(
        "chance \(decimal(group.chanceLevel, 2))",
        at: Point(left + measures.cellsWidth + 10, y + Self.cell.height / 2), font: Theme.small,
        color: Theme.secondary, vertical: .middle)
      y += groupHeight(group)
    }
    drawBar(in: Rectangle(x: area.maxX - 44, y: top, width: 12, height: 150), on: canvas)
  }

  /// The interval of a cell, if the report has it.
  private func interval(of group: FactorCorrelations.Class, _ row: Int, _ column: Int) -> ClosedRange<Double>? {
    func end(_ values: [[Double?]]?) -> Double? {
      guard let values, values.indices.contains(row), values[row].indices.contains(column) else { return nil }
      return values[row][column].flatMap { $0.isFinite ? min(max($0, -1), 1) : nil }
    }
    guard let lower = end(group.lower), let upper = end(group.upper), lower <= upper else { return nil }
    return lower...upper
  }

  private func draw(
    _ value: Double?, interval: ClosedRange<Double>?, chanceLevel: Double, in rectangle: Rectangle, on canvas: Canvas
  ) {
    guard let value, value.isFinite else {
      hatch(rectangle, on: canvas)
      return
    }
    let isFound = abs(value) > chanceLevel
    let color = Palette.diverging(isFound ? value : value * 0.25)
    canvas.rectangle(rectangle)
    canvas.fill(color)
    guard isFound else { return }
    let ink = color.luminance > 0.25 ? Theme.ink : .white
    canvas.text(
      decimal(value, 2, signed: true), at: Point(rectangle.midX, rectangle.midY - (interval == nil ? 0 : 2.5)),
      font: Theme.small, color: ink, horizontal: .center, vertical: .middle)
    guard let interval else { return }
    // From −1 at the left edge to 1 at the right one, with a tick at 0.
    let (y, half) = (rectangle.maxY - 4.5, rectangle.width / 2 - 2)
    canvas.move(rectangle.midX, y - 1.6)
    canvas.line(rectangle.midX, y + 1.6)
    canvas.stroke(ink.opacity(0.5), width: 0.8)
    canvas.move(rectangle.midX + interval.lowerBound * half, y)
    canvas.line(rectangle.midX + interval.upperBound * half, y)
    canvas.stroke(ink.opacity(0.8), width: 1.5)
  }

  private func hatch(_ rectangle: Rectangle, on canvas: Canvas) {
    canvas.saved {
      canvas.rectangle(rectangle)
      canvas.clip()
      for offset in stride(from: rectangle.x - rectangle.height, to: rectangle.maxX, by: 5) {
        canvas.move(offset, rectangle.maxY)
        canvas.line(offset + rectangle.height, rectangle.y)
      }
      canvas.stroke(Color(0xDADADF), width: 1)
    }
  }

  private func drawBar(in rectangle: Rectangle, on canvas: Canvas) {
    canvas.text(
      "r", at: Point(rectangle.midX, rectangle.y - 12), font: Theme.label, color: Theme.secondary, horizontal: .center)
    canvas.rectangle(rectangle)
    canvas.fill(
      from: Point(rectangle.x, rectangle.y), to: Point(rectangle.x, rectangle.maxY),
      [(0, Palette.diverging(1)), (0.5, Palette.diverging(0)), (1, Palette.diverging(-1))])
    for value in [1, 0.5, 0, -0.5, -1] {
      let y = rectangle.midY - value * rectangle.height / 2
      canvas.move(rectangle.maxX, y)
      canvas.line(rectangle.maxX + 3, y)
      canvas.stroke(Theme.axis, width: 1)
      canvas.text(
        decimal(value, 1, signed: true), at: Point(rectangle.maxX + 6, y), font: Theme.small, color: Theme.secondary,
        vertical: .middle)
    }
  }

  private var table: CSVTable {
    var table = CSVTable(header: [
      "class", "count", "direction", wording.columns, "correlation", "lower", "upper", "chance_level",
    ])
    for group in correlations.classes {
      for (row, values) in group.values.enumerated() {
        for (column, (factor, value)) in zip(correlations.factorNames, values).enumerated() {
          let interval = interval(of: group, row, column)
          table.append([
            className(group.classIndex, classNames), group.count, row + 1, factor, value.map { "\($0)" } ?? "",
            interval.map { "\($0.lowerBound)" } ?? "", interval.map { "\($0.upperBound)" } ?? "", group.chanceLevel,
          ])
        }
      }
    }
    return table
  }
}
