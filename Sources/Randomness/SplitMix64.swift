//  A small random number generator with the same numbers on every machine, and ways to start it in the middle of
//  nowhere: from a seed and an index, so that item i needs none of the items before it, or from a seed and what the
//  numbers are for, so that one purpose does not depend on which others there are.

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014): a counter that
/// grows by the golden ratio, each value scrambled. Period 2⁶⁴; integer arithmetic only.
public struct SplitMix64: RandomNumberGenerator, Sendable, Equatable {
  private var counter: UInt64

  public init(seed: UInt64) {
    counter = seed
  }

  /// The generator of item `index` of the stream `seed`: each pair starts somewhere else on the cycle.
  public init(seed: UInt64, index: Int) {
    let stream = Self.scrambled(seed &+ Self.goldenRatio)
    counter = Self.scrambled(stream ^ (UInt64(bitPattern: Int64(index)) &* 0xD134_2543_DE82_EF95))
  }

  /// The generator of a purpose: each pair of seed and text starts somewhere else on the cycle.
  public init(seed: UInt64, purpose: String) {
    counter = Self.scrambled(Self.scrambled(seed &+ Self.goldenRatio) ^ Self.hash(purpose))
  }

  public mutating func next() -> UInt64 {
    counter &+= Self.goldenRatio
    return Self.scrambled(counter)
  }

  /// A number from 0 up to, not including, 1: a multiple of 2⁻⁵³, exact on every machine.
  public mutating func unit() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// A number in `range`, each as likely as the other.
  public mutating func uniform(in range: ClosedRange<Double>) -> Double {
    range.lowerBound + unit() * (range.upperBound - range.lowerBound)
  }

  /// True in `probability` of all cases.
  public mutating func chance(_ probability: Double) -> Bool {
    unit() < probability
  }

  /// A whole number from 0 up to, not including, `count`; each as likely as the others but for count/2⁶⁴.
  public mutating func below(_ count: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(count)).high)
  }

  /// 2⁶⁴ over the golden ratio, made odd: the step of the counter.
  public static let goldenRatio: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// The finaliser: one to one, and a bit of its input moves about half of its bits.
  public static func scrambled(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// FNV-1a of the text's bytes in UTF-8, 64 bits: the same in every process, unlike `hashValue`.
  public static func hash(_ text: String) -> UInt64 {
    text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}
