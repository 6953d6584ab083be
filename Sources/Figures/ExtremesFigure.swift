//  The two ends of every leading direction: the images of a class that lie farthest out, face to face.

internal import Canvas
internal import Foundation
internal import Raster
public import Results
internal import Storage

/// The images of one class with the smallest and largest projections.
public struct ExtremesFigure {
  public var extremes: Extremes
  public var classNames: [String]
  /// What the features come from, for the subtitle.
  public var run: String
  public var images: ImageSource

  public init(_ extremes: Extremes, classNames: [String], run: String, images: @escaping ImageSource) {
    (self.extremes, self.classNames, self.run, self.images) = (extremes, classNames, run, images)
  }

  private static let header = 112.0
  private static let gap = 8.0
  private static let blockGap = 34.0
  private static let columnHeading = 24.0

  private var name: String { className(extremes.classIndex, classNames) }
  private var most: (lowest: Int, highest: Int) {
    (extremes.rows.map(\.lowest.count).max() ?? 0, extremes.rows.map(\.highest.count).max() ?? 0)
  }

  public func figure(prefix: String = "") -> Figure {
    let ruler = TextRuler()
    let count = most.lowest + most.highest
    let first = extremes.rows.lazy.flatMap { $0.lowest + $0.highest }.first
    let scale = ImageScale(count > 14 ? 32 : 48, for: first.map { images($0.image) })
    let width = Self.header + Double(count) * (scale.side + Self.gap) - 2 * Self.gap + Self.blockGap
    let legend = Legend(
      CellState.legend(className: name, anchor: false), width: max(width, Page.minimumWidth), ruler: ruler)
    let hasRemarks = extremes.rows.contains { ($0.lowest + $0.highest).contains { !remark(on: $0).isEmpty } }
    let rowHeight = scale.side + 6 + (hasRemarks ? 22 : 11) + 11
    let height = Self.columnHeading + Double(extremes.rows.count) * rowHeight + 4 + legend.height
    let page = Page(
      title: "The two ends of the principal directions of “\(name)”", subtitle: run,
      caption:
        "Images of the class with the smallest and largest projections of their features, centred on the class "
        + "mean; the farthest out stands outermost. Below each image its projection, in standard deviations.")
    let drawing = page.drawing(body: Size(max(width, Self.header), height), ruler: ruler) { canvas, area in
      draw(in: area, scale, rowHeight: rowHeight, ruler: ruler, on: canvas)
      legend.draw(on: canvas, at: Point(area.x, area.maxY - legend.height))
    }
    return Figure(
      name: figureName(prefix: prefix, "extremes", name), title: page.title, drawing: drawing, table: table)
  }

  private func remark(on entry: Extremes.Entry) -> String {
    entry.predicted == extremes.classIndex ? "" : "→ " + className(entry.predicted, classNames)
  }

  private func draw(
    in area: Rectangle, _ scale: ImageScale, rowHeight: Double, ruler: TextRuler, on canvas: Canvas
  ) {
    let pitch = scale.side + Self.gap
    // Blocks of an image or two leave room for the short form only.
    let what = min(most.lowest, most.highest) > 2 ? " projections" : ""
    let lowLeft = area.x + Self.header
    let highLeft = lowLeft + Double(most.lowest) * pitch - Self.gap + Self.blockGap
    let highRight = highLeft + Double(most.highest) * pitch - Self.gap
    if most.lowest > 0 {
      canvas.text(
        "← smallest\(what)", at: Point(lowLeft, area.y + 4), font: Theme.label, color: Theme.secondary, vertical: .top)
    }
    if most.highest > 0 {
      canvas.text(
        "largest\(what) →", at: Point(highRight, area.y + 4), font: Theme.label, color: Theme.secondary,
        horizontal: .right, vertical: .top)
    }
    var y = area.y + Self.columnHeading
    for row in extremes.rows {
      let middle = y + scale.side / 2
      canvas.text("Direction \(row.direction)", at: Point(area.x, middle - 2), font: Theme.heading, color: Theme.ink)
      canvas.text(
        "\(percent(row.share)) of variance", at: Point(area.x, middle + 4), font: Theme.small, color: Theme.secondary,
        vertical: .top)
      for (index, entry) in row.lowest.enumerated() {
        draw(entry, at: Point(lowLeft + Double(index) * pitch, y), scale, ruler: ruler, on: canvas)
      }
      for (index, entry) in row.highest.enumerated() {
        draw(
          entry, at: Point(highRight - scale.side - Double(index) * pitch, y), scale, ruler: ruler, on: canvas)
      }
      if most.lowest > 0 && most.highest > 0 {
        canvas.move(highLeft - Self.blockGap / 2, y)
        canvas.line(highLeft - Self.blockGap / 2, y + rowHeight - 16)
        canvas.stroke(Theme.grid, width: 1)
      }
      y += rowHeight
    }
  }

  private func draw(
    _ entry: Extremes.Entry, at corner: Point, _ scale: ImageScale, ruler: TextRuler, on canvas: Canvas
  ) {
    let image = images(entry.image)
    let rectangle = scale.rectangle(of: image, at: corner)
    canvas.image(image, in: rectangle)
    let state = CellState(
      label: extremes.classIndex, predicted: entry.predicted, classIndex: extremes.classIndex)
    state.drawFrame(on: canvas, around: rectangle)
    let (middle, below) = (corner.x + scale.side / 2, corner.y + scale.side + 7)
    canvas.text(
      decimal(entry.projection, 1, signed: true), at: Point(middle, below), font: Theme.small, color: Theme.secondary,
      horizontal: .center, vertical: .top)
    let remark = ruler.fitted(remark(on: entry), font: Theme.small, width: scale.side + Self.gap - 3)
    if !remark.isEmpty {
      canvas.text(
        remark, at: Point(middle, below + 11), font: Theme.small, color: state.color, horizontal: .center,
        vertical: .top)
    }
  }

  private var table: CSVTable {
    var table = CSVTable(header: [
      "class", "direction", "share", "end", "place", "projection", "split", "row", "predicted",
    ])
    for row in extremes.rows {
      for (end, entries) in [("smallest", row.lowest), ("largest", row.highest)] {
        for (place, entry) in entries.enumerated() {
          table.append([
            name, row.direction, row.share, end, place + 1, entry.projection, entry.image.split.rawValue,
            entry.image.row, className(entry.predicted, classNames),
          ])
        }
      }
    }
    return table
  }
}
