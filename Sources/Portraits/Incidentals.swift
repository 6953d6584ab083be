//  What varies between portraits and is not recorded: the colour of a hat, the kind of thing in front.

internal import Randomness

/// Choices that have no column in the table.
struct Incidentals: Sendable, Equatable {
  enum Hat: Int, CaseIterable, Sendable { case beanie, topHat }
  enum Occluder: Int, CaseIterable, Sendable { case leaf, bubble, balloon, mitten }

  var hat: Hat
  var hatColour: Int
  var jumperColour: Int
  var frameColour: Int
  /// Sideways shift of clouds, trees and windows, −1 to 1.
  var drift: Double
  var occluder: Occluder
  var occluderColour: Int
  /// Radius, in fractions of the picture's side.
  var occluderSize: Double
  /// Where it is, from the head's middle, in half-widths of the head.
  var occluderX: Double
  var occluderY: Double
  /// Starts the pixel noise.
  var noiseSeed: UInt64

  init(using generator: inout SplitMix64) {
    hat = Hat.allCases[generator.below(Hat.allCases.count)]
    hatColour = generator.below(1 << 16)
    jumperColour = generator.below(1 << 16)
    frameColour = generator.below(1 << 16)
    drift = generator.uniform(in: -1...1)
    occluder = Occluder.allCases[generator.below(Occluder.allCases.count)]
    occluderColour = generator.below(1 << 16)
    occluderSize = generator.uniform(in: Difficulty.occluderSize)
    let distance = generator.uniform(in: Difficulty.occluderDistance)
    // A direction by rejection from the unit disc and one square root: exact on every machine.
    var (dx, dy, square) = (1.0, 0.0, 1.0)
    repeat {
      (dx, dy) = (generator.uniform(in: -1...1), generator.uniform(in: -1...1))
      square = dx * dx + dy * dy
    } while square > 1 || square < 0.01
    (occluderX, occluderY) = (dx / square.squareRoot() * distance, dy / square.squareRoot() * distance)
    noiseSeed = generator.next()
  }
}
