//  The layers that residual networks are made of.

public import Torch

/// What residual networks are made of: something that normalises, adds a shortcut, and cuts off at 0.
public protocol RectifiedLayer {
  /// max(0, norm(…input…) + shortcut), twice: for the next layer, and for the shortcut around it.
  func callAsFunction(_ input: Tensor, adding shortcut: Tensor?) -> (next: Tensor, around: Tensor)
}

/// K×K without bias, padded so that stride 1 keeps the size. Initialised by He et al. (2015): normal with variance
/// 2/(K²·outputs).
public struct Convolution {
  fileprivate let kernel: Tensor
  fileprivate let stride: Int
  fileprivate let padding: Int

  /// - Parameter size: K, odd.
  public init(_ scope: ParameterStore.Scope, inputs: Int, outputs: Int, size: Int, stride: Int = 1) {
    kernel = scope.parameter(
      "weight", normal: [outputs, inputs, size, size], deviation: (2 / Double(size * size * outputs)).squareRoot())
    (self.stride, padding) = (stride, size / 2)
  }

  public func callAsFunction(_ input: Tensor) -> Tensor { input.convolved(kernel, stride: stride, padding: padding) }
}

/// Batch normalisation with a learnt scale and shift while it is trained (Ioffe and Szegedy 2015; momentum 0.1, ε 1e-5):
/// by the batch's own statistics, which move the running ones.
public struct BatchNorm: RectifiedLayer {
  private let weight: Tensor
  private let bias: Tensor
  private let runningMean: Tensor
  private let runningVariance: Tensor
  /// PyTorch counts batches here; it has no effect, and is kept so that checkpoints load there.
  private let batchCount: Tensor

  private static let momentum = 0.1
  private static let epsilon = 1e-5

  public init(_ scope: ParameterStore.Scope, channels: Int) {
    weight = scope.parameter("weight", .ones([channels]))
    bias = scope.parameter("bias", .zeros([channels]))
    runningMean = scope.buffer("running_mean", .zeros([channels]))
    runningVariance = scope.buffer("running_var", .ones([channels]))
    batchCount = scope.buffer("num_batches_tracked", .zeros([], .int64))
  }

  public func callAsFunction(_ input: Tensor, adding shortcut: Tensor?) -> (next: Tensor, around: Tensor) {
    batchCount.add(.ones([], .int64))
    return input.normalizedAndRectified(
      weight: weight, bias: bias, runningMean: runningMean, runningVariance: runningVariance, adding: shortcut,
      momentum: Self.momentum, epsilon: Self.epsilon)
  }

  /// The same by the running statistics, x · scale + shift: scale = weight / √(running variance + ε), shift = bias −
  /// running mean · scale.
  var constants: (scale: Tensor, shift: Tensor) {
    let scale = weight / (runningVariance + Self.epsilon).squareRoot
    return (scale, bias - runningMean * scale)
  }

  public var folded: FoldedNorm {
    withoutGradients {
      let (scale, shift) = constants
      return FoldedNorm(scale: scale.reshaped([1, -1, 1, 1]), shift: shift.reshaped([1, -1, 1, 1]))
    }
  }
}

/// A convolution and the normalisation after it while they are trained.
public struct NormalizedConvolution: RectifiedLayer {
  private let convolution: Convolution
  private let norm: BatchNorm

  /// - Parameters:
  ///   - convolution: the scope of the convolution's weight.
  ///   - norm: the scope of the normalisation's parameters and running statistics.
  ///   - size: K, odd.
  public init(
    convolution: ParameterStore.Scope, norm: ParameterStore.Scope, inputs: Int, outputs: Int, size: Int, stride: Int = 1
  ) {
    self.convolution = Convolution(convolution, inputs: inputs, outputs: outputs, size: size, stride: stride)
    self.norm = BatchNorm(norm, channels: outputs)
  }

  public func callAsFunction(_ input: Tensor, adding shortcut: Tensor?) -> (next: Tensor, around: Tensor) {
    norm(convolution(input), adding: shortcut)
  }

  /// The same layer by the running statistics: the convolution of kernel · scale plus shift.
  public var folded: FoldedConvolution {
    withoutGradients {
      let (scale, shift) = norm.constants
      return FoldedConvolution(
        kernel: (convolution.kernel * scale.reshaped([-1, 1, 1, 1])).channelsLast, bias: shift,
        stride: convolution.stride, padding: convolution.padding)
    }
  }
}

/// A normalised convolution once it is trained: normalisation by constants is part of the convolution.
public struct FoldedConvolution: RectifiedLayer {
  let kernel: Tensor
  let bias: Tensor
  let stride: Int
  let padding: Int

  public func callAsFunction(_ input: Tensor, adding shortcut: Tensor?) -> (next: Tensor, around: Tensor) {
    let output = input.convolved(kernel, bias: bias, stride: stride, padding: padding)
    if let shortcut { output.add(shortcut) }
    let rectified = output.rectified()
    return (rectified, rectified)
  }
}

/// Batch normalisation once it is trained, where no convolution comes before it that could contain it.
public struct FoldedNorm: RectifiedLayer {
  /// 1×C×1×1.
  let scale, shift: Tensor

  public func callAsFunction(_ input: Tensor, adding shortcut: Tensor?) -> (next: Tensor, around: Tensor) {
    let output = input * scale + shift
    if let shortcut { output.add(shortcut) }
    let rectified = output.rectified()
    return (rectified, rectified)
  }
}

/// W a + b. Weights start normal with variance 1/inputs, the bias at 0.
public struct Linear {
  /// C×A.
  public let weight: Tensor
  public let bias: Tensor

  public init(_ scope: ParameterStore.Scope, inputs: Int, outputs: Int) {
    weight = scope.parameter("weight", normal: [outputs, inputs], deviation: (1 / Double(inputs)).squareRoot())
    bias = scope.parameter("bias", .zeros([outputs]))
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    input.linear(weight, bias)
  }
}
