//  All figures on one page of HTML, to look through or to send along: plain, without scripts, with links that stay true
//  wherever the folder goes. Light or dark as the reader's screen is; so each figure is there in both.

public import Canvas
internal import Foundation

/// A page of figures that lie beside it.
public struct Gallery: Sendable {
  public struct Entry: Sendable {
    /// The stem of the figure's files.
    public var name: String
    /// Beside the picture for who sees it, in its place for who does not.
    public var title: String
    /// Of the picture, in 1/96 inch.
    public var size: Size

    public init(name: String, title: String, size: Size) {
      (self.name, self.title, self.size) = (name, title, size)
    }
  }

  public struct Section: Sendable {
    public var title: String
    public var entries: [Entry]

    public init(title: String, entries: [Entry]) {
      (self.title, self.entries) = (title, entries)
    }
  }

  public var title: String
  public var sections: [Section]
  /// Of the pictures beside the page.
  public var scheme: ColorScheme
  public var provenance: Provenance

  public init(title: String, sections: [Section], scheme: ColorScheme, provenance: Provenance) {
    (self.title, self.sections, self.scheme, self.provenance) = (title, sections, scheme, provenance)
  }

  /// The scheme of the pictures that lie in a folder of its name beside the page, as SVG.
  public static func other(than scheme: ColorScheme) -> ColorScheme { scheme == .light ? .dark : .light }

  public var html: String {
    let other = Self.other(than: scheme).rawValue
    func link(_ name: String, _ suffix: String) -> String {
      "<a href=\"\(name).\(suffix)\">\(suffix.uppercased())</a>"
    }
    var page = "<nav>\n"
    for section in sections {
      let links = section.entries.map { "<a href=\"#\($0.name)\">\($0.name.markupEscaped)</a>" }
      page += "<p><b>\(section.title.markupEscaped)</b> \(links.joined(separator: " · "))</p>\n"
    }
    page += "</nav>\n"
    for section in sections {
      page += "<section>\n<h2>\(section.title.markupEscaped)</h2>\n"
      for entry in section.entries {
        let (name, title) = (entry.name, entry.title.markupEscaped)
        let (width, height) = (Int(entry.size.width.rounded(.up)), Int(entry.size.height.rounded(.up)))
        page += """
          <figure id="\(name)">
          <div tabindex="0" role="region" aria-label="\(title)"><picture>
          <source media="(prefers-color-scheme: \(other))" srcset="\(other)/\(name).svg"/>
          <img src="\(name).svg" alt="\(title)" width="\(width)" height="\(height)" loading="lazy"/>
          </picture></div>
          <figcaption>\(title) \(["png", "svg", "pdf", "csv"].map { link(name, $0) }.joined(separator: " "))</figcaption>
          </figure>

          """
      }
      page += "</section>\n"
    }
    return WebPage.document(title: title, style: Self.style, body: page, provenance: provenance)
  }

  private static let style = """
    nav b { color: var(--ink); font-weight: 600; }
    figcaption { margin-top: .4rem; }
    """
}
