//  95 % intervals over images: what other images of the same kind, seen by the same network, would give.

internal import Foundation
internal import Results
internal import Torch

enum Intervals {
  /// The standard normal quantile of 97.5 %.
  private static let normalQuantile = 1.959963984540054

  /// The mean of independent values, with its normal interval.
  static func mean(_ values: [Double]) -> Estimate {
    ratio(values, to: Array(repeating: 1, count: values.count))
  }

  /// Σu / Σv for pairs of one image each, with the normal interval of the linearised ratio (delta method): the variance
  /// of u − r v over the squared mean of v. NaN if Σv is 0.
  static func ratio(_ above: [Double], to below: [Double]) -> Estimate {
    let (count, total) = (Double(above.count), below.reduce(0, +))
    guard total != 0 else { return Estimate(.nan, from: .nan, to: .nan) }
    let ratio = above.reduce(0, +) / total
    let squares = zip(above, below).reduce(0) { $0 + ($1.0 - ratio * $1.1) * ($1.0 - ratio * $1.1) }
    let half = count > 1 ? normalQuantile * (squares * count / (count - 1)).squareRoot() / abs(total) : .infinity
    return Estimate(ratio, from: ratio - half, to: ratio + half)
  }

  /// A share of independent yes and no, with Wilson's score interval.
  static func share(_ successes: Int, of count: Int) -> Estimate {
    guard count > 0 else { return Estimate(.nan, from: 0, to: 1) }
    let (n, p, z) = (Double(count), Double(successes) / Double(count), normalQuantile)
    let center = (p + z * z / (2 * n)) / (1 + z * z / n)
    let half = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot() / (1 + z * z / n)
    return Estimate(p, from: max(0, min(p, center - half)), to: min(1, max(p, center + half)))
  }

  /// The median of independent values, with the interval between the order statistics n/2 ∓ 0.98 √n, which needs no
  /// distribution.
  static func median(_ sorted: [Double]) -> Estimate {
    guard !sorted.isEmpty else { return Estimate(.nan, from: .nan, to: .nan) }
    let half = normalQuantile / 2 * Double(sorted.count).squareRoot()
    let low = Int((Double(sorted.count) / 2 - half).rounded(.down))
    let high = Int((Double(sorted.count) / 2 + half).rounded(.up))
    return Estimate(
      quantile(0.5, ofSorted: sorted), from: sorted[min(max(low - 1, 0), sorted.count - 1)],
      to: sorted[min(high, sorted.count - 1)])
  }
}
