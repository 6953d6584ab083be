//  One table, four ways to write it: aligned text and Markdown to read, LaTeX for a paper, CSV with every digit for other
//  programs. All come from the same cells, so none can say something else than the others.

internal import Foundation
public import Storage

/// A table of a comparison.
public struct ReportTable: Sendable {
  /// The stem of its files' names.
  public let name: String
  public let caption: String
  let columns: [Column]
  private(set) var rows: [[Cell]] = []

  /// A column with its title for people and its name for programs. A column of intervals is two in CSV, `_lower` and
  /// `_upper`.
  struct Column: Sendable {
    let title: String
    let key: String
    let holdsIntervals: Bool

    init(_ title: String, _ key: String, intervals: Bool = false) {
      (self.title, self.key, holdsIntervals) = (title, key, intervals)
    }
  }

  enum Cell: Sendable {
    case text(String)
    case count(Int)
    case number(Double?, Int)
    /// Written with its sign.
    case change(Double?, Int)
    case pValue(Double?)
    case interval(Interval?, Int)
  }

  init(_ name: String, caption: String, columns: [Column]) {
    (self.name, self.caption, self.columns) = (name, caption, columns)
  }

  mutating func append(_ cells: [Cell]) {
    precondition(cells.count == columns.count, "a row of \(cells.count) cells under \(columns.count) columns")
    rows.append(cells)
  }

  /// Titles and rows as people read them.
  public var readable: [[String]] { [columns.map(\.title)] + rows.map { $0.map(\.readable) } }

  public var csv: CSVTable {
    var table = CSVTable(
      header: columns.flatMap { $0.holdsIntervals ? [$0.key + "_lower", $0.key + "_upper"] : [$0.key] })
    for row in rows { table.append(row.flatMap(\.exact)) }
    return table
  }

  public var markdown: String {
    func line(_ cells: [String]) -> String {
      "| " + cells.map { $0.replacingOccurrences(of: "|", with: "\\|") }.joined(separator: " | ") + " |\n"
    }
    let rule = columns.indices.map { $0 == 0 ? "---" : "---:" }
    return caption + "\n\n" + line(readable[0]) + line(rule) + readable.dropFirst().map(line).joined()
  }

  /// A `table` for the packages `booktabs` and `inputenc` or any Unicode engine.
  public var latex: String {
    func line(_ cells: [String]) -> String { "    " + cells.map(Self.escaped).joined(separator: " & ") + " \\\\\n" }
    return """
      \\begin{table}
        \\centering
        \\caption{\(Self.escaped(caption))}
        \\label{tab:\(name)}
        \\begin{tabular}{l\(String(repeating: "r", count: columns.count - 1))}
          \\toprule
      \(line(readable[0]))    \\midrule
      \(readable.dropFirst().map(line).joined())    \\bottomrule
        \\end{tabular}
      \\end{table}

      """
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text { result += replacements[character] ?? String(character) }
    return result
  }

  private static let replacements: [Character: String] = [
    "\\": "\\textbackslash{}", "&": "\\&", "%": "\\%", "$": "\\$", "#": "\\#", "_": "\\_", "{": "\\{", "}": "\\}",
    "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "<": "$<$", ">": "$>$", "−": "$-$", "±": "$\\pm$",
    "λ": "$\\lambda$", "₀": "$_0$", "β": "$\\beta$", "δ": "$\\delta$", "≤": "$\\le$", "→": "$\\to$", "–": "--",
    "×": "$\\times$",
  ]
}

extension ReportTable.Cell {
  var readable: String {
    switch self {
    case .text(let text): text
    case .count(let count): "\(count)"
    case .number(let value, let decimals): value.map { Format.fixed($0, decimals) } ?? "–"
    case .change(let value, let decimals): value.map { Format.signed($0, decimals) } ?? "–"
    case .pValue(let value): value.map(Format.pValue) ?? "–"
    case .interval(let interval, let decimals):
      interval.map { "\(Format.fixed($0.lower, decimals)) to \(Format.fixed($0.upper, decimals))" } ?? "–"
    }
  }

  /// With every digit; empty where there is no value.
  fileprivate var exact: [String] {
    switch self {
    case .text(let text): [text]
    case .count(let count): ["\(count)"]
    case .number(let value, _), .change(let value, _), .pValue(let value): [value.map { "\($0)" } ?? ""]
    case .interval(let interval, _): interval.map { ["\($0.lower)", "\($0.upper)"] } ?? ["", ""]
    }
  }
}
