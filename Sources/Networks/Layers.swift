//  The layers that residual networks are made of.

public import Torch

/// A convolution without bias, K×K, padded so that stride 1 keeps the size. Initialised by He et al. (2015): normal
/// with variance 2/(K²·outputs).
public struct Convolution {
  public let weight: Tensor
  private let stride: Int
  private let padding: Int

  public init(_ scope: ParameterStore.Scope, inputs: Int, outputs: Int, kernel: Int, stride: Int = 1) {
    weight = scope.parameter(
      "weight", normal: [outputs, inputs, kernel, kernel],
      deviation: (2 / Double(kernel * kernel * outputs)).squareRoot())
    (self.stride, padding) = (stride, kernel / 2)
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    input.convolved(weight, stride: stride, padding: padding)
  }
}

/// Batch normalisation with a learnt scale and shift (Ioffe and Szegedy 2015); momentum 0.1, ε 1e-5.
public struct BatchNorm {
  private let weight: Tensor
  private let bias: Tensor
  private let runningMean: Tensor
  private let runningVariance: Tensor
  /// PyTorch counts batches here; it has no effect, and is kept so that checkpoints load there.
  private let batchCount: Tensor

  public init(_ scope: ParameterStore.Scope, channels: Int) {
    weight = scope.parameter("weight", .ones([channels]))
    bias = scope.parameter("bias", .zeros([channels]))
    runningMean = scope.buffer("running_mean", .zeros([channels]))
    runningVariance = scope.buffer("running_var", .ones([channels]))
    batchCount = scope.buffer("num_batches_tracked", .zeros([], .int64))
  }

  public func callAsFunction(_ input: Tensor, training: Bool) -> Tensor {
    if training { batchCount.add(.ones([], .int64)) }
    return input.batchNormalized(
      weight: weight, bias: bias, runningMean: runningMean, runningVariance: runningVariance, training: training,
      momentum: 0.1, epsilon: 1e-5)
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
