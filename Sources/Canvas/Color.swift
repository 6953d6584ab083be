//  Colours, and the palettes that figures use. All of them can be told apart by colour-blind readers.

internal import Foundation

/// A colour in sRGB with opacity, each component from 0 to 1.
public struct Color: Sendable, Equatable {
  public var red, green, blue, opacity: Double

  public init(red: Double, green: Double, blue: Double, opacity: Double = 1) {
    (self.red, self.green, self.blue, self.opacity) = (red, green, blue, opacity)
  }

  /// A colour by its usual notation, `0xRRGGBB`.
  public init(_ hex: UInt32, opacity: Double = 1) {
    self.init(
      red: Double(hex >> 16 & 0xFF) / 255, green: Double(hex >> 8 & 0xFF) / 255, blue: Double(hex & 0xFF) / 255,
      opacity: opacity)
  }

  public init(grey: Double) {
    self.init(red: grey, green: grey, blue: grey)
  }

  /// Hue in turns (0 red, ⅓ green, ⅔ blue; any real number), saturation and lightness from 0 to 1.
  public init(hue: Double, saturation: Double, lightness: Double) {
    let chroma = (1 - abs(2 * lightness - 1)) * saturation
    func component(_ offset: Double) -> Double {
      let position = (hue + offset) - (hue + offset).rounded(.down)
      let ramp = min(max(abs(position * 6 - 3) - 1, 0), 1)
      return lightness + (ramp - 0.5) * chroma
    }
    self.init(red: component(0), green: component(-1.0 / 3), blue: component(1.0 / 3))
  }

  public static let black = Color(grey: 0)
  public static let white = Color(grey: 1)

  public func opacity(_ opacity: Double) -> Color {
    var copy = self
    copy.opacity = opacity
    return copy
  }

  /// The colour a fraction of the way to another, component by component in sRGB.
  public func mixed(with other: Color, _ fraction: Double) -> Color {
    func mix(_ a: Double, _ b: Double) -> Double { a + (b - a) * fraction }
    return Color(
      red: mix(red, other.red), green: mix(green, other.green), blue: mix(blue, other.blue),
      opacity: mix(opacity, other.opacity))
  }

  /// How light it looks: 0 black, 1 white (relative luminance, ITU-R BT.709).
  public var luminance: Double {
    func linear(_ value: Double) -> Double {
      value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
  }
}

/// Palettes by purpose.
public enum Palette {
  /// Okabe and Ito's qualitative palette (2008) without black and yellow, which is too pale on white.
  public static let okabeIto = [0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7, 0xE69F00, 0x56B4E9].map { Color($0) }

  /// Ten colours for ten classes: Tol's "muted" scheme and a dark grey, safe for all common colour blindness.
  public static let classes = [
    0x332288, 0x88CCEE, 0x44AA99, 0x117733, 0x999933, 0xDDCC77, 0xCC6677, 0x882255, 0xAA4499, 0x555555,
  ].map { Color($0) }

  /// Negative to positive through a neutral middle, for `value` from −1 to 1: blue, near-white, vermilion.
  public static func diverging(_ value: Double) -> Color {
    let strength = min(abs(value), 1)
    let end = value < 0 ? Color(0x0B5C96) : Color(0xC24A00)
    return Color(0xF7F7F5).mixed(with: end, strength)
  }
}
