//  The pictures are the ones that were looked at: a stored contact sheet, compared as decoded pixels.

import Foundation
import Portraits
import Raster
import Testing

@Suite("Portraits look as they did")
struct ReferenceTests {
  /// Four portraits of each animal, one animal a row.
  private static let sheet = {
    let (rows, columns, size) = (Animal.allCases.count, 4, 32)
    var pixels = [UInt8](repeating: 0, count: rows * columns * size * size * 3)
    for row in 0..<rows {
      for column in 0..<columns {
        let image = Portrait(seed: 0, index: column * rows + row).image(size: size)
        for y in 0..<size {
          let start = ((row * size + y) * columns + column) * size * 3
          pixels.replaceSubrange(start..<start + size * 3, with: image.pixels[y * size * 3..<(y + 1) * size * 3])
        }
      }
    }
    return Image(width: columns * size, height: rows * size, pixels: pixels)
  }()

  /// Another version of Cairo may round edges otherwise. `RECORD=1 swift test --filter PortraitsTests` writes the
  /// sheet anew and fails, so that nobody records by accident.
  @Test("on the stored contact sheet")
  func contactSheet() throws {
    if ProcessInfo.processInfo.environment["RECORD"] != nil {
      let url = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/contact-sheet.png")
      try Self.sheet.png().write(to: url)
      Issue.record("Recorded \(url.path); look at it, then run again without RECORD")
      return
    }
    let url = try #require(Bundle.module.url(forResource: "Fixtures/contact-sheet", withExtension: "png"))
    let stored = try Image(png: url)
    #expect((stored.width, stored.height) == (Self.sheet.width, Self.sheet.height))
    #expect(meanDifference(stored, Self.sheet) < 0.5)
  }
}
