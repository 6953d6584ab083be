//  Bootstrap samples as weights: how often each image was drawn. A statistic that is made of sums over images is then
//  one product for all samples.

internal import ClassStatistics
internal import Results
internal import Torch

struct Resampling {
  static let draws = 1000

  /// How often each of n images stands in each sample of n, draws×n, float64.
  let counts: Tensor

  init(of count: Int, generator: RandomGenerator) {
    counts = Tensor(resampleCounts(Self.draws, of: count, from: generator), shape: [Self.draws, count])
  }

  /// Σ over the images of each sample, draws×K, of N×K numbers.
  func sums(_ values: Tensor) -> Tensor { counts.matmul(values) }

  /// Means of columns (n×K, float64), with their intervals.
  func means(_ values: Tensor) -> [Estimate] {
    let drawn = (sums(values) * (1 / Double(values.shape[0]))).transposed.reshaped([-1]).array(of: Double.self)
    return values.mean([0]).array(of: Double.self).enumerated().map { column, mean in
      let sorted = drawn[column * Self.draws..<(column + 1) * Self.draws].sorted()
      return Estimate(mean, from: quantile(0.025, ofSorted: sorted), to: quantile(0.975, ofSorted: sorted))
    }
  }

  /// The 2.5th and 97.5th percentile of the values that are finite; nil if there are none.
  static func interval(_ values: [Double]) -> (lower: Double, upper: Double)? {
    let sorted = values.filter(\.isFinite).sorted()
    guard !sorted.isEmpty else { return nil }
    return (quantile(0.025, ofSorted: sorted), quantile(0.975, ofSorted: sorted))
  }
}
