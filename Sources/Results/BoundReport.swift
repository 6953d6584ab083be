//  How far ISDA's bound lies above what it bounds: the premise that minimising one minimises the other, in numbers.

public import Storage

/// Cross-entropy, expected cross-entropy under augmentation, and ISDA's bound of it, by split and λ; with the final
/// weights and the covariances of the training features. Losses in nats per image.
public struct BoundReport: Measure, Equatable {
  public static let name = "bound"
  public static let schemaVersion = 2

  public struct Point: Codable, Sendable, Equatable {
    public var split: ImageReference.Split
    /// nil for all classes together.
    public var classIndex: Int?
    public var lambda: Double
    /// Images that the means are over.
    public var images: Int
    public var crossEntropy: Double
    public var expectation: Double
    public var bound: Double
    /// Of `expectation`, from the draws alone: what other draws for the same images would change.
    public var standardError: Double
    /// E, expectation less cross-entropy, and G, bound less expectation: means over images. Intervals cover other images
    /// and other draws, not another network.
    public var effect: Estimate
    public var gap: Estimate
    /// G/E: how much of what the bound adds is not the augmentation's effect. NaN at λ = 0.
    public var gapOverEffect: Estimate
    /// Images whose estimated expectation lies above their bound by more than 5 standard errors; theory allows none.
    public var violations: Int

    public init(
      split: ImageReference.Split, classIndex: Int?, lambda: Double, images: Int, crossEntropy: Double,
      expectation: Double, bound: Double, standardError: Double, effect: Estimate, gap: Estimate,
      gapOverEffect: Estimate, violations: Int
    ) {
      (self.split, self.classIndex, self.lambda, self.images) = (split, classIndex, lambda, images)
      (self.crossEntropy, self.expectation, self.bound) = (crossEntropy, expectation, bound)
      (self.standardError, self.effect, self.gap) = (standardError, effect, gap)
      (self.gapOverEffect, self.violations) = (gapOverEffect, violations)
    }
  }

  public var classNames: [String]
  public var points: [Point]

  public init(classNames: [String], points: [Point]) {
    (self.classNames, self.points) = (classNames, points)
  }

  public var table: CSVTable {
    var table = CSVTable(header: [
      "split", "class", "lambda", "images", "cross_entropy", "expectation", "bound", "standard_error", "effect",
      "effect_low", "effect_high", "gap", "gap_low", "gap_high", "gap_over_effect", "gap_over_effect_low",
      "gap_over_effect_high", "violations",
    ])
    for p in points {
      table.append([
        p.split.rawValue, p.classIndex.map { className($0, classNames) } ?? "all", p.lambda, p.images, p.crossEntropy,
        p.expectation, p.bound, p.standardError, p.effect.value, p.effect.lower, p.effect.upper, p.gap.value,
        p.gap.lower, p.gap.upper, p.gapOverEffect.value, p.gapOverEffect.lower, p.gapOverEffect.upper, p.violations,
      ])
    }
    return table
  }
}
