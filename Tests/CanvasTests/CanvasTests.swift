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

  @Test("makes a PDF document with its texts, fonts and metadata, and no date but the one that it is given")
  func portableDocuments() throws {
    let drawing = Drawing(width: 96, height: 48) { [four] canvas in
      canvas.image(four, in: Rectangle(x: 2.5, y: 2, width: 8, height: 8))
      canvas.text("ab", at: Point(5, 30), font: Font(10))
      canvas.text("cd", at: Point(5, 45), font: Font(10, .semibold))
    }
    var metadata = Drawing.Metadata()
    (metadata.title, metadata.creator) = ("A title", "isda 0")
    (metadata.subject, metadata.keywords) = ("isda figures a", "a sha256 0123")
    func pdf() -> String { String(decoding: drawing.pdf(metadata: metadata), as: UTF8.self) }
    let first = pdf()
    #expect(first == pdf())
    #expect(first.hasPrefix("%PDF-1.4"))
    for part in [
      "/Title (A title)", "/Creator (isda 0)", "/Subject (isda figures a)", "/Keywords (a sha256 0123)",
      // 96 by 48 units are 1 by ½ inch.
      "/MediaBox [ 0 0 72 36 ]", "Inter-Regular", "Inter-SemiBold", "/FontFile3",
    ] {
      #expect(first.contains(part), "no \(part)")
    }
    #expect(!first.contains("Date"))
    metadata.created = Date(timeIntervalSince1970: 1_000_000_000)
    #expect(pdf().contains("20010909014640Z"))
  }

  @Test("scales a drawing as a whole, to sizes that are not whole units too")
  func scaling() throws {
    let drawing = Drawing(width: 100, height: 50) { [four] canvas in
      canvas.image(four, in: Rectangle(x: 40, y: 20, width: 20, height: 20))
      canvas.text("ab", at: Point(10, 30), font: Font(10))
    }
    let scaled = drawing.scaled(by: 0.755)
    #expect(scaled.size == Size(75.5, 37.75))
    for (large, small) in zip(
      drawing.layout().texts[0].corners + drawing.layout().images[0],
      scaled.layout().texts[0].corners + scaled.layout().images[0])
    {
      // Among pixels an image is moved to a whole one.
      #expect(abs(small.x - large.x * 0.755) < 0.51 && abs(small.y - large.y * 0.755) < 0.51)
    }
    #expect(scaled.image().width == 76 && scaled.image(dotsPerInch: 192).width == 151)
    #expect(String(decoding: scaled.svg(), as: UTF8.self).contains("width=\"75.5px\""))
    #expect(drawing.scaled(by: 1).size == drawing.size)
  }

  @Test("shows every colour in its scheme, and pictures as they are")
  func schemes() {
    let drawing = Drawing(width: 40, height: 20) { [four] canvas in
      canvas.rectangle(Rectangle(x: 0, y: 0, width: 10, height: 10))
      canvas.fill(.black)
      canvas.rectangle(Rectangle(x: 10, y: 0, width: 10, height: 10))
      canvas.fill(from: Point(10, 0), to: Point(20, 0), [(0, .black), (1, .black)])
      canvas.image(four, in: Rectangle(x: 20, y: 0, width: 10, height: 10))
    }
    let (light, dark) = (drawing.image(), drawing.image(scheme: .dark))
    #expect(light[35, 15] == (255, 255, 255) && dark[35, 15] == (22, 22, 22))
    #expect(light[5, 5] == (0, 0, 0) && dark[5, 5] == (255, 255, 255))
    #expect(dark[15, 5] == (255, 255, 255))
    for x in [21, 29] { #expect(light[x, 1] == dark[x, 1]) }
    #expect(drawing.svg(scheme: .dark) != drawing.svg())
    #expect(drawing.pdf(scheme: .dark) != drawing.pdf())
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

  @Test("on a dark page is as far from it as on a light one, the other way round")
  func darkScheme() {
    let greys = stride(from: 0.0, through: 1, by: 0.05).map { ColorScheme.dark.shown(Color(grey: $0)) }
    for (darker, lighter) in zip(greys.dropFirst(), greys) { #expect(darker.luminance < lighter.luminance) }
    for grey in greys { #expect(max(grey.red, grey.green, grey.blue) - min(grey.red, grey.green, grey.blue) < 1e-3) }
    #expect(ColorScheme.light.shown(.black) == .black && ColorScheme.light.page == .white)
    #expect(ColorScheme.dark.shown(Color(0x0072B2, opacity: 0.4)).opacity == 0.4)
    func contrast(_ a: Color, _ b: Color) -> Double {
      (max(a.luminance, b.luminance) + 0.05) / (min(a.luminance, b.luminance) + 0.05)
    }
    for color in Palette.okabeIto + Palette.classes + [Palette.diverging(1), Palette.diverging(-1)] {
      let dark = ColorScheme.dark.shown(color)
      #expect(contrast(dark, ColorScheme.dark.page) > min(contrast(color, .white), 2.2))
      // Blue stays blue: the largest component remains the largest, unless the colour is nearly grey.
      func order(_ color: Color) -> Int {
        [color.red, color.green, color.blue].enumerated().max { $0.1 < $1.1 }?.0 ?? 0
      }
      if max(color.red, color.green, color.blue) - min(color.red, color.green, color.blue) > 0.2 {
        #expect(order(dark) == order(color))
      }
      for component in [dark.red, dark.green, dark.blue] { #expect((0...1).contains(component)) }
    }
    for palette in [Palette.okabeIto, Palette.classes] {
      let shown = palette.map(ColorScheme.dark.shown)
      for (i, color) in shown.enumerated() {
        for other in shown[..<i] {
          let steps = [abs(color.red - other.red), abs(color.green - other.green), abs(color.blue - other.blue)]
          #expect(steps.max() ?? 0 > 0.08)
        }
      }
    }
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
