import Randomness
import Testing

@Suite("SplitMix64 gives the published numbers")
struct SplitMix64Tests {
  @Test("starting from 1234567")
  func reference() {
    var generator = SplitMix64(seed: 1_234_567)
    // https://rosettacode.org/wiki/Pseudo-random_numbers/Splitmix64
    let expected: [UInt64] = [
      6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
      16_408_922_859_458_223_821,
    ]
    #expect(expected.map { _ in generator.next() } == expected)
  }

  @Test("and starts anew for each pair of seed and index, and of seed and purpose")
  func pairs() {
    var first: Set<UInt64> = []
    for seed in 0..<32 as Range<UInt64> {
      for index in 0..<32 {
        for var generator in [
          SplitMix64(seed: seed, index: index), SplitMix64(seed: seed, purpose: "\(index)"),
        ] {
          first.insert(generator.next())
        }
      }
    }
    #expect(first.count == 2 * 32 * 32)
  }

  @Test func `texts have the published hashes`() {
    // http://www.isthe.com/chongo/src/fnv/test_fnv.c, 64 bits, FNV-1a
    #expect(SplitMix64.hash("") == 0xCBF2_9CE4_8422_2325)
    #expect(SplitMix64.hash("a") == 0xAF63_DC4C_8601_EC8C)
    #expect(SplitMix64.hash("foobar") == 0x8594_4171_F739_67E8)
  }

  @Test func `numbers fill their range and stay in it`() {
    var generator = SplitMix64(seed: 9)
    let counts = (0..<7000).reduce(into: [Int](repeating: 0, count: 7)) { counts, _ in counts[generator.below(7)] += 1 }
    // 1000 each, deviation 29.
    #expect(counts.allSatisfy { (850...1150).contains($0) }, "\(counts)")
    let numbers = (0..<7000).map { _ in generator.uniform(in: -2...3) }
    #expect(numbers.allSatisfy { (-2...3).contains($0) })
    #expect(abs(numbers.reduce(0, +) / 7000 - 0.5) < 0.1)
    // 3 in 10, deviation of 7000 draws 0.0055.
    #expect(abs(Double((0..<7000).count { _ in generator.chance(0.3) }) / 7000 - 0.3) < 0.03)
  }
}
