//  How alike the features of runs are, pair by pair, by two measures of different kinds, each beside what it comes to
//  for permuted images and beside pairs of runs that differ in nothing but their seed.

internal import Canvas
internal import Foundation
public import Results
internal import Storage

/// CKA and CCA of all pairs of runs.
public struct SimilarityFigure {
  public var similarity: RunSimilarity
  /// Data set and network, for the subtitle.
  public var setting: String

  public init(_ similarity: RunSimilarity, setting: String) {
    (self.similarity, self.setting) = (similarity, setting)
  }

  private static let rowHeight = 22.0
  private static let headerHeight = 24.0
  private static let valueWidth = 44.0
  private static let gap = 20.0
  /// A page holds so many pairs.
  private static let mostPairs = 45

  private struct Group {
    let title: String
    let color: Color
    let pairs: [RunSimilarity.Pair]
  }

  private enum Panel: CaseIterable {
    case cka, cca

    var heading: String { self == .cka ? "Linear CKA, debiased" : "SVCCA, mean correlation" }
    func score(_ pair: RunSimilarity.Pair) -> RunSimilarity.Score { self == .cka ? pair.cka : pair.cca }
  }

  /// Pairs of seeds first: what those of other kinds and seeds are compared with. Runs of one seed stand apart, because
  /// they have more in common than their training.
  private var groups: [Group] {
    let shown = similarity.pairs.prefix(Self.mostPairs)
    func sharesSeed(_ pair: RunSimilarity.Pair) -> Bool {
      similarity.runs[pair.first].seed == similarity.runs[pair.second].seed
    }
    return [
      Group(
        title: "Differ in their seed only", color: Palette.okabeIto[2], pairs: shown.filter(\.differsInSeedOnly)),
      Group(
        title: "Differ in more than their seed", color: Palette.okabeIto[0],
        pairs: shown.filter { !$0.differsInSeedOnly && !sharesSeed($0) }),
      Group(
        title: "Differ, but began alike: one seed", color: Palette.okabeIto[4],
        pairs: shown.filter { !$0.differsInSeedOnly && sharesSeed($0) }),
    ].filter { !$0.pairs.isEmpty }
  }

  private func name(of pair: RunSimilarity.Pair) -> String {
    "\(similarity.runs[pair.first].title) – \(similarity.runs[pair.second].title)"
  }

  public func figure(prefix: String = "") -> Figure {
    let ruler = TextRuler()
    let groups = self.groups
    let wanted = min(ruler.width(ofWidest: groups.flatMap(\.pairs).map(name), font: Theme.label) + 12, 330)
    // Labels beside the plots, or above them where there is no room.
    let above = Page.bodyRoom < wanted + 2 * 180
    let labelWidth = above ? 0 : max(wanted, 150)
    let plotWidth = min(230, (Page.bodyRoom - labelWidth - Self.gap) / 2)
    let rowHeight = above ? Self.rowHeight + 13 : Self.rowHeight
    let rows = groups.reduce(0.0) { $0 + Self.headerHeight + Double($1.pairs.count) * rowHeight }
    let body = Size(
      labelWidth + 2 * plotWidth + Self.gap, Plot.headingHeight + max(rows, rowHeight) + Plot.footerHeight)
    let left = similarity.pairs.count - groups.reduce(0) { $0 + $1.pairs.count }
    let page = Page(
      title: "How alike the features of the runs are", subtitle: setting,
      caption:
        "Same test images in all runs. CKA compares how similar images are to each other (HSIC estimated without "
        + "bias), SVCCA the directions that hold 99 % of the variance, each as much as any other. Bars: least to "
        + "greatest of \(similarity.pairs.first?.cka.permuted.count ?? 0) pairings of permuted images, what unrelated "
        + "features come to. Pairs of seeds show how alike two trainings of one kind are"
        + (similarity.pairs.contains(where: \.differsInSeedOnly)
          ? ". " : "; there is none here, so nothing says whether a value is low for this network. ")
        + "Runs of one seed began with the same weights and saw the same images in the same order, and may be alike for "
        + "that alone."
        + (left > 0 ? " \(left) more pairs are in the table." : ""))
    let drawing = page.drawing(body: body, ruler: ruler) { canvas, area in
      for (index, panel) in Panel.allCases.enumerated() {
        let x = area.x + labelWidth + Double(index) * (plotWidth + Self.gap)
        let frame = Rectangle(
          x: x + 6, y: area.y + Plot.headingHeight, width: plotWidth - 6 - Self.valueWidth,
          height: area.height - Plot.headingHeight - Plot.footerHeight)
        draw(panel, groups, in: frame, rowHeight: rowHeight, above: above, on: canvas)
      }
      drawNames(
        groups, at: Point(area.x, area.y + Plot.headingHeight), width: above ? body.width : labelWidth - 12,
        rowHeight: rowHeight, above: above, ruler: ruler, on: canvas)
    }
    return Figure(name: figureName(prefix: prefix, "similarity"), title: page.title, drawing: drawing, table: table)
  }

  private func drawNames(
    _ groups: [Group], at corner: Point, width: Double, rowHeight: Double, above: Bool, ruler: TextRuler,
    on canvas: Canvas
  ) {
    var y = corner.y
    for group in groups {
      canvas.text(
        group.title, at: Point(corner.x, y + Self.headerHeight / 2 + 2), font: Theme.labelStrong, color: Theme.ink,
        vertical: .middle)
      y += Self.headerHeight
      for pair in group.pairs {
        canvas.text(
          ruler.fitted(name(of: pair), font: Theme.label, width: width),
          at: Point(corner.x, above ? y + 9 : y + rowHeight / 2), font: Theme.label, color: Theme.secondary,
          vertical: .middle)
        y += rowHeight
      }
    }
  }

  private func draw(
    _ panel: Panel, _ groups: [Group], in frame: Rectangle, rowHeight: Double, above: Bool, on canvas: Canvas
  ) {
    // Unrelated features lie a little below 0 as often as above.
    let axis = Axis(.linear, from: -0.05, to: 1, ticks: 3)
    func x(_ value: Double) -> Double? { axis.fraction(value).map { frame.x + $0 * frame.width } }
    canvas.text(panel.heading, at: Point(frame.x, frame.y - 9), font: Theme.heading, color: Theme.ink)
    for tick in axis.ticks {
      guard let x = x(tick.value) else { continue }
      // Not through headings and names.
      var y = frame.y
      for group in groups {
        y += Self.headerHeight
        for _ in group.pairs {
          canvas.move(x, above ? y + 16 : y)
          canvas.line(x, y + rowHeight)
          y += rowHeight
        }
      }
      canvas.stroke(Theme.grid, width: 1)
      canvas.text(
        tick.label, at: Point(x, frame.maxY + 8), font: Theme.tick, color: Theme.secondary, horizontal: .center,
        vertical: .top)
    }
    var y = frame.y
    for group in groups {
      y += Self.headerHeight
      for pair in group.pairs {
        let score = panel.score(pair)
        let middle = above ? y + rowHeight - 9 : y + rowHeight / 2
        let permuted = score.permuted.filter(\.isFinite)
        if let least = permuted.min().flatMap(x), let most = permuted.max().flatMap(x) {
          canvas.roundedRectangle(
            Rectangle(x: least - 1.5, y: middle - 4, width: most - least + 3, height: 8), radius: 1.5)
          canvas.fill(Theme.faint.opacity(0.55))
        }
        if let place = x(score.value) {
          canvas.circle(place, middle, radius: 4.5)
          canvas.fill(group.color, keepingPath: true)
          canvas.stroke(.white, width: 1)
        }
        canvas.text(
          decimal(score.value, 3), at: Point(frame.maxX + Self.valueWidth - 2, middle), font: Theme.label,
          color: Theme.ink, horizontal: .right, vertical: .middle)
        y += rowHeight
      }
    }
  }

  private var table: CSVTable {
    var table = CSVTable(header: [
      "first", "second", "differs_in_seed_only", "measure", "value", "permuted_least", "permuted_mean",
      "permuted_greatest",
    ])
    for pair in similarity.pairs {
      for (measure, score) in [("cka", pair.cka), ("svcca", pair.cca)] {
        let permuted = score.permuted
        table.append([
          similarity.runs[pair.first].name, similarity.runs[pair.second].name, pair.differsInSeedOnly ? 1 : 0, measure,
          score.value, permuted.min() ?? .nan, permuted.reduce(0, +) / Double(permuted.count), permuted.max() ?? .nan,
        ])
      }
    }
    return table
  }
}
