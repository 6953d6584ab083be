//  How far a feature can go along a direction before it changes class: the second half of the hypothesis, that meaning
//  changes along a direction while the class stays.

public import Storage

/// By class and leading direction, how many standard deviations a recognised test image can move before the network
/// takes it for another class. Only the last layer is asked: no image is made at the place.
public struct MarginBudgets: Measure, Equatable {
  public static let name = "margins"
  public static let schemaVersion = 2

  /// One sign of a direction.
  public struct Side: Codable, Sendable, Equatable {
    /// Of the smallest t > 0 at which the prediction changes, in standard deviations of the class's test images along
    /// the direction; infinite if it never does. The interval is that of order statistics, for other images.
    public var median: Estimate
    public var lowerQuartile: Double
    public var upperQuartile: Double

    public init(median: Estimate, lowerQuartile: Double, upperQuartile: Double) {
      (self.median, self.lowerQuartile, self.upperQuartile) = (median, lowerQuartile, upperQuartile)
    }
  }

  public struct Direction: Codable, Sendable, Equatable {
    /// From 1.
    public var direction: Int
    /// One standard deviation, in feature units.
    public var sigma: Double
    public var positive: Side
    public var negative: Side
    /// Of the smaller of both signs.
    public var either: Side
    /// The share of images that keep their class from −3 to +3 standard deviations; Wilson's interval, for other images.
    public var survivors: Estimate

    public init(
      direction: Int, sigma: Double, positive: Side, negative: Side, either: Side, survivors: Estimate
    ) {
      (self.direction, self.sigma) = (direction, sigma)
      (self.positive, self.negative, self.either, self.survivors) = (positive, negative, either, survivors)
    }
  }

  public struct Class: Codable, Sendable, Equatable {
    public var classIndex: Int
    /// Test images of the class, and those that are recognised, which the budgets are of.
    public var images: Int
    public var recognised: Int
    public var directions: [Direction]

    public init(classIndex: Int, images: Int, recognised: Int, directions: [Direction]) {
      (self.classIndex, self.images, self.recognised) = (classIndex, images, recognised)
      self.directions = directions
    }
  }

  public var classNames: [String]
  /// Those with recognised images.
  public var classes: [Class]

  public init(classNames: [String], classes: [Class]) {
    (self.classNames, self.classes) = (classNames, classes)
  }

  public var table: CSVTable {
    var table = CSVTable(header: [
      "class", "images", "recognised", "direction", "sigma", "sign", "median", "median_low", "median_high",
      "lower_quartile", "upper_quartile", "survivors_3", "survivors_3_low", "survivors_3_high",
    ])
    for group in classes {
      for d in group.directions {
        for (sign, side) in [("+", d.positive), ("-", d.negative), ("either", d.either)] {
          let survivors =
            sign == "either"
            ? [d.survivors.value, d.survivors.lower, d.survivors.upper].map { "\($0)" } : ["", "", ""]
          table.append(
            [
              className(group.classIndex, classNames), group.images, group.recognised, d.direction, d.sigma, sign,
              side.median.value, side.median.lower, side.median.upper, side.lowerQuartile, side.upperQuartile,
            ] + survivors)
        }
      }
    }
    return table
  }
}
