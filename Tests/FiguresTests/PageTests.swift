//  Pages of HTML: well-formed, linked to what lies beside them and to nothing else, readable without pictures and colour.

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

/// A document that is not well-formed is recorded as an issue.
private func elements(_ html: String) -> Elements {
  let (parser, elements) = (XMLParser(data: Data(html.utf8)), Elements())
  parser.delegate = elements
  #expect(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "")")
  return elements
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

  @Test func `links to every file of every figure, by relative paths and to nothing else`() {
    let elements = elements(gallery.html)
    let files = ["training-curves", "walk-cat"].flatMap { name in ["png", "svg", "pdf", "csv"].map { "\(name).\($0)" } }
    let links = elements.attributes("a", "href")
    #expect(links.filter { !$0.hasPrefix("#") } == files)
    #expect(links.filter { $0.hasPrefix("#") }.map { String($0.dropFirst()) } == elements.attributes("figure", "id"))
    #expect(elements.attributes("img", "src") == ["training-curves.svg", "walk-cat.svg"])
    // Without an icon a browser asks the server for one.
    #expect(elements.attributes("link", "href") == ["data:,"])
    #expect(!gallery.html.contains("http") && !elements.list.contains { ["script", "iframe"].contains($0.name) })
  }

  @Test func `says each figure’s title in place of its picture, and keeps its room`() {
    let elements = elements(gallery.html)
    #expect(elements.attributes("img", "alt") == ["Error & loss", "Along “cat”"])
    #expect(elements.attributes("img", "width") == ["896", "700"])
    #expect(elements.attributes("img", "height") == ["421", "500"])
    #expect(gallery.html.contains("<h1>Figures of &lt;this&gt; &amp; &quot;that&quot;</h1>"))
    #expect(gallery.html.contains("<code>isda figures runs/a &amp; &lt;b&gt;</code>"))
    #expect(gallery.html.contains("sha256:0123"))
  }

  @Test func `shows the picture of the reader’s scheme, whichever lies beside it`() {
    var gallery = gallery
    #expect(
      elements(gallery.html).attributes("source", "srcset") == ["dark/training-curves.svg", "dark/walk-cat.svg"])
    #expect(elements(gallery.html).attributes("source", "media").first == "(prefers-color-scheme: dark)")
    gallery.scheme = .dark
    #expect(elements(gallery.html).attributes("source", "srcset").first == "light/training-curves.svg")
    #expect(elements(gallery.html).attributes("source", "media").first == "(prefers-color-scheme: light)")
  }

  @Test func `without figures is still a page`() {
    var gallery = gallery
    gallery.sections = []
    #expect(elements(gallery.html).attributes("img", "src").isEmpty)
  }
}

@Suite("The report")
struct ReportPageTests {
  private let page = ReportPage(
    title: "ISDA & cross-entropy", facts: ["10 pairs <of> runs"],
    findings: [.init(word: "undecided", title: "ISDA λ₀=0.5", sentence: "Nothing was shown (p = 0.3 > 0.05).")],
    sections: [
      .init(
        title: "Arms",
        tables: [
          .init(caption: "Errors in %", rows: [["arm", "mean"], ["a<b", "7.25"]]),
          .init(caption: "without rows", rows: [["arm"]]),
        ], figures: [Example.forest.figure])
    ], notes: ["One & all"], provenance: Examples.provenance)

  @Test func `is one well-formed file that loads nothing and runs nothing`() {
    let elements = elements(page.html)
    #expect(!elements.list.contains { ["script", "iframe", "object"].contains($0.name) })
    for (element, attribute) in [("link", "href"), ("img", "src"), ("source", "srcset")] {
      let places = elements.attributes(element, attribute)
      #expect(!places.isEmpty && places.allSatisfy { $0.hasPrefix("data:") })
    }
    #expect(!page.html.contains("http") && !page.html.contains("@import") && !page.html.contains("url("))
  }

  @Test func `says its verdict as a word, and every cell as it is`() {
    #expect(page.html.contains("ISDA λ₀=0.5: <strong>undecided</strong>"))
    #expect(page.html.contains("Nothing was shown (p = 0.3 &gt; 0.05)."))
    #expect(page.html.contains("<td>a&lt;b</td><td>7.25</td>") && page.html.contains("10 pairs &lt;of&gt; runs"))
    #expect(!page.html.contains("without rows"))
    #expect(elements(page.html).attributes("img", "alt") == [Example.forest.figure.title])
  }

  @Test func `has its figures for light pages and for dark ones`() throws {
    let elements = elements(page.html)
    func document(_ text: String) throws -> String {
      let data = try #require(Data(base64Encoded: String(text.drop { $0 != "," }.dropFirst())))
      return String(decoding: data, as: UTF8.self)
    }
    let light = try document(#require(elements.attributes("img", "src").first))
    let dark = try document(#require(elements.attributes("source", "srcset").first))
    #expect(light != dark && light.contains("Which classes the arm helps"))
    #expect(XMLParser(data: Data(light.utf8)).parse() && XMLParser(data: Data(dark.utf8)).parse())
  }
}
