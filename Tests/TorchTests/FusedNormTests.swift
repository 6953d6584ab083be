import CTorch
import Foundation
import TestSupport
import Testing

@testable import Torch

/// What Scripts/reference/norm.py computed.
private struct Reference: Decodable {
  let shape: [Int]
  let y, runningMean, runningVariance, x, weight, bias: [Double]
  let shortcut: [Double]?

  static func load() throws -> [Reference] {
    let url = try #require(Bundle.module.url(forResource: "Fixtures/norm", withExtension: "json"))
    return try JSONDecoder().decode([Reference].self, from: Data(contentsOf: url))
  }
}

private func pattern(_ shape: [Int], _ phase: Double) -> Tensor {
  Tensor((0..<shape.reduce(1, *)).map { sin(0.37 * Double($0) + phase) }, shape: shape)
}

/// Inputs of one normalisation, by the formulas of the reference script, rounded to a type of element.
private struct Case {
  let x, weight, bias, shortcut, runningMean, runningVariance: Tensor

  /// Parameters are float32 where x is bfloat16, as in training.
  init(_ shape: [Int], _ type: ElementType = .float64) {
    let channels = [shape[1]]
    let parameters: ElementType = type == .bfloat16 ? .float32 : type
    x = (pattern(shape, 0.1) + 2).to(type).channelsLast.requiringGradient()
    weight = (pattern(channels, 0.2) * 0.5 + 1).to(parameters).requiringGradient()
    bias = pattern(channels, 0.3).to(parameters).requiringGradient()
    shortcut = pattern(shape, 0.4).to(type).channelsLast.requiringGradient()
    runningMean = pattern(channels, 0.5).to(parameters)
    runningVariance = (pattern(channels, 0.6) * 0.5 + 1).to(parameters)
  }

  func fused(adding shortcut: Tensor? = nil) -> (Tensor, Tensor) {
    x.normalizedAndRectified(
      weight: weight, bias: bias, runningMean: runningMean, runningVariance: runningVariance, adding: shortcut,
      momentum: 0.1, epsilon: 1e-5)
  }

  func alone() -> Tensor {
    x.normalized(
      weight: weight, bias: bias, runningMean: runningMean, runningVariance: runningVariance, momentum: 0.1,
      epsilon: 1e-5)
  }

  /// The definition, in single operations and in float64.
  func composed(adding shortcut: Tensor? = nil) -> Tensor {
    let normalized = composedAlone()
    return (shortcut.map { normalized + $0.to(.float64) } ?? normalized).clamped(below: 0)
  }

  func composedAlone() -> Tensor {
    let x = x.to(.float64)
    func byChannel(_ tensor: Tensor) -> Tensor { tensor.to(.float64).reshaped([1, -1, 1, 1]) }
    let centered = x - x.mean([0, 2, 3], keepingDimensions: true)
    let variance = (centered * centered).mean([0, 2, 3], keepingDimensions: true)
    return centered / (variance + 1e-5).squareRoot * byChannel(weight) + byChannel(bias)
  }

  func gradients(of y: Tensor, slope: Tensor, shortcut: Tensor?) -> [[Double]] {
    gradient(of: (y.to(.float64) * slope).sum(), withRespectTo: [x, weight, bias] + (shortcut.map { [$0] } ?? []))
      .map { $0.array() }
  }
}

@Suite("Normalisation, shortcut and ReLU in one operation are what they are one by one", .leavesNoTensors)
struct FusedNormTests {
  @Test(arguments: 0..<6, [(ElementType.float64, 1e-10), (.float32, 1e-5)])
  func `values, running statistics and gradients of PyTorch`(
    index: Int, precision: (type: ElementType, tolerance: Double)
  ) throws {
    let reference = try Reference.load()[index]
    let inputs = Case(reference.shape, precision.type)
    let shortcut = reference.shortcut == nil ? nil : inputs.shortcut
    let y = inputs.fused(adding: shortcut).0
    let gradients = inputs.gradients(of: y, slope: pattern(reference.shape, 0.7), shortcut: shortcut)
    let expected = [reference.x, reference.weight, reference.bias] + (reference.shortcut.map { [$0] } ?? [])
    #expect(relativeError(y.array(), reference.y) < precision.tolerance)
    #expect(relativeError(inputs.runningMean.array(), reference.runningMean) < precision.tolerance)
    #expect(relativeError(inputs.runningVariance.array(), reference.runningVariance) < precision.tolerance)
    for (gradient, expected) in zip(gradients, expected) {
      #expect(relativeError(gradient, expected) < precision.tolerance)
    }
  }

  /// Sizes that need several blocks, the last one cut short, with tiles of the usual size and others.
  static let largeShapes = [
    [2, 1, 199, 173], [7, 3, 43, 61], [5, 16, 29, 31], [3, 17, 41, 43], [5, 64, 13, 17], [3, 300, 7, 11],
  ]
  /// Results in bfloat16 are rounded once (half a unit in the last place is 2⁻⁹), gradients twice, the first time before
  /// a sum.
  static let precisions: [(type: ElementType, values: Double, gradients: Double)] = [
    (.float64, 1e-11, 1e-11), (.float32, 1e-5, 1e-5), (.bfloat16, 0x1p-8, 0x1p-6),
  ]

  @Test(arguments: largeShapes, precisions)
  func `large tensors, two readers, any number of threads`(
    shape: [Int], precision: (type: ElementType, values: Double, gradients: Double)
  ) {
    // Without rounding in bfloat16, and without sums that cancel.
    func slopes(_ phase: Double) -> Tensor { (pattern(shape, phase) + 0.5).to(.bfloat16).to(.float64) }
    let (slope, around) = (slopes(0.7), slopes(0.8))
    for hasShortcut in [false, true] {
      for hasSecondReader in [false, true] {
        func run(threads: Int) -> ([Double], [[Double]]) {
          let before = Library.threads
          defer { Library.threads = before }
          Library.threads = threads
          let inputs = Case(shape, precision.type)
          let shortcut = hasShortcut ? inputs.shortcut : nil
          let (y, again) = inputs.fused(adding: shortcut)
          var loss = (y.to(.float64) * slope).sum()
          if hasSecondReader { loss = loss + (again.to(.float64) * around).sum() }
          let inputsOfGradient = [inputs.x, inputs.weight, inputs.bias] + (shortcut.map { [$0] } ?? [])
          return (y.array(), gradient(of: loss, withRespectTo: inputsOfGradient).map { $0.array() })
        }
        let (values, gradients) = run(threads: 1)
        let (otherValues, otherGradients) = run(threads: 2)
        #expect(values == otherValues)
        #expect(gradients == otherGradients)

        let inputs = Case(shape, precision.type)
        let shortcut = hasShortcut ? inputs.shortcut : nil
        let y = inputs.composed(adding: shortcut)
        let expected = inputs.gradients(of: y, slope: hasSecondReader ? slope + around : slope, shortcut: shortcut)
        #expect(relativeError(values, y.array()) < precision.values)
        for (gradient, expected) in zip(gradients, expected) {
          #expect(relativeError(gradient, expected) < precision.gradients)
        }
      }
    }
  }

  @Test(arguments: largeShapes, precisions)
  func `normalisation alone, large tensors, any number of threads`(
    shape: [Int], precision: (type: ElementType, values: Double, gradients: Double)
  ) {
    let slope = (pattern(shape, 0.7) + 0.5).to(.bfloat16).to(.float64)
    func run(threads: Int) -> [[Double]] {
      let before = Library.threads
      defer { Library.threads = before }
      Library.threads = threads
      let inputs = Case(shape, precision.type)
      let y = inputs.alone()
      return [y.array(), inputs.runningMean.array(), inputs.runningVariance.array()]
        + inputs.gradients(of: y, slope: slope, shortcut: nil)
    }
    let found = run(threads: 1)
    #expect(found == run(threads: 2))

    let inputs = Case(shape, precision.type)
    let y = inputs.composedAlone()
    let expected = inputs.gradients(of: y, slope: slope, shortcut: nil)
    #expect(y.array(of: Double.self).contains { $0 < -0.5 })
    #expect(relativeError(found[0], y.array()) < precision.values)
    for (gradient, expected) in zip(found.dropFirst(3), expected) {
      #expect(relativeError(gradient, expected) < precision.gradients)
    }
    // The running statistics move as they do with ReLU, which the reference holds.
    let rectified = Case(shape, precision.type)
    _ = rectified.fused()
    #expect(found[1] == rectified.runningMean.array() && found[2] == rectified.runningVariance.array())
  }

  /// What comes after may write over it: the gradient does not ask for it.
  @Test func `the result of normalisation alone can be written over`() {
    let shape = [3, 5, 4, 6]
    let inputs = Case(shape)
    let y = inputs.alone()
    y.add(inputs.shortcut)
    let slope = pattern(shape, 0.7)
    let found = inputs.gradients(of: y, slope: slope, shortcut: inputs.shortcut)
    let other = Case(shape)
    let expected = other.gradients(of: other.composedAlone() + other.shortcut, slope: slope, shortcut: other.shortcut)
    for (gradient, expected) in zip(found, expected) { #expect(relativeError(gradient, expected) < 1e-12) }
  }

  @Test func `a tensor in another layout, and a view of a larger one`() {
    let shape = [3, 5, 4, 6]
    let inputs = Case(shape)
    func values(_ x: Tensor, _ shortcut: Tensor) -> [Double] {
      x.normalizedAndRectified(
        weight: inputs.weight, bias: inputs.bias, runningMean: inputs.runningMean,
        runningVariance: inputs.runningVariance, adding: shortcut, momentum: 0.1, epsilon: 1e-5
      ).0.array()
    }
    let expected = inputs.composed(adding: inputs.shortcut).array(of: Double.self)
    let rowMajor = Tensor(inputs.x.array(of: Double.self), shape: shape)
    let rowMajorShortcut = Tensor(inputs.shortcut.array(of: Double.self), shape: shape)
    #expect(relativeError(values(rowMajor, rowMajorShortcut), expected) < 1e-12)
    let wider = Tensor.concatenated(
      [.ones([3, 5, 4, 2], .float64), rowMajor, .ones([3, 5, 4, 1], .float64)], dimension: 3)
    let view = wider.slice(2..<8, dimension: 3)
    #expect(relativeError(values(view, inputs.shortcut), expected) < 1e-12)
    // A gradient that arrives in another layout: the sum's is one number everywhere, without memory of its own.
    let slopes = gradient(of: inputs.fused(adding: inputs.shortcut).0.sum(), withRespectTo: [inputs.shortcut])
    #expect(slopes[0].array() == expected.map { $0 > 0 ? 1.0 : 0 })
  }

  @Test func `a gradient that somebody else reads too is not written over`() {
    let shape = [3, 5, 4, 6]
    let inputs = Case(shape)
    let addend = pattern(shape, 0.8).channelsLast.requiringGradient()
    let slope = pattern(shape, 0.7).channelsLast
    let y = inputs.fused(adding: inputs.shortcut).0
    let gradients = gradient(of: ((y + addend) * slope).sum(), withRespectTo: [inputs.shortcut, addend])
    let slopes = slope.array(of: Double.self)
    #expect(gradients[0].array() == zip(slopes, y.array(of: Double.self)).map { $1 > 0 ? $0 : 0 })
    #expect(gradients[1].array() == slopes)
  }

  @Test(arguments: [false, true])
  func `gradients are those of finite differences`(hasShortcut: Bool) {
    let shape = [2, 3, 3, 5]
    let slope = pattern(shape, 0.7)
    let inputs = Case(shape)
    let shortcut = hasShortcut ? inputs.shortcut : nil
    func loss() -> Double { withoutGradients { (inputs.fused(adding: shortcut).0 * slope).sum().item() } }
    let gradients = inputs.gradients(of: inputs.fused(adding: shortcut).0, slope: slope, shortcut: shortcut)
    let variables = [inputs.x, inputs.weight, inputs.bias] + (shortcut.map { [$0] } ?? [])
    let step = 1e-6
    for (variable, gradient) in zip(variables, gradients) {
      let flat = variable.shape.count == 4 ? variable.permuted([0, 2, 3, 1]).reshaped([-1]) : variable
      let rowMajor = Tensor((0..<gradient.count).map { Double($0) }, shape: variable.shape)
      let places = variable.shape.count == 4 ? rowMajor.permuted([0, 2, 3, 1]).reshaped([-1]) : rowMajor
      for (index, place) in places.array(of: Double.self).enumerated() {
        let element = flat.detached.slice(index..<index + 1)
        func moved(_ distance: Double) -> Double {
          element.add(.full(distance, [1], .float64))
          defer { element.add(.full(-distance, [1], .float64)) }
          return loss()
        }
        let difference = (moved(step) - moved(-step)) / (2 * step)
        #expect(abs(difference - gradient[Int(place)]) < 1e-7)
      }
    }
  }

  @Test func `a mean far above the deviation costs no digits`() {
    // Squares of about 10⁴ in float32 would leave nothing of a variance of 0.005.
    let inputs = Case([4, 3, 60, 70], .float32)
    let x = ((inputs.x.detached - 2) * 0.1 + 100).requiringGradient()
    let running = (Tensor.zeros([3]), Tensor.zeros([3]))
    let y = x.normalizedAndRectified(
      weight: inputs.weight, bias: inputs.bias, runningMean: running.0, runningVariance: running.1, momentum: 1,
      epsilon: 1e-5
    ).0
    let wide = x.to(.float64)
    let mean = wide.mean([0, 2, 3], keepingDimensions: true)
    let variance = ((wide - mean) * (wide - mean)).sum([0, 2, 3]) * (1 / (4 * 60 * 70 - 1))
    #expect(relativeError(running.1.array(), variance.array()) < 1e-5)
    let scale = inputs.weight.to(.float64) / (variance + 1e-5).squareRoot
    let expected = (wide - mean) * scale.reshaped([1, 3, 1, 1]) + inputs.bias.to(.float64).reshaped([1, 3, 1, 1])
    // Half a unit in the last place of 100 is 5e-5 deviations.
    #expect(relativeError(y.array(), expected.clamped(below: 0).array()) < 1e-4)
  }

  @Test func `a value that is not finite is not cut off`() {
    let x = Tensor([1, .nan, 3, 4] as [Float], shape: [4, 1, 1, 1])
    let y = x.normalizedAndRectified(
      weight: .ones([1]), bias: .zeros([1]), runningMean: .zeros([1]), runningVariance: .ones([1]), momentum: 0.1,
      epsilon: 1e-5
    ).0
    #expect(y.array(of: Float.self).count { $0.isNaN } == 4)
    let half = x.to(.bfloat16).normalizedAndRectified(
      weight: .ones([1]), bias: .zeros([1]), runningMean: .zeros([1]), runningVariance: .ones([1]), momentum: 0.1,
      epsilon: 1e-5
    ).0
    #expect(half.array(of: Float.self).count { $0.isNaN } == 4)
  }

  @Test func `one value for each channel has no deviation`() {
    let x = Tensor.ones([1, 3, 1, 1])
    let (weight, bias, mean, variance) = (Tensor.ones([3]), Tensor.zeros([3]), Tensor.zeros([3]), Tensor.ones([3]))
    var (first, second) = (ct_tensor(impl: nil), ct_tensor(impl: nil))
    let status = ct_batch_norm_relu(
      x.handle, weight.handle, bias.handle, mean.handle, variance.handle, ct_tensor(impl: nil), 0.1, 1e-5, &first,
      &second)
    #expect(status != 0)
    #expect(String(cString: ct_error()).contains("more than one value for each channel"))
    #expect(first.impl == nil && second.impl == nil)
    #expect(mean.array() == [0.0, 0, 0])
  }
}
