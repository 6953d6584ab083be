import Foundation
import Images
import Storage
import TestSupport
import Testing

private let dataset = {
  func set(_ count: Int) -> ImageSet {
    ImageSet(
      width: 1, height: 1, pixels: [UInt8](repeating: 9, count: 3 * count), labels: [UInt8](repeating: 0, count: count))
  }
  return Dataset(
    name: "tiny", classNames: ["a"], train: set(2), test: set(3),
    normalization: Normalization(mean: [0, 0, 0], deviation: [1, 1, 1]))
}()

private func attributes(_ text: String) throws -> Dataset {
  try withTemporaryFolder { folder in
    let file = folder.appendingPathComponent("noted.csv")
    try WholeFile.write(text, to: file)
    return try dataset.withAttributes(from: file)
  }
}

@Suite("A CSV file gives attributes to any data set")
struct AttributeFileTests {
  @Test func `a row for each test image in order`() throws {
    let result = try attributes("file_name,bright, wide\r\na.png,0.5,1\r\n\r\nb.png,-2e3,0\nc.png, 7 ,1\n")
    #expect(result.train.factors == nil)
    #expect(result.test.factors == FactorTable(names: ["bright", " wide"], values: [[0.5, 1], [-2000, 0], [7, 1]]))
    #expect(result.sha256 == dataset.sha256)
  }

  @Test func `split and row say which image a row is about`() throws {
    let result = try attributes("row,split,x\n2,test,3\n0,test,1\n1,train,20\n1,test,2\n0,train,10\n")
    #expect(result.test.factors?.values == [[1], [2], [3]])
    #expect(result.train.factors?.values == [[10], [20]])
    #expect(try attributes("row,split,x\n2,test,3\n0,test,1\n1,test,2\n").train.factors == nil)
  }

  @Test func `texts become zeros and ones, one attribute for each`() throws {
    let result = try attributes("\u{FEFF}scene,n\n\"night, \"\"deep\"\"\",0\nday,1\nnight,0\n")
    #expect(result.test.factors?.names == ["scene=day", "scene=night", "scene=night, \"deep\"", "n"])
    #expect(result.test.factors?.values == [[0, 0, 1, 0], [1, 0, 0, 1], [0, 1, 0, 0]])
  }

  @Test(arguments: [
    ("a\n1\n2\n", "found 2 rows; expected 3, one for each test image"),
    ("a,b\n1,2\n3\n5,6\n", "found 1 cells in line 3; expected 2, as the header has"),
    ("a\n1\nx\n2\n", "found \"x\" in line 3, column a; expected a finite number, as in line 2"),
    ("a\n1\nnan\n2\n", "found \"nan\" in line 3, column a; expected a finite number"),
    ("a,b\n1,u\n2,\n3,w\n", "found \"\" in line 3, column b; expected a number or a text"),
    ("a,a\n1,2\n1,2\n1,2\n", "found column \"a\" twice"),
    ("a,\n1,2\n1,2\n1,2\n", "found column 2 without a name"),
    ("file_name\nx\ny\nz\n", "found no column of attributes"),
    ("split,a\ntest,1\ntest,1\ntest,1\n", "found only one of the columns split and row"),
    ("split,row,a\ntest,0,1\nvalid,1,1\n", "found \"valid\" in line 3, column split; expected train or test"),
    ("split,row,a\ntest,0,1\ntest,3,1\n", "found \"3\" in line 3, column row; expected 0 to 2"),
    (
      "split,row,a\ntest,0,1\ntest,0,1\n", "found \"0\" in line 3, column row; expected every image once; it has line 2"
    ),
    ("split,row,a\ntest,0,1\ntest,2,1\n", "found no row for test image 1"),
    ("split,row,a\ntest,0,1\ntest,1,1\ntest,2,1\ntrain,1,1\n", "found no row for train image 0"),
    ("a\n\"1\n2\n3\n", "found a quote in line 2 that is not closed"),
    ("", "found no header"),
  ])
  func `what is wrong is said by line and column`(text: String, message: String) {
    #expect {
      _ = try attributes(text)
    } throws: { error in
      #expect("\(error)".contains("noted.csv: \(message)"), "\(error)")
      return error is FileError
    }
  }

  @Test func `a column of names is not one of categories, and a file must be there`() {
    #expect {
      let rows = (0..<60).map { "image \($0)" }.joined(separator: "\n")
      let set = ImageSet(
        width: 1, height: 1, pixels: [UInt8](repeating: 0, count: 180), labels: [UInt8](repeating: 0, count: 60))
      let many = Dataset(
        name: "many", classNames: ["a"], train: set, test: set,
        normalization: Normalization(mean: [0, 0, 0], deviation: [1, 1, 1]))
      try withTemporaryFolder { folder in
        let file = folder.appendingPathComponent("noted.csv")
        try WholeFile.write("name\n\(rows)\n", to: file)
        _ = try many.withAttributes(from: file)
      }
    } throws: { "\($0)".contains("found 60 different texts in column name; expected numbers, or at most 50 texts") }
    #expect {
      _ = try dataset.withAttributes(from: URL(fileURLWithPath: "/nowhere/noted.csv"))
    } throws: { "\($0)".hasPrefix("/nowhere/noted.csv: not found; expected a header and a row of attributes") }
  }
}
