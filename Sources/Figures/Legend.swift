//  What marks and colours stand for: entries side by side, broken into rows where the width ends.

internal import Canvas

struct Legend {
  enum Mark {
    case line(Color, width: Double, dash: [Double])
    case dot(Color)
    case ring(Color)
    case diamond(Color)
    case swatch(Color)
    case cell(CellState)
  }

  struct Entry {
    let mark: Mark
    let text: String

    init(_ mark: Mark, _ text: String) {
      (self.mark, self.text) = (mark, text)
    }
  }

  static let rowHeight = 19.0

  private let rows: [[(entry: Entry, x: Double)]]

  init(_ entries: [Entry], width limit: Double, ruler: TextRuler) {
    var rows: [[(entry: Entry, x: Double)]] = []
    var x = 0.0
    for entry in entries {
      let markWidth = Self.width(of: entry.mark)
      let text = ruler.fitted(entry.text, font: Theme.label, width: max(limit - markWidth - 6, 20))
      let width = markWidth + 6 + ruler.width(of: text, font: Theme.label)
      if rows.isEmpty || x + width > limit {
        rows.append([])
        x = 0
      }
      rows[rows.count - 1].append((Entry(entry.mark, text), x))
      x += width + 18
    }
    self.rows = rows
  }

  var height: Double { Double(rows.count) * Self.rowHeight }

  /// Draws the entries from the top left corner.
  func draw(on canvas: Canvas, at corner: Point) {
    for (index, row) in rows.enumerated() {
      let middle = corner.y + (Double(index) + 0.5) * Self.rowHeight
      for (entry, x) in row {
        let left = corner.x + x
        Self.draw(entry.mark, on: canvas, left: left, middle: middle)
        canvas.text(
          entry.text, at: Point(left + Self.width(of: entry.mark) + 6, middle), font: Theme.label,
          color: Theme.secondary, vertical: .middle)
      }
    }
  }

  static func width(of mark: Mark) -> Double {
    switch mark {
    case .line: 24
    case .dot, .ring, .diamond: 8
    case .swatch: 11
    case .cell: 13
    }
  }

  static func draw(_ mark: Mark, on canvas: Canvas, left: Double, middle: Double) {
    switch mark {
    case .line(let color, let width, let dash):
      canvas.move(left + 1, middle)
      canvas.line(left + 23, middle)
      canvas.stroke(color, width: width, dash: dash)
    case .dot(let color):
      canvas.circle(left + 4, middle, radius: 4)
      canvas.fill(color)
    case .ring(let color):
      canvas.circle(left + 4, middle, radius: 3)
      canvas.stroke(color, width: 1.4)
    case .diamond(let color):
      canvas.polygon([
        Point(left + 4, middle - 4.4), Point(left + 8.4, middle), Point(left + 4, middle + 4.4),
        Point(left - 0.4, middle),
      ])
      canvas.fill(color)
    case .swatch(let color):
      canvas.roundedRectangle(Rectangle(x: left, y: middle - 5.5, width: 11, height: 11), radius: 2)
      canvas.fill(color)
    case .cell(let state):
      state.drawFrame(on: canvas, around: Rectangle(x: left + 1.5, y: middle - 5, width: 10, height: 10))
    }
  }
}
