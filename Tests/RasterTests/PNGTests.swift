//  PNG files: what goes in comes out, with its chunks; what is no PNG is an error and not a crash.

import Foundation
import Raster
import Storage
import Testing

/// Chunks of a PNG file by a reader of its own, from the specification: length, type, data, checksum.
private func chunks(of png: Data) throws -> [(type: String, data: Data)] {
  let bytes = [UInt8](png)
  try #require(Array(bytes.prefix(8)) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
  var result: [(type: String, data: Data)] = []
  var position = 8
  while position < bytes.count {
    try #require(position + 12 <= bytes.count)
    let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
    let type = String(decoding: bytes[position + 4..<position + 8], as: UTF8.self)
    try #require(position + 12 + length <= bytes.count)
    result.append((type, Data(bytes[position + 8..<position + 8 + length])))
    position += 12 + length
  }
  return result
}

private func noise(width: Int, height: Int) -> Image {
  var state: UInt32 = 1
  let pixels = (0..<width * height * 3).map { _ -> UInt8 in
    state = state &* 1_664_525 &+ 1_013_904_223
    return UInt8(state >> 24)
  }
  return Image(width: width, height: height, pixels: pixels)
}

@Suite("A PNG file")
struct PNGTests {
  @Test("holds the image that was written", arguments: [(1, 1), (3, 2), (32, 32), (36, 36), (37, 37), (257, 5)])
  func roundTrip(width: Int, height: Int) throws {
    let image = noise(width: width, height: height)
    #expect(try Image(png: image.png(dotsPerInch: 192, texts: ["Title": "t"]), name: "memory") == image)
  }

  @Test("of few pixels stores them in one block of a disk; a larger one packs them", arguments: [32, 36, 37, 128])
  func packing(side: Int) throws {
    // The first two bytes of a zlib stream are its header; two bits of the third say how its first block is packed.
    func isStored(_ png: Data) throws -> Bool {
      let stream = try #require(try chunks(of: png).first { $0.type == "IDAT" }?.data)
      return stream[stream.startIndex + 2] >> 1 & 3 == 0
    }
    let flat = Image(width: side, height: side, pixels: [UInt8](repeating: 200, count: side * side * 3)).png()
    #expect(try isStored(flat) == (side <= 36))
    #expect(flat.count <= 4096)
    if side > 36 { #expect(flat.count < 400) }
  }

  @Test("is the same bytes for the same image")
  func deterministic() {
    let image = noise(width: 40, height: 30)
    #expect(image.png(dotsPerInch: 96, texts: ["a": "b"]) == image.png(dotsPerInch: 96, texts: ["a": "b"]))
  }

  @Test("says its resolution, its colour space and its texts")
  func metadata() throws {
    let png = noise(width: 4, height: 4).png(dotsPerInch: 192, texts: ["Title": "Länge λ", "Command": "isda figures"])
    let found = try chunks(of: png)
    #expect(found.first?.type == "IHDR" && found.last?.type == "IEND")
    #expect(found.first { $0.type == "sRGB" }?.data == Data([0]))
    // 192 / 0.0254 = 7559 pixels a metre both ways; unit 1 is the metre.
    #expect(found.first { $0.type == "pHYs" }?.data == Data([0, 0, 0x1D, 0x87, 0, 0, 0x1D, 0x87, 1]))
    // Keyword, zero, not compressed (flag, method), no language, no translated keyword, text.
    let texts = found.filter { $0.type == "iTXt" }.map(\.data)
    #expect(
      texts == [
        Data("Title\0\0\0\0\0Länge λ".utf8), Data("Command\0\0\0\0\0isda figures".utf8),
      ])
  }

  @Test("without a resolution has no chunk for it")
  func noResolution() throws {
    #expect(try !chunks(of: noise(width: 4, height: 4).png()).contains { $0.type == "pHYs" })
  }

  @Test("that is damaged is an error that names it")
  func damaged() throws {
    let png = noise(width: 20, height: 20).png()
    var flipped = png
    flipped[60] ^= 0xFF
    let cases: [(String, Data)] = [
      ("empty", Data()), ("text", Data("This is not a picture at all.".utf8)), ("signature", png.prefix(8)),
      ("header", png.prefix(33)), ("cut", png.prefix(png.count / 2)), ("flipped", flipped),
    ]
    for (name, data) in cases {
      #expect {
        try Image(png: Data(data), name: "pictures/\(name).png")
      } throws: { error in
        guard case .malformed("pictures/\(name).png", let found, "a PNG image") = error as? FileError else {
          return false
        }
        return !found.isEmpty
      }
    }
  }

  @Test("that claims a vast size is refused before memory is taken")
  func vast() throws {
    var png = [UInt8](noise(width: 1, height: 1).png())
    png.replaceSubrange(16..<24, with: [0, 1, 0, 0, 0, 1, 0, 0])
    // The header's checksum has to be right for its size to be believed.
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in png[12..<29] {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    crc ^= 0xFFFF_FFFF
    png.replaceSubrange(29..<33, with: (0..<4).map { UInt8(truncatingIfNeeded: crc >> (24 - 8 * $0)) })
    #expect {
      try Image(png: Data(png), name: "vast.png")
    } throws: { "\($0)".contains("65536 x 65536") }
  }

  @Test("that is not there is an error that says so")
  func missing() {
    let url = URL(fileURLWithPath: "/nowhere/at/all.png")
    #expect(throws: FileError.missing(path: "/nowhere/at/all.png", expected: "a PNG image")) { try Image(png: url) }
  }
}

@Suite("An image")
struct ImageTests {
  @Test("grows by whole blocks")
  func enlarged() {
    let image = noise(width: 3, height: 2)
    let large = image.enlarged(by: 4)
    #expect(large.width == 12 && large.height == 8)
    for y in 0..<8 {
      for x in 0..<12 { #expect(large[x, y] == image[x / 4, y / 4]) }
    }
    #expect(image.enlarged(by: 1) == image && image.enlarged(by: 0) == image)
  }

  @Test("has its colours by column and row")
  func subscripting() {
    let image = Image(width: 2, height: 2, pixels: Array(0..<12))
    #expect(image[1, 0] == (3, 4, 5))
    #expect(image[0, 1] == (6, 7, 8))
  }
}
