//  Student's t, normal, binomial, beta and F distributions, computed by Boost.Math. Tests and intervals read their
//  probabilities here and nowhere else, so that no series is written by hand.

internal import CBoostMath

/// Student's t with `freedom` degrees of freedom, a positive number that need not be whole.
struct StudentT {
  let freedom: Double

  /// P(T ≥ t).
  func upperTail(_ t: Double) -> Double { boost { cboost_t_tail(t, freedom, CBOOST_UPPER, $0, $1) } }

  /// P(|T| ≥ |t|).
  func twoSided(_ t: Double) -> Double { 2 * upperTail(abs(t)) }

  /// The t below which T lies with this probability.
  func quantile(_ probability: Double) -> Double { boost { cboost_t_quantile(probability, freedom, $0, $1) } }

  /// P(|T| ≥ t) where the mean is `noncentrality` ≥ 0 standard errors away from 0: the power of a two-sided t test.
  func power(beyond t: Double, noncentrality: Double) -> Double {
    let above = boost { cboost_noncentral_t_tail(t, freedom, noncentrality, CBOOST_UPPER, $0, $1) }
    // Below 0 there is at most P(Z ≤ −noncentrality); from 8 on less than 1e-15, where Boost's series ends in NaN.
    guard noncentrality < 8 else { return above }
    return above + boost { cboost_noncentral_t_tail(-t, freedom, noncentrality, CBOOST_LOWER, $0, $1) }
  }
}

/// The normal distribution of mean 0 and deviation 1.
enum StandardNormal {
  /// P(Z ≤ z).
  static func lowerTail(_ z: Double) -> Double { boost { cboost_normal_tail(z, CBOOST_LOWER, $0, $1) } }
  /// P(|Z| ≥ |z|).
  static func twoSided(_ z: Double) -> Double { 2 * boost { cboost_normal_tail(abs(z), CBOOST_UPPER, $0, $1) } }
  /// The z below which Z lies with this probability, from 0 to 1 without the ends.
  static func quantile(_ probability: Double) -> Double { boost { cboost_normal_quantile(probability, $0, $1) } }
}

/// The number of successes in independent trials.
struct Binomial {
  let trials: Int
  let chance: Double

  /// P(at most `successes`).
  func lowerTail(_ successes: Int) -> Double {
    boost { cboost_binomial_tail(Double(successes), Double(trials), chance, CBOOST_LOWER, $0, $1) }
  }

  /// The interval of Clopper and Pearson for the chance of success: it covers with `level` or more, never with less.
  static func interval(successes: Int, of trials: Int, level: Double) -> Interval {
    let (k, n, outside) = (Double(successes), Double(trials), (1 - level) / 2)
    return Interval(
      lower: successes == 0 ? 0 : boost { cboost_beta_quantile(outside, k, n - k + 1, $0, $1) },
      upper: successes == trials ? 1 : boost { cboost_beta_quantile(1 - outside, k + 1, n - k, $0, $1) })
  }
}

/// The ratio of two mean squares.
struct FisherF {
  let freedomAbove: Double
  let freedomBelow: Double

  /// P(F ≥ f).
  func upperTail(_ f: Double) -> Double { boost { cboost_f_tail(f, freedomAbove, freedomBelow, CBOOST_UPPER, $0, $1) } }
}

/// The result of a C function; what it refuses is an argument outside of its range, which is our own error.
private func boost(_ call: (UnsafeMutablePointer<Double>, UnsafeMutablePointer<CChar>) -> Int32) -> Double {
  var result = Double.nan
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(CBOOST_ERROR_LENGTH)) { message in
    guard let start = message.baseAddress, call(&result, start) == 0 else {
      preconditionFailure("Boost.Math: \(message.baseAddress.map { String(cString: $0) } ?? "no memory")")
    }
  }
  return result
}
