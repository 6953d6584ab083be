import CTorch
import TestSupport
import Testing

@testable import Torch

@Suite("Tensors lie on a device that is there", .leavesNoTensors)
struct DeviceTests {
  @Test func `the processor is there, and what is not says why`() {
    #expect(Device.cpu.obstacle == nil && Device.cpu.gpuName == nil)
    #expect(Device.cuda.isAvailable == (Device.cuda.obstacle == nil))
    if let obstacle = Device.cuda.obstacle {
      #expect(obstacle.hasPrefix("libtorch \(Library.version) "))
      #expect(Device.cuda.gpuName == nil && !Device.cuda.hasBFloat16)
    }
  }

  @Test func `on the processor a move is no copy`() {
    let tensor = Tensor([1, 2] as [Float])
    let moved = tensor.to(.cpu)
    moved.add(.ones([2]))
    #expect(tensor.array() == [Float(2), 3] && moved.device == .cpu)
  }

  @Test(.enabled(if: !Device.cuda.isAvailable, "a GPU is there"))
  func `a move to a GPU that is not there fails, and no process dies of it`() {
    let tensor = Tensor([1, 2] as [Float])
    var moved = ct_tensor(impl: nil)
    #expect(ct_to_device(tensor.handle, CT_CUDA, &moved) != 0)
    #expect(moved.impl == nil && !String(cString: ct_error()).isEmpty)
    // What that set for a GPU changes nothing here.
    let image = Tensor.ones([1, 1, 3, 3])
    #expect(image.convolved(.ones([1, 1, 3, 3]), stride: 1, padding: 0).item(Float.self) == 9)
  }

  @Test(.enabled(if: Device.cuda.isAvailable, "needs a GPU and a libtorch with CUDA"))
  func `values come back from a GPU as they went`() {
    let values = (0..<3_000_000).map { Float($0) }
    // Through pinned memory, and not.
    for count in [0, 1, 1000, 3_000_000] {
      let there = Tensor(Array(values[..<count])).to(.cuda)
      #expect(there.device == .cuda && there.array() == Array(values[..<count]))
    }
    let drawn = RandomGenerator(seed: 1, "weights").normal([2, 3, 4, 5]).channelsLast
    #expect(drawn.to(.cuda).array(of: Float.self) == drawn.array(of: Float.self))
    #expect(Tensor.range(5, on: .cuda).array() == [Int64(0), 1, 2, 3, 4])
    #expect(Tensor.full(2.5, [2], .float64, on: .cuda).array() == [2.5, 2.5])
    #expect(Device.cuda.gpuName != nil)
  }

  @Test func `composing ends with its body`() throws {
    struct Failure: Error {}
    // A kernel and libtorch's operations differ in the last bits of such sums.
    let x = RandomGenerator(seed: 4, "x").normal([3, 5, 31, 29]).channelsLast
    func values() -> [UInt8] {
      x.normalizedAndRectified(
        weight: .ones([5]), bias: .zeros([5]), runningMean: .zeros([5]), runningVariance: .ones([5]), momentum: 0.1,
        epsilon: 1e-5
      ).0.bytes
    }
    let kernel = values()
    #expect(withComposedOperations(values) != kernel)
    #expect(throws: Failure.self) { try withComposedOperations { throw Failure() } }
    #expect(values() == kernel)
  }
}

@Suite("Layers composed of libtorch's operations are what their kernels are", .leavesNoTensors)
struct ComposedLayersTests {
  /// The sum of all differences over that of all magnitudes.
  private func meanError(_ values: [Double], _ reference: [Double]) -> Double {
    zip(values, reference).reduce(0) { $0 + abs($1.0 - $1.1) } / reference.reduce(0) { $0 + abs($1) }
  }

  /// Sizes with tiles of the usual size and others; sums run in another order. bfloat16 is rounded after each operation,
  /// so a value that ends near 0 may be cut off on one side only, and a slope then is all there or not at all: their
  /// differences are averaged.
  @Test(
    arguments: OtherWay.here,
    [
      (type: ElementType.float64, values: 1e-12, slopes: 1e-11), (.float32, 1e-5, 1e-5), (.bfloat16, 0x1p-6, 0x1p-6),
    ])
  func `normalisation, shortcut and ReLU, forward and backward`(
    way: OtherWay, precision: (type: ElementType, values: Double, slopes: Double)
  ) {
    for shape in [[4, 3, 5, 7], [3, 64, 9, 5], [2, 1, 1, 1]] {
      for (hasShortcut, hasSecondReader) in [(false, false), (false, true), (true, false), (true, true)] {
        func results(on device: Device) -> (values: [[Double]], slopes: [[Double]]) {
          let random = RandomGenerator(seed: 5, "layer")
          let parameters: ElementType = precision.type == .bfloat16 ? .float32 : precision.type
          func drawn(_ shape: [Int], _ type: ElementType) -> Tensor { random.normal(shape, .float64).to(type) }
          func parameter(_ mean: Double) -> Tensor {
            (drawn([shape[1]], parameters) * 0.3 + mean).to(device).requiringGradient()
          }
          let x = (drawn(shape, precision.type).channelsLast + 2).to(device).requiringGradient()
          let shortcut = drawn(shape, precision.type).channelsLast.to(device).requiringGradient()
          let (weight, bias) = (parameter(1), parameter(0))
          let (mean, variance) = (parameter(0.5).detached, parameter(2).detached)
          let (slope, around) = (drawn(shape, .float64).to(device), drawn(shape, .float64).to(device))
          let (y, again) = x.normalizedAndRectified(
            weight: weight, bias: bias, runningMean: mean, runningVariance: variance,
            adding: hasShortcut ? shortcut : nil, momentum: 0.1, epsilon: 1e-5)
          var loss = (y.to(.float64) * slope).sum()
          if hasSecondReader { loss = loss + (again.to(.float64) * around).sum() }
          let slopes = gradient(of: loss, withRespectTo: [x, weight, bias] + (hasShortcut ? [shortcut] : []))
          return ([y, mean, variance].map { $0.array() }, slopes.map { $0.array() })
        }
        let (kernel, other) = (results(on: .cpu), way { results(on: $0) })
        for (found, expected) in zip(other.values, kernel.values) {
          #expect(relativeError(found, expected) < precision.values, "\(shape) \(hasShortcut) \(hasSecondReader)")
        }
        // Of two values a channel normalisation leaves only the sign, so their slopes are rounding.
        guard shape != [2, 1, 1, 1] else { continue }
        for (found, expected) in zip(other.slopes, kernel.slopes) {
          let error = precision.type == .bfloat16 ? meanError(found, expected) : relativeError(found, expected)
          #expect(error < precision.slopes, "\(shape) \(hasShortcut) \(hasSecondReader)")
        }
      }
    }
  }

  @Test(arguments: OtherWay.here, [ElementType.float32, .float64, .bfloat16])
  func `subsampling, to the bit`(way: OtherWay, type: ElementType) {
    for (shape, stride, channels) in [([2, 3, 6, 4], 2, 6), ([2, 4, 5, 7], 2, 8), ([3, 2, 5, 4], 3, 2)] {
      func results(on device: Device) -> [[Float]] {
        let random = RandomGenerator(seed: 6, "pixels")
        let x = random.normal(shape).to(type).to(device).requiringGradient()
        let y = x.channelsLast.subsampled(stride: stride, channels: channels)
        let slope = random.normal(y.shape).to(type).to(device)
        return [y, gradient(of: (y * slope).sum(), withRespectTo: [x])[0]].map { $0.array() }
      }
      #expect(way { results(on: $0) } == results(on: .cpu))
    }
  }

  @Test(arguments: OtherWay.here) func `a value that is not finite is not cut off, and wrong shapes are refused`(
    way: OtherWay
  ) {
    way { device in
      func parameters(_ value: Double) -> Tensor { .full(value, [1], on: device) }
      let x = Tensor([1, .nan, 3, 4] as [Float], shape: [4, 1, 1, 1]).to(device)
      let y = x.normalizedAndRectified(
        weight: parameters(1), bias: parameters(0), runningMean: parameters(0), runningVariance: parameters(1),
        momentum: 0.1, epsilon: 1e-5
      ).0
      #expect(y.array(of: Float.self).count { $0.isNaN } == 4)

      let (weight, shortcut) = (parameters(1), Tensor.ones([1, 1, 1, 1], on: device))
      var (first, second) = (ct_tensor(impl: nil), ct_tensor(impl: nil))
      // A shortcut that libtorch would spread over all images, and a single value.
      for (input, shortcut, reason) in [(x, shortcut, "and a shortcut of"), (shortcut, nil, "more than one value")] {
        let status = ct_batch_norm_relu(
          input.handle, weight.handle, weight.handle, weight.handle, weight.handle, Tensor.handle(shortcut), 0.1, 1e-5,
          &first, &second)
        #expect(status != 0 && first.impl == nil && String(cString: ct_error()).contains(reason))
      }
    }
  }
}
