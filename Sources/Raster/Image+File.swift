//  Pictures of any kind that is understood, told apart by their first bytes and not by their names, because names lie:
//  ImageNet itself has a PNG called .JPEG.

public import Foundation
public import Storage

extension Image {
  /// Reads the bytes of a PNG or JPEG file as upright 8-bit RGB; see `init(png:name:limit:)` and
  /// `init(jpeg:name:limit:shrink:)`.
  /// - Parameters:
  ///   - limit: more pixels than this are refused before memory is taken for them.
  ///   - shrink: how many times smaller the picture may come; only JPEG makes use of it.
  /// - Throws: `FileError.malformed` naming the file.
  public init(decoding data: Data, name: String, limit: Int = 1 << 28, shrink: Int = 1) throws(FileError) {
    if data.starts(with: [0x89, 0x50, 0x4E, 0x47]) {
      try self.init(png: data, name: name, limit: limit)
    } else if data.starts(with: [0xFF, 0xD8]) {
      try self.init(jpeg: data, name: name, limit: limit, shrink: shrink)
    } else {
      let found = data.isEmpty ? "an empty file" : "bytes of neither"
      throw .malformed(path: name, found: found, expected: "a PNG or JPEG image")
    }
  }

  /// Width and height of a PNG or JPEG file's picture, upright, by its header alone.
  /// - Throws: `FileError.malformed` naming the file.
  public static func size(of data: Data, name: String) throws(FileError) -> (width: Int, height: Int) {
    if data.starts(with: [0xFF, 0xD8]) { return try jpegSize(of: data, name: name) }
    // The header is PNG's first chunk: after 8 bytes of signature, 4 of length and 4 of name.
    let header = [UInt8](data.prefix(24))
    guard header.count == 24, header.starts(with: [0x89, 0x50, 0x4E, 0x47]) else {
      throw .malformed(
        path: name, found: data.isEmpty ? "an empty file" : "bytes of neither", expected: "a PNG or JPEG image")
    }
    func number(_ place: Int) -> Int { header[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
    return (number(16), number(20))
  }
}
