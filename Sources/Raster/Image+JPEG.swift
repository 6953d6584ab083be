//  JPEG in, the right way up, and as small as it will be needed.

internal import CJPEG
public import Foundation
public import Storage

extension Image {
  /// Reads JPEG bytes as 8-bit RGB, turned as the file's EXIF orientation says. Grey becomes three equal channels; CMYK
  /// is put over white as (1 − C)(1 − K) and so on; colour profiles are not followed.
  /// - Parameters:
  ///   - name: stands for the file in an error.
  ///   - limit: more pixels than this in the file are refused before memory is taken for them.
  ///   - shrink: 1, 2, 4 or 8, by how many times width and height may be smaller, rounded up; the decoder then does
  ///     that much less.
  /// - Throws: `FileError.malformed` with libjpeg's reason, also for a picture that ends early or is damaged within.
  public init(jpeg data: Data, name: String, limit: Int = 1 << 28, shrink: Int = 1) throws(FileError) {
    precondition([1, 2, 4, 8].contains(shrink), "shrink is \(shrink)")
    var pixels: UnsafeMutablePointer<UInt8>?
    var header = cjpeg_header()
    var message = [CChar](repeating: 0, count: Int(CJPEG_ERROR_LENGTH))
    let status = data.withUnsafeBytes {
      cjpeg_decode(
        $0.bindMemory(to: UInt8.self).baseAddress, data.count, limit, Int32(shrink), &pixels, &header, &message)
    }
    guard status == 0, let pixels else {
      throw .malformed(path: name, found: Self.reason(message), expected: "a JPEG image")
    }
    defer { cjpeg_free(pixels) }
    let (width, height) = (Int(header.width), Int(header.height))
    let buffer = UnsafeBufferPointer(start: pixels, count: width * height * 3)
    self = Image(width: width, height: height, pixels: Array(buffer)).turned(orientation: Int(header.orientation))
  }

  /// Width and height of the picture, upright.
  static func jpegSize(of data: Data, name: String) throws(FileError) -> (width: Int, height: Int) {
    var header = cjpeg_header()
    var message = [CChar](repeating: 0, count: Int(CJPEG_ERROR_LENGTH))
    let status = data.withUnsafeBytes {
      cjpeg_read_header($0.bindMemory(to: UInt8.self).baseAddress, data.count, &header, &message)
    }
    guard status == 0 else { throw .malformed(path: name, found: Self.reason(message), expected: "a JPEG image") }
    let (width, height) = (Int(header.width), Int(header.height))
    return header.orientation >= 5 ? (height, width) : (width, height)
  }

  private static func reason(_ message: [CChar]) -> String {
    String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The picture upright, from how EXIF says that it lies: 2 mirrored, 3 upside down, 4 both, 5 to 8 with rows for
  /// columns, and then mirrored likewise.
  func turned(orientation: Int) -> Image {
    guard (2...8).contains(orientation) else { return self }
    let swaps = orientation >= 5
    let (width, height) = swaps ? (self.height, self.width) : (self.width, self.height)
    // Of the stored picture: which end of its rows and of its columns comes first.
    let mirrorsX = [2, 3, 7, 8].contains(orientation)
    let mirrorsY = [3, 4, 6, 7].contains(orientation)
    let turned = [UInt8](unsafeUninitializedCapacity: pixels.count) { target, initialized in
      var place = 0
      for y in 0..<height {
        for x in 0..<width {
          let (across, down) = swaps ? (y, x) : (x, y)
          let column = mirrorsX ? self.width - 1 - across : across
          let row = mirrorsY ? self.height - 1 - down : down
          let start = (row * self.width + column) * 3
          for channel in 0..<3 { target[place + channel] = pixels[start + channel] }
          place += 3
        }
      }
      initialized = place
    }
    return Image(width: width, height: height, pixels: turned)
  }
}
