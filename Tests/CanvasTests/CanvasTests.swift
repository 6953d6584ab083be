//  Drawing keeps its promises: sharp pixels, text as wide as it was measured, the same document each time.

import Foundation
import Raster
import Testing

@testable import Canvas

@Suite("A canvas")
struct CanvasTests {
  /// Four pixels, each a colour of its own.
  private let four = Image(width: 2, height: 2, pixels: [255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30])

  @Test("draws an image as exact blocks, wherever it stands", arguments: [(1.0, 3.0), (1, 2.6), (2, 5), (2, 5.2)])
  func exactBlocks(scale: Double, x: Double) {
    let side = 12.0
    let drawn = Image.drawn(width: 60, height: 60, scale: scale) { canvas in
      canvas.paint(.white)
      canvas.image(four, in: Rectangle(x: x, y: 4, width: side, height: side))
    }
    let factor = Int(side * scale) / 2
    let (left, top) = (Int((x * scale).rounded()), Int(4 * scale))
    for row in -1...2 * factor {
      for column in -1...2 * factor {
        let inside = (0..<2 * factor).contains(row) && (0..<2 * factor).contains(column)
        let expected = inside ? four[column / factor, row / factor] : (255, 255, 255)
        #expect(drawn[left + column, top + row] == expected)
      }
    }
  }

  @Test("makes text as wide as it was measured, at every resolution", arguments: [1.0, 2, 3.5])
  func textWidth(scale: Double) {
    let font = Font(20, .semibold)
    let width = TextRuler().width(of: "Hamburg", font: font)
    #expect(width > 60 && width < 110)
    let drawn = Image.drawn(width: 500, height: 150, scale: scale) { canvas in
      canvas.paint(.white)
      canvas.text("Hamburg", at: Point(10, 30), font: font)
      #expect(abs(canvas.width(of: "Hamburg", font: font) - width) < 0.1)
    }
    let columns = (0..<500).filter { x in (0..<150).contains { drawn[x, $0].red < 200 } }
    let ink = Double((columns.last ?? 0) - (columns.first ?? 0) + 1) / scale
    #expect(abs(ink - width) < 4)
  }

  @Test("anchors text", arguments: [(HorizontalAnchor.left, 40.0), (.center, 40), (.right, 40)])
  func anchors(horizontal: HorizontalAnchor, x: Double) throws {
    let drawing = Drawing(width: 80, height: 40) { canvas in
      canvas.text("mm", at: Point(x, 20), font: Font(10), horizontal: horizontal, vertical: .middle)
    }
    let corners = try #require(drawing.layout().texts.first).corners
    let (left, right) = (corners[0].x, corners[1].x)
    switch horizontal {
    case .left: #expect(left >= x && left < x + 2)
    case .center: #expect(abs((left + right) / 2 - x) < 1)
    case .right: #expect(right <= x && right > x - 2)
    }
  }

  @Test("records where a turned text lies")
  func turnedText() throws {
    let drawing = Drawing(width: 100, height: 100) { canvas in
      canvas.translate(50, 60)
      canvas.text("upwards", at: Point(0, 0), font: Font(12), rotation: -.pi / 2)
    }
    let text = try #require(drawing.layout().texts.first)
    #expect(text.text == "upwards")
    let (xs, ys) = (text.corners.map(\.x), text.corners.map(\.y))
    #expect((xs.max() ?? 0) - (xs.min() ?? 0) < 16)
    #expect((ys.max() ?? 0) - (ys.min() ?? 0) > 40)
    #expect(ys.allSatisfy { $0 < 60 })
  }

  @Test("makes the same SVG document each time, with identifiers counted anew")
  func stableDocuments() {
    let drawing = Drawing(width: 60, height: 40) { [four] canvas in
      canvas.image(four, in: Rectangle(x: 2, y: 2, width: 8, height: 8))
      canvas.image(four, in: Rectangle(x: 22, y: 2, width: 8, height: 8))
      canvas.saved {
        canvas.rectangle(Rectangle(x: 0, y: 0, width: 30, height: 30))
        canvas.clip()
        canvas.text("ab", at: Point(5, 30), font: Font(10))
      }
      canvas.rectangle(Rectangle(x: 0, y: 30, width: 30, height: 5))
      canvas.fill(from: Point(0, 0), to: Point(30, 0), [(0, .black), (1, .white)])
    }
    let first = drawing.svg()
    #expect(first == drawing.svg())
    let text = String(decoding: first, as: UTF8.self)
    for name in ["image0", "image1", "glyph0", "clip0", "linear0"] {
      #expect(text.contains("id=\"\(name)\""), "no \(name)")
    }
    #expect(text.contains("url(#clip0)") && text.contains("xlink:href=\"#image0\""))
    #expect(text.contains("width=\"60px\""))
  }

  @Test("renames identifiers and nothing else")
  func renaming() {
    let source = ##"<a id="s7"/><b href="#s7" c="url(#g4-2)"/><d id="g4-2" e="id=" f="x"/><g id="s9"/>"##
    let expected = ##"<a id="s0"/><b href="#s0" c="url(#g0)"/><d id="g0" e="id=" f="x"/><g id="s1"/>"##
    #expect(String(decoding: Data(source.utf8).withStableIdentifiers, as: UTF8.self) == expected)
    #expect(Data().withStableIdentifiers.isEmpty)
  }
}

@Suite("A ruler for text")
struct TextRulerTests {
  private let ruler = TextRuler()
  private let font = Font(10)

  @Test("breaks lines at spaces, none wider than asked")
  func lines() {
    let text = "the quick brown fox jumps over the lazy dog and an unpronounceablylongword"
    let lines = ruler.lines(of: text, font: font, width: 80)
    #expect(lines.count > 4)
    #expect(lines.allSatisfy { ruler.width(of: $0, font: font) <= 80 })
    #expect(lines.dropLast().joined(separator: " ") == "the quick brown fox jumps over the lazy dog and an")
    #expect(ruler.lines(of: "", font: font, width: 80).isEmpty)
  }

  @Test("cuts what does not fit")
  func fitting() {
    #expect(ruler.fitted("short", font: font, width: 100) == "short")
    let cut = ruler.fitted("much longer than that", font: font, width: 50)
    #expect(cut.hasSuffix("…") && ruler.width(of: cut, font: font) <= 50)
    #expect(ruler.fitted("no room", font: font, width: 1) == "")
  }

  @Test("has both weights, and glyphs for what figures write")
  func glyphs() {
    #expect(ruler.width(of: "weight", font: Font(10, .semibold)) > ruler.width(of: "weight", font: font))
    // What a font lacks is drawn as an empty box, all of one width.
    let box = ruler.width(of: "\u{10FFFD}", font: font)
    for character in "σλ₀−→←↑…“”·×⁻⁰¹²³⁴⁵⁶⁷⁸⁹∞" {
      #expect(abs(ruler.width(of: String(character), font: font) - box) > 1e-6, "no glyph for \(character)")
    }
  }
}

@Suite("A colour")
struct ColorTests {
  @Test("is read from its usual notation")
  func hexadecimal() {
    let color = Color(0xFF8000)
    #expect(color.red == 1 && abs(color.green - 128.0 / 255) < 1e-12 && color.blue == 0 && color.opacity == 1)
  }

  @Test(
    "has hue, saturation and lightness",
    arguments: [(0.0, 0xFF0000), (1.0 / 3, 0x00FF00), (2.0 / 3, 0x0000FF), (1.5, 0x00FFFF)])
  func hues(hue: Double, hex: Int) {
    let (color, expected) = (Color(hue: hue, saturation: 1, lightness: 0.5), Color(UInt32(hex)))
    for component in [\Color.red, \.green, \.blue] {
      #expect(abs(color[keyPath: component] - expected[keyPath: component]) < 1e-9)
    }
  }

  @Test("is as light as it looks")
  func luminance() {
    #expect(Color.black.luminance == 0)
    #expect(abs(Color.white.luminance - 1) < 1e-9)
    #expect(Color(0x00FF00).luminance > Color(0xFF0000).luminance)
    #expect(abs(Color(grey: 0.5).luminance - 0.214) < 0.001)
  }

  @Test("diverges from a neutral middle, alike to both sides")
  func diverging() {
    let middle = Palette.diverging(0)
    #expect(max(middle.red, middle.green, middle.blue) - min(middle.red, middle.green, middle.blue) < 0.02)
    #expect(Palette.diverging(1).red > Palette.diverging(1).blue)
    #expect(Palette.diverging(-1).blue > Palette.diverging(-1).red)
    #expect(Palette.diverging(5) == Palette.diverging(1))
    #expect(abs(Palette.diverging(1).luminance - Palette.diverging(-1).luminance) < 0.12)
  }

  @Test("of a class or run differs from every other one")
  func distinct() {
    for palette in [Palette.classes, Palette.okabeIto] {
      for (i, color) in palette.enumerated() {
        for other in palette[..<i] { #expect(color != other) }
      }
    }
    #expect(Palette.classes.count == 10)
  }
}
