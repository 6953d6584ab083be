//  The layers that residual networks are made of.

public import Torch

/// What a residual network is made of: a convolution whose output is normalised, added to a shortcut, and cut off at 0.
public protocol RectifiedLayer {
  /// max(0, norm(convolution(input)) + shortcut), twice: for the next layer, and for the shortcut around it.
  func callAsFunction(_ input: Tensor, adding shortcut: Tensor?) -> (next: Tensor, around: Tensor)
}

/// The layer while it is trained: a convolution without bias, K×K, padded so that stride 1 keeps the size, and batch
/// normalisation with a learnt scale and shift (Ioffe and Szegedy 2015; momentum 0.1, ε 1e-5) by the batch's own
/// statistics. Convolutions are initialised by He et al. (2015): normal with variance 2/(K²·outputs).
public struct NormalizedConvolution: RectifiedLayer {
  private let kernel: Tensor
  private let stride: Int
  private let padding: Int
  private let weight: Tensor
  private let bias: Tensor
  private let runningMean: Tensor
  private let runningVariance: Tensor
  /// PyTorch counts batches here; it has no effect, and is kept so that checkpoints load there.
  private let batchCount: Tensor

  private static let momentum = 0.1
  private static let epsilon = 1e-5

  /// - Parameters:
  ///   - convolution: the scope of the convolution's weight.
  ///   - norm: the scope of the normalisation's parameters and running statistics.
  ///   - size: K, odd.
  public init(
    convolution: ParameterStore.Scope, norm: ParameterStore.Scope, inputs: Int, outputs: Int, size: Int, stride: Int = 1
  ) {
    kernel = convolution.parameter(
      "weight", normal: [outputs, inputs, size, size], deviation: (2 / Double(size * size * outputs)).squareRoot())
    (self.stride, padding) = (stride, size / 2)
    weight = norm.parameter("weight", .ones([outputs]))
    bias = norm.parameter("bias", .zeros([outputs]))
    runningMean = norm.buffer("running_mean", .zeros([outputs]))
    runningVariance = norm.buffer("running_var", .ones([outputs]))
    batchCount = norm.buffer("num_batches_tracked", .zeros([], .int64))
  }

  public func callAsFunction(_ input: Tensor, adding shortcut: Tensor?) -> (next: Tensor, around: Tensor) {
    batchCount.add(.ones([], .int64))
    return input.convolved(kernel, stride: stride, padding: padding).normalizedAndRectified(
      weight: weight, bias: bias, runningMean: runningMean, runningVariance: runningVariance, adding: shortcut,
      momentum: Self.momentum, epsilon: Self.epsilon)
  }

  /// The same layer by the running statistics: with s = weight / √(running variance + ε), the convolution of kernel · s
  /// plus bias − running mean · s.
  public var folded: FoldedConvolution {
    withoutGradients {
      let scale = weight / (runningVariance + Self.epsilon).squareRoot
      return FoldedConvolution(
        kernel: (kernel * scale.reshaped([-1, 1, 1, 1])).channelsLast, bias: bias - runningMean * scale, stride: stride,
        padding: padding)
    }
  }
}

/// The layer once it is trained: normalisation by constants is part of the convolution.
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
