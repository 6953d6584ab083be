//  What a study can show, before it has shown anything.

/// The power of paired comparisons over `pairs` seeds, for an assumed scatter of runs.
public struct PlannedComparison: Codable, Sendable {
  public var pairs: Int
  /// How many arms are compared with a baseline; Holm corrects for them.
  public var comparisons: Int
  /// Of the paired differences.
  public var deviation: Double
  /// The smallest p value that the sign-flip test can give.
  public var smallestPValue: Double
  /// Fewer pairs can show no difference, however large, when every comparison's p value is multiplied by their number.
  public var fewestPairs: Int
  /// The true difference that a t test at 5 % would find in 80 % of such studies, taken alone; nil for a single pair and
  /// where the sign-flip test cannot reach 5 %.
  public var detectable: Double?
  /// The same where Holm asks of the first arm what Bonferroni would: 5 % divided by the number of comparisons.
  public var detectableAfterHolm: Double?

  /// - Parameter deviation: of the runs of an arm, in percent points. Seeds are assumed not to move both arms alike, so
  ///   that differences of pairs scatter by √2 times as much; where they do, more is found than is said here.
  /// - Precondition: at least one pair and one comparison, and a deviation above 0.
  public init(pairs: Int, comparisons: Int, deviation runs: Double) {
    precondition(pairs >= 1 && comparisons >= 1 && runs > 0)
    (self.pairs, self.comparisons) = (pairs, comparisons)
    let deviation = runs * 2.0.squareRoot()
    self.deviation = deviation
    let strictest = Verdict.level / Double(comparisons)
    let smallest = ExactTests.smallestSignFlip(pairs: pairs)
    smallestPValue = smallest
    fewestPairs = (1...).first { ExactTests.smallestSignFlip(pairs: $0) <= strictest } ?? 1
    func detectable(_ level: Double) -> Double? {
      guard pairs > 1, smallest <= level else { return nil }
      // Any differences with this deviation, about a mean of 0.
      let spread = deviation * (Double(pairs - 1) / 2).squareRoot()
      let differences = [spread, -spread] + [Double](repeating: 0, count: pairs - 2)
      return MeanDifference(paired: differences).detectable(level: level, power: SeedComparison.power)
    }
    self.detectable = detectable(Verdict.level)
    detectableAfterHolm = detectable(strictest)
  }
}
