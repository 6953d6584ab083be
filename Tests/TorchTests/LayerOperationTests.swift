import CTorch
import TestSupport
import Testing

@testable import Torch

@Suite("What layers are made of, by the definition", .leavesNoTensors)
struct LayerOperationTests {
  /// Where the tests run beside the processor.
  private static let devices = Device.allCases.filter(\.isAvailable)

  @Test(arguments: devices) func `a convolution in groups is one for each group`(device: Device) {
    let random = RandomGenerator(seed: 1, "groups")
    let (x, kernel) = (random.normal([2, 6, 5, 7], .float64), random.normal([4, 3, 3, 3], .float64))
    let whole = x.to(device).convolved(kernel.to(device), stride: 2, padding: 1, groups: 2)
    let parts = (0..<2).map {
      x.slice(3 * $0..<3 * $0 + 3, dimension: 1)
        .convolved(kernel.slice(2 * $0..<2 * $0 + 2), stride: 2, padding: 1)
    }
    #expect(relativeError(whole.array(), Tensor.concatenated(parts, dimension: 1).array()) < 1e-12)
  }

  @Test(arguments: devices) func `pooling takes the largest of windows, or the mean of tiles`(device: Device) {
    let x = Tensor((0..<25).map { Float($0 * 7 % 25) }, shape: [1, 1, 5, 5]).channelsLast.to(device)
      .requiringGradient()
    //  0  7 14 21  3
    // 10 17 24  6 13
    // 20  2  9 16 23
    //  5 12 19  1  8
    // 15 22  4 11 18
    let largest = x.maxPooled(size: 3, stride: 2, padding: 1)
    #expect(largest.array() == [Float(17), 24, 21, 20, 24, 23, 22, 22, 18])
    // 24 is read twice.
    let slope = gradient(of: largest.sum(), withRespectTo: [x])[0].array(of: Float.self)
    #expect(slope[7] == 2 && slope[21] == 2 && slope.reduce(0, +) == 9)
    let mean = x.averagePooled(size: 2)
    #expect(mean.array() == [Float(8.5), 16.25, 9.75, 11.25])
  }

  @Test(arguments: devices) func `shaking goes forward by one number and back by another`(device: Device) {
    func tensor(_ values: [Double]) -> Tensor {
      Tensor(values, shape: [2, 1, 1, 2]).to(device).requiringGradient()
    }
    let (first, second) = (tensor([1, 2, 3, 4]), tensor([5, 7, 9, 11]))
    let (alpha, beta) = (Tensor([0.25, 1.0]).to(device), Tensor([0.75, 0.125]).to(device))
    let mixed = first.shaken(with: second, forward: alpha, backward: beta)
    #expect(mixed.array() == [4, 5.75, 3, 4])
    let slope = Tensor([1.0, 2, 4, 8], shape: [2, 1, 1, 2]).to(device)
    let slopes = gradient(of: (mixed * slope).sum(), withRespectTo: [first, second])
    #expect(slopes[0].array() == [0.75, 1.5, 0.5, 1])
    #expect(slopes[1].array() == [0.25, 0.5, 3.5, 7])
  }

  @Test(arguments: devices) func `normalisation alone is that with ReLU where nothing is cut off`(device: Device) {
    let x = RandomGenerator(seed: 2, "x").normal([3, 4, 5, 6], .float64).channelsLast.to(device).requiringGradient()
    func results(_ layer: (_ weight: Tensor, _ bias: Tensor, _ mean: Tensor, _ variance: Tensor) -> Tensor)
      -> [[Double]]
    {
      func numbers(_ values: [Double]) -> Tensor { Tensor(values).to(device) }
      let (weight, bias) = (
        numbers([1, 2, 0.5, -1]).requiringGradient(), numbers([20, 21, 22, 23]).requiringGradient()
      )
      let (mean, variance) = (numbers([0, 1, 2, 3]), numbers([1, 2, 3, 4]))
      let y = layer(weight, bias, mean, variance)
      let slope = RandomGenerator(seed: 3, "slope").normal(x.shape, .float64).to(device)
      let slopes = gradient(of: (y * slope).sum(), withRespectTo: [x, weight, bias])
      return ([y, mean, variance] + slopes).map { $0.array() }
    }
    let plain = results {
      x.normalized(weight: $0, bias: $1, runningMean: $2, runningVariance: $3, momentum: 0.1, epsilon: 1e-5)
    }
    let rectified = results {
      x.normalizedAndRectified(
        weight: $0, bias: $1, runningMean: $2, runningVariance: $3, momentum: 0.1, epsilon: 1e-5
      ).0
    }
    for (found, expected) in zip(plain, rectified) { #expect(relativeError(found, expected) < 1e-10) }
  }

  @Test func `sigmoid, the positive part, and a linear map without bias`() {
    let x = Tensor([-2.0, 0, 1], shape: [1, 3])
    let expected = [0.11920292202211755, 0.5, 0.7310585786300049]
    #expect(relativeError(x.sigmoid.array(), expected) < 1e-15)
    #expect(x.positivePart.array() == [0.0, 0, 1] && x.array() == [-2.0, 0, 1])
    #expect(x.linear(Tensor([1.0, 2, 3, 4, 5, 6], shape: [2, 3]), nil).array() == [1.0, -2])
  }

  @Test func `draws follow from the path and have their mean`() {
    func generator(_ step: Int) -> RandomGenerator { RandomGenerator(seed: 5, "network", step, "dropout/a") }
    let kept = generator(1).bernoulli(0.7, [100_000])
    #expect(kept.elementType == .bool && kept.bytes == generator(1).bernoulli(0.7, [100_000]).bytes)
    #expect(kept.bytes != generator(2).bernoulli(0.7, [100_000]).bytes)
    // Four standard deviations.
    #expect(abs(kept.to(.float64).mean().item(Double.self) - 0.7) < 0.006)
    let uniform = generator(1).uniform([100_000])
    let values = uniform.array(of: Float.self)
    #expect(values == generator(1).uniform([100_000]).array())
    #expect(values.allSatisfy { 0 <= $0 && $0 < 1 })
    #expect(abs(uniform.mean().item(Float.self) - 0.5) < 0.004)
  }
}
