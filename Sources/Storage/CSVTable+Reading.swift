//  Tables that people bring along: comma-separated text by RFC 4180, with the line that each row stands on, so that
//  what is wrong with a value can be said where it stands.

public import Foundation

extension CSVTable {
  /// Reads a table: a header, then rows of as many cells. Lines end in LF or CRLF; empty lines and a byte order mark
  /// are passed over.
  /// - Returns: the table, and for each row the line that it begins on, from 1.
  /// - Throws: `FileError` naming the line: no UTF-8, a quote that does not end, a row of another length.
  public static func read(_ url: URL, expected: String) throws(FileError) -> (table: CSVTable, lines: [Int]) {
    func malformed(_ found: String, _ expected: String) -> FileError {
      .malformed(path: url.path, found: found, expected: expected)
    }
    guard let text = String(bytes: try WholeFile.read(url, expected: expected), encoding: .utf8) else {
      throw malformed("bytes that are not UTF-8", expected)
    }
    let records: [(line: Int, cells: [String])]
    do {
      records = try parse(text.hasPrefix("\u{FEFF}") ? text.dropFirst() : text[...])
    } catch {
      throw malformed("a quote in line \(error.line) that is not closed", "cells as RFC 4180 quotes them")
    }
    guard let header = records.first?.cells else { throw malformed("no header", expected) }
    var table = CSVTable(header: header)
    for (line, cells) in records.dropFirst() {
      guard cells.count == header.count else {
        throw malformed("\(cells.count) cells in line \(line)", "\(header.count), as the header has")
      }
      table.append(cells)
    }
    return (table, records.dropFirst().map(\.line))
  }

  private struct OpenQuote: Error { let line: Int }

  private static func parse(_ text: Substring) throws(OpenQuote) -> [(line: Int, cells: [String])] {
    var records: [(line: Int, cells: [String])] = []
    var (cells, cell): ([String], String) = ([], "")
    var (line, start) = (1, 1)
    var opened: Int?
    var wasQuoted = false
    func isEmpty() -> Bool { cells.isEmpty && cell.isEmpty && !wasQuoted }
    func endRecord() {
      if !isEmpty() { records.append((start, cells + [cell])) }
      (cells, cell, wasQuoted) = ([], "", false)
    }
    var index = text.startIndex
    while index < text.endIndex {
      let character = text[index]
      index = text.index(after: index)
      if opened != nil {
        if character != "\"" {
          cell.append(character)
          if character.isNewline { line += 1 }
        } else if index < text.endIndex, text[index] == "\"" {
          cell.append("\"")
          index = text.index(after: index)
        } else {
          opened = nil
        }
      } else if character == "\"", cell.isEmpty {
        (opened, wasQuoted) = (line, true)
      } else if character == "," {
        cells.append(cell)
        (cell, wasQuoted) = ("", false)
      } else if character == "\n" || character == "\r\n" {
        endRecord()
        line += 1
        start = line
      } else {
        cell.append(character)
      }
    }
    if let opened { throw OpenQuote(line: opened) }
    endRecord()
    return records
  }
}
