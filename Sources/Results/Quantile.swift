//  The one way to read a quantile off a list, so that two intervals never differ by a convention.

/// The number below which a share of rising values lies: on a line between the two nearest (Hyndman and Fan's type 7,
/// numpy's default). Infinite values count as they are; NaN if there is none.
public func quantile(_ share: Double, ofSorted values: [Double]) -> Double {
  guard let last = values.last else { return .nan }
  let place = share * Double(values.count - 1)
  let below = max(Int(place), 0)
  guard below + 1 < values.count else { return last }
  let (a, b) = (values[below], values[below + 1])
  // Equal infinite neighbours have no difference.
  return a == b ? a : a + (b - a) * (place - Double(below))
}
