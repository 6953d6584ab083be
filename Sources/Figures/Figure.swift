//  A figure is a picture and the numbers that it shows. Both are written side by side, and the picture
//  carries where it comes from.

public import Canvas
public import Foundation
public import Raster
public import Results
public import Storage

/// The pixels of an image of the data set.
public typealias ImageSource = @Sendable (ImageReference) -> Image

/// Where a figure comes from; written into its files.
public struct Provenance: Sendable, Equatable {
  /// Program and version, `isda 1.0.0`.
  public var software: String
  /// The command that draws it again.
  public var command: String
  /// What names the data that it shows, such as the SHA-256 of the report.
  public var data: String
  /// For PDF documents; nil leaves the date out, so that the same data give the same bytes at any time.
  public var created: Date?

  public init(software: String, command: String, data: String, created: Date? = nil) {
    (self.software, self.command, self.data, self.created) = (software, command, data, created)
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

  /// Writes `<name>.png`, `<name>.svg`, `<name>.pdf` and `<name>.csv` into `folder`, each whole or not at all.
  /// - Returns: the files written, in this order.
  /// - Throws: `FileError.unwritable`.
  public func write(
    to folder: URL, form: FigureForm = FigureForm(), provenance: Provenance
  ) throws(FileError) -> [URL] {
    let files = [
      ("png", png(form: form, provenance: provenance)),
      ("svg", svg(form: form, provenance: provenance)),
      ("pdf", pdf(form: form, provenance: provenance)),
      ("csv", Data(table.text.utf8)),
    ]
    var written: [URL] = []
    for (suffix, data) in files {
      let url = folder.appendingPathComponent("\(name).\(suffix)")
      // What is lost in a power cut is drawn again.
      try WholeFile.write(data, to: url, durably: false)
      written.append(url)
    }
    return written
  }

  /// The picture as a PNG file with its resolution, title and provenance.
  public func png(form: FigureForm = FigureForm(), provenance: Provenance) -> Data {
    form.fitted(drawing).image(dotsPerInch: form.dotsPerInch, scheme: form.scheme).png(
      dotsPerInch: form.dotsPerInch,
      texts: [
        "Title": title, "Software": provenance.software, "Command": provenance.command, "Data": provenance.data,
      ])
  }

  /// The picture as a PDF document; title and provenance are its metadata, data among the keywords.
  public func pdf(form: FigureForm = FigureForm(), provenance: Provenance) -> Data {
    var metadata = Drawing.Metadata()
    (metadata.title, metadata.creator) = (title, provenance.software)
    (metadata.subject, metadata.keywords) = (provenance.command, provenance.data)
    metadata.created = provenance.created
    return form.fitted(drawing).pdf(scheme: form.scheme, metadata: metadata)
  }

  /// The picture as an SVG document; title and provenance stand in `<title>` and `<desc>`.
  public func svg(form: FigureForm = FigureForm(), provenance: Provenance) -> Data {
    var document = form.fitted(drawing).svg(scheme: form.scheme)
    let description = "\(provenance.software)\nCommand: \(provenance.command)\nData: \(provenance.data)"
    let texts = "\n<title>\(title.markupEscaped)</title>\n<desc>\(description.markupEscaped)</desc>"
    if let root = document.range(of: Data("<svg".utf8)),
      let end = document[root.upperBound...].firstIndex(of: UInt8(ascii: ">"))
    {
      document.insert(contentsOf: Data(texts.utf8), at: end + 1)
    }
    return document
  }
}

extension String {
  /// The text as it stands in XML and HTML, between tags or between double quotes.
  var markupEscaped: String {
    replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
      .replacingOccurrences(of: ">", with: "&gt;").replacingOccurrences(of: "\"", with: "&quot;")
  }
}
