//  Small multiples: the same plot for every class, on the same axes, so that classes can be compared at a glance.

internal import Canvas
internal import Results

/// A grid of plots of `DirectionSignificance` classes, one each.
struct ClassPanels {
  /// With more classes, so many are drawn.
  static let mostDrawn = 12

  let classes: [DirectionSignificance.Class]
  private let columns: Int
  private let frame: Size

  private static let (left, right, top, bottom) = (38.0, 16.0, 26.0, 40.0)

  init(_ measures: DirectionSignificance) {
    classes = Self.chosen(measures.classes)
    columns = min(max(classes.count, 1), 4)
    frame = columns == 1 ? Size(440, 240) : columns == 2 ? Size(330, 200) : Size(196, 138)
  }

  /// All classes or, of many, some from those with the fewest directions that stand out to those with the most.
  private static func chosen(_ classes: [DirectionSignificance.Class]) -> [DirectionSignificance.Class] {
    guard classes.count > mostDrawn else { return classes }
    let order = classes.indices.sorted {
      (classes[$0].significantCount, $0) < (classes[$1].significantCount, $1)
    }
    let last = Double(order.count - 1)
    return (0..<mostDrawn).map { order[Int((Double($0) / Double(mostDrawn - 1) * last).rounded())] }.sorted()
      .map { classes[$0] }
  }

  /// What a caption says of a choice.
  func remark(of count: Int) -> String {
    classes.count < count
      ? " Drawn are \(classes.count) of \(count) classes, from those with the fewest directions that stand out to those "
        + "with the most." : ""
  }

  var size: Size {
    let rows = (max(classes.count, 1) + columns - 1) / columns
    return Size(
      Double(columns) * (Self.left + frame.width + Self.right) - Self.right,
      Double(rows) * (Self.top + frame.height + Self.bottom))
  }

  /// Directions on the x axis, from 1 to the most that a class has.
  var directions: Axis {
    let most = classes.map(\.directions.count).max() ?? 1
    return Axis(.linear, from: 0.5, to: Double(max(most, 1)) + 0.5, ticks: 5, wholeNumbers: true)
  }

  /// Draws each class's axes and name, and `marks` on them.
  func draw(
    y: Axis, on canvas: Canvas, at corner: Point, ruler: TextRuler,
    marks: (DirectionSignificance.Class, Plot) -> Void
  ) {
    for (index, group) in classes.enumerated() {
      let place = Rectangle(
        x: corner.x + Double(index % columns) * (Self.left + frame.width + Self.right) + Self.left,
        y: corner.y + Double(index / columns) * (Self.top + frame.height + Self.bottom) + Self.top,
        width: frame.width, height: frame.height)
      let plot = Plot(
        frame: place, x: directions, y: y, xLabel: index + columns >= classes.count ? "Direction" : "")
      plot.drawAxes(on: canvas)
      let count =
        group.directions.isEmpty
        ? "no variance" : "\(group.significantCount) of \(group.directions.count) stand out"
      let nameWidth = frame.width - ruler.width(of: count, font: Theme.label) - 10
      canvas.text(
        ruler.fitted(group.name, font: Theme.heading, width: nameWidth), at: Point(place.x, place.y - 10),
        font: Theme.heading, color: Theme.ink)
      canvas.text(
        count, at: Point(place.maxX, place.y - 10), font: Theme.label, color: Theme.secondary, horizontal: .right)
      canvas.saved {
        canvas.rectangle(place.inset(by: -4))
        canvas.clip()
        marks(group, plot)
      }
    }
  }

  static let significant = Palette.okabeIto[0]
  static let noise = Theme.faint

  static func color(of direction: DirectionSignificance.Direction) -> Color {
    direction.standsOut ? significant : noise
  }

  /// A mark with a line from `lower` to `upper`.
  static func mark(
    _ x: Double, _ value: Double, from lower: Double, to upper: Double, in plot: Plot, on canvas: Canvas, color: Color
  ) {
    if let start = plot.point(x, lower), let end = plot.point(x, upper) {
      canvas.move(start.x, start.y)
      canvas.line(end.x, end.y)
      canvas.stroke(color, width: 1.2)
    }
    if let point = plot.point(x, value) {
      canvas.circle(point.x, point.y, radius: 2.6)
      canvas.fill(color)
    }
  }
}
