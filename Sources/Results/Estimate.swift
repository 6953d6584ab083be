//  A number with the interval that goes with it.

/// A measured value and the bounds of a 95 % interval around it; whoever makes one says what the interval covers.
public struct Estimate: Codable, Sendable, Equatable {
  public var value, lower, upper: Double

  public init(_ value: Double, from lower: Double, to upper: Double) {
    (self.value, self.lower, self.upper) = (value, lower, upper)
  }
}
