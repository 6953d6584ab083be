//  The page of all figures: well-formed, linked to what lies beside it and to nothing else, readable without pictures.

import Canvas
import Foundation
import Testing

@testable import Figures

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// The elements of a document, with their attributes.
private final class Elements: NSObject, XMLParserDelegate {
  private(set) var list: [(name: String, attributes: [String: String])] = []

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    list.append((name, attributes))
  }

  func attributes(_ element: String, _ attribute: String) -> [String] {
    list.filter { $0.name == element }.compactMap { $0.attributes[attribute] }
  }
}

@Suite("The gallery")
struct GalleryTests {
  private let gallery = Gallery(
    title: "Figures of <this> & \"that\"",
    sections: [
      .init(
        title: "Runs together", entries: [.init(name: "training-curves", title: "Error & loss", size: Size(896, 420.4))]
      ),
      .init(
        title: "ISDA λ₀=0.5, seed 0", entries: [.init(name: "walk-cat", title: "Along “cat”", size: Size(700, 500))]),
    ], scheme: .light, provenance: Examples.provenance)

  private func elements(_ html: String) throws -> Elements {
    let (parser, elements) = (XMLParser(data: Data(html.utf8)), Elements())
    parser.delegate = elements
    #expect(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "")")
    return elements
  }

  @Test func `links to every file of every figure, by relative paths and to nothing else`() throws {
    let elements = try elements(gallery.html)
    let files = ["training-curves", "walk-cat"].flatMap { name in ["png", "svg", "pdf", "csv"].map { "\(name).\($0)" } }
    let links = elements.attributes("a", "href")
    #expect(links.filter { !$0.hasPrefix("#") } == files)
    #expect(links.filter { $0.hasPrefix("#") }.map { String($0.dropFirst()) } == elements.attributes("figure", "id"))
    #expect(elements.attributes("img", "src") == ["training-curves.svg", "walk-cat.svg"])
    #expect(
      !gallery.html.contains("http") && !elements.list.contains { ["script", "link", "iframe"].contains($0.name) })
  }

  @Test func `says each figure’s title in place of its picture, and keeps its room`() throws {
    let elements = try elements(gallery.html)
    #expect(elements.attributes("img", "alt") == ["Error & loss", "Along “cat”"])
    #expect(elements.attributes("img", "width") == ["896", "700"])
    #expect(elements.attributes("img", "height") == ["421", "500"])
    #expect(gallery.html.contains("<h1>Figures of &lt;this&gt; &amp; &quot;that&quot;</h1>"))
    #expect(gallery.html.contains("<code>isda figures runs/a &amp; &lt;b&gt;</code>"))
    #expect(gallery.html.contains("sha256:0123"))
  }

  @Test func `shows the picture of the reader’s scheme, whichever lies beside it`() throws {
    var gallery = gallery
    #expect(
      try elements(gallery.html).attributes("source", "srcset") == ["dark/training-curves.svg", "dark/walk-cat.svg"])
    #expect(try elements(gallery.html).attributes("source", "media").first == "(prefers-color-scheme: dark)")
    gallery.scheme = .dark
    #expect(try elements(gallery.html).attributes("source", "srcset").first == "light/training-curves.svg")
    #expect(try elements(gallery.html).attributes("source", "media").first == "(prefers-color-scheme: light)")
  }

  @Test func `without figures is still a page`() throws {
    var gallery = gallery
    gallery.sections = []
    #expect(try elements(gallery.html).attributes("img", "src").isEmpty)
  }
}
