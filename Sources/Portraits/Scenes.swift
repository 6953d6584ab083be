//  The four backgrounds. Each has one hue that everything in it follows.

internal import Canvas

/// Paints a scene over the square of side `Portrait.side`.
struct Backdrop {
  let canvas: Canvas
  let factors: Factors
  /// Sideways shift of what stands in the scene, −1 to 1.
  let drift: Double

  private static let frame = Rectangle(x: 0, y: 0, width: Portrait.side, height: Portrait.side)

  func paint() {
    switch factors.scene {
    case .sky: sky()
    case .forest: forest()
    case .room: room()
    case .night: night()
    }
  }

  private func colour(_ hue: Double, _ saturation: Double, _ lightness: Double) -> Color {
    Color(hue: hue + factors.sceneHue / 6, saturation: saturation, lightness: lightness)
  }

  private func fill(top: Color, bottom: Color) {
    canvas.rectangle(Self.frame)
    canvas.fill(from: Point(0, 0), to: Point(0, Portrait.side), [(0, top), (1, bottom)])
  }

  private func sky() {
    fill(top: colour(0.56, 0.72, 0.60), bottom: colour(0.54, 0.75, 0.87))
    let x = 10 * drift
    canvas.oval(80 + x, 18, 10, 10)
    canvas.fill(Color(0xFFE9A8))
    for (dx, y, size) in [(14.0, 24.0, 1.0), (64.0, 44.0, 0.8), (92.0, 68.0, 1.0), (4.0, 74.0, 0.9)] {
      let center = dx - 1.4 * x
      canvas.oval(center, y, 13 * size, 6 * size)
      canvas.oval(center - 3 * size, y - 4 * size, 7 * size, 6 * size)
      canvas.oval(center + 6 * size, y - 2 * size, 6 * size, 5 * size)
    }
    canvas.fill(Color(0xFFFFFF, opacity: 0.85))
  }

  private func forest() {
    fill(top: colour(0.26, 0.45, 0.84), bottom: colour(0.31, 0.42, 0.62))
    row(of: 6, spacing: 19, from: -2 - 5 * drift, top: 12, base: 92, width: 13)
    canvas.fill(colour(0.33, 0.34, 0.52))
    row(of: 5, spacing: 26, from: -4 + 8 * drift, top: 30, base: 104, width: 16)
    canvas.fill(colour(0.36, 0.42, 0.33))
  }

  /// A row of firs, each of three tiers, every other one lower.
  private func row(of count: Int, spacing: Double, from first: Double, top: Double, base: Double, width: Double) {
    for number in 0..<count {
      let x = first + Double(number) * spacing
      let peak = number % 2 == 0 ? top : top + 14
      let tier = (base - peak) / 3
      canvas.move(x, peak)
      for side in [1.0, -1.0] {
        if side < 0 { canvas.line(x - width, base) }
        let tiers = side > 0 ? [1.0, 2.0, 3.0] : [2.0, 1.0]
        for level in tiers {
          let (outer, inner) = (x + side * width * (0.4 + 0.2 * level), x + side * width * (0.05 + 0.2 * level))
          let y = peak + tier * level
          canvas.line(side > 0 ? outer : inner, y)
          if level < 3 { canvas.line(side > 0 ? inner : outer, y) }
        }
      }
      canvas.closePath()
    }
  }

  private func room() {
    canvas.paint(colour(0.09, 0.58, 0.80))
    for number in 0..<6 {
      canvas.rectangle(Rectangle(x: 20 * Double(number) - 8 + 4 * drift, y: 0, width: 8, height: 100))
    }
    canvas.fill(colour(0.09, 0.62, 0.86))
    let x = drift < 0 ? 62 - 8 * drift : 4 + 8 * drift
    canvas.rectangle(Rectangle(x: x, y: 8, width: 32, height: 38))
    canvas.fill(Color(0xFFFDF6))
    canvas.rectangle(Rectangle(x: x + 4, y: 12, width: 10.5, height: 30))
    canvas.rectangle(Rectangle(x: x + 17.5, y: 12, width: 10.5, height: 30))
    canvas.fill(Color(0xA8D8EA))
    canvas.rectangle(Rectangle(x: 0, y: 76, width: 100, height: 24))
    canvas.fill(colour(0.06, 0.42, 0.50))
    canvas.rectangle(Rectangle(x: 0, y: 74, width: 100, height: 4))
    canvas.fill(Color(0xFFFDF6))
  }

  private func night() {
    fill(top: colour(0.66, 0.52, 0.15), bottom: colour(0.68, 0.48, 0.36))
    let x = 12 * drift
    let stars = [(10.0, 12.0), (30, 8), (52, 17), (70, 7), (92, 38), (8, 44), (84, 58), (22, 66), (40, 34), (64, 40)]
    for (number, star) in stars.enumerated() {
      let radius = number % 3 == 0 ? 1.6 : 1.1
      canvas.oval(star.0 - x / 2, star.1, radius, radius)
    }
    canvas.fill(Color(0xFFF6D6))
    canvas.move(84 + x, 10)
    canvas.curve(70 + x, 12, 70 + x, 34, 87 + x, 34)
    canvas.curve(78 + x, 30, 77 + x, 17, 84 + x, 10)
    canvas.closePath()
    canvas.fill(Color(0xFFEFB5))
    canvas.move(0, 100)
    canvas.line(0, 84)
    canvas.curve(22, 70, 34, 88, 52, 84)
    canvas.curve(72, 78, 84, 76, 100, 86)
    canvas.line(100, 100)
    canvas.closePath()
    canvas.fill(colour(0.68, 0.45, 0.12))
  }
}
