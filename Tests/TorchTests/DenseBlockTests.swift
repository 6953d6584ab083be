import CTorch
import TestSupport
import Testing

@testable import Torch

/// The parameters of a dense block with random values, and its input.
private struct Case {
  let x: Tensor
  var layers: [DenseLayer] = []
  /// With gradients, layer by layer.
  var parameters: [Tensor] = []
  var running: [Tensor] = []

  /// - Parameter growth: k of each layer. Parameters are float32 where x is bfloat16, as in training.
  init(_ shape: [Int], growth: [Int], _ type: ElementType = .float64, on device: Device = .cpu) {
    let random = RandomGenerator(seed: 7, "dense block")
    let kind: ElementType = type == .bfloat16 ? .float32 : type
    x = (random.normal(shape, .float64).channelsLast + 0.5).to(type).to(device).requiringGradient()
    func parameter(_ shape: [Int], mean: Double, deviation: Double) -> Tensor {
      let value = random.normal(shape, .float64) * deviation + mean
      return (shape.count == 4 ? value.channelsLast : value).to(kind).to(device).requiringGradient()
    }
    var channels = shape[1]
    for growth in growth {
      func norm(_ channels: Int) -> DenseLayer.Norm {
        let (weight, bias) = (
          parameter([channels], mean: 1, deviation: 0.3), parameter([channels], mean: 0, deviation: 0.3)
        )
        let (mean, variance) = (
          Tensor.zeros([channels], kind, on: device), Tensor.ones([channels], kind, on: device)
        )
        parameters += [weight, bias]
        running += [mean, variance]
        return DenseLayer.Norm(weight: weight, bias: bias, runningMean: mean, runningVariance: variance)
      }
      let (first, second) = (norm(channels), norm(4 * growth))
      let kernels = (
        parameter([4 * growth, channels, 1, 1], mean: 0, deviation: (2 / Double(channels)).squareRoot()),
        parameter([growth, 4 * growth, 3, 3], mean: 0, deviation: (2 / Double(36 * growth)).squareRoot())
      )
      parameters += [kernels.0, kernels.1]
      layers.append(
        DenseLayer(firstNorm: first, firstKernel: kernels.0, secondNorm: second, secondKernel: kernels.1))
      channels += growth
    }
  }

  /// The result, what became of the running statistics, and the gradients.
  func results() -> (values: [[Double]], slopes: [[Double]]) {
    let rounds = x.elementType == .bfloat16
    let y = withBFloat16(rounds, on: x.device) {
      x.denselyConnected(through: layers, momentum: 0.1, epsilon: 1e-5)
    }
    let slope = RandomGenerator(seed: 8, "slope").normal(y.shape, .float64).to(x.device)
    let slopes = gradient(of: (y.to(.float64) * slope).sum(), withRespectTo: [x] + parameters)
    return (([y] + running).map { $0.array() }, slopes.map { $0.array() })
  }
}

@Suite("A dense block in one tensor is what concatenations make", .leavesNoTensors)
struct DenseBlockTests {
  private func meanError(_ values: [Double], _ reference: [Double]) -> Double {
    zip(values, reference).reduce(0) { $0 + abs($1.0 - $1.1) } / reference.reduce(0) { $0 + abs($1) }
  }

  /// Channels of all numbers, in one block of the kernels and in several. What is rounded otherwise may be cut off on one
  /// side only, so gradients are less alike than values where numbers are short.
  @Test(
    arguments: OtherWay.here,
    [
      (type: ElementType.float64, values: 1e-11, slopes: 1e-10), (.float32, 1e-4, 5e-3), (.bfloat16, 0.02, 0.1),
    ])
  func `values, running statistics and every gradient`(
    way: OtherWay, precision: (type: ElementType, values: Double, slopes: Double)
  ) {
    for (shape, growth) in [
      ([3, 5, 7, 6], [3, 3, 3]), ([2, 64, 25, 27], [12, 8]), ([2, 16, 3, 2], []), ([2, 1, 4, 3], [1]),
    ] {
      func results(on device: Device) -> (values: [[Double]], slopes: [[Double]]) {
        Case(shape, growth: growth, precision.type, on: device).results()
      }
      let (kernel, other) = (results(on: .cpu), way { results(on: $0) })
      for (found, expected) in zip(kernel.values, other.values) {
        let error = precision.type == .bfloat16 ? meanError(found, expected) : relativeError(found, expected)
        #expect(error < precision.values, "\(shape)")
      }
      for (index, (found, expected)) in zip(kernel.slopes, other.slopes).enumerated() {
        let error = precision.type == .bfloat16 ? meanError(found, expected) : relativeError(found, expected)
        #expect(error < precision.slopes, "\(shape), gradient \(index)")
      }
    }
  }

  @Test func `any number of threads makes the same`() {
    func results(threads: Int) -> (values: [[Double]], slopes: [[Double]]) {
      let before = Library.threads
      defer { Library.threads = before }
      Library.threads = threads
      return Case([2, 24, 33, 31], growth: [12, 12], .float64).results()
    }
    let (one, two) = (results(threads: 1), results(threads: 2))
    // Convolutions may add in another order.
    for (found, expected) in zip(two.values + two.slopes, one.values + one.slopes) {
      #expect(relativeError(found, expected) < 1e-12)
    }
  }

  @Test func `without gradients the same values`() {
    let inputs = Case([2, 6, 5, 4], growth: [2, 2])
    let trained = inputs.x.denselyConnected(through: inputs.layers, momentum: 0.1, epsilon: 1e-5)
    let other = Case([2, 6, 5, 4], growth: [2, 2])
    let plain = withoutGradients { other.x.denselyConnected(through: other.layers, momentum: 0.1, epsilon: 1e-5) }
    #expect(trained.array(of: Double.self) == plain.array())
  }

  @Test func `what does not fit is refused`() {
    let (inputs, wide) = (Case([2, 6, 5, 4], growth: [2]), Case([2, 7, 5, 4], growth: [2]))
    var layers = inputs.layers.map { layer in
      func bridged(_ norm: DenseLayer.Norm) -> ct_norm {
        ct_norm(
          weight: norm.weight.handle, bias: norm.bias.handle, running_mean: norm.runningMean.handle,
          running_variance: norm.runningVariance.handle)
      }
      return ct_dense_layer(
        first_norm: bridged(layer.firstNorm), first_kernel: layer.firstKernel.handle,
        second_norm: bridged(layer.secondNorm), second_kernel: layer.secondKernel.handle)
    }
    var out = ct_tensor(impl: nil)
    #expect(ct_dense_block(wide.x.handle, layers, 1, 0.1, 1e-5, &out) != 0 && out.impl == nil)
    #expect(String(cString: ct_error()).contains("7 channels and [6]"))
    layers[0].first_kernel = layers[0].second_kernel
    #expect(ct_dense_block(inputs.x.handle, layers, 1, 0.1, 1e-5, &out) != 0 && out.impl == nil)
    #expect(String(cString: ct_error()).contains("2 channels and [8]"))
    let pixel = Case([1, 6, 1, 1], growth: [2])
    #expect(ct_dense_block(pixel.x.handle, layers, 1, 0.1, 1e-5, &out) != 0 && out.impl == nil)
  }
}
