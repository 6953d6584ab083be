//  Random numbers from a seed. What is drawn for one purpose must not depend on how much was drawn for
//  another, so each purpose has a stream of its own, named by words and numbers.

internal import CTorch

/// A source of random tensors on the processor (libtorch's Mersenne twister there). The same seed and path give the
/// same numbers on every machine with this libtorch, and for every device that they are moved to.
public final class RandomGenerator {
  private let handle: ct_generator

  /// - Parameters:
  ///   - seed: the run's seed.
  ///   - path: what the numbers are for, such as "augmentation", 3 (the epoch). Different paths are independent.
  public init(seed: UInt64, _ path: any Hashable & CustomStringConvertible...) {
    // FNV-1a over the path's text, then the finaliser of SplitMix64 over both.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in path.map(\.description).joined(separator: "/").utf8 {
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
    }
    var mixed = seed &* 0x9E37_79B9_7F4A_7C15 ^ hash
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    var generator = ct_generator(impl: nil)
    check(ct_generator_new(mixed ^ mixed >> 31, &generator), "RandomGenerator.init")
    handle = generator
  }

  deinit { ct_generator_free(handle) }

  /// Independent draws from the standard normal distribution.
  public func normal(_ shape: [Int], _ type: ElementType = .float32) -> Tensor {
    .made { ct_normal(handle, type.code, shape.int64, shape.count, $0) }
  }

  /// Independent integers from a range, as 64-bit integers.
  public func integers(in range: Range<Int>, _ shape: [Int]) -> Tensor {
    .made {
      ct_random_integers(handle, Int64(range.lowerBound), Int64(range.upperBound), shape.int64, shape.count, $0)
    }
  }

  /// Independent draws from 0 to 1, without 1.
  public func uniform(_ shape: [Int]) -> Tensor { .made { ct_uniform(handle, shape.int64, shape.count, $0) } }

  /// Independent booleans, each true with the given probability.
  public func bernoulli(_ probability: Double, _ shape: [Int]) -> Tensor {
    .made { ct_bernoulli(handle, probability, shape.int64, shape.count, $0) }
  }

  /// 0, …, count − 1 in random order, as 64-bit integers.
  public func permutation(_ count: Int) -> Tensor { .made { ct_permutation(handle, Int64(count), $0) } }
}
