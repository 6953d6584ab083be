//  Sunglasses and hats, fitted to the head they are on.

internal import Canvas

extension HeadPainter {
  func sunglasses() {
    let (x, y) = (anatomy.eyeX, anatomy.eyeY)
    let frame = Wardrobe.colour(incidentals.frameColour).darker(0.35)
    let (width, height) = (max(0.34, anatomy.eyeRadius * 1.25), max(0.3, anatomy.eyeRadius * 1.15))
    canvas.move(-x - width - 0.14, y - 0.16)
    canvas.line(x + width + 0.14, y - 0.16)
    canvas.stroke(frame, width: 0.1)
    for inset in [0, 0.07] {
      both { side in
        canvas.roundedRectangle(
          Rectangle(x: side * x - width, y: y - height, width: 2 * width, height: 2 * height).inset(by: inset),
          radius: 0.26)
      }
      canvas.fill(inset == 0 ? frame : Color(0x1C1B2A))
    }
    both { side in
      canvas.move(side * x - 0.16, y + 0.08)
      canvas.line(side * x + 0.06, y - 0.16)
    }
    canvas.stroke(Color(0xFFFFFF, opacity: 0.7), width: 0.07)
  }

  func hat() {
    switch incidentals.hat {
    case .beanie: beanie()
    case .topHat: topHat()
    }
  }

  private func beanie() {
    let (width, y) = (anatomy.hatWidth, anatomy.hatY)
    let colour = Wardrobe.colour(incidentals.hatColour)
    let trim = Wardrobe.colour(incidentals.hatColour + 3).lighter(0.25)
    canvas.oval(0, y - 0.78, 0.2, 0.2)
    canvas.fill(trim)
    canvas.move(-width, y)
    canvas.curve(-width, y - 0.98, width, y - 0.98, width, y)
    canvas.closePath()
    canvas.fill(from: Point(-width, y), to: Point(width, y), [(0, colour.lighter(0.15)), (1, colour.darker(0.25))])
    canvas.roundedRectangle(
      Rectangle(x: -width - 0.08, y: y - 0.16, width: 2 * width + 0.16, height: 0.3), radius: 0.13)
    canvas.fill(trim)
  }

  private func topHat() {
    let (width, y) = (anatomy.hatWidth, anatomy.hatY)
    let colour = Wardrobe.colour(incidentals.hatColour).darker(0.5)
    canvas.move(-width * 0.66, y)
    canvas.curve(-width * 0.6, y - 0.4, -width * 0.66, y - 0.6, -width * 0.76, y - 0.84)
    canvas.curve(-width * 0.4, y - 0.93, width * 0.4, y - 0.93, width * 0.76, y - 0.84)
    canvas.curve(width * 0.66, y - 0.6, width * 0.6, y - 0.4, width * 0.66, y)
    canvas.closePath()
    canvas.fill(from: Point(-width, y), to: Point(width, y), [(0, colour.lighter(0.2)), (1, colour.darker(0.3))])
    canvas.rectangle(Rectangle(x: -width * 0.65, y: y - 0.32, width: width * 1.3, height: 0.24))
    canvas.fill(Wardrobe.colour(incidentals.hatColour + 2))
    canvas.oval(0, y, width * 1.22, 0.14)
    canvas.fill(colour)
  }
}
