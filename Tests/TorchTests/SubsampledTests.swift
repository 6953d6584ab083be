import TestSupport
import Testing
import Torch

@Suite("The shortcut takes every second pixel and adds channels at zero", .leavesNoTensors)
struct SubsampledTests {
  /// Odd and even extents, an odd number of new channels, and a stride that is not 2.
  @Test(
    arguments: [
      (shape: [2, 3, 6, 4], stride: 2, channels: 6), (shape: [2, 4, 5, 7], stride: 2, channels: 8),
      (shape: [130, 1, 5, 4], stride: 3, channels: 1),
    ], [ElementType.float64, .bfloat16])
  func `pixels forward, slopes back`(example: (shape: [Int], stride: Int, channels: Int), type: ElementType) {
    let (n, c, h, w) = (example.shape[0], example.shape[1], example.shape[2], example.shape[3])
    let (stride, channels) = (example.stride, example.channels)
    let (rows, columns) = ((h + stride - 1) / stride, (w + stride - 1) / stride)
    let random = RandomGenerator(seed: 1, "pixels")
    let rowMajor = random.normal(example.shape).to(type).requiringGradient()
    let slope = random.normal([n, channels, rows, columns]).to(type)
    let slopes = slope.array(of: Float.self)
    let pixels = rowMajor.array(of: Float.self)
    var expected = [Float](repeating: 0, count: slopes.count)
    var back = [Float](repeating: 0, count: pixels.count)
    for image in 0..<n {
      for channel in 0..<c {
        for y in 0..<rows {
          for x in 0..<columns {
            let from = ((image * c + channel) * h + y * stride) * w + x * stride
            let to = ((image * channels + channel + (channels - c) / 2) * rows + y) * columns + x
            expected[to] = pixels[from]
            back[from] = slopes[to]
          }
        }
      }
    }
    // Whatever the input's layout.
    for input in [rowMajor, rowMajor.channelsLast] {
      let result = input.subsampled(stride: stride, channels: channels)
      #expect(result.shape == [n, channels, rows, columns])
      #expect(result.array(of: Float.self) == expected)
      let gradient = gradient(of: (result * slope).sum(), withRespectTo: [rowMajor])[0]
      #expect(gradient.array(of: Float.self) == back)
    }
  }
}

@Suite("The largest of a moving row", .leavesNoTensors)
struct ArgmaxAlongTests {
  @Test(arguments: [1, 31, 32, 33, 1024, 1055, 3000])
  func `is found for every step as one step at a time finds it`(columns: Int) {
    let generator = RandomGenerator(seed: 9, "rows", columns)
    let (base, slope) = (generator.normal([9, columns]), generator.normal([9, columns]))
    let steps = [0, 0.5, -1, 7]
    let found = base.argmax(along: slope, steps: steps)
    #expect(found.shape == [9, 4])
    for (k, step) in steps.enumerated() {
      let expected = (base.to(.float64) + slope.to(.float64) * step).argmax(dimension: 1)
      #expect(found.select(k, dimension: 1).array(of: Int64.self) == expected.array(of: Int64.self))
    }
  }
}
