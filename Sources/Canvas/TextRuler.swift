//  Text measured before there is a page: a figure needs the widths of its labels to choose its own size.

internal import CCairo

/// Measures and breaks text. Widths are those that any canvas draws.
public final class TextRuler {
  private let canvas: Canvas

  public init() {
    guard let surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 1, 1) else {
      preconditionFailure("Cairo has no image surface")
    }
    canvas = Canvas(surface: surface, scale: 1)
  }

  public func width(of text: String, font: Font) -> Double {
    canvas.width(of: text, font: font)
  }

  /// The widest of `texts`; 0 for none.
  public func width(ofWidest texts: [String], font: Font) -> Double {
    texts.map { width(of: $0, font: font) }.max() ?? 0
  }

  /// `text` broken at spaces into lines no wider than `width`. A longer word stands alone on its line, cut.
  public func lines(of text: String, font: Font, width limit: Double) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      let longer = line.isEmpty ? String(word) : line + " " + word
      if line.isEmpty || width(of: longer, font: font) <= limit {
        line = longer
      } else {
        lines.append(line)
        line = String(word)
      }
    }
    if !line.isEmpty { lines.append(line) }
    return lines.map { fitted($0, font: font, width: limit) }
  }

  /// `text`, or as much of its beginning as fits with an ellipsis.
  public func fitted(_ text: String, font: Font, width limit: Double) -> String {
    guard width(of: text, font: font) > limit else { return text }
    var kept = text
    while !kept.isEmpty {
      kept.removeLast()
      if width(of: kept + "…", font: font) <= limit { return kept + "…" }
    }
    return ""
  }
}
