//  An image as a plain value: 8-bit sRGB, three channels, rows from the top.

/// A small picture in memory. Copying is cheap (the pixels are shared until one is changed).
public struct Image: Sendable, Equatable {
  public let width: Int
  public let height: Int
  /// `height × width × 3` bytes: red, green, blue, row by row from the top left.
  public var pixels: [UInt8]

  /// - Precondition: `pixels.count == width * height * 3`.
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(pixels.count == width * height * 3, "\(pixels.count) bytes for \(width) × \(height) pixels")
    (self.width, self.height, self.pixels) = (width, height, pixels)
  }

  /// Red, green and blue at column `x`, row `y`.
  public subscript(x: Int, y: Int) -> (red: UInt8, green: UInt8, blue: UInt8) {
    let start = (y * width + x) * 3
    return (pixels[start], pixels[start + 1], pixels[start + 2])
  }

  /// Each pixel as a block of `factor × factor`: larger, and not blurred.
  public func enlarged(by factor: Int) -> Image {
    guard factor > 1 else { return self }
    var result = [UInt8]()
    result.reserveCapacity(pixels.count * factor * factor)
    for y in 0..<height {
      var row = [UInt8]()
      row.reserveCapacity(width * factor * 3)
      for x in 0..<width {
        let start = (y * width + x) * 3
        for _ in 0..<factor { row += pixels[start..<start + 3] }
      }
      for _ in 0..<factor { result += row }
    }
    return Image(width: width * factor, height: height * factor, pixels: result)
  }
}
