//  Where things are on a head. Heads are drawn in units of the usual half-width, about their middle, y downwards.

/// The places that eyes, mouth, sunglasses and hat share, for each animal.
struct Anatomy {
  /// Makes a head with long ears or a mane fit the space of the others.
  var scale = 1.0
  /// Moves the head down, in the same units.
  var drop = 0.0
  /// Distance of each eye from the middle, height, and radius.
  var eyeX = 0.4
  var eyeY = -0.1
  var eyeRadius = 0.21
  var iris: UInt32 = 0x5A3A28
  var mouthY = 0.55
  var mouthWidth = 0.34
  var hatY = -0.62
  var hatWidth = 0.72

  init(_ animal: Animal) {
    switch animal {
    case .cat:
      (eyeX, eyeRadius, iris, mouthY, mouthWidth) = (0.42, 0.23, 0x4E9B57, 0.5, 0.28)
    case .dog:
      (eyeX, eyeY, mouthY, mouthWidth) = (0.36, -0.16, 0.52, 0.32)
    case .bear:
      (eyeX, eyeY, mouthY, mouthWidth) = (0.4, -0.14, 0.54, 0.28)
    case .rabbit:
      (scale, drop, eyeX, eyeY, mouthY, mouthWidth) = (0.95, 0.32, 0.4, -0.08, 0.48, 0.26)
      (eyeRadius, hatY, hatWidth) = (0.22, -0.6, 0.66)
    case .fox:
      (eyeX, eyeY, eyeRadius, iris, mouthY, mouthWidth) = (0.4, -0.08, 0.2, 0x8A5A1E, 0.6, 0.28)
    case .owl:
      (eyeX, eyeY, eyeRadius, iris, mouthY, mouthWidth) = (0.4, -0.1, 0.31, 0xF0A722, 0.56, 0.26)
      (hatY, hatWidth) = (-0.66, 0.62)
    case .panda:
      (eyeX, eyeY, eyeRadius, mouthY, mouthWidth) = (0.42, -0.1, 0.19, 0.54, 0.26)
    case .pig:
      (eyeX, eyeY, eyeRadius, mouthY, mouthWidth) = (0.46, -0.16, 0.19, 0.62, 0.3)
    case .frog:
      (eyeX, eyeY, eyeRadius, iris, mouthY, mouthWidth) = (0.52, -0.6, 0.26, 0xE2A52B, 0.32, 0.62)
      (drop, hatY, hatWidth) = (0.1, -0.62, 0.5)
    case .lion:
      (scale, eyeX, eyeY, iris, mouthY, mouthWidth) = (0.92, 0.36, -0.12, 0x9A6A1E, 0.52, 0.28)
      hatY = -0.66
    }
  }
}
