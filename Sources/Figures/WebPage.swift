//  What the project's pages of HTML have in common: a frame without scripts that loads nothing, light or dark as the
//  reader's screen is, and at the foot where the numbers come from.

internal import Canvas
internal import Foundation

enum WebPage {
  /// - Parameters:
  ///   - style: rules beyond those of every page.
  ///   - body: markup, well-formed as XML.
  static func document(title: String, style: String, body: String, provenance: Provenance) -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8"/>
    <meta name="viewport" content="width=device-width, initial-scale=1"/>
    <meta name="color-scheme" content="light dark"/>
    <meta name="generator" content="\(provenance.software.markupEscaped)"/>
    <link rel="icon" href="data:,"/>
    <title>\(title.markupEscaped)</title>
    <style>
    \(common)
    \(style)
    </style>
    </head>
    <body>
    <h1>\(title.markupEscaped)</h1>
    \(body)<footer>
    <p><code>\(provenance.command.markupEscaped)</code></p>
    <p>\(provenance.software.markupEscaped). Data: \(provenance.data.markupEscaped)</p>
    </footer>
    </body>
    </html>

    """
  }

  /// On a narrow screen a picture keeps the width at which its labels can be read, and moves under the finger.
  private static let common = """
    :root { color-scheme: light dark; --page: #fff; --ink: #1d1d1f; --soft: #5e5e63; --line: #e7e7ea; --link: #0a58a5; }
    @media (prefers-color-scheme: dark) {
      :root { --page: #161616; --ink: #d6d6d8; --soft: #a3a3a8; --line: #343438; --link: #7db8f0; }
    }
    body { margin: 0 auto; max-width: 76rem; padding: 1rem; background: var(--page); color: var(--ink);
      font: 1rem/1.5 Inter, system-ui, sans-serif; overflow-wrap: anywhere; }
    h1 { font-size: 1.4rem; line-height: 1.25; margin-bottom: .4rem; }
    h2 { font-size: 1.15rem; margin: 2.8rem 0 0; border-top: 1px solid var(--line); padding-top: 1rem; }
    a { color: var(--link); }
    figure { margin: 1.8rem 0; }
    figure div { overflow-x: auto; }
    figcaption, footer, nav, li { font-size: .9rem; color: var(--soft); }
    img { display: block; max-width: 100%; height: auto; }
    @media (max-width: 44rem) { img { max-width: none; } }
    footer { margin-top: 3rem; border-top: 1px solid var(--line); }
    """
}
