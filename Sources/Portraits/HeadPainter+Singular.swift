//  Rabbit, owl and frog: each with a feature that no other animal has.

internal import Canvas

extension HeadPainter {
  func rabbit() {
    both { side in
      canvas.move(side * 0.1, -0.6)
      canvas.curve(side * 0.02, -1.4, side * 0.2, -2.06, side * 0.52, -2.04)
      canvas.curve(side * 0.9, -2.02, side * 0.86, -1.2, side * 0.68, -0.5)
      canvas.closePath()
    }
    canvas.fill(fur.base.darker(0.08))
    both { side in
      canvas.move(side * 0.28, -0.7)
      canvas.curve(side * 0.2, -1.3, side * 0.32, -1.82, side * 0.51, -1.82)
      canvas.curve(side * 0.72, -1.82, side * 0.68, -1.2, side * 0.55, -0.7)
      canvas.closePath()
    }
    canvas.fill(Color(0xF4AAA8))
    canvas.blob(width: 0.94, top: -0.82, middle: 0.1, bottom: 0.86, upper: 0.56, lower: 0.62)
    fillRound(fur.base)
    both { canvas.oval($0 * 0.19, 0.42, 0.27, 0.24) }
    canvas.fill(fur.pale.lighter(0.5))
    mouth()
    // The front teeth show as far as the mouth is open.
    let teeth = 0.2 * min(max(factors.smile * 1.6, 0), 1)
    if teeth > 0 {
      let top = anatomy.mouthY + 0.06 * factors.smile
      canvas.roundedRectangle(Rectangle(x: -0.09, y: top, width: 0.18, height: teeth), radius: 0.05)
      canvas.fill(.white)
    }
    triangularNose(y: 0.24, width: 0.12, colour: Color(0xE8788A))
  }

  func owl() {
    // Tufts and skull are one shape.
    canvas.move(0, -0.74)
    both { side in
      canvas.move(0, -0.72)
      canvas.curve(side * 0.3, -0.74, side * 0.62, -0.9, side * 0.9, -1.22)
      canvas.curve(side * 0.98, -0.7, side * 1.04, -0.4, side * 1.0, 0.1)
      canvas.curve(side * 0.98, 0.6, side * 0.56, 0.9, 0, 0.9)
      canvas.closePath()
    }
    fillRound(fur.base)
    both { canvas.oval($0 * 0.42, -0.06, 0.5, 0.52) }
    canvas.fill(fur.pale)
    both { side in
      canvas.petal(
        Point(0, -0.4), tip: Point(side * 0.78, -0.84), Point(side * 0.14, -0.7), bulge: 0.4, softness: 0.05)
    }
    canvas.fill(fur.dark)
    mouth()
    canvas.petal(Point(-0.17, 0.1), tip: Point(0, 0.56), Point(0.17, 0.1), bulge: 0.6, softness: 0.12)
    canvas.fill(Color(0xF2A03D))
  }

  func frog() {
    both { canvas.oval($0 * anatomy.eyeX, anatomy.eyeY, 0.38, 0.38) }
    canvas.fill(fur.base.darker(0.08))
    canvas.blob(width: 1.1, top: -0.56, middle: 0.2, bottom: 0.8, upper: 0.66, lower: 0.6)
    fillRound(fur.base)
    canvas.move(-0.98, 0.4)
    canvas.curve(-0.5, 0.56, 0.5, 0.56, 0.98, 0.4)
    canvas.curve(0.8, 0.7, 0.4, 0.8, 0, 0.8)
    canvas.curve(-0.4, 0.8, -0.8, 0.7, -0.98, 0.4)
    canvas.fill(fur.pale.mixed(with: fur.base, 0.35))
    cheeks(x: 0.8, y: 0.16, opacity: 0.5)
    both { canvas.oval($0 * 0.12, 0.02, 0.045, 0.035) }
    canvas.fill(fur.dark)
    mouth()
  }
}
