//  Medians and how far values spread around them. Timings have long tails upwards, so quartiles, not deviations.

/// Quartiles and extremes of a side's rounds or of ratios.
struct Spread: Codable, Equatable {
  let median, lowerQuartile, upperQuartile, least, greatest: Double

  /// nil without values. Quantiles between two values are interpolated.
  init?(_ values: [Double]) {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    func quantile(_ share: Double) -> Double {
      let position = share * Double(sorted.count - 1)
      let below = Int(position)
      let above = min(below + 1, sorted.count - 1)
      return sorted[below] + (sorted[above] - sorted[below]) * (position - Double(below))
    }
    (median, lowerQuartile, upperQuartile) = (quantile(0.5), quantile(0.25), quantile(0.75))
    (least, greatest) = (quantile(0), quantile(1))
  }
}
