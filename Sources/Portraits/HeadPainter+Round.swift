//  Dog, bear, panda and pig: round heads whose ears, muzzles and markings tell them apart.

internal import Canvas

extension HeadPainter {
  func dog() {
    canvas.blob(width: 0.9, top: -0.86, middle: 0.02, bottom: 0.86, upper: 0.62, lower: 0.64)
    fillRound(fur.base)
    // A blaze from the forehead to the muzzle, in one piece.
    both { side in
      canvas.move(0, -0.86)
      canvas.curve(side * 0.2, -0.86, side * 0.1, -0.1, side * 0.24, 0.06)
      canvas.curve(side * 0.46, 0.12, side * 0.56, 0.3, side * 0.54, 0.5)
      canvas.curve(side * 0.5, 0.74, side * 0.26, 0.85, 0, 0.85)
      canvas.closePath()
    }
    canvas.fill(fur.pale.lighter(0.5))
    both { side in
      canvas.move(side * 0.42, -0.8)
      canvas.curve(side * 0.92, -1.02, side * 1.16, -0.5, side * 1.24, 0.1)
      canvas.curve(side * 1.3, 0.62, side * 0.94, 0.72, side * 0.82, 0.24)
      canvas.curve(side * 0.76, -0.14, side * 0.76, -0.5, side * 0.42, -0.8)
      canvas.closePath()
    }
    canvas.fill(fur.dark)
    mouth()
    ovalNose(y: 0.2, width: 0.2, colour: Self.ink)
  }

  func bear() {
    roundEars(colour: fur.base.darker(0.12), inner: fur.base.lighter(0.45))
    canvas.blob(width: 1, top: -0.86, middle: 0.06, bottom: 0.86, upper: 0.58, lower: 0.6)
    fillRound(fur.base)
    canvas.oval(0, 0.42, 0.46, 0.36)
    canvas.fill(fur.pale)
    mouth()
    ovalNose(y: 0.22, width: 0.18, colour: Self.ink)
  }

  func panda() {
    let black = Color(0x2E2A38).mixed(with: Color(0x5A4640), factors.furColour)
    roundEars(colour: black, inner: black.lighter(0.18))
    canvas.blob(width: 1.02, top: -0.86, middle: 0.08, bottom: 0.86, upper: 0.58, lower: 0.6)
    fillRound(fur.base)
    both { side in
      canvas.move(side * 0.3, -0.38)
      canvas.curve(side * 0.62, -0.5, side * 0.8, -0.2, side * 0.74, 0.1)
      canvas.curve(side * 0.68, 0.34, side * 0.36, 0.3, side * 0.2, 0.06)
      canvas.curve(side * 0.08, -0.14, side * 0.14, -0.32, side * 0.3, -0.38)
      canvas.closePath()
    }
    canvas.fill(black)
    mouth()
    ovalNose(y: 0.3, width: 0.16, colour: Self.ink)
  }

  func pig() {
    both { side in
      canvas.petal(
        Point(side * 0.96, -0.3), tip: Point(side * 1.0, -1.06), Point(side * 0.24, -0.8), bulge: 0.6, softness: 0.16)
    }
    canvas.fill(fur.base.darker(0.16))
    both { side in
      canvas.petal(
        Point(side * 0.84, -0.46), tip: Point(side * 0.9, -0.9), Point(side * 0.46, -0.76), bulge: 0.6, softness: 0.2)
    }
    canvas.fill(fur.base.darker(0.34))
    canvas.blob(width: 1, top: -0.86, middle: 0.06, bottom: 0.88, upper: 0.6, lower: 0.62)
    fillRound(fur.base)
    cheeks(x: 0.68, y: 0.3)
    mouth()
    canvas.oval(0, 0.24, 0.36, 0.26)
    canvas.fill(fur.base.mixed(with: Color(0xD9586E), 0.4))
    both { canvas.oval($0 * 0.13, 0.24, 0.065, 0.11) }
    canvas.fill(fur.base.darker(0.62))
  }

  private func roundEars(colour: Color, inner: Color) {
    both { canvas.oval($0 * 0.74, -0.74, 0.36, 0.36) }
    canvas.fill(colour)
    both { canvas.oval($0 * 0.73, -0.72, 0.2, 0.2) }
    canvas.fill(inner)
  }
}
