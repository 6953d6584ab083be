//  Which directions of one run another run has too, and how long they are there: does a loss change what varies within a
//  class, or how much?

internal import Canvas
internal import Foundation
public import Results
internal import Storage

/// The leading directions of every class in two runs, matched by their scores of the same images.
public struct MatchedDirections {
  public var match: RunSimilarity.Match
  /// How the two runs are titled.
  public var first: String
  public var second: String
  public var classNames: [String]
  /// Data set and network, for the subtitle.
  public var setting: String

  public init(
    _ match: RunSimilarity.Match, first: String, second: String, classNames: [String], setting: String
  ) {
    (self.match, self.first, self.second) = (match, first, second)
    (self.classNames, self.setting) = (classNames, setting)
  }

  private static let gap = 30.0
  private static let panelHeading = 36.0
  private static let panelFooter = 20.0
  private static let rowHeight = 17.0
  /// A page holds so many classes; of more, those with the most directions found are drawn.
  private static let mostClasses = 20

  /// The classes that are drawn, in their own order.
  private var drawn: [RunSimilarity.ClassMatch] {
    let all = match.classes
    guard all.count > Self.mostClasses else { return all }
    func found(_ group: RunSimilarity.ClassMatch) -> Int { group.partnerships.count(where: \.isFound) }
    let chosen = all.indices.sorted { (-found(all[$0]), $0) < (-found(all[$1]), $1) }.prefix(Self.mostClasses)
    return chosen.sorted().map { all[$0] }
  }

  public func figure(prefix: String = "") -> Figure {
    let ruler = TextRuler()
    let drawn = self.drawn
    let size = max(drawn.map(\.partners.count).max() ?? 0, 1)
    let cell = max(9, (144 / Double(size)).rounded(.down))
    let side = cell * Double(size)
    let left = 18.0
    let pitch = left + side + Self.gap
    let fitting = Int(min((Page.bodyRoom + Self.gap) / pitch, 5))
    let columns = max(1, min(fitting, max(drawn.count, 1)))
    let panelRows = (drawn.count + columns - 1) / columns
    let panelHeight = Self.panelHeading + side + Self.panelFooter + 12
    let panelsWidth = Double(columns) * pitch - Self.gap

    let names = drawn.map { ruler.fitted(className($0.classIndex, classNames), font: Theme.label, width: 120) }
    let listWidth = 24 + ruler.width(ofWidest: names, font: Theme.label) + Double(Column.allCases.count) * Column.width
    let scatterSide = min(300, Page.bodyRoom)
    let stacked = Page.bodyRoom < scatterSide + 40 + listWidth
    let listHeight = 80 + Double(drawn.count + 1) * Self.rowHeight
    let below =
      stacked
      ? scatterSide + Plot.footerHeight + 24 + listHeight : max(scatterSide + Plot.footerHeight, listHeight)
    let body = Size(
      max(panelsWidth, stacked ? max(scatterSide, listWidth) : scatterSide + 40 + listWidth),
      Double(panelRows) * panelHeight + 12 + Plot.headingHeight + below)

    let page = Page(
      title: "Which directions two runs share, and how long they are",
      subtitle: "\(setting). A: \(first). B: \(second)",
      caption:
        "Squares: |r| of the scores of a class’s test images along the leading directions of A (rows) and of B "
        + "(columns). Framed: the pairs of the matching with the largest sum of |r|; found are those above the class’s "
        + "chance level, which the largest matched |r| exceeds in 5 % of random pairings of images. Below: the share of "
        + "the class’s variance along a direction of A and along its partner; on the diagonal neither run holds more. "
        + "Explained is r² of the variance along each direction found, added up, as a share of all variance in A. "
        + "A match says that both runs order the images alike along it, not that either order means something; a "
        + "direction without a match may be spread over several of the other run."
        + (drawn.count < match.classes.count
          ? " Drawn are the \(drawn.count) of \(match.classes.count) classes with the most directions found." : ""))
    let drawing = page.drawing(body: body, ruler: ruler) { canvas, area in
      for (index, group) in drawn.enumerated() {
        let corner = Point(
          area.x + left + Double(index % columns) * pitch,
          area.y + Double(index / columns) * panelHeight + Self.panelHeading)
        draw(group, at: corner, cell: cell, size: size, ruler: ruler, on: canvas)
      }
      let top = area.y + Double(panelRows) * panelHeight + 12 + Plot.headingHeight
      drawLengths(
        drawn, in: Rectangle(x: area.x + 40, y: top, width: scatterSide - 48, height: scatterSide - 8), on: canvas)
      let corner =
        stacked
        ? Point(area.x, top + scatterSide + Plot.footerHeight + 24) : Point(area.x + scatterSide + 40, top - 12)
      drawList(drawn, names: names, at: corner, width: listWidth, on: canvas)
    }
    return Figure(
      name: figureName(prefix: prefix, "matched-directions"), title: page.title, drawing: drawing, table: table)
  }

  private func color(of group: RunSimilarity.ClassMatch) -> Color {
    Theme.color(ofClass: group.classIndex, of: max(classNames.count, match.classes.count))
  }

  // MARK: Correlations

  private func draw(
    _ group: RunSimilarity.ClassMatch, at corner: Point, cell: Double, size: Int, ruler: TextRuler, on canvas: Canvas
  ) {
    let side = cell * Double(size)
    let found = group.partnerships.count(where: \.isFound)
    canvas.text(
      ruler.fitted(className(group.classIndex, classNames), font: Theme.heading, width: side),
      at: Point(corner.x, corner.y - 22), font: Theme.heading, color: Theme.ink)
    canvas.text(
      ruler.fitted(
        "\(found) of \(group.partners.count) above \(decimal(group.chanceLevel, 2))", font: Theme.small, width: side),
      at: Point(corner.x, corner.y - 8), font: Theme.small, color: Theme.secondary)
    for (row, values) in group.correlations.enumerated() {
      for (column, value) in values.enumerated() {
        let rectangle = Rectangle(
          x: corner.x + Double(column) * cell, y: corner.y + Double(row) * cell, width: cell, height: cell)
        canvas.rectangle(rectangle)
        canvas.fill(value.isFinite ? Palette.diverging(-abs(value)) : Theme.band)
      }
    }
    for partnership in group.partnerships {
      let rectangle = Rectangle(
        x: corner.x + Double(partnership.second - 1) * cell, y: corner.y + Double(partnership.first - 1) * cell,
        width: cell, height: cell)
      canvas.rectangle(rectangle.inset(by: 0.5))
      canvas.stroke(partnership.isFound ? Theme.ink : Theme.faint, width: partnership.isFound ? 1.3 : 0.6)
    }
    for place in size > 1 ? [1, size] : [1] {
      let offset = (Double(place) - 0.5) * cell
      canvas.text(
        "\(place)", at: Point(corner.x - 5, corner.y + offset), font: Theme.small, color: Theme.secondary,
        horizontal: .right, vertical: .middle)
      canvas.text(
        "\(place)", at: Point(corner.x + offset, corner.y + side + 6), font: Theme.small, color: Theme.secondary,
        horizontal: .center, vertical: .top)
    }
    guard size > 4 else { return }
    canvas.text(
      "B", at: Point(corner.x + side / 2, corner.y + side + 6), font: Theme.small, color: Theme.secondary,
      horizontal: .center, vertical: .top)
    canvas.text(
      "A", at: Point(corner.x - 5, corner.y + side / 2), font: Theme.small, color: Theme.secondary,
      horizontal: .right, vertical: .middle)
  }

  // MARK: Lengths

  private func shares(_ group: RunSimilarity.ClassMatch) -> [(
    pair: RunSimilarity.ClassMatch.Partnership, a: Double, b: Double
  )] {
    group.partnerships.map {
      (
        $0, group.firstVariances[$0.first - 1] / group.firstTotal,
        group.secondVariances[$0.second - 1] / group.secondTotal
      )
    }
  }

  private func drawLengths(_ groups: [RunSimilarity.ClassMatch], in frame: Rectangle, on canvas: Canvas) {
    let all = groups.map { (color: color(of: $0), pairs: shares($0)) }
    let axis = Axis.logarithmic(covering: all.flatMap { $0.pairs.flatMap { [100 * $0.a, 100 * $0.b] } }, ticks: 4)
    let plot = Plot(
      frame: frame, x: axis, y: axis, heading: "Share of variance in B (%)", xLabel: "Share of variance in A (%)")
    plot.drawAxes(on: canvas)
    canvas.move(frame.x, frame.maxY)
    canvas.line(frame.maxX, frame.y)
    canvas.stroke(Theme.faint, width: 1, dash: [4, 3.5])
    for isFound in [false, true] {
      for group in all {
        for entry in group.pairs where entry.pair.isFound == isFound {
          guard let point = plot.point(100 * entry.a, 100 * entry.b) else { continue }
          canvas.circle(point.x, point.y, radius: isFound ? 3.4 : 2)
          if isFound {
            canvas.fill(group.color, keepingPath: true)
            canvas.stroke(.white, width: 0.8)
          } else {
            canvas.stroke(Theme.faint, width: 0.8)
          }
        }
      }
    }
  }

  /// What is listed of each class.
  private enum Column: CaseIterable {
    case found, held, total, change

    static let width = 88.0

    var heading: [String] {
      switch self {
      case .found: ["directions", "found"]
      case .held: ["variance of A that", "partners explain"]
      case .total: ["all variance,", "B over A"]
      case .change: ["their shares,", "B over A"]
      }
    }
  }

  private func text(_ column: Column, of group: RunSimilarity.ClassMatch) -> String {
    let shares = self.shares(group).filter(\.pair.isFound)
    switch column {
    case .found: return "\(shares.count) of \(group.partners.count)"
    case .held: return percent(shares.reduce(0) { $0 + $1.a * $1.pair.correlation * $1.pair.correlation })
    case .total: return group.firstTotal > 0 ? "×" + decimal(group.secondTotal / group.firstTotal, 2) : "–"
    case .change:
      let changes = shares.map(\.pair.logShareRatio).filter(\.isFinite).sorted()
      let (low, high) = (quantile(0.25, ofSorted: changes), quantile(0.75, ofSorted: changes))
      return shares.isEmpty ? "–" : "×" + decimal(exp2(low), 2) + "–" + decimal(exp2(high), 2)
    }
  }

  private func drawList(
    _ groups: [RunSimilarity.ClassMatch], names: [String], at corner: Point, width: Double, on canvas: Canvas
  ) {
    func edge(_ column: Int) -> Double {
      corner.x + width - Double(Column.allCases.count - 1 - column) * Column.width
    }
    for (index, column) in Column.allCases.enumerated() {
      for (line, text) in column.heading.enumerated() {
        canvas.text(
          text, at: Point(edge(index), corner.y + Double(line) * 11), font: Theme.small, color: Theme.secondary,
          horizontal: .right, vertical: .top)
      }
    }
    for (row, (group, name)) in zip(groups, names).enumerated() {
      let middle = corner.y + 40 + Double(row) * Self.rowHeight
      Legend.draw(.swatch(color(of: group)), on: canvas, left: corner.x, middle: middle)
      canvas.text(name, at: Point(corner.x + 18, middle), font: Theme.label, color: Theme.ink, vertical: .middle)
      for (index, column) in Column.allCases.enumerated() {
        canvas.text(
          text(column, of: group), at: Point(edge(index), middle), font: Theme.label, color: Theme.ink,
          horizontal: .right, vertical: .middle)
      }
    }
    guard !groups.isEmpty else { return }
    let below = corner.y + 40 + Double(groups.count) * Self.rowHeight
    canvas.text(
      "Shares: the middle half of the directions found.", at: Point(corner.x, below), font: Theme.small,
      color: Theme.secondary, vertical: .middle)
    drawBar(in: Rectangle(x: corner.x + 38, y: below + 16, width: 120, height: 10), on: canvas)
  }

  private func drawBar(in rectangle: Rectangle, on canvas: Canvas) {
    canvas.rectangle(rectangle)
    canvas.fill(
      from: Point(rectangle.x, rectangle.y), to: Point(rectangle.maxX, rectangle.y),
      [(0, Palette.diverging(0)), (1, Palette.diverging(-1))])
    for (text, x, anchor) in [
      ("|r| = 0", rectangle.x - 6, HorizontalAnchor.right), ("1", rectangle.maxX + 6, .left),
    ] {
      canvas.text(
        text, at: Point(x, rectangle.midY), font: Theme.small, color: Theme.secondary, horizontal: anchor,
        vertical: .middle)
    }
  }

  private var table: CSVTable {
    var table = CSVTable(header: [
      "class", "direction", "partner", "correlation", "chance_level", "found", "share_first", "share_second",
      "log2_variance_ratio",
    ])
    for group in match.classes {
      for entry in shares(group) {
        table.append([
          className(group.classIndex, classNames), entry.pair.first, entry.pair.second, entry.pair.correlation,
          group.chanceLevel, entry.pair.isFound ? 1 : 0, entry.a, entry.b, entry.pair.logRatio,
        ])
      }
    }
    return table
  }
}
