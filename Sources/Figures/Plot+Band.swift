//  Intervals around a line, rows of values behind columns, and axes that do not begin at zero.

internal import Canvas

extension Plot {
  /// Fills between lower and upper values; pieces are apart where one of a pair has no place.
  func band(_ values: [(x: Double, low: Double, high: Double)], on canvas: Canvas, color: Color) {
    canvas.saved {
      canvas.rectangle(frame.inset(by: -1))
      canvas.clip()
      let edges = values.map { value -> (Point, Point)? in
        guard let low = point(value.x, value.low), let high = point(value.x, value.high) else { return nil }
        return (low, high)
      }
      for piece in edges.split(whereSeparator: { $0 == nil }) {
        let piece = piece.compactMap(\.self)
        guard piece.count > 1 else { continue }
        canvas.polygon(piece.map(\.0) + piece.map(\.1).reversed())
        canvas.fill(color)
      }
    }
  }
}

extension Plot {
  /// The values of y with a line each, for charts whose columns have names of their own.
  func drawRows(on canvas: Canvas) {
    for tick in y.ticks {
      guard let place = point(0, tick.value) else { continue }
      canvas.move(frame.x, place.y)
      canvas.line(frame.maxX, place.y)
      canvas.stroke(Theme.grid, width: 0.75)
      canvas.text(
        tick.label, at: Point(frame.x - 7, place.y), font: Theme.tick, color: Theme.secondary, horizontal: .right,
        vertical: .middle)
    }
  }
}

extension Axis {
  /// The values of x with a line each, that of 0 stronger, for charts whose rows have names of their own.
  func drawColumns(in frame: Rectangle, on canvas: Canvas) {
    for tick in ticks {
      guard let fraction = fraction(tick.value) else { continue }
      let x = frame.x + fraction * frame.width
      canvas.move(x, frame.y)
      canvas.line(x, frame.maxY)
      canvas.stroke(tick.value == 0 ? Theme.axis : Theme.grid, width: tick.value == 0 ? 1 : 0.75)
      canvas.text(
        tick.label, at: Point(x, frame.maxY + 8), font: Theme.tick, color: Theme.secondary, horizontal: .center,
        vertical: .top)
    }
  }

  /// Round bounds around all finite values.
  static func around(_ values: [Double], ticks count: Int = 5) -> Axis {
    let finite = values.filter(\.isFinite)
    guard let least = finite.min(), let largest = finite.max(), largest > least else {
      return fromZero(covering: finite, ticks: count)
    }
    let step = Ticks.step(span: largest - least, about: count, wholeNumbers: false)
    return Axis(
      .linear, from: (least / step + 1e-9).rounded(.down) * step, to: (largest / step - 1e-9).rounded(.up) * step,
      ticks: count)
  }
}
