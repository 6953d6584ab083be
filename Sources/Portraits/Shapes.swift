//  The few shapes that everything here is made of, as Bézier curves: no angles, so no trigonometry.

internal import Canvas

/// The control points of a quarter circle lie at this fraction of its radius.
let roundness = 0.5523

extension Canvas {
  /// An ellipse with upright axes.
  func oval(_ x: Double, _ y: Double, _ radiusX: Double, _ radiusY: Double) {
    let (kx, ky) = (radiusX * roundness, radiusY * roundness)
    move(x, y - radiusY)
    curve(x + kx, y - radiusY, x + radiusX, y - ky, x + radiusX, y)
    curve(x + radiusX, y + ky, x + kx, y + radiusY, x, y + radiusY)
    curve(x - kx, y + radiusY, x - radiusX, y + ky, x - radiusX, y)
    curve(x - radiusX, y - ky, x - kx, y - radiusY, x, y - radiusY)
    closePath()
  }

  /// A round shape about x = 0, widest at `middle`. `upper` and `lower` say how full its corners are: 0.55 is an
  /// ellipse, less is pointed, more is square.
  func blob(
    width w: Double, top: Double, middle: Double, bottom: Double, upper: Double = roundness,
    lower: Double = roundness
  ) {
    let (rise, fall) = (upper * (middle - top), lower * (bottom - middle))
    move(0, top)
    curve(upper * w, top, w, middle - rise, w, middle)
    curve(w, middle + fall, lower * w, bottom, 0, bottom)
    curve(-lower * w, bottom, -w, middle + fall, -w, middle)
    curve(-w, middle - rise, -upper * w, top, 0, top)
    closePath()
  }

  /// A triangle with bulging sides and a soft tip: an ear, a tuft, a petal.
  func petal(_ a: Point, tip: Point, _ b: Point, bulge: Double, softness: Double = 0.1) {
    // The tip is cut off at `softness` of both sides and rounded.
    func toward(_ from: Point, _ to: Point, _ fraction: Double) -> Point {
      Point(from.x + (to.x - from.x) * fraction, from.y + (to.y - from.y) * fraction)
    }
    let (left, right) = (toward(tip, a, softness), toward(tip, b, softness))
    // Sides bulge away from the triangle's middle.
    let middle = Point((a.x + b.x + tip.x) / 3, (a.y + b.y + tip.y) / 3)
    func bulged(_ from: Point, _ to: Point) -> Point {
      let half = toward(from, to, 0.5)
      return Point(half.x + (half.x - middle.x) * bulge, half.y + (half.y - middle.y) * bulge)
    }
    let (rising, falling) = (bulged(a, left), bulged(right, b))
    move(a.x, a.y)
    curve(rising.x, rising.y, rising.x, rising.y, left.x, left.y)
    curve(tip.x, tip.y, tip.x, tip.y, right.x, right.y)
    curve(falling.x, falling.y, falling.x, falling.y, b.x, b.y)
    closePath()
  }
}

/// The colours of clothes, balloons and mittens: one family, none of them a fur.
enum Wardrobe {
  static let colours = [0xE4572E, 0x2E86AB, 0xF2B134, 0x3C9D7A, 0x8E5BA6, 0x3D405B, 0xF1E8D8, 0xD64575, 0x5FB7D4]
    .map { Color($0) }

  static func colour(_ number: Int) -> Color { colours[number % colours.count] }
}

extension Color {
  /// Towards a deep plum, which keeps shadows colourful.
  func darker(_ fraction: Double) -> Color { mixed(with: Color(0x2B1B3A), fraction) }
  /// Towards a warm white.
  func lighter(_ fraction: Double) -> Color { mixed(with: Color(0xFFF9EE), fraction) }
}
