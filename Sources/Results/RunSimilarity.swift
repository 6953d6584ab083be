//  What runs share that saw the same images: `measures/similarity.json` in the folder of the figures that compare them.

internal import Foundation
public import Storage

/// How alike the features of runs are, pair by pair, and which directions of the first run the others have too.
public struct RunSimilarity: Measure {
  public static let name = "similarity"
  public static let schemaVersion = 1

  public struct Run: Codable, Sendable {
    /// The folder's name.
    public var name: String
    /// Such as `ISDA λ₀=0.5`.
    public var arm: String
    /// nil for a network that was not trained here.
    public var seed: UInt64?

    public init(name: String, arm: String, seed: UInt64?) {
      (self.name, self.arm, self.seed) = (name, arm, seed)
    }

    public var title: String { seed.map { "\(arm), seed \($0)" } ?? arm }
  }

  /// A number between 0 and 1, and what it comes to when the images of one run are permuted.
  public struct Score: Codable, Sendable {
    public var value: Double
    /// For each permutation.
    public var permuted: [Double]

    public init(value: Double, permuted: [Double]) {
      (self.value, self.permuted) = (value, permuted)
    }
  }

  /// Two runs, by their places in `runs`.
  public struct Pair: Codable, Sendable {
    public var first: Int
    public var second: Int
    /// The two differ in nothing but their seed: such pairs are what the others are to be compared with.
    public var differsInSeedOnly: Bool
    /// Linear, from the unbiased estimate of HSIC.
    public var cka: Score
    /// Mean canonical correlation of the components that hold 99 % of the variance.
    public var cca: Score

    public init(first: Int, second: Int, differsInSeedOnly: Bool, cka: Score, cca: Score) {
      (self.first, self.second, self.differsInSeedOnly) = (first, second, differsInSeedOnly)
      (self.cka, self.cca) = (cka, cca)
    }
  }

  /// The leading directions of a class in two runs, each matched with one of the other run.
  public struct ClassMatch: Codable, Sendable {
    public var classIndex: Int
    /// Test images of the class.
    public var count: Int
    /// r_kl of the scores along direction k of the first run with those along direction l of the second; K×K.
    public var correlations: [[Double]]
    /// For each direction of the first run the place of the one that it is matched with.
    public var partners: [Int]
    /// The |r| that the largest of a class's matched correlations exceeds in 5 % of random pairings of its images.
    public var chanceLevel: Double
    /// Variance of the test images along each direction of the run.
    public var firstVariances: [Double]
    public var secondVariances: [Double]
    /// Variance of the test images of the class in all directions.
    public var firstTotal: Double
    public var secondTotal: Double

    public init(
      classIndex: Int, count: Int, correlations: [[Double]], partners: [Int], chanceLevel: Double,
      firstVariances: [Double], secondVariances: [Double], firstTotal: Double, secondTotal: Double
    ) {
      (self.classIndex, self.count, self.correlations) = (classIndex, count, correlations)
      (self.partners, self.chanceLevel) = (partners, chanceLevel)
      (self.firstVariances, self.secondVariances) = (firstVariances, secondVariances)
      (self.firstTotal, self.secondTotal) = (firstTotal, secondTotal)
    }

    /// One pair of matched directions.
    public struct Partnership: Sendable {
      /// From 1.
      public var first: Int
      public var second: Int
      public var correlation: Double
      public var isFound: Bool
      /// log₂ of the second run's variance along its direction over the first run's along its own.
      public var logRatio: Double
      /// The same for the shares of the class's variance, which do not know of the scale of the features.
      public var logShareRatio: Double
    }

    public var partnerships: [Partnership] {
      partners.enumerated().map { k, l in
        let ratio = log2(secondVariances[l] / firstVariances[k])
        return Partnership(
          first: k + 1, second: l + 1, correlation: correlations[k][l],
          isFound: abs(correlations[k][l]) > chanceLevel, logRatio: ratio,
          logShareRatio: ratio - log2(secondTotal / firstTotal))
      }
    }
  }

  /// The first run against another.
  public struct Match: Codable, Sendable {
    /// The other's place in `runs`.
    public var second: Int
    public var classes: [ClassMatch]

    public init(second: Int, classes: [ClassMatch]) {
      (self.second, self.classes) = (second, classes)
    }
  }

  public var classNames: [String]
  public var runs: [Run]
  public var pairs: [Pair]
  public var matches: [Match]

  public init(classNames: [String], runs: [Run], pairs: [Pair], matches: [Match]) {
    (self.classNames, self.runs, self.pairs, self.matches) = (classNames, runs, pairs, matches)
  }

  /// The matched directions; the pairs' scores are few and stand in the JSON.
  public var table: CSVTable {
    var table = CSVTable(header: [
      "first", "second", "class", "direction", "partner", "correlation", "chance_level", "found", "log2_variance_ratio",
      "log2_share_ratio",
    ])
    for match in matches {
      for group in match.classes {
        let name = className(group.classIndex, classNames)
        for p in group.partnerships {
          table.append([
            runs[0].name, runs[match.second].name, name, p.first, p.second, p.correlation, group.chanceLevel,
            p.isFound ? 1 : 0, p.logRatio, p.logShareRatio,
          ])
        }
      }
    }
    return table
  }
}
