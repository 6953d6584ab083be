//  What a camera adds to a drawing: the light's brightness and warmth, and noise. Integers only, so that the
//  same drawing gives the same bytes everywhere.

internal import Randomness
internal import Raster

/// Applies light (−1 dim and cool to 1 bright and warm) and then noise, even from −`noise` to `noise`.
func expose(_ image: inout Image, light: Double, noise: Int, seed: UInt64) {
  let warmth = light > 0 ? (red: 0.26, green: 0.22, blue: 0.10) : (red: 0.44, green: 0.40, blue: 0.29)
  func gain(_ weight: Double) -> Int { Int((256 * (1 + weight * light)).rounded()) }
  let gains = (gain(warmth.red), gain(warmth.green), gain(warmth.blue))
  let span = UInt64(2 * noise + 1)
  var generator = SplitMix64(seed: seed)
  image.pixels.withUnsafeMutableBufferPointer { pixels in
    func set(_ place: Int, _ gain: Int, _ word: UInt64) {
      let offset = Int(((word & 0xFFFF) * span) >> 16) - noise
      pixels[place] = UInt8(min(max((Int(pixels[place]) * gain) >> 8 + offset, 0), 255))
    }
    for start in stride(from: 0, to: pixels.count, by: 3) {
      let word = generator.next()
      set(start, gains.0, word)
      set(start + 1, gains.1, word >> 16)
      set(start + 2, gains.2, word >> 32)
    }
  }
}
