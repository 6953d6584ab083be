//  PNG in and out, with the resolution, colour space and texts that a figure carries.

internal import CPNG
public import Foundation
public import Storage

extension Image {
  /// The bytes of a PNG file. The same image, resolution and texts give the same bytes. Up to about 1,300 pixels are
  /// stored in 6 µs; more are packed, about 60 ns a pixel.
  /// - Parameters:
  ///   - dotsPerInch: written as a pHYs chunk if given.
  ///   - texts: keyword (1–79 Latin-1 characters) and UTF-8 text, each an iTXt chunk, in this order.
  /// - Precondition: the image has at least one pixel and libpng's limits hold (fewer than 2³¹ a side).
  public func png(dotsPerInch: Double? = nil, texts: KeyValuePairs<String, String> = [:]) -> Data {
    var bytes: UnsafeMutablePointer<UInt8>?
    var size = 0
    var message = [CChar](repeating: 0, count: Int(CPNG_ERROR_LENGTH))
    let pixelsPerMetre = UInt32(((dotsPerInch ?? 0) / 0.0254).rounded())
    let strings = texts.map { (strdup($0.key), strdup($0.value)) }
    defer {
      for (keyword, text) in strings {
        free(keyword)
        free(text)
      }
      cpng_free(bytes)
    }
    let chunks = strings.map { cpng_text(keyword: $0.0, text: $0.1) }
    let status = cpng_encode(
      pixels, UInt32(width), UInt32(height), pixelsPerMetre, chunks, chunks.count, &bytes, &size, &message)
    guard status == 0, let bytes else {
      preconditionFailure("libpng refused an image of \(width) × \(height): \(Self.text(message))")
    }
    return Data(bytes: bytes, count: size)
  }

  /// Reads any PNG as 8-bit RGB: 16 bits rounded to 8, what is transparent over white, gamma as it is stored.
  /// - Throws: `FileError.missing`, or `.malformed` with libpng's reason.
  public init(png url: URL) throws(FileError) {
    let data = try WholeFile.read(url, expected: "a PNG image")
    try self.init(png: data, name: url.path)
  }

  /// Reads PNG bytes; `name` stands for the file in an error. More pixels than `limit` are refused before memory is
  /// taken for them.
  public init(png data: Data, name: String, limit: Int = 1 << 28) throws(FileError) {
    var pixels: UnsafeMutablePointer<UInt8>?
    var (width, height): (UInt32, UInt32) = (0, 0)
    var message = [CChar](repeating: 0, count: Int(CPNG_ERROR_LENGTH))
    let status = data.withUnsafeBytes {
      cpng_decode(
        $0.bindMemory(to: UInt8.self).baseAddress, data.count, limit, &pixels, &width, &height, &message)
    }
    guard status == 0, let pixels else {
      throw .malformed(path: name, found: Self.text(message), expected: "a PNG image")
    }
    defer { cpng_free(pixels) }
    let buffer = UnsafeBufferPointer(start: pixels, count: Int(width) * Int(height) * 3)
    self.init(width: Int(width), height: Int(height), pixels: Array(buffer))
  }

  private static func text(_ message: [CChar]) -> String {
    String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
