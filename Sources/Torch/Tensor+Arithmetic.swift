//  Element-wise arithmetic with broadcasting, reductions, order, and the few operations in place.

internal import CTorch

extension Tensor {
  public static func + (a: Tensor, b: Tensor) -> Tensor { made { ct_add(a.handle, b.handle, 1, $0) } }
  public static func - (a: Tensor, b: Tensor) -> Tensor { made { ct_add(a.handle, b.handle, -1, $0) } }
  public static func * (a: Tensor, b: Tensor) -> Tensor { made { ct_multiply(a.handle, b.handle, $0) } }
  public static func / (a: Tensor, b: Tensor) -> Tensor { made { ct_divide(a.handle, b.handle, $0) } }
  public static func + (a: Tensor, b: Double) -> Tensor { made { ct_add_scalar(a.handle, b, $0) } }
  public static func - (a: Tensor, b: Double) -> Tensor { made { ct_add_scalar(a.handle, -b, $0) } }
  public static func * (a: Tensor, b: Double) -> Tensor { made { ct_multiply_scalar(a.handle, b, $0) } }
  public static func * (a: Double, b: Tensor) -> Tensor { b * a }

  public var squareRoot: Tensor { .made { ct_square_root(handle, $0) } }
  /// Each element, but at least `bound`.
  public func clamped(below bound: Double) -> Tensor { .made { ct_maximum_scalar(handle, bound, $0) } }
  /// Each element, but at most `bound`.
  public func clamped(above bound: Double) -> Tensor { .made { ct_minimum_scalar(handle, bound, $0) } }
  /// e to the power of each element.
  public var exponential: Tensor { .made { ct_exponential(handle, $0) } }
  /// Each element to the power of `exponent`.
  public func raised(to exponent: Double) -> Tensor { .made { ct_power(handle, exponent, $0) } }

  /// Element by element, as booleans.
  public func equals(_ other: Tensor) -> Tensor { .made { ct_equal(handle, other.handle, $0) } }
  public func differs(from other: Tensor) -> Tensor { .made { ct_not_equal(handle, other.handle, $0) } }
  public func isLess(than other: Tensor) -> Tensor { .made { ct_less(handle, other.handle, $0) } }
  /// The elements of `first` where `mask` is true, elsewhere those of `second`, with broadcasting.
  public static func choosing(where mask: Tensor, _ first: Tensor, _ second: Tensor) -> Tensor {
    made { ct_where(mask.handle, first.handle, second.handle, $0) }
  }
  /// Whether no element is infinite or NaN. Waits for the device.
  public var isFinite: Bool {
    let finite = Tensor.made { ct_is_finite(handle, $0) }
    return finite.sum().item(Int64.self) == count
  }

  /// Sums over dimensions, all of them if none is named.
  public func sum(_ dimensions: [Int] = [], keepingDimensions keep: Bool = false) -> Tensor {
    .made { ct_sum(handle, dimensions.int64, dimensions.count, keep, $0) }
  }

  public func mean(_ dimensions: [Int] = [], keepingDimensions keep: Bool = false) -> Tensor {
    .made { ct_mean(handle, dimensions.int64, dimensions.count, keep, $0) }
  }

  /// The largest element over dimensions.
  public func largest(_ dimensions: [Int], keepingDimensions keep: Bool = false) -> Tensor {
    .made { ct_largest(handle, dimensions.int64, dimensions.count, keep, $0) }
  }

  /// How often each of 0 ..< bins occurs, as 64-bit integers, in 64-bit integers of one dimension.
  public func histogram(bins: Int) -> Tensor { .made { ct_histogram(handle, Int64(bins), $0) } }

  /// Where the largest element of each row along `dimension` stands; the first one of equals.
  public func argmax(dimension: Int) -> Tensor { .made { ct_argmax(handle, Int64(dimension), $0) } }

  /// Where in each row self + t · slope is largest, for each step t, the first place of equals: N×T 64-bit integers for
  /// float32 matrices of N rows. For points that move along rays; both matrices are read once for all steps.
  public func argmax(along slope: Tensor, steps: [Double]) -> Tensor {
    .made { ct_argmax_along(handle, slope.handle, steps.map { Float($0) }, steps.count, $0) }
  }

  /// The order that sorts each row along `dimension`, equals kept in theirs.
  public func sortingOrder(dimension: Int = -1, descending: Bool = false) -> Tensor {
    .made { ct_sorting_order(handle, Int64(dimension), descending, $0) }
  }

  /// The `count` smallest elements of each row along the last dimension, rising, and where they stand; partial
  /// selection, O(n log count).
  /// - Precondition: `count` is at most the row's length.
  public func smallest(_ count: Int) -> (values: Tensor, places: Tensor) {
    var (values, places) = (ct_tensor(impl: nil), ct_tensor(impl: nil))
    check(ct_smallest(handle, Int64(count), &values, &places))
    return (Tensor(owning: values), Tensor(owning: places))
  }

  /// The median along a dimension, which goes away; of an even number of elements the lower one in the middle. O(n).
  public func median(dimension: Int) -> Tensor { .made { ct_median(handle, Int64(dimension), $0) } }

  // MARK: In place

  /// self ← self + scale · other
  public func add(_ other: Tensor, scale: Double = 1) { check(ct_add_into(handle, other.handle, scale)) }
  /// Overwrites the values with those of a tensor of the same shape, converting their type.
  public func assign(_ source: Tensor) { check(ct_copy_into(handle, source.handle)) }
}
