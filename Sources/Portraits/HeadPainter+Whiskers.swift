//  Cat, fox and lion: pointed or tufted faces with whiskers, alike enough to be mistaken.

internal import Canvas

extension HeadPainter {
  func cat() {
    pointedEars(tipX: 0.88, tipY: -1.34, inner: fur.dark.mixed(with: Color(0xF3A6A0), 0.4))
    canvas.blob(width: 1, top: -0.86, middle: 0.12, bottom: 0.84, upper: 0.6, lower: 0.58)
    fillRound(fur.base)
    // Three stripes on the forehead, two on each cheek.
    both { side in
      canvas.move(side * 0.2, -0.74)
      canvas.line(side * 0.16, -0.5)
      canvas.move(side * 0.93, 0.02)
      canvas.line(side * 0.74, 0.06)
      canvas.move(side * 0.92, 0.24)
      canvas.line(side * 0.75, 0.23)
    }
    canvas.move(0, -0.76)
    canvas.line(0, -0.42)
    canvas.stroke(fur.dark, width: 0.1)
    both { canvas.oval($0 * 0.2, 0.44, 0.3, 0.26) }
    canvas.fill(fur.pale.lighter(0.4))
    mouth()
    triangularNose(y: 0.24, width: 0.13, colour: Color(0xE8788A))
    whiskers(y: 0.42)
  }

  func fox() {
    pointedEars(tipX: 0.82, tipY: -1.36, inner: fur.pale.lighter(0.5), tips: true)
    canvas.blob(width: 1.06, top: -0.84, middle: 0.08, bottom: 0.92, upper: 0.58, lower: 0.42)
    fillRound(fur.base)
    // White cheeks that sweep up to the eyes and leave a stripe for the nose.
    both { side in
      canvas.move(0, 0.92)
      canvas.curve(side * 0.42, 0.92, side * 1.02, 0.56, side * 1.05, 0.1)
      canvas.curve(side * 0.8, 0.0, side * 0.3, 0.12, side * 0.1, 0.34)
      canvas.line(0, 0.34)
      canvas.closePath()
    }
    canvas.fill(fur.pale.lighter(0.5))
    mouth()
    triangularNose(y: 0.38, width: 0.14, colour: Self.ink)
    whiskers(y: 0.46)
  }

  func lion() {
    let mane = fur.base.mixed(with: Color(0x9A4A22), 0.62)
    curls(distance: 1.02, radius: 0.36, turn: 0)
    canvas.fill(mane.darker(0.24))
    curls(distance: 0.94, radius: 0.29, turn: 1)
    canvas.fill(mane)
    both { canvas.oval($0 * 0.72, -0.72, 0.26, 0.26) }
    canvas.fill(fur.base.darker(0.12))
    both { canvas.oval($0 * 0.7, -0.7, 0.14, 0.14) }
    canvas.fill(Color(0xF3A6A0))
    canvas.blob(width: 0.86, top: -0.78, middle: 0, bottom: 0.84, upper: 0.6, lower: 0.62)
    fillRound(fur.base)
    both { canvas.oval($0 * 0.2, 0.42, 0.28, 0.24) }
    canvas.oval(0, 0.62, 0.2, 0.18)
    canvas.fill(fur.pale)
    mouth()
    triangularNose(y: 0.22, width: 0.19, colour: Color(0x7A3B2E))
    whiskers(y: 0.42)
  }

  /// Twelve curls around a disc, 30° apart; a `turn` of 1 moves them half a step on.
  private func curls(distance: Double, radius: Double, turn: Int) {
    for (x, y) in Self.directions.indices.filter({ $0 % 2 == turn }).map({ Self.directions[$0] }) {
      canvas.oval(distance * x, distance * y, radius, radius)
    }
    canvas.oval(0, 0, distance, distance)
  }

  /// Sines and cosines of all multiples of 15°, as numbers that are the same everywhere.
  private static let directions: [(x: Double, y: Double)] = {
    let quarter = [
      (1, 0), (0.965926, 0.258819), (0.866025, 0.5), (0.707107, 0.707107), (0.5, 0.866025), (0.258819, 0.965926),
    ]
    return quarter + quarter.map { (-$0.1, $0.0) } + quarter.map { (-$0.0, -$0.1) } + quarter.map { ($0.1, -$0.0) }
  }()

  private func pointedEars(tipX: Double, tipY: Double, inner: Color, tips: Bool = false) {
    both { side in
      canvas.petal(
        Point(side * 0.95, 0), tip: Point(side * tipX, tipY), Point(side * 0.12, -0.76), bulge: 0.3)
    }
    canvas.fill(fur.base.darker(0.1))
    both { side in
      canvas.petal(
        Point(side * 0.82, -0.3), tip: Point(side * (tipX - 0.04), tipY + 0.24), Point(side * 0.36, -0.7), bulge: 0.3)
    }
    canvas.fill(inner)
    guard tips else { return }
    both { side in
      canvas.petal(
        Point(side * (tipX + 0.06), tipY + 0.42), tip: Point(side * tipX, tipY),
        Point(side * (tipX - 0.27), tipY + 0.3), bulge: 0.3)
    }
    canvas.fill(fur.base.darker(0.75))
  }

  private func whiskers(y: Double) {
    both { side in
      canvas.move(side * 0.52, y)
      canvas.curve(side * 0.7, y - 0.04, side * 0.9, y - 0.06, side * 1.12, y - 0.03)
      canvas.move(side * 0.5, y + 0.12)
      canvas.curve(side * 0.7, y + 0.13, side * 0.85, y + 0.17, side * 1.04, y + 0.24)
    }
    canvas.stroke(Self.ink.opacity(0.55), width: 0.035)
  }
}
