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
      let extents = extents(of: text)
      let width = extents.x_advance
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
      if isVector {
        cairo_show_text(context, text)
      } else {
        // Glyph images would snap to whole pixels and leave uneven gaps; outlines stand where they belong.
        cairo_text_path(context, text)
        cairo_fill(context)
      }
      cairo_new_path(context)
      let ink = Rectangle(
        x: dx + extents.x_bearing, y: dy + extents.y_bearing, width: extents.width, height: extents.height)
      layout.texts.append(.init(text: text, corners: onPage(ink)))
    }
  }

  /// The width that `text` takes.
  public func width(of text: String, font: Font) -> Double {
    saved {
      select(font)
      return extents(of: text).x_advance
    }
  }

  private func extents(of text: String) -> cairo_text_extents_t {
    var extents = cairo_text_extents_t()
    cairo_text_extents(context, text, &extents)
    return extents
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
