//  How an estimate would scatter if the runs had been drawn again: the observed ones, drawn with replacement, stand for
//  those that were not run. Percentile and BCa intervals are read from the same draws.

internal import Randomness
internal import Results

/// The bootstrap distribution of a statistic of one or more samples, each resampled within itself.
///
/// Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapters 13 and 14. With fewer than ten or so runs both
/// intervals are too narrow (a sample of five has a third of its deviation's information left); the t interval stands
/// beside them wherever they are shown. Costs `resamples` evaluations of the statistic.
struct Bootstrap {
  static let resamples = 10_000

  let estimate: Double
  /// Of the resamples, rising.
  private let values: [Double]
  /// The statistic without each of a sample's numbers, sample by sample.
  private let withoutOne: [[Double]]

  /// - Precondition: no sample is empty.
  init(
    _ samples: [[Double]], resamples: Int = Bootstrap.resamples, generator: inout SplitMix64,
    statistic: ([[Double]]) -> Double
  ) {
    estimate = statistic(samples)
    var drawn = samples
    var values: [Double] = []
    values.reserveCapacity(resamples)
    for _ in 0..<resamples {
      for (place, sample) in samples.enumerated() {
        for index in sample.indices { drawn[place][index] = sample[generator.below(sample.count)] }
      }
      values.append(statistic(drawn))
    }
    self.values = values.sorted()
    withoutOne = samples.indices.map { place in
      guard samples[place].count > 1 else { return [] }
      return samples[place].indices.map { index in
        var rest = samples
        rest[place].remove(at: index)
        return statistic(rest)
      }
    }
  }

  /// The middle `level` of the resampled estimates.
  func percentile(level: Double) -> Interval { between((1 - level) / 2, (1 + level) / 2) }

  /// BCa: the percentiles moved by the bias and by the acceleration of the statistic (equation 14.10), with the jackknife
  /// of several samples as scipy has it. The estimate itself where nothing scatters.
  func biasCorrected(level: Double) -> Interval {
    // Resamples that hold the observed numbers in another order may differ from the estimate in the last digits.
    let tolerance = 1e-12 * max(abs(estimate), abs(values[0]), abs(values[values.count - 1]))
    let below = values.count { $0 < estimate - tolerance }
    let same = values.count { abs($0 - estimate) <= tolerance }
    let share = (Double(below) + Double(same) / 2) / Double(values.count)
    guard share > 0, share < 1, same < values.count else { return percentile(level: level) }

    var (cubes, squares) = (0.0, 0.0)
    for estimates in withoutOne where !estimates.isEmpty {
      let (count, mean) = (Double(estimates.count), estimates.mean)
      for value in estimates {
        let influence = (count - 1) * (mean - value) / count
        cubes += influence * influence * influence
        squares += influence * influence
      }
    }
    let acceleration = squares > 0 ? cubes / (6 * squares * squares.squareRoot()) : 0
    let bias = StandardNormal.quantile(share)
    func moved(_ z: Double) -> Double {
      StandardNormal.lowerTail(bias + (bias + z) / (1 - acceleration * (bias + z)))
    }
    let z = StandardNormal.quantile((1 - level) / 2)
    return between(moved(z), moved(-z))
  }

  private func between(_ lower: Double, _ upper: Double) -> Interval {
    Interval(lower: quantile(lower, ofSorted: values), upper: quantile(upper, ofSorted: values))
  }
}
