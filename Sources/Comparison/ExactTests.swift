//  Tests that count instead of approximating: what share of all equally likely outcomes is at least as extreme as what
//  was seen. They hold with five runs as with fifty, whatever distribution the runs have.

internal import Randomness

/// A p value, and whether every outcome was counted for it.
public struct CountedTest: Codable, Sendable, Equatable {
  public var pValue: Double
  /// False where there were too many outcomes, and some were drawn or a normal curve stands for them.
  public var isExact: Bool
}

enum ExactTests {
  /// Up to this many pairs, all 2ⁿ patterns of signs are counted.
  static let mostCountedSigns = 40
  /// Beyond, this many patterns are drawn; p is then (1 + at least as extreme)/(1 + drawn), which keeps its level.
  static let drawnPatterns = 99_999
  /// Up to this many differences other than 0, all rank sums are counted.
  static let mostCountedRanks = 200

  /// The smallest p value that `pairs` pairs can give the sign-flip test.
  static func smallestSignFlip(pairs: Int) -> Double {
    min(1, 2 / Double(sign: .plus, exponent: pairs, significand: 1))
  }

  /// Fisher's randomisation test of paired differences: if the arms are alike each difference could as well have had the
  /// other sign, so p is the share of the 2ⁿ sign patterns whose |sum| reaches the observed one. Sums that differ by less
  /// than 1e-10 of Σ|d| count as equal.
  ///
  /// All patterns are counted without being listed: the sums of each half are sorted, and for each sum of one half those
  /// of the other that carry it far enough are counted, 2^(n/2) steps in all.
  static func signFlip(_ differences: [Double], seed: UInt64) -> CountedTest {
    let tolerance = 1e-10 * differences.reduce(0) { $0 + abs($1) }
    let threshold = abs(differences.reduce(0, +)) - tolerance
    guard threshold > 0 else { return CountedTest(pValue: 1, isExact: true) }
    let count = differences.count
    guard count <= mostCountedSigns else {
      var generator = SplitMix64(seed: seed, purpose: "sign flips")
      var reached = 0
      for _ in 0..<drawnPatterns {
        var (sum, signs) = (0.0, UInt64(0))
        for (index, difference) in differences.enumerated() {
          if index % 64 == 0 { signs = generator.next() }
          sum += signs & 1 == 0 ? difference : -difference
          signs >>= 1
        }
        if abs(sum) >= threshold { reached += 1 }
      }
      return CountedTest(pValue: Double(1 + reached) / Double(1 + drawnPatterns), isExact: false)
    }
    let left = signedSums(differences[..<(count / 2)])
    let right = signedSums(differences[(count / 2)...])
    var (reached, first) = (0, right.count)
    for sum in left {
      while first > 0, sum + right[first - 1] >= threshold { first -= 1 }
      reached += right.count - first
    }
    // The other half of the outcomes are these with all signs turned.
    return CountedTest(
      pValue: 2 * Double(reached) / Double(sign: .plus, exponent: count, significand: 1), isExact: true)
  }

  /// Up to this many pairs, the interval of the sign-flip test is computed; its time and memory double with each.
  static let mostIntervalPairs = 20

  /// The mean differences that the sign-flip test at `alpha` does not refute, ends included. Turning the signs of a set of
  /// pairs lifts Σ(dᵢ − δ) exactly where the mean of the set is at most δ, so the ends are the k-th smallest and largest of
  /// the means of all 2ⁿ − 1 sets, k = ⌊alpha 2ⁿ⁻¹⌋ (Hartigan, Using subsample values as typical values, 1969).
  /// - Returns: nil with too few pairs to refute anything, and with more than `mostIntervalPairs`.
  static func signFlipInterval(_ differences: [Double], alpha: Double) -> Interval? {
    let count = differences.count
    guard count <= mostIntervalPairs else { return nil }
    let rank = Int(alpha * Double(sign: .plus, exponent: count - 1, significand: 1))
    guard rank >= 1 else { return nil }
    var sums = [Double](repeating: 0, count: 1 << count)
    var means: [Double] = []
    means.reserveCapacity(sums.count - 1)
    for set in 1..<sums.count {
      sums[set] = sums[set & (set - 1)] + differences[set.trailingZeroBitCount]
      means.append(sums[set] / Double(set.nonzeroBitCount))
    }
    means.sort()
    return Interval(lower: means[rank - 1], upper: means[means.count - rank])
  }

  /// Σ ±dᵢ for all signs, rising.
  private static func signedSums(_ differences: ArraySlice<Double>) -> [Double] {
    differences.reduce([0]) { sums, difference in
      let step = abs(difference)
      var merged: [Double] = []
      merged.reserveCapacity(2 * sums.count)
      var (low, high) = (0, 0)
      while high < sums.count {
        if low < sums.count, sums[low] - step <= sums[high] + step {
          merged.append(sums[low] - step)
          low += 1
        } else {
          merged.append(sums[high] + step)
          high += 1
        }
      }
      return merged
    }
  }

  /// Wilcoxon's signed-rank test. Differences of 0 are left out, equal magnitudes (to 1e-9) share their mean rank, and the
  /// rank sum is compared with those of all sign patterns of these very ranks, so ties cost nothing of exactness. Beyond
  /// `mostCountedRanks` the normal curve with the correction for ties stands for the count.
  static func wilcoxon(_ differences: [Double]) -> CountedTest {
    let present = differences.filter { $0 != 0 }.sorted { abs($0) < abs($1) }
    guard !present.isEmpty else { return CountedTest(pValue: 1, isExact: true) }
    // Twice the ranks, which are whole numbers.
    var ranks: [Int] = []
    var tieCorrection = 0.0
    while ranks.count < present.count {
      let start = ranks.count
      let magnitude = abs(present[start])
      let end = present[start...].firstIndex { abs($0) > magnitude * (1 + 1e-9) } ?? present.count
      ranks += Array(repeating: start + 1 + end, count: end - start)
      let tied = Double(end - start)
      tieCorrection += tied * tied * tied - tied
    }
    let positive = zip(present, ranks).reduce(0) { $0 + ($1.0 > 0 ? $1.1 : 0) }
    let total = ranks.reduce(0, +)
    let smaller = min(positive, total - positive)
    guard present.count <= mostCountedRanks else {
      let n = Double(present.count)
      let variance = (n * (n + 1) * (2 * n + 1) - tieCorrection / 2) / 24
      let z = (Double(positive) / 2 - n * (n + 1) / 4) / variance.squareRoot()
      return CountedTest(pValue: StandardNormal.twoSided(z), isExact: false)
    }
    // chances[s]: the share of sign patterns whose positive ranks so far sum to s. Only sums up to the smaller one count.
    var chances = [Double](repeating: 0, count: smaller + 1)
    chances[0] = 1
    for rank in ranks {
      for sum in stride(from: smaller, through: 0, by: -1) {
        chances[sum] = (chances[sum] + (sum >= rank ? chances[sum - rank] : 0)) / 2
      }
    }
    return CountedTest(pValue: min(1, 2 * chances.reduce(0, +)), isExact: true)
  }

  /// McNemar's test on images that exactly one of two runs has right: if the runs are alike each such image is a coin
  /// toss, so p = 2 P(Binomial(b + c, ½) ≤ min(b, c)), at most 1.
  static func mcNemar(onlyFirst b: Int, onlySecond c: Int) -> Double {
    guard b != c else { return 1 }
    return min(1, 2 * Binomial(trials: b + c, chance: 0.5).lowerTail(min(b, c)))
  }
}

/// Holm's step-down correction (1979): what each p value must be reported as, so that the chance of any false claim among
/// all of them stays at the level, however they depend on each other.
func holm(_ pValues: [Double]) -> [Double] {
  var adjusted = pValues
  var largest = 0.0
  for (place, index) in pValues.indices.sorted(by: { pValues[$0] < pValues[$1] }).enumerated() {
    largest = max(largest, min(1, Double(pValues.count - place) * pValues[index]))
    adjusted[index] = largest
  }
  return adjusted
}
