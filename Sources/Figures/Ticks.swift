//  Where an axis is marked: at round numbers, few enough to read.

internal import Foundation

/// A place on an axis and what is written there.
struct Tick: Equatable {
  var value: Double
  var label: String
}

enum Ticks {
  /// Multiples of 1, 2 or 5 times a power of ten, about `count` of them within the bounds.
  static func linear(from lower: Double, to upper: Double, about count: Int, wholeNumbers: Bool = false) -> [Tick] {
    guard lower.isFinite, upper.isFinite, upper > lower else { return [] }
    let step = self.step(span: upper - lower, about: count, wholeNumbers: wholeNumbers)
    let digits = max(0, Int((-log10(step) - 1e-9).rounded(.up)))
    let first = Int((lower / step - 1e-9).rounded(.up))
    let last = Int((upper / step + 1e-9).rounded(.down))
    guard first <= last else { return [] }
    return (first...last).map { Tick(value: Double($0) * step, label: decimal(Double($0) * step, digits)) }
  }

  /// The distance between linear ticks.
  static func step(span: Double, about count: Int, wholeNumbers: Bool) -> Double {
    let rough = span / Double(max(count, 1))
    let power = pow(10, log10(rough).rounded(.down))
    let multiple = [1.0, 2, 5, 10].first { $0 * power >= rough * 0.999 } ?? 10
    return wholeNumbers ? max(1, multiple * power) : multiple * power
  }

  /// Powers of ten, thinned if there are many; over less than two decades also twice and five times each.
  static func logarithmic(from lower: Double, to upper: Double, about count: Int) -> [Tick] {
    guard lower > 0, upper.isFinite, upper > lower else { return [] }
    let (low, high) = (log10(lower), log10(upper))
    let multiples: [Double] = high - low <= 2.4 ? [1, 2, 5] : [1]
    let stride = max(1, Int(((high - low) / Double(max(count, 1))).rounded(.up)))
    let exponents = Int(low.rounded(.down))...Int(high.rounded(.up))
    let plain = low >= -2.01 && high <= 4.01
    return exponents.filter { $0.isMultiple(of: stride) }.flatMap { exponent in
      multiples.compactMap { multiple in
        let value = multiple * pow(10, Double(exponent))
        guard value >= lower * (1 - 1e-9), value <= upper * (1 + 1e-9) else { return nil }
        let label =
          plain
          ? decimal(value, max(0, -exponent))
          : (multiple == 1 ? "" : decimal(multiple, 0) + "×") + "10" + superscript(exponent)
        return Tick(value: value, label: label)
      }
    }
  }
}
