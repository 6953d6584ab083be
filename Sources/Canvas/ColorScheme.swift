//  One drawing for a light page and for a dark one. Figures choose their colours for a white page; for a dark one the
//  canvas turns the lightness of every colour around and keeps its hue. Turning is monotone: what stood out from its
//  background still does, a scale still runs one way, and colours that were told apart by lightness still are. So a
//  figure has a dark form without knowing of it.

internal import Foundation

/// Which page a drawing is shown on.
public enum ColorScheme: String, Sendable, CaseIterable {
  /// Colours as they are, on white.
  case light
  /// Colours with their lightness turned around, on a very dark grey.
  case dark

  /// The page under a drawing.
  public var page: Color { shown(.white) }

  /// The colour that stands for `color` on this page.
  ///
  /// Dark: in Ottosson's OKLab (2020), L ← P + (1 − P) (1 − L)^0.7 with P = 0.2, the lightness of the page; hue as it
  /// was, chroma as it was or as much of it as sRGB has at that lightness. The exponent lifts what is pale on white,
  /// grid lines above all, a little farther off the page than it was. Opacity stays.
  public func shown(_ color: Color) -> Color {
    guard self == .dark else { return color }
    let lab = OKLab(color)
    let lightness = Self.darkPage + (1 - Self.darkPage) * pow(max(1 - lab.lightness, 0), 0.7)
    // The largest share of the chroma that sRGB can show, to a thousandth.
    var (kept, excess) = (0.0, 1.0)
    if let color = lab.with(lightness: lightness, chroma: 1).color { return color.opacity(lab.opacity) }
    while excess - kept > 1e-3 {
      let middle = (kept + excess) / 2
      if lab.with(lightness: lightness, chroma: middle).color == nil { excess = middle } else { kept = middle }
    }
    return (lab.with(lightness: lightness, chroma: kept).color ?? Color(grey: lightness)).opacity(lab.opacity)
  }

  private static let darkPage = 0.2
}

/// A colour by how light it looks and its two opponent axes: https://bottosson.github.io/posts/oklab
private struct OKLab {
  var lightness, a, b, opacity: Double

  init(_ color: Color) {
    func linear(_ value: Double) -> Double { value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4) }
    let (red, green, blue) = (linear(color.red), linear(color.green), linear(color.blue))
    let l = cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    let m = cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    let s = cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s
    a = 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s
    b = 0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s
    opacity = color.opacity
  }

  /// The same hue at another lightness, with a share of the chroma.
  func with(lightness: Double, chroma: Double) -> OKLab {
    var copy = self
    (copy.lightness, copy.a, copy.b) = (lightness, a * chroma, b * chroma)
    return copy
  }

  /// In sRGB; nil if sRGB has no such colour.
  var color: Color? {
    func cubed(_ value: Double) -> Double { value * value * value }
    let l = cubed(lightness + 0.3963377774 * a + 0.2158037573 * b)
    let m = cubed(lightness - 0.1055613458 * a - 0.0638541728 * b)
    let s = cubed(lightness - 0.0894841775 * a - 1.2914855480 * b)
    let linear = [
      4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
      -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
      -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s,
    ]
    guard linear.allSatisfy({ (-1e-6...1 + 1e-6).contains($0) }) else { return nil }
    let values = linear.map { value -> Double in
      let value = min(max(value, 0), 1)
      return value <= 0.0031308 ? value * 12.92 : 1.055 * pow(value, 1 / 2.4) - 0.055
    }
    return Color(red: values[0], green: values[1], blue: values[2])
  }
}
