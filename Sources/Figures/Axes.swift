//  A plot is a frame with two axes: numbers become places in it, round numbers get gridlines and labels.

internal import Canvas
internal import Foundation

/// One axis: its bounds, linear or logarithmic, and its ticks.
struct Axis {
  enum Spacing { case linear, logarithmic }

  let spacing: Spacing
  let lower: Double
  let upper: Double
  let ticks: [Tick]

  /// Bounds as given; equal or reversed ones are moved apart.
  init(_ spacing: Spacing, from lower: Double, to upper: Double, ticks count: Int = 5, wholeNumbers: Bool = false) {
    self.spacing = spacing
    switch spacing {
    case .linear:
      let upper = upper > lower ? upper : lower + 1
      (self.lower, self.upper) = (lower, upper)
      ticks = Ticks.linear(from: lower, to: upper, about: count, wholeNumbers: wholeNumbers)
    case .logarithmic:
      let lower = max(lower, .leastNormalMagnitude)
      let upper = upper > lower * 1.0001 ? upper : lower * 10
      (self.lower, self.upper) = (lower, upper)
      ticks = Ticks.logarithmic(from: lower, to: upper, about: count)
    }
  }

  /// From zero to a round number at or above the largest finite value.
  static func fromZero(covering values: [Double], ticks count: Int = 5) -> Axis {
    let largest = values.filter(\.isFinite).max() ?? 0
    guard largest > 0 else { return Axis(.linear, from: 0, to: 1, ticks: count) }
    let step = Ticks.step(span: largest, about: count, wholeNumbers: false)
    return Axis(.linear, from: 0, to: (largest / step - 1e-9).rounded(.up) * step, ticks: count)
  }

  /// Around all positive finite values, with a little room.
  static func logarithmic(covering values: [Double], ticks count: Int = 5) -> Axis {
    let positive = values.filter { $0.isFinite && $0 > 0 }
    guard let least = positive.min(), let largest = positive.max() else {
      return Axis(.logarithmic, from: 0.1, to: 1, ticks: count)
    }
    return Axis(.logarithmic, from: least / 1.15, to: largest * 1.15, ticks: count)
  }

  /// 0 at the lower bound, 1 at the upper; nil for what has no place on the axis.
  func fraction(_ value: Double) -> Double? {
    guard value.isFinite else { return nil }
    switch spacing {
    case .linear: return (value - lower) / (upper - lower)
    case .logarithmic: return value > 0 ? log(value / lower) / log(upper / lower) : nil
    }
  }
}

/// A frame with a heading above it, gridlines at the y axis's ticks, and the x axis's label below.
struct Plot {
  /// Room that headings and labels need around `frame`.
  static let headingHeight = 26.0
  static let footerHeight = 38.0

  let frame: Rectangle
  let x: Axis
  let y: Axis
  var heading = ""
  var xLabel = ""

  /// The place of a pair of numbers; nil if either has none.
  func point(_ horizontal: Double, _ vertical: Double) -> Point? {
    guard let fx = x.fraction(horizontal), let fy = y.fraction(vertical) else { return nil }
    return Point(frame.x + fx * frame.width, frame.maxY - fy * frame.height)
  }

  func drawAxes(on canvas: Canvas) {
    canvas.text(heading, at: Point(frame.x, frame.y - 15), font: Theme.heading, color: Theme.ink)
    for tick in y.ticks {
      guard let fraction = y.fraction(tick.value) else { continue }
      let height = frame.maxY - fraction * frame.height
      canvas.move(frame.x, height)
      canvas.line(frame.maxX, height)
      canvas.stroke(Theme.grid, width: 0.75)
      canvas.text(
        tick.label, at: Point(frame.x - 7, height), font: Theme.tick, color: Theme.secondary, horizontal: .right,
        vertical: .middle)
    }
    canvas.move(frame.x, frame.maxY)
    canvas.line(frame.maxX, frame.maxY)
    canvas.stroke(Theme.axis, width: 1)
    for tick in x.ticks {
      guard let fraction = x.fraction(tick.value) else { continue }
      let across = frame.x + fraction * frame.width
      canvas.move(across, frame.maxY)
      canvas.line(across, frame.maxY + 4)
      canvas.stroke(Theme.axis, width: 1)
      canvas.text(
        tick.label, at: Point(across, frame.maxY + 8), font: Theme.tick, color: Theme.secondary, horizontal: .center,
        vertical: .top)
    }
    canvas.text(
      xLabel, at: Point(frame.midX, frame.maxY + 25), font: Theme.label, color: Theme.secondary, horizontal: .center,
      vertical: .top)
  }

  /// Draws a line through the points; it breaks where one has no place, and a point alone becomes a dot.
  func line(
    _ points: [(x: Double, y: Double)], on canvas: Canvas, color: Color, width: Double, dash: [Double] = []
  ) {
    canvas.saved {
      canvas.rectangle(frame.inset(by: -4))
      canvas.clip()
      for piece in points.map({ point($0.x, $0.y) }).split(separator: nil) {
        let piece = piece.compactMap(\.self)
        if piece.count == 1 {
          canvas.circle(piece[0].x, piece[0].y, radius: max(2.2, width))
          dash.isEmpty ? canvas.fill(color) : canvas.stroke(color, width: 1.2)
        } else {
          canvas.polygon(piece, closed: false)
          canvas.stroke(color, width: width, dash: dash)
        }
      }
    }
  }
}

/// Moves positions apart to at least `gap`, in the order that they have, and keeps them between the bounds as
/// far as they fit: for labels beside the ends of lines.
func spread(_ positions: [Double], gap: Double, from lower: Double, to upper: Double) -> [Double] {
  let order = positions.indices.sorted { (positions[$0], $0) < (positions[$1], $1) }
  var result = positions
  var floor = lower
  for index in order {
    result[index] = max(positions[index], floor)
    floor = result[index] + gap
  }
  var ceiling = upper
  for index in order.reversed() {
    result[index] = min(result[index], ceiling)
    ceiling = result[index] - gap
  }
  return result
}
