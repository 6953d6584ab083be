//  Random numbers from a seed. What is drawn for one purpose must not depend on how much was drawn for
//  another, so each purpose has a stream of its own, named by words and numbers.

internal import CTorch
internal import Randomness

/// A source of random tensors on the processor (libtorch's Mersenne twister there). The same seed and path give the
/// same numbers on every machine with this libtorch, and for every device that they are moved to.
public final class RandomGenerator {
  private let handle: ct_generator

  /// - Parameters:
  ///   - seed: the run's seed.
  ///   - path: what the numbers are for, such as "augmentation", 3 (the epoch). Different paths are independent.
  public init(seed: UInt64, _ path: any Hashable & CustomStringConvertible...) {
    let purpose = SplitMix64.hash(path.map(\.description).joined(separator: "/"))
    let start = SplitMix64.scrambled(seed &* SplitMix64.goldenRatio ^ purpose)
    var generator = ct_generator(impl: nil)
    check(ct_generator_new(start, &generator), "RandomGenerator.init")
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
