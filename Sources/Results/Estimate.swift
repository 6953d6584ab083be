//  A number with the interval that goes with it.

/// A measured value and the bounds of a 95 % interval around it; whoever makes one says what the interval covers.
public struct Estimate: Codable, Sendable, Equatable {
  public var value: Double
  public var low: Double
  public var high: Double

  public init(_ value: Double, from low: Double, to high: Double) {
    (self.value, self.low, self.high) = (value, low, high)
  }
}
