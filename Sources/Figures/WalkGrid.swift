//  What changes along a direction, shown with real images: from an anchor in the middle, each line of images walks one
//  direction in steps of its standard deviation. Below stand the controls, which walk where nothing should be found.

internal import Canvas
internal import Foundation
internal import Raster
public import Results
internal import Storage

/// Real images along directions, of one run or of two beside each other.
public struct WalkGrid {
  public struct Panel {
    public var walk: Walk
    /// What the features come from.
    public var run: String

    public init(_ walk: Walk, run: String) {
      (self.walk, self.run) = (walk, run)
    }
  }

  /// Whether a direction is a row or a column.
  public enum Arrangement: Sendable {
    case rows, columns
  }

  /// Side by side; the walks of one class.
  public var panels: [Panel]
  public var classNames: [String]
  public var arrangement: Arrangement
  /// The figure's title; by class if nil.
  public var title: String?
  /// The stem of its files' names without the caller's prefix; by query and class if nil.
  public var name: String?
  public var images: ImageSource

  public init(
    _ panels: [Panel], classNames: [String], arrangement: Arrangement = .rows, title: String? = nil,
    name: String? = nil, images: @escaping ImageSource
  ) {
    (self.panels, self.classNames, self.arrangement) = (panels, classNames, arrangement)
    (self.title, self.name, self.images) = (title, name, images)
  }

  public init(_ walk: Walk, classNames: [String], run: String, images: @escaping ImageSource) {
    self.init([Panel(walk, run: run)], classNames: classNames, images: images)
  }

  public func figure(prefix: String = "") -> Figure {
    let ruler = TextRuler()
    let first = panels.first?.walk
    let scale = ImageScale(64, for: first.map { images($0.anchor) })
    let grids = panels.map {
      PanelGrid($0, classNames: classNames, arrangement: arrangement, isAlone: panels.count == 1, scale: scale, ruler)
    }
    let gap = 44.0
    let width = grids.reduce(0) { $0 + $1.size.width } + Double(max(grids.count - 1, 0)) * gap
    let height = grids.map(\.size.height).max() ?? 0
    let shown = className(first?.classIndex ?? 0, classNames)
    let legend = Legend(
      CellState.legend(className: shown, anchor: true) + [
        Legend.Entry(.cell(.otherClass), "an image of another class")
      ],
      width: max(width, Page.minimumWidth), ruler: ruler)
    let page = Page(
      title: title ?? "Along the principal directions of “\(shown)”",
      subtitle: panels.count == 1
        ? panels[0].run : panels.isEmpty ? "" : "The same anchor image in both, every direction the run’s own",
      caption: caption)
    let drawing = page.drawing(body: Size(width, height + 10 + legend.height), ruler: ruler) { canvas, area in
      var x = area.x
      for grid in grids {
        grid.draw(at: Point(x, area.y), on: canvas, images: images)
        x += grid.size.width + gap
      }
      legend.draw(on: canvas, at: Point(area.x, area.y + height + 10))
    }
    let stem = name ?? "walk-\(first?.query == .local ? "local-" : "")\(panels.count > 1 ? "beside-" : "")\(shown)"
    return Figure(name: figureName(prefix: prefix, stem), title: page.title, drawing: drawing, table: table)
  }

  private var caption: String {
    let walks = panels.map(\.walk)
    let cells = walks.flatMap { $0.rows.flatMap(\.cells) }
    let splits = Set(cells.map(\.image.split.rawValue)).sorted().joined(separator: " and ")
    let kind = splits.isEmpty ? "image" : "\(splits) image"
    let query =
      walks.first?.query == .local
      ? "Local walk: each cell shows the \(kind) whose feature is nearest to the anchor’s feature moved by that many "
        + "standard deviations σ along the direction."
      : "Axis query: each cell shows the \(kind) whose feature lies that many standard deviations σ from the anchor "
        + "along the direction, as nearly as may be, and not far off the axis: the squared miss in σ and the squared "
        + "distance off the axis, over its median, add up."
    let numbers =
      " No image stands twice, the anchor aside. Below each: how far along the direction it truly lies, and how far off "
      + "the axis, both in σ. τ is Kendall’s rank correlation of wanted and achieved steps."
    let kinds = Set(walks.flatMap { $0.rows.map { $0.kind.isControl } })
    let controls =
      kinds.contains(true)
      ? " Controls step as far as the first direction; random images are measured along it. What changes there, too, is "
        + "not what a direction means."
      : ""
    let beside = panels.count > 1 ? " Direction k of one run need not be direction k of the other." : ""
    return query + numbers + controls + beside
  }

  private var table: CSVTable {
    var table = CSVTable(header: ["run"] + Walk.header)
    for panel in panels {
      var rows = CSVTable(header: Walk.header)
      panel.walk.append(to: &rows, classNames: classNames)
      for row in rows.rows { table.append([panel.run] + row) }
    }
    return table
  }
}

/// One walk as lines of images with their headers.
private struct PanelGrid {
  let size: Size
  private let panel: WalkGrid.Panel
  private let classNames: [String]
  private let isAcross: Bool
  private let scale: ImageScale
  private let ruler: TextRuler
  private let steps: [Double]
  private let hasRemarks: Bool
  private let place: Geometry

  private static let (small, wide) = (11.0, 13.0)

  /// Where lines of images and steps lie, from the panel's corner: everything that turns with the arrangement.
  private struct Geometry {
    /// The corner of the first line's first image.
    var origin: Point
    /// From a line to the next, and from a step to the next.
    var line: Point
    var step: Point
    /// What controls are moved by.
    var separation: Point
    /// Of a line's header and of its numbers, from the corner of its first image.
    var header: Point
    var quality: Point
    /// Of a step's label, from the corner of that step's image in the first line.
    var label: Point

    func corner(line index: Int, step number: Int, isControl: Bool, at panel: Point) -> Point {
      let (i, j) = (Double(index), Double(number))
      return Point(
        panel.x + origin.x + i * line.x + j * step.x + (isControl ? separation.x : 0),
        panel.y + origin.y + i * line.y + j * step.y + (isControl ? separation.y : 0))
    }
  }

  init(
    _ panel: WalkGrid.Panel, classNames: [String], arrangement: WalkGrid.Arrangement, isAlone: Bool, scale: ImageScale,
    _ ruler: TextRuler
  ) {
    self.panel = panel
    self.classNames = classNames
    self.scale = scale
    self.ruler = ruler
    isAcross = arrangement == .rows
    let walk = panel.walk
    let steps = Set(walk.rows.flatMap { $0.cells.map(\.step) }).sorted()
    // The positive end is up where directions are columns.
    self.steps = arrangement == .rows ? steps : steps.reversed()
    hasRemarks = walk.rows.contains { row in row.cells.contains { Self.label(of: $0, walk, classNames) != nil } }
    let heading = isAlone ? 0.0 : 24.0
    let cellHeight = scale.side + 7 + Self.small * (hasRemarks ? 2 : 1) + 10
    let hasBoth = Set(walk.rows.map(\.kind.isControl)).count == 2
    let (lines, columns) = (Double(max(walk.rows.count, 1)), Double(max(steps.count, 1)))
    switch arrangement {
    case .rows:
      let pitch = max(scale.side + 12, 66)
      place = Geometry(
        origin: Point(126, heading + 22), line: Point(0, cellHeight), step: Point(pitch, 0),
        separation: Point(0, hasBoth ? 26 : 0), header: Point(-126, 0),
        quality: Point(columns * pitch + 2, 0), label: Point(0, -18))
      size = Size(
        126 + columns * pitch + 62, heading + 22 + lines * cellHeight + (hasBoth ? 26 : 0))
    case .columns:
      let pitch = max(scale.side + 12, 112)
      place = Geometry(
        origin: Point(52 + (pitch - scale.side) / 2, heading + 86), line: Point(pitch, 0), step: Point(0, cellHeight),
        separation: Point(hasBoth ? 22 : 0, 0), header: Point(-(pitch - scale.side) / 2, -82),
        quality: Point(-(pitch - scale.side) / 2, columns * cellHeight + 2),
        label: Point(-(pitch - scale.side) / 2 - 52, scale.side / 2))
      size = Size(52 + lines * pitch + (hasBoth ? 22 : 0), heading + 86 + columns * cellHeight + 30)
    }
  }

  func draw(at corner: Point, on canvas: Canvas, images: ImageSource) {
    let rows = panel.walk.rows
    if size.height > 0, place.origin.y > 86 || (isAcross && place.origin.y > 22) {
      canvas.text(
        ruler.fitted(panel.run, font: Theme.heading, width: size.width), at: corner, font: Theme.heading,
        color: Theme.ink, vertical: .top)
    }
    drawBand(at: corner, on: canvas)
    for (number, step) in steps.enumerated() {
      let first = place.corner(line: 0, step: number, isControl: rows.first?.kind.isControl == true, at: corner)
      let text = step == 0 ? "anchor" : decimal(step, step == step.rounded() ? 0 : 1, signed: true) + "σ"
      canvas.text(
        text,
        at: isAcross
          ? Point(first.x + scale.side / 2, first.y + place.label.y)
          : Point(first.x + place.label.x + 44, first.y + place.label.y),
        font: step == 0 ? Theme.labelStrong : Theme.label, color: step == 0 ? Theme.ink : Theme.secondary,
        horizontal: isAcross ? .center : .right, vertical: isAcross ? .top : .middle)
    }
    if place.separation != Point(0, 0), let index = rows.firstIndex(where: \.kind.isControl) {
      let after = place.corner(line: index, step: 0, isControl: true, at: corner)
      if isAcross {
        let y = after.y - 16
        canvas.move(corner.x, y)
        canvas.line(corner.x + size.width, y)
      } else {
        let x = after.x + place.header.x - 11
        canvas.move(x, after.y + place.header.y)
        canvas.line(x, corner.y + size.height)
      }
      canvas.stroke(Theme.faint, width: 1, dash: [1, 4])
    }
    for (index, row) in rows.enumerated() {
      let start = place.corner(line: index, step: 0, isControl: row.kind.isControl, at: corner)
      drawHeader(of: row, at: Point(start.x + place.header.x, start.y + place.header.y), on: canvas)
      drawQuality(of: row, at: Point(start.x + place.quality.x, start.y + place.quality.y), on: canvas)
      for cell in row.cells {
        guard let number = steps.firstIndex(of: cell.step) else { continue }
        draw(
          cell, at: place.corner(line: index, step: number, isControl: row.kind.isControl, at: corner), on: canvas,
          images: images)
      }
    }
  }

  /// The ground behind the anchors, as long as the lines that are not controls.
  private func drawBand(at corner: Point, on canvas: Canvas) {
    let count = panel.walk.rows.count { !$0.kind.isControl }
    guard let middle = steps.firstIndex(of: 0), count > 0 else { return }
    let from = place.corner(line: 0, step: middle, isControl: false, at: corner)
    let to = place.corner(line: count - 1, step: middle, isControl: false, at: corner)
    let band =
      isAcross
      ? Rectangle(x: from.x - 6, y: from.y - 28, width: scale.side + 12, height: to.y - from.y + scale.side + 34)
      : Rectangle(
        x: from.x + place.label.x, y: from.y - 6, width: to.x - from.x + scale.side - place.label.x + 8,
        height: scale.side + 12)
    canvas.roundedRectangle(band, radius: 5)
    canvas.fill(Theme.band)
  }

  private func drawHeader(of row: Walk.Row, at point: Point, on canvas: Canvas) {
    let name = className(panel.walk.classIndex, classNames)
    var lines: [(String, Font, Color)] = []
    switch row.kind {
    case .principal(let k):
      lines = [(name, Theme.small, Theme.secondary), ("Direction \(k)", Theme.heading, Theme.ink)]
    case .named(let title): lines = [(name, Theme.small, Theme.secondary), (title, Theme.heading, Theme.ink)]
    case .random:
      lines = [("control", Theme.small, Theme.secondary), ("Random direction", Theme.heading, Theme.secondary)]
    case .otherClass(let index):
      lines = [
        ("control", Theme.small, Theme.secondary), ("Direction 1", Theme.heading, Theme.secondary),
        ("of \(className(index, classNames))", Theme.small, Theme.secondary),
      ]
    case .images:
      lines = [
        ("control", Theme.small, Theme.secondary), ("Random images", Theme.heading, Theme.secondary),
        ("of \(name)", Theme.small, Theme.secondary),
      ]
    }
    if let share = row.share, let heldOut = row.heldOutShare {
      lines += [
        ("\(percent(share)) of variance", Theme.small, Theme.secondary),
        ("held out \(percent(heldOut))", Theme.small, Theme.secondary),
      ]
    }
    if !row.kind.isControl { lines.append(("σ = \(compact(row.sigma))", Theme.small, Theme.secondary)) }
    let height = lines.reduce(0) { $0 + ($1.1 == Theme.heading ? 15.5 : 13) } - 4
    var y = isAcross ? point.y + (scale.side - height) / 2 : point.y
    let width = isAcross ? 112.0 : place.line.x - 8
    for (text, font, color) in lines {
      canvas.text(
        ruler.fitted(text, font: font, width: width), at: Point(isAcross ? point.x : point.x + place.line.x / 2, y),
        font: font, color: color, horizontal: isAcross ? .left : .center, vertical: .top)
      y += font == Theme.heading ? 15.5 : 13
    }
  }

  private func drawQuality(of row: Walk.Row, at point: Point, on canvas: Canvas) {
    let purity = row.purity(of: panel.walk.classIndex)
    guard purity.all > 0 else { return }
    let lines = [
      "τ = " + (row.kendallTau.map { decimal($0, 2, signed: true) } ?? "–"), "\(purity.own) of \(purity.all)",
      "in class",
    ]
    if isAcross {
      var y = point.y + (scale.side - 35) / 2
      for line in lines {
        canvas.text(line, at: Point(point.x, y), font: Theme.small, color: Theme.secondary, vertical: .top)
        y += Self.wide
      }
    } else {
      for (index, line) in [lines[0], "\(lines[1]) in class"].enumerated() {
        canvas.text(
          line, at: Point(point.x + place.line.x / 2, point.y + Double(index) * Self.wide), font: Theme.small,
          color: Theme.secondary, horizontal: .center, vertical: .top)
      }
    }
  }

  private func draw(_ cell: Walk.Cell, at corner: Point, on canvas: Canvas, images: ImageSource) {
    let image = images(cell.image)
    let rectangle = scale.rectangle(of: image, at: corner)
    canvas.image(image, in: rectangle)
    let state = CellState(
      label: cell.label, predicted: cell.predicted, classIndex: panel.walk.classIndex,
      isAnchor: cell.image == panel.walk.anchor)
    state.drawFrame(on: canvas, around: rectangle)
    let middle = corner.x + scale.side / 2
    let below = corner.y + scale.side + 7
    let room = isAcross ? place.step.x - 3 : place.line.x - 4
    if state != .anchor {
      canvas.text(
        ruler.fitted(
          decimal(cell.achievedStep, 1, signed: true) + " · " + decimal(cell.offAxis, 1), font: Theme.small, width: room
        ),
        at: Point(middle, below), font: Theme.small, color: Theme.secondary, horizontal: .center, vertical: .top)
    }
    if let label = Self.label(of: cell, panel.walk, classNames) {
      canvas.text(
        ruler.fitted(label, font: Theme.small, width: room), at: Point(middle, below + Self.small), font: Theme.small,
        color: state.color, horizontal: .center, vertical: .top)
    }
  }

  /// What is unexpected about a cell, in words; nil for most.
  private static func label(of cell: Walk.Cell, _ walk: Walk, _ classNames: [String]) -> String? {
    if cell.label != walk.classIndex { return className(cell.label, classNames) }
    return cell.predicted != walk.classIndex ? "→ " + className(cell.predicted, classNames) : nil
  }
}
