//  Attributes that someone has noted for the images of any data set: a CSV file beside it becomes the table that drawn
//  data sets have by themselves.

public import Foundation
public import Storage

extension Dataset {
  /// This data set with the attributes of a CSV file in place of those that it had.
  ///
  /// Without columns `split` and `row` the rows are the test images in order. With them a row is about image `row`
  /// (from 0) of `split` (`train` or `test`); every test image has one, and either every training image or none.
  /// A column `file_name` is passed over. Every other is an attribute: numbers (0 and 1 for no and yes), or texts, of
  /// which each becomes an attribute `name=text` of zeros and ones.
  /// - Throws: `FileError` naming the line, the column and the value.
  public func withAttributes(from url: URL) throws(FileError) -> Dataset {
    let file = try AttributeFile(url)
    let rows = try file.rows(train: train.count, test: test.count)
    let (names, values) = try file.attributes()
    guard !names.isEmpty else { throw file.malformed("no column of attributes", "at least one") }
    func part(_ set: ImageSet, _ rows: [Int]?) -> ImageSet {
      set.with(factors: rows.map { FactorTable(names: names, values: $0.map { row in values.map { $0[row] } }) })
    }
    return Dataset(
      name: name, classNames: classNames, train: part(train, rows.train), validation: validation,
      test: part(test, rows.test), normalization: normalization)
  }
}

/// The rows of a file, and what its columns hold.
struct AttributeFile {
  /// A column of more different texts names images, not attributes.
  private static let mostCategories = 50

  let path: String
  let table: CSVTable
  let lines: [Int]

  init(_ url: URL) throws(FileError) {
    let (table, lines) = try CSVTable.read(url, expected: "a header and a row of attributes for each image")
    try self.init(path: url.path, table: table, lines: lines)
  }

  /// - Parameter lines: where in the file each row stands.
  init(path: String, table: CSVTable, lines: [Int]) throws(FileError) {
    (self.path, self.table, self.lines) = (path, table, lines)
    let header = table.header
    if let name = header.first(where: { name in header.count { $0 == name } > 1 }) {
      throw malformed("column \"\(name)\" twice", "every name once")
    }
    if let column = header.firstIndex(of: "") { throw malformed("column \(column + 1) without a name", "a name") }
  }

  func malformed(_ found: String, _ expected: String) -> FileError {
    .malformed(path: path, found: found, expected: expected)
  }

  func malformed(_ value: String, _ column: String, row: Int, _ expected: String) -> FileError {
    malformed("\"\(value)\" in line \(lines[row]), column \(column)", expected)
  }

  func column(_ name: String) -> [String]? {
    table.header.firstIndex(of: name).map { column in table.rows.map { $0[column] } }
  }

  /// Where in the file the images of each split stand, in their order.
  func rows(train: Int, test: Int) throws(FileError) -> (train: [Int]?, test: [Int]) {
    guard let splits = column("split"), let places = column("row") else {
      guard column("split") == nil, column("row") == nil else {
        throw malformed("only one of the columns split and row", "both, or neither for test images in order")
      }
      guard lines.count == test else {
        throw malformed("\(lines.count) rows", "\(test), one for each test image, or columns split and row")
      }
      return (nil, Array(0..<test))
    }
    let counts = ["train": train, "test": test]
    var found = counts.mapValues { [Int?](repeating: nil, count: $0) }
    for (row, (split, place)) in zip(splits, places).enumerated() {
      guard let count = counts[split] else { throw malformed(split, "split", row: row, "train or test") }
      guard let place = Int(place), (0..<count).contains(place) else {
        throw malformed(place, "row", row: row, "0 to \(count - 1), a place among the \(split) images")
      }
      if let first = found[split]?[place] ?? nil {
        throw malformed("\(place)", "row", row: row, "every image once; it has line \(lines[first]) already")
      }
      found[split]?[place] = row
    }
    func whole(_ split: String) throws(FileError) -> [Int] {
      let rows = found[split] ?? []
      if let missing = rows.firstIndex(of: nil) {
        throw malformed("no row for \(split) image \(missing)", "one for each of the \(rows.count) \(split) images")
      }
      return rows.compactMap(\.self)
    }
    let hasTrain = found["train"]?.contains { $0 != nil } ?? false
    return (hasTrain ? try whole("train") : nil, try whole("test"))
  }

  /// The columns as numbers: `values[attribute][row]`.
  /// - Parameter other: columns that are no attributes.
  func attributes(besides other: [String] = ["split", "row", "file_name"]) throws(FileError)
    -> (names: [String], values: [[Double]])
  {
    var (names, values): ([String], [[Double]]) = ([], [])
    for name in table.header where !other.contains(name) {
      let cells = column(name) ?? []
      let numbers = cells.map { Double($0.trimmingCharacters(in: .whitespaces)) }
      if let first = numbers.firstIndex(where: { $0?.isFinite == true }) {
        if let row = numbers.firstIndex(where: { $0?.isFinite != true }) {
          throw malformed(cells[row], name, row: row, "a finite number, as in line \(lines[first])")
        }
        names.append(name)
        values.append(numbers.compactMap(\.self))
        continue
      }
      if let row = cells.firstIndex(where: { $0.allSatisfy(\.isWhitespace) }) {
        throw malformed(cells[row], name, row: row, "a number or a text for every image")
      }
      let categories = Set(cells).sorted()
      guard categories.count <= Self.mostCategories else {
        throw malformed(
          "\(categories.count) different texts in column \(name)", "numbers, or at most \(Self.mostCategories) texts")
      }
      for category in categories {
        names.append("\(name)=\(category)")
        values.append(cells.map { $0 == category ? 1 : 0 })
      }
    }
    return (names, values)
  }
}
