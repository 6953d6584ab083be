//  What becomes of a feature that is moved: whether it keeps its class, and whether real images lie where it goes.

internal import Canvas
internal import Foundation
public import Results
internal import Storage

/// Shares of predictions and of nearest images that keep the class, and how far the nearest image is, against the length
/// of the step, for the images of one split.
public struct PreservationFigure {
  public var preservation: Preservation
  public var split: ImageReference.Split
  /// What the features come from, for the subtitle.
  public var run: String

  public init(_ preservation: Preservation, split: ImageReference.Split, run: String) {
    (self.preservation, self.split, self.run) = (preservation, split, run)
  }

  private enum Row: CaseIterable {
    case predictions, neighbours, distance

    var heading: String {
      switch self {
      case .predictions: "Prediction stays (%)"
      case .neighbours: "Nearest image is of the class (%)"
      case .distance: "Distance to it / usual distance"
      }
    }

    func value(_ point: Preservation.Point) -> Estimate {
      func inPercent(_ e: Estimate) -> Estimate { Estimate(100 * e.value, from: 100 * e.lower, to: 100 * e.upper) }
      return switch self {
      case .predictions: inPercent(point.predictions)
      case .neighbours: inPercent(point.neighbours)
      case .distance: point.distance
      }
    }
  }

  private static let panel = Size(286, 214)
  private static let gap = 14.0
  private static let columnHeading = 22.0

  public func figure(prefix: String = "") -> Figure {
    let ruler = TextRuler()
    let points = preservation.points.filter { $0.split == split }
    var kinds: [Preservation.Kind] = []
    for point in points where !kinds.contains(point.kind) { kinds.append(point.kind) }
    let parts = Preservation.Part.allCases.filter { part in points.contains { $0.part == part } || part == .whole }
    let width = Double(parts.count) * (Self.panel.width + Self.gap) - Self.gap
    let legend = Legend(
      kinds.map { .init(.line(Self.color($0), width: Self.width($0), dash: Self.dash($0)), Self.name($0)) },
      width: max(width, Page.minimumWidth), ruler: ruler)
    let gallery = preservation.galleries[split.rawValue] ?? 0
    let anchors = points.map(\.anchors).max() ?? 0
    let images = split == .train ? "training" : "test"
    let page = Page(
      title: "What becomes of \(images) features that are moved", subtitle: run,
      caption:
        "\(grouped(anchors)) recognised \(images) images, each moved once by each kind of move, all by the same "
        + "length; the nearest image is looked for among \(grouped(gallery)) others. A step of 1 is the "
        + "root-mean-square distance of a class’s training images from their mean, √tr Σ; ISDA at strength λ draws "
        + "steps of √λ. In the middle and at the right only the part of each move inside or outside "
        + "span{w_j − w_c} is made, stretched to the full length; outside it no prediction can change. Bands: 95 % "
        + "bootstrap over images. The features are points, not images: nothing here shows what would be seen there.")
    let rowHeight = Self.panel.height + 12
    let body = Size(
      max(width, Page.minimumWidth), legend.height + 8 + Self.columnHeading + Double(Row.allCases.count) * rowHeight)
    let drawing = page.drawing(body: body, ruler: ruler) { canvas, area in
      legend.draw(on: canvas, at: Point(area.x, area.y))
      let top = area.y + legend.height + 8
      for (column, part) in parts.enumerated() {
        let left = area.x + Double(column) * (Self.panel.width + Self.gap)
        canvas.text(
          Self.heading(part), at: Point(left + 38, top + 4), font: Theme.heading, color: Theme.ink, vertical: .top)
        for (index, row) in Row.allCases.enumerated() {
          draw(
            row, points.filter { $0.part == part }, all: points, kinds: kinds,
            in: Rectangle(
              x: left, y: top + Self.columnHeading + Double(index) * rowHeight, width: Self.panel.width,
              height: Self.panel.height), on: canvas)
        }
      }
    }
    return Figure(
      name: figureName(prefix: prefix, "preservation", split.rawValue), title: page.title, drawing: drawing,
      table: Preservation(
        galleries: preservation.galleries, deviations: preservation.deviations, points: points
      ).table)
  }

  private func draw(
    _ row: Row, _ points: [Preservation.Point], all: [Preservation.Point], kinds: [Preservation.Kind],
    in area: Rectangle, on canvas: Canvas
  ) {
    let frame = Rectangle(
      x: area.x + 38, y: area.y + Plot.headingHeight, width: area.width - 38 - 8,
      height: area.height - Plot.headingHeight - Plot.footerHeight)
    let plot = Plot(
      frame: frame, x: Axis(.linear, from: 0, to: all.map(\.step).filter(\.isFinite).max() ?? 1, ticks: 5),
      y: row == .distance
        ? .fromZero(covering: all.map(\.distance.upper)) : Axis(.linear, from: 0, to: 100, ticks: 5),
      heading: row.heading, xLabel: "Step (class deviations)")
    plot.drawAxes(on: canvas)
    let lines = kinds.map { kind in (kind, points.filter { $0.kind == kind }.sorted { $0.step < $1.step }) }
    for (kind, line) in lines {
      plot.band(
        line.map { ($0.step, row.value($0).lower, row.value($0).upper) }, on: canvas,
        color: Self.color(kind).opacity(0.13))
    }
    for (kind, line) in lines.reversed() {
      plot.line(
        line.map { ($0.step, row.value($0).value) }, on: canvas, color: Self.color(kind), width: Self.width(kind),
        dash: Self.dash(kind))
    }
  }

  private static func heading(_ part: Preservation.Part) -> String {
    switch part {
    case .whole: "The whole move"
    case .inside: "Only what the classifier sees"
    case .outside: "Only what it does not see"
    }
  }

  private static func name(_ kind: Preservation.Kind) -> String {
    switch kind {
    case .ownDraw: "draw of the own Σ, as ISDA’s"
    case .ownDirection(let k): "own direction \(k)"
    case .otherDraw: "draw of another class’s Σ"
    case .isotropic: "isotropic noise"
    case .towardsOther: "towards another class’s mean"
    }
  }

  private static func color(_ kind: Preservation.Kind) -> Color {
    switch kind {
    case .ownDraw: Palette.okabeIto[0]
    case .ownDirection: Palette.okabeIto[5]
    case .otherDraw: Palette.okabeIto[4]
    case .isotropic: Palette.okabeIto[2]
    case .towardsOther: Palette.okabeIto[1]
    }
  }

  private static func width(_ kind: Preservation.Kind) -> Double { kind == .ownDraw ? 2.6 : 1.6 }

  private static func dash(_ kind: Preservation.Kind) -> [Double] {
    switch kind {
    case .ownDirection(2): [5, 3]
    case .ownDirection(3): [1.5, 2.5]
    case .otherDraw: [7, 2.5]
    default: []
    }
  }
}
