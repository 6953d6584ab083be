//  What plain statistics of the images say about the directions of their features: correlations, and for each direction
//  a hint in words, or none.

internal import Foundation
public import Storage

/// Pearson correlations of the leading directions of each class with statistics of its test images.
public struct ImageStatisticCorrelations: Measure, Equatable {
  public static let name = "image-statistics"
  public static let schemaVersion = 1

  /// A hint must explain a tenth of a direction's variance, about: |r| ≥ 0.3.
  public static let leastCorrelation = 0.3

  /// r with the 2.5th and 97.5th percentile over bootstrap samples of the class's test images.
  public struct Correlation: Codable, Sendable, Equatable {
    public var r, lower, upper: Double

    public init(_ r: Double, from lower: Double, to upper: Double) {
      (self.r, self.lower, self.upper) = (r, lower, upper)
    }
  }

  /// The statistic that a direction follows most.
  public struct Hint: Codable, Sendable, Equatable {
    public var statistic: String
    /// What images have farther along the direction, such as "darker".
    public var phrase: String
    public var correlation: Correlation

    public init(statistic: String, phrase: String, correlation: Correlation) {
      (self.statistic, self.phrase, self.correlation) = (statistic, phrase, correlation)
    }

    /// Such as "darker, r = −0.62 [−0.70, −0.53]"; r is the correlation with the statistic, so it is negative where
    /// the statistic falls.
    public var text: String {
      let numbers = [correlation.r, correlation.lower, correlation.upper].map {
        String(format: "%.2f", $0).replacingOccurrences(of: "-", with: "−")
      }
      return "\(phrase), r = \(numbers[0]) [\(numbers[1]), \(numbers[2])]"
    }
  }

  public struct Class: Codable, Sendable, Equatable {
    public var classIndex: Int
    /// Test images of the class.
    public var count: Int
    /// `values[direction][statistic]`; nil where the statistic does not vary within the class.
    public var values: [[Correlation?]]
    /// The |r| that the largest of all this class's values exceeds in 5 % of random pairings of images and statistics.
    public var chanceLevel: Double
    /// For each direction the statistic of largest |r|, if that exceeds `chanceLevel` and `leastCorrelation`.
    public var hints: [Hint?]

    public init(classIndex: Int, count: Int, values: [[Correlation?]], chanceLevel: Double, hints: [Hint?]) {
      (self.classIndex, self.count, self.values) = (classIndex, count, values)
      (self.chanceLevel, self.hints) = (chanceLevel, hints)
    }
  }

  public var statisticNames: [String]
  public var classes: [Class]

  public init(statisticNames: [String], classes: [Class]) {
    (self.statisticNames, self.classes) = (statisticNames, classes)
  }

  /// What to write beside a direction; nil if no statistic says anything about it.
  /// - Parameter direction: from 1, as in `Walk.Kind.principal`.
  public func hint(classIndex: Int, direction: Int) -> Hint? {
    guard let group = classes.first(where: { $0.classIndex == classIndex }), group.hints.indices.contains(direction - 1)
    else { return nil }
    return group.hints[direction - 1]
  }

  public var table: CSVTable {
    var table = CSVTable(header: [
      "class_index", "count", "direction", "statistic", "correlation", "lower", "upper", "chance_level", "hint",
    ])
    for group in classes {
      for (row, values) in group.values.enumerated() {
        for (statistic, value) in zip(statisticNames, values) {
          let hint = group.hints[row].flatMap { $0.statistic == statistic ? $0.phrase : nil }
          table.append([
            group.classIndex, group.count, row + 1, statistic, value.map { "\($0.r)" } ?? "",
            value.map { "\($0.lower)" } ?? "", value.map { "\($0.upper)" } ?? "", group.chanceLevel, hint ?? "",
          ])
        }
      }
    }
    return table
  }
}
