//  Numbers as a reader wants them: few digits, a true minus sign, powers of ten with superscripts.

internal import Foundation

/// A number with a fixed count of decimals and a true minus; `signed` writes the plus too.
func decimal(_ value: Double, _ digits: Int, signed: Bool = false) -> String {
  guard value.isFinite else { return value.isNaN ? "–" : (value < 0 ? "−∞" : "∞") }
  let magnitude = String(format: "%.\(digits)f", abs(value))
  let isZero = !magnitude.contains { $0 != "0" && $0 != "." }
  if isZero { return magnitude }
  return (value < 0 ? "−" : signed ? "+" : "") + magnitude
}

/// A share from 0 to 1 as `31.2 %`, small ones with a digit more.
func percent(_ share: Double) -> String {
  let value = share * 100
  return decimal(value, abs(value) < 0.995 ? 2 : abs(value) < 99.95 ? 1 : 0) + " %"
}

/// A number in two or three significant digits: `1.23`, `0.045`, `120`, `3.1×10⁻⁶`.
func compact(_ value: Double) -> String {
  guard value.isFinite, value != 0 else { return decimal(value, 0) }
  let exponent = Int(log10(abs(value)).rounded(.down))
  if exponent < -3 || exponent > 5 {
    return decimal(value / pow(10, Double(exponent)), 1) + "×10" + superscript(exponent)
  }
  return decimal(value, max(0, 2 - exponent))
}

/// An integer in superscript digits.
func superscript(_ value: Int) -> String {
  let digits: [Character: Character] = [
    "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷", "8": "⁸", "9": "⁹",
  ]
  return String(String(value).compactMap { digits[$0] })
}

/// A count with thin groups of three: `10 000` as `10,000`.
func grouped(_ count: Int) -> String {
  var digits = String(abs(count))
  var groups: [String] = []
  while digits.count > 3 {
    groups.insert(String(digits.suffix(3)), at: 0)
    digits.removeLast(3)
  }
  return (count < 0 ? "−" : "") + ([digits] + groups).joined(separator: ",")
}
