//  One head from back to front: shoulders, ears, skull, face, eyes or sunglasses, hat. What all animals share
//  is here; what makes each of them itself is in the extensions.

internal import Canvas

/// Paints a head about the origin, half-width 1, on a canvas that is already moved and scaled.
struct HeadPainter {
  let canvas: Canvas
  let animal: Animal
  let factors: Factors
  let incidentals: Incidentals
  let fur: Fur
  let anatomy: Anatomy

  static let ink = Color(0x33232E)
  static let blush = Color(0xF2788F)

  init(canvas: Canvas, animal: Animal, factors: Factors, incidentals: Incidentals) {
    (self.canvas, self.animal, self.factors, self.incidentals) = (canvas, animal, factors, incidentals)
    fur = Fur(animal, place: factors.furColour)
    anatomy = Anatomy(animal)
  }

  func paint() {
    shoulders()
    canvas.rotate(factors.tilt * .pi / 180)
    canvas.translate(0, anatomy.drop)
    canvas.scale(anatomy.scale, anatomy.scale)
    switch animal {
    case .cat: cat()
    case .dog: dog()
    case .bear: bear()
    case .rabbit: rabbit()
    case .fox: fox()
    case .owl: owl()
    case .panda: panda()
    case .pig: pig()
    case .frog: frog()
    case .lion: lion()
    }
    if factors.sunglasses { sunglasses() } else { eyes() }
    if factors.hat { hat() }
  }

  /// Runs `draw` for the right side (1) and the left (−1), to be filled together.
  func both(_ draw: (Double) -> Void) {
    draw(1)
    draw(-1)
  }

  /// A jumper, upright whatever the head does.
  private func shoulders() {
    let colour = Wardrobe.colour(incidentals.jumperColour)
    canvas.blob(width: 1.12, top: 0.72, middle: 1.75, bottom: 3.4, upper: 0.7)
    canvas.fill(
      from: Point(-1.1, 0.7), to: Point(1.1, 1.5), [(0, colour.lighter(0.1)), (0.5, colour), (1, colour.darker(0.2))])
    canvas.oval(0, 0.86, 0.62, 0.3)
    canvas.fill(colour.darker(0.28))
  }

  /// Fills the path with soft shading, light from the upper left.
  func fillRound(_ colour: Color) {
    canvas.fill(
      around: Point(-0.3, -0.4), radius: 1.55, [(0, colour.lighter(0.16)), (0.5, colour), (1, colour.darker(0.24))])
  }

  private func eyes() {
    let (x, y, radius) = (anatomy.eyeX, anatomy.eyeY, anatomy.eyeRadius)
    both { canvas.oval($0 * x, y, radius, radius * 1.12) }
    canvas.fill(.white)
    let (dx, dy) = (factors.gazeX * radius * 0.42, factors.gazeY * radius * 0.46)
    both { canvas.oval($0 * x + dx, y + dy, radius * 0.66, radius * 0.7) }
    canvas.fill(Color(anatomy.iris))
    both { canvas.oval($0 * x + dx, y + dy, radius * 0.46, radius * 0.5) }
    canvas.fill(Self.ink)
    both { canvas.oval($0 * x + dx - radius * 0.22, y + dy - radius * 0.26, radius * 0.18, radius * 0.18) }
    canvas.fill(.white)
  }

  /// A mouth that opens with a smile and turns down without one.
  func mouth() {
    let (y, width, smile) = (anatomy.mouthY, anatomy.mouthWidth * (1 + 0.2 * factors.smile), factors.smile)
    let corner = y - 0.1 * smile
    let middle = y + 0.1 * smile
    if smile > 0 {
      let depth = 0.5 * smile * (0.7 + 0.3 * width)
      canvas.move(-width, corner)
      canvas.curve(-width * 0.5, middle, width * 0.5, middle, width, corner)
      canvas.curve(width * 0.8, middle + depth, -width * 0.8, middle + depth, -width, corner)
      canvas.fill(Color(0x6B2038))
      canvas.oval(0, middle + depth * 0.58, width * 0.42, depth * 0.16)
      canvas.fill(Self.blush)
    }
    canvas.move(-width, corner)
    canvas.curve(-width * 0.5, middle + 0.06 * smile, width * 0.5, middle + 0.06 * smile, width, corner)
    canvas.stroke(Self.ink, width: 0.085)
  }

  /// A rounded triangle, point down, with a glint.
  func triangularNose(y: Double, width: Double, colour: Color) {
    canvas.petal(
      Point(-width, y - width * 0.5), tip: Point(0, y + width * 0.8), Point(width, y - width * 0.5), bulge: 0.35,
      softness: 0.3)
    canvas.fill(colour)
    glint(y: y - width * 0.28, width: width)
  }

  func ovalNose(y: Double, width: Double, colour: Color) {
    canvas.blob(width: width, top: y - width * 0.7, middle: y - width * 0.15, bottom: y + width * 0.8, upper: 0.75)
    canvas.fill(colour)
    glint(y: y - width * 0.35, width: width)
  }

  private func glint(y: Double, width: Double) {
    canvas.oval(-width * 0.25, y, width * 0.28, width * 0.14)
    canvas.fill(Color(0xFFFFFF, opacity: 0.45))
  }

  func cheeks(x: Double, y: Double, opacity: Double = 0.35) {
    both { canvas.oval($0 * x, y, 0.17, 0.12) }
    canvas.fill(Self.blush.opacity(opacity))
  }
}
