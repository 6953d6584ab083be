//  Light and noise, which are added to the drawn pixels in integers.

import Raster
import Testing

@testable import Portraits

@Suite("A camera adds light and noise")
struct ExposureTests {
  private static let grey = Image(width: 64, height: 64, pixels: [UInt8](repeating: 128, count: 64 * 64 * 3))

  @Test("noise is even, centred, and no larger than asked for", arguments: [0, 5, 24])
  func noise(most: Int) {
    var image = Self.grey
    expose(&image, light: 0, noise: most, seed: 1)
    let values = image.pixels.map { Int($0) - 128 }
    #expect(values.min() == -most && values.max() == most)
    let mean = Double(values.reduce(0, +)) / Double(values.count)
    #expect(abs(mean) <= 0.03 * Double(most))
    for value in -most...most {
      let share = Double(values.count { $0 == value }) / Double(values.count)
      #expect(abs(share * Double(2 * most + 1) - 1) < 0.3)
    }
  }

  @Test("dim light is cool, bright light is warm, and usual light changes nothing")
  func light() {
    let levels = [-1.0, 0, 1].map { light in
      var image = Self.grey
      expose(&image, light: light, noise: 0, seed: 1)
      return image[0, 0]
    }
    #expect(levels[0].red < levels[0].blue && levels[0].blue < 128)
    #expect(levels[1] == (128, 128, 128))
    #expect(levels[2].red > levels[2].blue && levels[2].blue > 128)
  }
}
