//  Mean, deviation and their robust cousin: what a list of numbers is reported as.

/// From a lower to an upper end, both belonging to it.
public struct Interval: Codable, Sendable, Equatable {
  public var lower: Double
  public var upper: Double

  public init(lower: Double, upper: Double) {
    self.lower = lower
    self.upper = upper
  }

  public func contains(_ value: Double) -> Bool { lower <= value && value <= upper }
}

extension Collection<Double> {
  /// Of at least one number.
  var mean: Double { reduce(0, +) / Double(count) }

  /// With divisor n − 1; NaN for fewer than two numbers.
  var deviation: Double {
    guard count > 1 else { return .nan }
    let mean = mean
    return (reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)).squareRoot()
  }

  /// The mean of what is left when the lowest and the highest ⌊n/4⌋ numbers are set aside.
  var interquartileMean: Double { sorted().dropFirst(count / 4).dropLast(count / 4).mean }
}
