//  The look that all figures share: type sizes, greys, and a colour for every class and run.

internal import Canvas

enum Theme {
  static let title = Font(16, .semibold)
  static let subtitle = Font(11.5)
  static let heading = Font(11.5, .semibold)
  static let label = Font(10.5)
  static let labelStrong = Font(10.5, .semibold)
  static let tick = Font(10)
  static let small = Font(9)
  static let caption = Font(10)

  static let ink = Color(0x1D1D1F)
  static let secondary = Color(0x5E5E63)
  static let faint = Color(0x9A9AA0)
  static let axis = Color(0x8A8A90)
  static let grid = Color(0xE7E7EA)
  static let band = Color(0xF2F2F4)

  /// A few runs take Okabe and Ito's colours; more take those of classes.
  static func color(ofRun index: Int, of count: Int) -> Color {
    count > Palette.okabeIto.count ? color(ofClass: index, of: count) : Palette.okabeIto[index]
  }

  /// Up to ten classes take the palette's colours; more are spread over hues, light and dark in turn.
  static func color(ofClass index: Int, of count: Int) -> Color {
    guard count > Palette.classes.count else { return Palette.classes[max(index, 0) % Palette.classes.count] }
    return Color(
      hue: Double(index) / Double(count), saturation: 0.55, lightness: index.isMultiple(of: 2) ? 0.42 : 0.62)
  }
}

/// A file's stem: the caller's prefix, what the figure shows, and what it shows it for. Greek letters of settings are
/// spelled out, since such names are typed, and put into TeX.
func figureName(prefix: String, _ parts: String...) -> String {
  let words = ([prefix] + parts).map { part in
    let spelled = part.lowercased().replacing("λ₀", with: "lambda").replacing("λ", with: "lambda")
      .replacing("β", with: "beta")
    return String(spelled.map { $0.isLetter || $0.isNumber || $0 == "_" ? $0 : "-" })
      .split(separator: "-").joined(separator: "-")
  }
  return words.filter { !$0.isEmpty }.joined(separator: "-")
}
