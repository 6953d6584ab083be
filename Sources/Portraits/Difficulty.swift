//  How hard the data set is. All settings that move the error of a classifier are here, in one place: how far
//  heads are turned, scaled and shifted, how often and how much of them is hidden, and how noisy the pixels are.

/// Tuned so that a ResNet-8 trained on 2,000 portraits errs on about 9 % of new ones after 30 epochs: 18 % after 15,
/// 6 % after 60 (batches of 128, shifted and mirrored).
enum Difficulty {
  /// Degrees, clockwise.
  static let tilt = -30.0...30.0
  /// Multiples of the usual head, whose half-width is 29 % of the picture's.
  static let size = 0.75...1.15
  /// Shift of the head from the middle, in fractions of the picture's side.
  static let shift = -0.18...0.18
  static let sunglasses = 0.4
  static let hat = 0.4
  /// How many portraits have something in front of the head.
  static let occluded = 0.45
  /// Radius of that thing, in fractions of the picture's side.
  static let occluderSize = 0.16...0.31
  /// Distance of its middle from the head's middle, in half-widths of the head.
  static let occluderDistance = 0.05...0.75
  /// Each channel of each pixel is off by up to this much, of 255, at 32 × 32.
  static let noise = 6
}
