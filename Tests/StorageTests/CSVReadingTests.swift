import Foundation
import Storage
import Testing

@Suite("A table of comma-separated text")
struct CSVReadingTests {
  private func read(_ data: Data) throws -> (table: CSVTable, lines: [Int]) {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("isda-csv-\(UUID().uuidString).csv")
    defer { try? FileManager.default.removeItem(at: url) }
    try WholeFile.write(data, to: url)
    return try CSVTable.read(url, expected: "a table")
  }

  @Test("reads back as it was written, whatever its cells hold")
  func roundTrip() throws {
    var table = CSVTable(header: ["plain", "with, comma", "with \"quotes\""])
    table.append(["", "a\nb", "\"\""])
    table.append(["ä,ö", "", "x"])
    table.append(["", "", ""])
    #expect(try read(Data(table.text.utf8)).table == table)
  }

  @Test("knows the line that each row begins on")
  func lines() throws {
    let (table, lines) = try read(Data("a,b\n\n\"1\n\n2\",3\r\n\n4,\"\"\n5,6".utf8))
    #expect(table.rows == [["1\n\n2", "3"], ["4", ""], ["5", "6"]])
    #expect(lines == [3, 7, 8])
  }

  @Test("that is no UTF-8 is refused")
  func encoding() {
    #expect {
      _ = try read(Data([0x61, 0x0A, 0xFF, 0xFE]))
    } throws: { "\($0)".contains("found bytes that are not UTF-8; expected a table") }
  }
}
