//  Things that happen to be in front of a head: a leaf, a speech bubble, a balloon, a waving mitten.

internal import Canvas

/// Paints one thing over part of the head, in the scene's units.
struct Occluder {
  let canvas: Canvas
  let incidentals: Incidentals
  let center: Point

  func paint() {
    let radius = incidentals.occluderSize * Portrait.side
    canvas.saved {
      canvas.translate(center.x, center.y)
      canvas.scale(radius, radius)
      switch incidentals.occluder {
      case .leaf: leaf()
      case .bubble: bubble()
      case .balloon: balloon()
      case .mitten: mitten()
      }
    }
  }

  private var colour: Color { Wardrobe.colour(incidentals.occluderColour) }
  /// Leaves and bubbles point away from the side they come from.
  private var side: Double { incidentals.occluderX < 0 ? -1 : 1 }

  private func leaf() {
    let green = Color(0x4F9A4E).mixed(with: colour, 0.25)
    let (tip, stem) = (Point(-side * 0.95, -0.75), Point(side * 1.0, 0.8))
    canvas.move(stem.x, stem.y)
    canvas.curve(side * 1.15, -0.5, side * 0.1, -1.25, tip.x, tip.y)
    canvas.curve(-side * 1.1, 0.4, -side * 0.1, 1.2, stem.x, stem.y)
    canvas.closePath()
    canvas.fill(from: tip, to: stem, [(0, green.lighter(0.2)), (1, green.darker(0.25))])
    canvas.move(-side * 0.6, -0.48)
    canvas.curve(-side * 0.1, -0.2, side * 0.6, 0.4, side * 2.4, 2.2)
    canvas.stroke(green.darker(0.45), width: 0.1)
  }

  private func bubble() {
    canvas.move(-side * 0.1, 0.5)
    canvas.line(-side * 0.75, 1.15)
    canvas.line(-side * 0.7, 0.4)
    canvas.closePath()
    canvas.fill(.white)
    canvas.roundedRectangle(Rectangle(x: -1.05, y: -0.8, width: 2.1, height: 1.45), radius: 0.55)
    canvas.fill(.white)
    for x in [-0.5, 0, 0.5] { canvas.oval(x, -0.08, 0.15, 0.15) }
    canvas.fill(colour.darker(0.3))
  }

  private func balloon() {
    canvas.move(0, 1.1)
    canvas.curve(0.3, 1.8, -0.3, 2.6, 0, 4)
    canvas.stroke(Color(0xFFFFFF, opacity: 0.9), width: 0.08)
    canvas.petal(Point(-0.16, 1.2), tip: Point(0, 0.9), Point(0.16, 1.2), bulge: 0)
    canvas.fill(colour.darker(0.2))
    canvas.blob(width: 0.92, top: -1.05, middle: -0.15, bottom: 1.08)
    canvas.fill(
      around: Point(-0.3, -0.4), radius: 1.7, [(0, colour.lighter(0.35)), (0.4, colour), (1, colour.darker(0.35))])
    canvas.oval(-0.4, -0.55, 0.14, 0.22)
    canvas.fill(Color(0xFFFFFF, opacity: 0.6))
  }

  private func mitten() {
    canvas.rectangle(Rectangle(x: -0.5, y: 0.6, width: 1, height: 9))
    canvas.fill(colour.darker(0.25))
    canvas.petal(
      Point(-side * 0.3, 0.62), tip: Point(-side * 1.2, -0.3), Point(-side * 0.4, -0.3), bulge: 0.7, softness: 0.3)
    canvas.fill(colour.darker(0.12))
    canvas.blob(width: 0.68, top: -1.15, middle: -0.25, bottom: 0.95, upper: 0.66, lower: 0.7)
    canvas.fill(
      from: Point(-0.7, -1), to: Point(0.7, 0.8), [(0, colour.lighter(0.12)), (1, colour.darker(0.15))])
    canvas.roundedRectangle(Rectangle(x: -0.66, y: 0.55, width: 1.32, height: 0.4), radius: 0.2)
    canvas.fill(colour.lighter(0.65))
  }
}
