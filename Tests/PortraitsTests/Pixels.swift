//  How far apart two pictures are.

import Raster

/// The mean absolute difference of all channels of all pixels, of 255.
func meanDifference(_ a: Image, _ b: Image) -> Double {
  precondition(a.pixels.count == b.pixels.count, "Only pictures of one size can be compared")
  let sum = zip(a.pixels, b.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
  return Double(sum) / Double(a.pixels.count)
}

/// Blocks of `factor × factor` pixels averaged to one.
func reduced(_ image: Image, by factor: Int) -> Image {
  let (width, height) = (image.width / factor, image.height / factor)
  var pixels = [UInt8]()
  for y in 0..<height {
    for x in 0..<width {
      for channel in 0..<3 {
        var sum = 0
        for dy in 0..<factor {
          for dx in 0..<factor {
            sum += Int(image.pixels[((y * factor + dy) * image.width + x * factor + dx) * 3 + channel])
          }
        }
        pixels.append(UInt8(sum / (factor * factor)))
      }
    }
  }
  return Image(width: width, height: height, pixels: pixels)
}
