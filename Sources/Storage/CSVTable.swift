//  Tables as comma-separated text (RFC 4180), the form in which every figure leaves its numbers.

public import Foundation

/// A table of text and numbers: a header and rows of the same length.
public struct CSVTable: Sendable, Equatable {
  public let header: [String]
  public private(set) var rows: [[String]] = []

  public init(header: [String]) {
    self.header = header
  }

  /// Adds a row; numbers keep their shortest exact decimal form.
  public mutating func append(_ cells: [any CustomStringConvertible]) {
    precondition(cells.count == header.count, "a row of \(cells.count) cells under \(header.count) columns")
    rows.append(cells.map(\.description))
  }

  public var text: String {
    var text = ""
    for row in [header] + rows {
      for (column, cell) in row.enumerated() {
        if column > 0 { text += "," }
        text += Self.quoted(cell)
      }
      text += "\n"
    }
    return text
  }

  public func write(to url: URL) throws(FileError) {
    try WholeFile.write(text, to: url)
  }

  private static let special = Array(",\"\r\n".utf8)

  private static func quoted(_ cell: String) -> String {
    guard cell.utf8.contains(where: { special.contains($0) }) else { return cell }
    return "\"" + cell.replacingOccurrences(of: "\"", with: "\"\"") + "\""
  }
}
