//  Random numbers for resampling, the same on every machine: integers from a counter, and no library's choice of
//  algorithm. Each purpose has a stream of its own, so that one interval does not depend on which others were asked for.

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014), started from a seed and
/// the FNV-1a hash of what the numbers are for.
struct ResamplingGenerator: RandomNumberGenerator {
  private var counter: UInt64

  init(seed: UInt64, purpose: String) {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in purpose.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    counter = Self.scrambled(Self.scrambled(seed &+ Self.goldenRatio) ^ hash)
  }

  mutating func next() -> UInt64 {
    counter &+= Self.goldenRatio
    return Self.scrambled(counter)
  }

  /// A whole number from 0 up to, not including, `count`; each as likely as the others but for count/2⁶⁴.
  mutating func below(_ count: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(count)).high)
  }

  private static let goldenRatio: UInt64 = 0x9E37_79B9_7F4A_7C15

  private static func scrambled(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
