//  A difference of means with what Student's t says about it: test, interval, equivalence and power. Paired and unpaired
//  runs differ only in the standard error and its degrees of freedom, so everything after those is written once.

/// A mean difference, arm − baseline, and how well it is known.
struct MeanDifference {
  let difference: Double
  let standardError: Double
  let freedom: Double

  /// Of paired runs: the mean of their differences, with s/√n and n − 1 degrees of freedom.
  /// - Precondition: at least two differences.
  init(paired differences: [Double]) {
    difference = differences.mean
    standardError = differences.deviation / Double(differences.count).squareRoot()
    freedom = Double(differences.count - 1)
  }

  /// Of runs without a partner (Welch 1947): variances of their own, Satterthwaite's degrees of freedom.
  /// - Precondition: at least two runs in each arm.
  init(arm: SummaryStatistics, baseline: SummaryStatistics) {
    let (a, b) = (arm.squaredError, baseline.squaredError)
    difference = arm.mean - baseline.mean
    standardError = (a + b).squareRoot()
    let (n, m) = (Double(arm.count - 1), Double(baseline.count - 1))
    freedom = a + b > 0 ? (a + b) * (a + b) / (a * a / n + b * b / m) : n + m
  }

  var statistic: Double { standardError > 0 ? difference / standardError : difference == 0 ? 0 : difference / 0 }

  /// Of the hypothesis that the difference is 0, two-sided.
  var pValue: Double { StudentT(freedom: freedom).twoSided(statistic) }

  func interval(level: Double) -> Interval {
    let reach = StudentT(freedom: freedom).quantile((1 + level) / 2) * standardError
    return Interval(lower: difference - reach, upper: difference + reach)
  }

  /// TOST (Schuirmann 1987): the larger p value of the two one-sided tests that the difference is at or beyond −tolerance
  /// and at or beyond +tolerance. Below 5 % exactly when the 90 % interval lies within ±tolerance.
  func equivalencePValue(tolerance: Double) -> Double {
    guard standardError > 0 else { return abs(difference) < tolerance ? 0 : 1 }
    let t = StudentT(freedom: freedom)
    return max(
      t.upperTail((difference + tolerance) / standardError), t.upperTail((tolerance - difference) / standardError))
  }

  /// The true difference that a two-sided t test at `level` would find in `power` of all studies with this standard error.
  func detectable(level: Double, power: Double) -> Double {
    Self.noncentrality(freedom: freedom, level: level, power: power) * standardError
  }

  /// The smallest count of runs in each arm with which a t test at `level` finds `difference` in `power` of all studies.
  /// - Parameter deviation: of the paired differences; unpaired, √(s₁² + s₂²).
  /// - Returns: nil where it would take more than ten thousand.
  static func runsNeeded(
    for difference: Double, deviation: Double, isPaired: Bool, level: Double, power: Double, atLeast least: Int
  ) -> Int? {
    func suffices(_ count: Int) -> Bool {
      let t = StudentT(freedom: Double(isPaired ? count - 1 : 2 * (count - 1)))
      // 20 standard errors are found in 80 % of studies even with two runs; far beyond them the series does not converge.
      let noncentrality = min(20, difference * Double(count).squareRoot() / deviation)
      return t.power(beyond: t.quantile(1 - level / 2), noncentrality: noncentrality) >= power
    }
    let most = 10_000
    guard difference > 0, deviation > 0, suffices(most) else { return nil }
    var (short, enough) = (1, most)
    while enough - short > 1 {
      let middle = (short + enough) / 2
      if suffices(middle) { enough = middle } else { short = middle }
    }
    return max(enough, least)
  }

  /// How many standard errors the true mean must lie from 0 for this power; by bisection, to the last digit.
  private static func noncentrality(freedom: Double, level: Double, power: Double) -> Double {
    let t = StudentT(freedom: freedom)
    let critical = t.quantile(1 - level / 2)
    var (low, high) = (0.0, 1.0)
    while t.power(beyond: critical, noncentrality: high) < power { (low, high) = (high, 2 * high) }
    while case let middle = (low + high) / 2, middle > low, middle < high {
      if t.power(beyond: critical, noncentrality: middle) < power { low = middle } else { high = middle }
    }
    return high
  }
}

/// What papers print of an arm: mean, deviation (divisor n − 1) and count of runs.
public struct SummaryStatistics: Codable, Sendable, Equatable {
  public var mean: Double
  public var deviation: Double
  public var count: Int

  public init(mean: Double, deviation: Double, count: Int) {
    self.mean = mean
    self.deviation = deviation
    self.count = count
  }

  init(_ values: [Double]) {
    self.init(mean: values.mean, deviation: values.deviation, count: values.count)
  }

  var squaredError: Double { deviation * deviation / Double(count) }
}
