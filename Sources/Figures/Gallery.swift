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
    var page = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <meta name="color-scheme" content="light dark"/>
      <meta name="generator" content="\(provenance.software.markupEscaped)"/>
      <title>\(title.markupEscaped)</title>
      <style>
      \(Self.style)
      </style>
      </head>
      <body>
      <h1>\(title.markupEscaped)</h1>
      <nav>

      """
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
    page += """
      <footer>
      <p><code>\(provenance.command.markupEscaped)</code></p>
      <p>\(provenance.software.markupEscaped). Data: \(provenance.data.markupEscaped)</p>
      </footer>
      </body>
      </html>

      """
    return page
  }

  /// On a narrow screen a picture keeps the width at which its labels can be read, and moves under the finger.
  private static let style = """
    :root { color-scheme: light dark; --page: #fff; --ink: #1d1d1f; --soft: #5e5e63; --line: #e7e7ea; --link: #0a58a5; }
    @media (prefers-color-scheme: dark) {
      :root { --page: #161616; --ink: #d6d6d8; --soft: #a3a3a8; --line: #343438; --link: #7db8f0; }
    }
    body { margin: 0 auto; max-width: 72rem; padding: 1rem; background: var(--page); color: var(--ink);
      font: 1rem/1.5 Inter, system-ui, sans-serif; overflow-wrap: anywhere; }
    h1 { font-size: 1.4rem; line-height: 1.25; }
    h2 { font-size: 1.15rem; margin: 3rem 0 0; border-top: 1px solid var(--line); padding-top: 1rem; }
    a { color: var(--link); }
    nav, figcaption, footer { font-size: .9rem; color: var(--soft); }
    nav b { color: var(--ink); font-weight: 600; }
    figure { margin: 2rem 0; }
    figure div { overflow-x: auto; }
    img { display: block; max-width: 100%; height: auto; }
    @media (max-width: 44rem) { img { max-width: none; } }
    figcaption { margin-top: .4rem; }
    footer { margin-top: 3rem; border-top: 1px solid var(--line); }
    """
}
