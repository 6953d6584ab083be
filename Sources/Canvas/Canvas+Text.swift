//  One line of text at a time, in the two embedded weights of Inter.

internal import CCairo
internal import CFonts

/// A font size in canvas units and a weight.
public struct Font: Sendable, Equatable {
  public enum Weight: Sendable { case regular, semibold }

  public var size: Double
  public var weight: Weight

  public init(_ size: Double, _ weight: Weight = .regular) {
    (self.size, self.weight) = (size, weight)
  }
}

/// Which part of a text lies at the point where it is drawn.
public enum HorizontalAnchor: Sendable { case left, center, right }
/// `middle` is half the height of a capital letter above the baseline.
public enum VerticalAnchor: Sendable { case top, middle, baseline }

extension Canvas {
  /// Draws one line of text.
  /// - Parameter rotation: in radians, clockwise, about the point.
  public func text(
    _ text: String, at point: Point, font: Font, color: Color = .black, horizontal: HorizontalAnchor = .left,
    vertical: VerticalAnchor = .baseline, rotation: Double = 0
  ) {
    saved {
      translate(point.x, point.y)
      rotate(rotation)
      select(font)
      let width = advance(of: text)
      let dx: Double =
        switch horizontal {
        case .left: 0
        case .center: -width / 2
        case .right: -width
        }
      let dy =
        switch vertical {
        case .top: font.capHeight
        case .middle: font.capHeight / 2
        case .baseline: 0.0
        }
      move(dx, dy)
      use(color)
      cairo_show_text(context, text)
      cairo_new_path(context)
    }
  }

  /// The width that `text` takes.
  public func width(of text: String, font: Font) -> Double {
    saved {
      select(font)
      return advance(of: text)
    }
  }

  private func advance(of text: String) -> Double {
    var extents = cairo_text_extents_t()
    cairo_text_extents(context, text, &extents)
    return extents.x_advance
  }

  private func select(_ font: Font) {
    let face =
      switch font.weight {
      case .regular: regularFace
      case .semibold: semiboldFace
      }
    cairo_set_font_face(context, face.pointer)
    cairo_set_font_size(context, font.size)
  }
}

/// An embedded font, loaded for one canvas.
final class FontFace {
  let pointer: OpaquePointer

  init(_ weight: Font.Weight) {
    guard let face = cf_font_face(weight == .semibold ? CF_SEMIBOLD : CF_REGULAR) else {
      preconditionFailure("FreeType refused the embedded font")
    }
    pointer = face
  }

  deinit { cairo_font_face_destroy(pointer) }
}

extension Font {
  /// The height of Inter's capitals: 0.727 of the size.
  public var capHeight: Double { size * 0.727 }
}
