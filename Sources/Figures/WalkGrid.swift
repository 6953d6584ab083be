//  What changes along a direction, shown with real images: from an anchor in the middle, each row walks one
//  principal direction of a class in steps of its standard deviation. The last row walks at random.

internal import Canvas
internal import Foundation
internal import Raster
public import Results
internal import Storage

/// Real images along the leading directions of one class.
public struct WalkGrid {
  public var walk: Walk
  public var classNames: [String]
  /// What the features come from, for the subtitle.
  public var run: String
  public var images: ImageSource

  public init(_ walk: Walk, classNames: [String], run: String, images: @escaping ImageSource) {
    (self.walk, self.classNames, self.run, self.images) = (walk, classNames, run, images)
  }

  private var name: String { className(walk.classIndex, classNames) }
  private var principal: [Walk.Row] { walk.rows.filter { $0.kind != .random } }
  private var controls: [Walk.Row] { walk.rows.filter { $0.kind == .random } }

  /// All steps of all rows, in order: the columns.
  private var steps: [Double] { Set(walk.rows.flatMap { $0.cells.map(\.step) }).sorted() }

  private struct Measures {
    static let header = 126.0
    static let gap = 12.0
    static let columnHeading = 22.0
    /// Between the last principal row and the controls.
    static let separation = 26.0
    static let line = 11.0

    let scale: ImageScale
    let legend: Legend
    /// From the top of a row to the next, with room for remarks if there are any.
    let rowHeight: Double

    var columnPitch: Double { scale.side + Measures.gap }
  }

  public func figure(prefix: String = "") -> Figure {
    let ruler = TextRuler()
    let steps = self.steps
    let scale = ImageScale(64, for: images(walk.anchor))
    let width = Measures.header + Double(max(steps.count, 1)) * (scale.side + Measures.gap) - Measures.gap
    let entries =
      CellState.legend(className: name, anchor: true)
      + [Legend.Entry(.cell(.otherClass), "an image of another class")]
    let hasRemarks = walk.rows.contains { $0.cells.contains { !remark(on: $0).isEmpty } }
    let measures = Measures(
      scale: scale, legend: Legend(entries, width: max(width, Page.minimumWidth), ruler: ruler),
      rowHeight: scale.side + 6 + Measures.line * (hasRemarks ? 2 : 1) + 11)

    let height =
      Measures.columnHeading + Double(walk.rows.count) * measures.rowHeight
      + (controls.isEmpty || principal.isEmpty ? 0 : Measures.separation) + 6 + measures.legend.height
    let page = Page(title: "Along the principal directions of “\(name)”", subtitle: run, caption: caption)
    let drawing = page.drawing(body: Size(width, height), ruler: ruler) { canvas, area in
      draw(in: area, steps: steps, measures, ruler: ruler, on: canvas)
    }
    return Figure(name: figureName(prefix: prefix, "walk", name), title: page.title, drawing: drawing, table: table)
  }

  private var caption: String {
    let splits = Set(walk.rows.flatMap { $0.cells.map(\.image.split.rawValue) }).sorted().joined(separator: " and ")
    return "Each cell shows the \(splits.isEmpty ? "" : splits + " ")image whose feature is nearest, in Euclidean "
      + "distance, to the anchor’s feature moved by that many standard deviations σ of the direction; a row shows no "
      + "image twice. Below it stands how far along the direction the image truly lies, in σ."
      + (controls.isEmpty
        ? ""
        : " The random direction is walked as far as direction 1: what changes there changes along any direction.")
  }

  private func state(of cell: Walk.Cell) -> CellState {
    CellState(
      label: cell.label, predicted: cell.predicted, classIndex: walk.classIndex, isAnchor: cell.image == walk.anchor)
  }

  /// What is unexpected about a cell, in words; empty for most.
  private func remark(on cell: Walk.Cell) -> String {
    if cell.label != walk.classIndex { return className(cell.label, classNames) }
    return cell.predicted != walk.classIndex ? "→ " + className(cell.predicted, classNames) : ""
  }

  private func draw(
    in area: Rectangle, steps: [Double], _ measures: Measures, ruler: TextRuler, on canvas: Canvas
  ) {
    let left = area.x + Measures.header
    func center(_ column: Int) -> Double { left + Double(column) * measures.columnPitch + measures.scale.side / 2 }

    var y = area.y + Measures.columnHeading
    let principalHeight = Double(principal.count) * measures.rowHeight
    if let middle = steps.firstIndex(of: 0), !principal.isEmpty {
      canvas.roundedRectangle(
        Rectangle(
          x: center(middle) - measures.scale.side / 2 - 6, y: area.y - 6, width: measures.scale.side + 12,
          height: Measures.columnHeading + principalHeight), radius: 5)
      canvas.fill(Theme.band)
    }
    for (column, step) in steps.enumerated() {
      let text = step == 0 ? "anchor" : decimal(step, step == step.rounded() ? 0 : 1, signed: true) + "σ"
      canvas.text(
        text, at: Point(center(column), area.y + 4), font: step == 0 ? Theme.labelStrong : Theme.label,
        color: step == 0 ? Theme.ink : Theme.secondary, horizontal: .center, vertical: .top)
    }
    for row in principal {
      draw(row, at: Point(area.x, y), steps: steps, measures, ruler: ruler, on: canvas)
      y += measures.rowHeight
    }
    if !controls.isEmpty && !principal.isEmpty {
      canvas.move(area.x, y + Measures.separation / 2 - 5)
      canvas.line(area.x + area.width, y + Measures.separation / 2 - 5)
      canvas.stroke(Theme.faint, width: 1, dash: [1, 4])
      y += Measures.separation
    }
    for row in controls {
      draw(row, at: Point(area.x, y), steps: steps, measures, ruler: ruler, on: canvas)
      y += measures.rowHeight
    }
    measures.legend.draw(on: canvas, at: Point(area.x, y + 6))
  }

  private func draw(
    _ row: Walk.Row, at corner: Point, steps: [Double], _ measures: Measures, ruler: TextRuler, on canvas: Canvas
  ) {
    let isControl = row.kind == .random
    var lines: [(String, Font, Color)] = [(name, Theme.small, Theme.secondary)]
    switch row.kind {
    case .principal(let k): lines.append(("Direction \(k)", Theme.heading, Theme.ink))
    case .random:
      lines += [("Random", Theme.heading, Theme.secondary), ("control, same length", Theme.small, Theme.secondary)]
    }
    lines += [
      ("\(percent(row.share)) of variance", Theme.small, Theme.secondary),
      ("held out \(percent(row.heldOutShare))", Theme.small, Theme.secondary),
    ]
    if !isControl { lines.append(("σ = \(compact(row.sigma))", Theme.small, Theme.secondary)) }
    var y = corner.y + (measures.scale.side - Double(lines.count) * 13 - 0.5) / 2
    for (text, font, color) in lines {
      canvas.text(
        ruler.fitted(text, font: font, width: Measures.header - 14), at: Point(corner.x, y), font: font, color: color,
        vertical: .top)
      y += font == Theme.heading ? 15.5 : 13
    }

    for cell in row.cells {
      guard let column = steps.firstIndex(of: cell.step) else { continue }
      let left = corner.x + Measures.header + Double(column) * measures.columnPitch
      let image = images(cell.image)
      let rectangle = measures.scale.rectangle(of: image, at: Point(left, corner.y))
      canvas.image(image, in: rectangle)
      let state = self.state(of: cell)
      state.drawFrame(on: canvas, around: rectangle)
      let middle = left + measures.scale.side / 2
      let below = corner.y + measures.scale.side + 7
      if state != .anchor {
        canvas.text(
          decimal(cell.achievedStep, 1, signed: true), at: Point(middle, below), font: Theme.small,
          color: Theme.secondary, horizontal: .center, vertical: .top)
      }
      let remark = ruler.fitted(remark(on: cell), font: Theme.small, width: measures.columnPitch - 4)
      if !remark.isEmpty {
        canvas.text(
          remark, at: Point(middle, below + Measures.line), font: Theme.small, color: state.color,
          horizontal: .center, vertical: .top)
      }
    }
  }

  private var table: CSVTable {
    var table = CSVTable(header: [
      "class", "direction", "share", "held_out_share", "sigma", "step", "achieved_step", "distance", "split", "row",
      "label", "predicted",
    ])
    for row in walk.rows {
      let direction =
        switch row.kind {
        case .principal(let k): String(k)
        case .random: "random"
        }
      for cell in row.cells {
        table.append([
          name, direction, row.share, row.heldOutShare, row.sigma, cell.step, cell.achievedStep, cell.distance,
          cell.image.split.rawValue, cell.image.row, className(cell.label, classNames),
          className(cell.predicted, classNames),
        ])
      }
    }
    return table
  }
}
