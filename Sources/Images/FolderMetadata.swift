//  What a folder of images says about them in a table beside them: `metadata.csv` or `metadata.jsonl`, a row a file, as
//  `isda data render` writes it and as other collections of images have it.

internal import Foundation
internal import Storage

/// The table of one split.
struct FolderMetadata {
  private let file: AttributeFile
  /// Which row is about a file.
  private let rows: [String: Int]
  /// `label` of each row, if there is such a column.
  private let labels: [String]?

  /// The table in `folder`; nil if there is none.
  /// - Throws: `FileError` naming the line: no column `file_name`, a file named twice, values that are none.
  init?(in folder: URL) throws(FileError) {
    let csv = folder.appendingPathComponent("metadata.csv")
    let jsonLines = folder.appendingPathComponent("metadata.jsonl")
    if FileManager.default.fileExists(atPath: csv.path) {
      file = try AttributeFile(csv)
    } else if FileManager.default.fileExists(atPath: jsonLines.path) {
      let (table, lines) = try Self.table(ofJSONLines: jsonLines)
      file = try AttributeFile(path: jsonLines.path, table: table, lines: lines)
    } else {
      return nil
    }
    guard let names = file.column("file_name") else {
      throw file.malformed("no column file_name", "one that names each image from the folder of the table")
    }
    labels = file.column("label")
    var rows: [String: Int] = [:]
    for (row, name) in names.enumerated() {
      if let first = rows.updateValue(row, forKey: name) {
        throw file.malformed(name, "file_name", row: row, "every image once; it has line \(file.lines[first]) already")
      }
    }
    self.rows = rows
  }

  /// The class that the table gives an image.
  func label(of name: String) -> String? { rows[name].flatMap { labels?[$0] } }

  /// The attributes of some images, by their names from the folder; nil if the table has no column of attributes.
  /// - Throws: `FileError` if an image has no row or a value is none.
  func factors(of names: [String]) throws(FileError) -> FactorTable? {
    var places: [Int] = []
    for name in names {
      guard let row = rows[name] else { throw file.malformed("no row for \(name)", "one for each image") }
      places.append(row)
    }
    let (columns, values) = try file.attributes(besides: ["file_name", "label"])
    guard !columns.isEmpty else { return nil }
    return FactorTable(names: columns, values: places.map { row in values.map { $0[row] } })
  }

  /// - Parameter existing: every file of the folder, also those that do not decode.
  /// - Throws: `FileError` for a row about a file that is not there.
  func requireFiles(_ existing: Set<String>) throws(FileError) {
    guard let (name, row) = rows.filter({ !existing.contains($0.key) }).min(by: { $0.value < $1.value }) else { return }
    throw file.malformed(name, "file_name", row: row, "a PNG or JPEG file that is in the folder")
  }

  /// JSON objects, one a line: numbers, texts, and true and false as 1 and 0. Every line has the keys of the first.
  private static func table(ofJSONLines url: URL) throws(FileError) -> (CSVTable, [Int]) {
    let expected = "a JSON object a line, with file_name"
    let text = String(decoding: try WholeFile.read(url, expected: expected), as: UTF8.self)
    func malformed(_ line: Int, _ found: String, _ expected: String) -> FileError {
      .malformed(path: url.path, found: "\(found) in line \(line)", expected: expected)
    }
    var table: CSVTable?
    var lines: [Int] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    where !line.allSatisfy(\.isWhitespace) {
      guard let values = try? JSONFile.decode([String: Cell].self, from: Data(line.utf8)) else {
        throw malformed(index + 1, "something else than an object of numbers, texts, true and false", expected)
      }
      var result = table ?? CSVTable(header: values.keys.sorted())
      guard values.count == result.header.count, result.header.allSatisfy({ values[$0] != nil }) else {
        throw malformed(
          index + 1, "keys \(values.keys.sorted().joined(separator: ", "))",
          "\(result.header.joined(separator: ", ")), as the first line has")
      }
      result.append(result.header.map { values[$0]?.text ?? "" })
      table = result
      lines.append(index + 1)
    }
    guard let table else { throw .malformed(path: url.path, found: "no line", expected: expected) }
    return (table, lines)
  }

  private struct Cell: Decodable {
    let text: String

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let flag = try? container.decode(Bool.self) {
        text = flag ? "1" : "0"
      } else if let number = try? container.decode(Double.self) {
        text = number.description
      } else {
        text = try container.decode(String.self)
      }
    }
  }
}
