//  A comparison as one file of HTML that can be sent along: what it comes to first, then tables and figures, everything
//  inside the file. Nothing is loaded and nothing runs, so it looks the same wherever and whenever it is opened.

internal import Canvas
internal import Foundation

/// A self-contained page of verdicts, tables and figures.
public struct ReportPage {
  /// What a comparison comes to.
  public struct Finding: Sendable {
    /// `better`, `worse`, `equivalent` or `undecided`.
    public var word: String
    public var title: String
    public var sentence: String

    public init(word: String, title: String, sentence: String) {
      (self.word, self.title, self.sentence) = (word, title, sentence)
    }
  }

  public struct Table: Sendable {
    public var caption: String
    /// Titles first.
    public var rows: [[String]]

    public init(caption: String, rows: [[String]]) {
      (self.caption, self.rows) = (caption, rows)
    }
  }

  public struct Section {
    public var title: String
    public var tables: [Table]
    public var figures: [Figure]

    public init(title: String, tables: [Table], figures: [Figure]) {
      (self.title, self.tables, self.figures) = (title, tables, figures)
    }
  }

  public var title: String
  /// Facts of the comparison, a line each.
  public var facts: [String]
  public var findings: [Finding]
  public var sections: [Section]
  /// What a reader has to know.
  public var notes: [String]
  public var provenance: Provenance

  public init(
    title: String, facts: [String], findings: [Finding], sections: [Section], notes: [String], provenance: Provenance
  ) {
    (self.title, self.facts, self.findings) = (title, facts, findings)
    (self.sections, self.notes, self.provenance) = (sections, notes, provenance)
  }

  /// About 100 kB a figure, which is there for light pages and for dark ones.
  public var html: String {
    var body = facts.map { "<p class=\"fact\">\($0.markupEscaped)</p>\n" }.joined()
    for finding in findings {
      body += """
        <section class="finding \(finding.word.markupEscaped)"><h2>\(finding.title.markupEscaped): \
        <strong>\(finding.word.markupEscaped)</strong></h2>
        <p>\(finding.sentence.markupEscaped)</p></section>

        """
    }
    for section in sections {
      body += "<h2>\(section.title.markupEscaped)</h2>\n"
      body += section.figures.map(markup).joined()
      body += section.tables.filter { $0.rows.count > 1 }.map(markup).joined()
    }
    if !notes.isEmpty {
      body += "<h2>What to know</h2>\n<ul>\n"
      body += notes.map { "<li>\($0.markupEscaped)</li>\n" }.joined() + "</ul>\n"
    }
    return WebPage.document(title: title, style: Self.style, body: body, provenance: provenance)
  }

  private func markup(_ table: Table) -> String {
    func row(_ cells: [String], _ tag: String) -> String {
      "<tr>" + cells.map { "<\(tag)>\($0.markupEscaped)</\(tag)>" }.joined() + "</tr>\n"
    }
    return """
      <figure><figcaption>\(table.caption.markupEscaped)</figcaption>
      <div tabindex="0"><table>
      <thead>\(row(table.rows[0], "th"))</thead>
      <tbody>\(table.rows.dropFirst().map { row($0, "td") }.joined())</tbody>
      </table></div></figure>

      """
  }

  /// As an image of its own, because the parts of SVG documents are numbered alike and would meet in one page.
  private func markup(_ figure: Figure) -> String {
    func data(_ scheme: ColorScheme) -> String {
      let document = figure.svg(form: FigureForm(scheme: scheme), provenance: provenance)
      return "data:image/svg+xml;base64,\(document.base64EncodedString())"
    }
    let (width, height) = (Int(figure.drawing.size.width.rounded()), Int(figure.drawing.size.height.rounded()))
    return """
      <figure><div tabindex="0"><picture>
      <source media="(prefers-color-scheme: dark)" srcset="\(data(.dark))"/>
      <img src="\(data(.light))" width="\(width)" height="\(height)" alt="\(figure.title.markupEscaped)"/>
      </picture></div></figure>

      """
  }

  /// A verdict is a word and a border before it is a colour.
  private static let style = """
    .fact { margin: 0; color: var(--soft); }
    .finding { --mark: var(--soft); border-left: .4rem solid var(--mark); padding: .2rem 0 .2rem 1rem; margin: 1.4rem 0;
      max-width: 52rem; }
    .finding h2 { font-size: 1.1rem; margin: 0; border: 0; padding: 0; font-weight: 500; }
    .finding p { margin: .3rem 0 0; }
    .finding.better { --mark: #0072b2; } .finding.worse { --mark: #d55e00; border-left-style: double; }
    .finding.equivalent { border-left-style: ridge; } .finding.undecided { border-left-style: dotted; }
    figcaption, footer, li { max-width: 60rem; }
    table { border-collapse: collapse; font-size: .85rem; margin-top: .5rem; font-variant-numeric: tabular-nums;
      overflow-wrap: normal; }
    th, td { padding: .25rem .9rem .25rem 0; text-align: right; border-bottom: 1px solid var(--line);
      white-space: nowrap; vertical-align: bottom; }
    th { font-weight: 600; }
    th:first-child, td:first-child { text-align: left; }
    """
}
