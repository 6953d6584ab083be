//  What varies inside every class: the known truth about a picture, one row of a table for each.

public import Randomness

/// The four backgrounds.
public enum Scene: Int, CaseIterable, Sendable {
  case sky, forest, room, night

  public var name: String { "\(self)" }
}

/// The semantic factors of one portrait, all independent of the class and of each other.
public struct Factors: Sendable, Equatable {
  /// Wears sunglasses, which hide the eyes.
  public var sunglasses: Bool
  /// Wears a beanie or a top hat.
  public var hat: Bool
  /// What is behind the head.
  public var scene: Scene
  /// The scene's colours: from −1 to 1, 0 being its usual hue and ±1 a sixth of the colour circle away.
  public var sceneHue: Double
  /// Degrees that the head leans, −30 to 30; positive is clockwise.
  public var tilt: Double
  /// The head's size as a multiple of the usual one, 0.75 to 1.15.
  public var size: Double
  /// Shift of the head to the right, in fractions of the picture's side, −0.18 to 0.18.
  public var x: Double
  /// Shift of the head downwards, in fractions of the picture's side, −0.18 to 0.18.
  public var y: Double
  /// Where the eyes look, −1 left to 1 right in the picture, for a head that does not lean.
  public var gazeX: Double
  /// Where the eyes look, −1 up to 1 down.
  public var gazeY: Double
  /// The mouth, −1 sad to 1 beaming.
  public var smile: Double
  /// The light, −1 dim and cool to 1 bright and warm.
  public var light: Double
  /// The place in the class's own range of furs, 0 pale to 1 dark.
  public var furColour: Double
  /// Something is in front of the head.
  public var occluded: Bool

  public init(
    sunglasses: Bool = false, hat: Bool = false, scene: Scene = .sky, sceneHue: Double = 0, tilt: Double = 0,
    size: Double = 1, x: Double = 0, y: Double = 0, gazeX: Double = 0, gazeY: Double = 0, smile: Double = 0.5,
    light: Double = 0, furColour: Double = 0.4, occluded: Bool = false
  ) {
    (self.sunglasses, self.hat, self.scene, self.sceneHue) = (sunglasses, hat, scene, sceneHue)
    (self.tilt, self.size, self.x, self.y) = (tilt, size, x, y)
    (self.gazeX, self.gazeY, self.smile) = (gazeX, gazeY, smile)
    (self.light, self.furColour, self.occluded) = (light, furColour, occluded)
  }

  /// Independent draws over the whole ranges.
  public init(using generator: inout SplitMix64) {
    sunglasses = generator.chance(Difficulty.sunglasses)
    hat = generator.chance(Difficulty.hat)
    scene = Scene.allCases[generator.below(Scene.allCases.count)]
    sceneHue = generator.uniform(in: -1...1)
    tilt = generator.uniform(in: Difficulty.tilt)
    size = generator.uniform(in: Difficulty.size)
    x = generator.uniform(in: Difficulty.shift)
    y = generator.uniform(in: Difficulty.shift)
    gazeX = generator.uniform(in: -1...1)
    gazeY = generator.uniform(in: -1...1)
    smile = generator.uniform(in: -1...1)
    light = generator.uniform(in: -1...1)
    furColour = generator.uniform(in: 0...1)
    occluded = generator.chance(Difficulty.occluded)
  }

  /// The names of `columns`, in the same order.
  public static let columnNames =
    ["sunglasses", "hat"] + Scene.allCases.map(\.name) + [
      "scene hue", "tilt", "size", "x", "y", "gaze x", "gaze y", "smile", "light", "fur colour", "occluded",
    ]

  /// The factors as numbers: yes is 1, no is 0, the scene has one column for each of its four values.
  public var columns: [Double] {
    [sunglasses ? 1 : 0, hat ? 1 : 0] + Scene.allCases.map { $0 == scene ? 1 : 0 } + [
      sceneHue, tilt, size, x, y, gazeX, gazeY, smile, light, furColour, occluded ? 1 : 0,
    ]
  }
}
