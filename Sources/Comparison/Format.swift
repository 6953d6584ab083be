//  Numbers as people read them in tables and sentences; files for programs keep every digit.

internal import Foundation

enum Format {
  static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite else { return "–" }
    let text = String(format: "%.\(decimals)f", abs(value))
    return (value < 0 && text.contains { ("1"..."9").contains($0) } ? "−" : "") + text
  }

  /// With its sign, two decimals.
  static func signed(_ value: Double, _ decimals: Int = 2) -> String {
    let text = fixed(value, decimals)
    return value > 0 && text.contains { ("1"..."9").contains($0) } ? "+" + text : text
  }

  static func pValue(_ value: Double) -> String {
    value < 0.0001 ? "< 0.0001" : fixed(value, value < 0.001 ? 4 : 3)
  }

  /// A number that needs no more digits than it has.
  static func plain(_ value: Double) -> String {
    let text = "\(value)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
