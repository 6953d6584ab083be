//  One picture of the data set: an animal, its factors, and the drawing of both. Everything follows from a
//  seed and an index, so a data set of any length needs no files and no order.

internal import Canvas
internal import Randomness
public import Raster

/// A cartoon head whose truth is known.
public struct Portrait: Sendable, Equatable {
  public let animal: Animal
  /// May be changed: the copy has the same clothes, the same thing in front and the same noise.
  public var factors: Factors
  let incidentals: Incidentals

  /// Portrait `index` of the stream `seed`. Its class is `index` modulo 10, so ten neighbours have every class
  /// once; all else is drawn from a generator that starts at (seed, index).
  /// - Precondition: `index ≥ 0`.
  public init(seed: UInt64, index: Int) {
    precondition(index >= 0, "A portrait has no index below 0, and \(index) was asked for")
    var generator = SplitMix64(seed: seed, index: index)
    animal = Animal.allCases[index % Animal.allCases.count]
    factors = Factors(using: &generator)
    incidentals = Incidentals(using: &generator)
  }

  /// A portrait to order; `seed` decides what is not a factor, such as the colour of the hat.
  public init(animal: Animal, factors: Factors, seed: UInt64 = 0) {
    var generator = SplitMix64(seed: seed)
    (self.animal, self.factors, incidentals) = (animal, factors, Incidentals(using: &generator))
  }

  /// The picture, `size × size` pixels. A larger one is the same scene drawn with finer pixels, its noise weaker
  /// in proportion. About 0.2 ms at 32 × 32.
  public func image(size: Int = 32) -> Image {
    var image = Image.drawn(width: size, height: size, scale: Double(size) / Self.side) { canvas in
      Backdrop(canvas: canvas, factors: factors, drift: incidentals.drift).paint()
      let center = Point(Self.side * (0.5 + factors.x), Self.side * (0.54 + factors.y))
      let unit = Self.side * 0.29 * factors.size
      canvas.saved {
        canvas.translate(center.x, center.y)
        canvas.scale(unit, unit)
        HeadPainter(canvas: canvas, animal: animal, factors: factors, incidentals: incidentals).paint()
      }
      if factors.occluded {
        let place = Point(center.x + incidentals.occluderX * unit, center.y + incidentals.occluderY * unit)
        Occluder(canvas: canvas, incidentals: incidentals, center: place).paint()
      }
    }
    expose(&image, light: factors.light, noise: Difficulty.noise * 32 / max(size, 32), seed: incidentals.noiseSeed)
    return image
  }

  /// The side of the square that scenes are drawn in.
  static let side = 100.0
}
