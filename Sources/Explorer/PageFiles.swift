//  The page itself: a table of files that were compiled in.

internal import CExplorerPage
public import Foundation

/// The files of the page by name, as requests name them.
public struct PageFiles: Sendable {
  public let files: [String: Data]

  /// Those in the binary.
  public static let embedded = PageFiles(
    Dictionary(
      uniqueKeysWithValues: (0..<cep_file_count()).map { index in
        let file = cep_file_at(index)
        return (String(cString: file.name), Data(bytes: file.bytes, count: file.size))
      }))

  init(_ files: [String: Data]) { self.files = files }

  static func type(of name: String) -> String {
    switch name.split(separator: ".").last {
    case "html": "text/html; charset=utf-8"
    case "js": "text/javascript; charset=utf-8"
    case "css": "text/css; charset=utf-8"
    case "otf": "font/otf"
    case "svg": "image/svg+xml"
    case "png": "image/png"
    default: "application/octet-stream"
    }
  }
}
