//  A figure is a picture and the numbers that it shows. Both are written side by side, and the picture
//  carries where it comes from.

public import Canvas
public import Foundation
public import Raster
public import Results
public import Storage

/// The pixels of an image of the data set.
public typealias ImageSource = (ImageReference) -> Image

/// Where a figure comes from; written into its files.
public struct Provenance: Sendable, Equatable {
  /// Program and version, `isda 1.0.0`.
  public var software: String
  /// The command that draws it again.
  public var command: String
  /// What names the data that it shows, such as the SHA-256 of the report.
  public var data: String

  public init(software: String, command: String, data: String) {
    (self.software, self.command, self.data) = (software, command, data)
  }
}

/// A drawing, its title and its numbers.
public struct Figure {
  /// The stem of its files' names.
  public let name: String
  public let title: String
  public let drawing: Drawing
  public let table: CSVTable

  public init(name: String, title: String, drawing: Drawing, table: CSVTable) {
    (self.name, self.title, self.drawing, self.table) = (name, title, drawing, table)
  }

  /// Writes `<name>.png`, `<name>.svg` and `<name>.csv` into `folder`, each whole or not at all.
  /// - Returns: the files written, in this order.
  /// - Throws: `FileError.unwritable`.
  public func write(
    to folder: URL, dotsPerInch: Double = 192, provenance: Provenance
  ) throws(FileError) -> [URL] {
    let files = [
      ("png", png(dotsPerInch: dotsPerInch, provenance: provenance)),
      ("svg", svg(provenance: provenance)),
      ("csv", Data(table.text.utf8)),
    ]
    var written: [URL] = []
    for (suffix, data) in files {
      let url = folder.appendingPathComponent("\(name).\(suffix)")
      try WholeFile.write(data, to: url)
      written.append(url)
    }
    return written
  }

  /// The picture as a PNG file with its resolution, title and provenance.
  public func png(dotsPerInch: Double = 192, provenance: Provenance) -> Data {
    drawing.image(dotsPerInch: dotsPerInch).png(
      dotsPerInch: dotsPerInch,
      texts: [
        "Title": title, "Software": provenance.software, "Command": provenance.command, "Data": provenance.data,
      ])
  }

  /// The picture as an SVG document; title and provenance stand in `<title>` and `<desc>`.
  public func svg(provenance: Provenance) -> Data {
    func escaped(_ text: String) -> String {
      text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
        .replacingOccurrences(of: ">", with: "&gt;")
    }
    var document = drawing.svg()
    let description = "\(provenance.software)\nCommand: \(provenance.command)\nData: \(provenance.data)"
    let texts = "\n<title>\(escaped(title))</title>\n<desc>\(escaped(description))</desc>"
    if let root = document.range(of: Data("<svg".utf8)),
      let end = document[root.upperBound...].firstIndex(of: UInt8(ascii: ">"))
    {
      document.insert(contentsOf: Data(texts.utf8), at: end + 1)
    }
    return document
  }
}
