//  Batch normalisation, alone and after a convolution, as it is trained and as it is applied: by constants then, which a
//  convolution before it takes up.

public import Torch

/// What residual networks are made of: something that normalises, adds a shortcut, and cuts off at 0.
public protocol RectifiedLayer {
  /// max(0, norm(…input…) + shortcut), twice: for the next layer, and for the shortcut around it.
  func callAsFunction(_ input: Tensor, adding shortcut: Tensor?) -> (next: Tensor, around: Tensor)
  /// norm(…input…), neither added to nor cut off.
  func unrectified(_ input: Tensor) -> Tensor
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

  static let momentum = 0.1
  static let epsilon = 1e-5

  public init(_ scope: ParameterStore.Scope, channels: Int) {
    weight = scope.parameter("weight", .ones([channels]))
    bias = scope.parameter("bias", .zeros([channels]))
    runningMean = scope.buffer("running_mean", .zeros([channels]))
    runningVariance = scope.buffer("running_var", .ones([channels]))
    batchCount = scope.buffer("num_batches_tracked", .zeros([], .int64))
  }

  public func callAsFunction(_ input: Tensor, adding shortcut: Tensor?) -> (next: Tensor, around: Tensor) {
    count()
    return input.normalizedAndRectified(
      weight: weight, bias: bias, runningMean: runningMean, runningVariance: runningVariance, adding: shortcut,
      momentum: Self.momentum, epsilon: Self.epsilon)
  }

  public func unrectified(_ input: Tensor) -> Tensor {
    count()
    return input.normalized(
      weight: weight, bias: bias, runningMean: runningMean, runningVariance: runningVariance,
      momentum: Self.momentum, epsilon: Self.epsilon)
  }

  /// Notes that a batch went by.
  func count() { batchCount.add(.ones([], .int64)) }

  /// As a dense block takes it.
  var ofDenseLayer: DenseLayer.Norm {
    DenseLayer.Norm(weight: weight, bias: bias, runningMean: runningMean, runningVariance: runningVariance)
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
    convolution: ParameterStore.Scope, norm: ParameterStore.Scope, inputs: Int, outputs: Int, size: Int,
    stride: Int = 1, groups: Int = 1
  ) {
    self.convolution = Convolution(
      convolution, inputs: inputs, outputs: outputs, size: size, stride: stride, groups: groups)
    self.norm = BatchNorm(norm, channels: outputs)
  }

  public func callAsFunction(_ input: Tensor, adding shortcut: Tensor?) -> (next: Tensor, around: Tensor) {
    norm(convolution(input), adding: shortcut)
  }

  public func unrectified(_ input: Tensor) -> Tensor { norm.unrectified(convolution(input)) }

  /// The same layer by the running statistics: the convolution of kernel · scale plus shift.
  public var folded: FoldedConvolution { FoldedConvolution(convolution, norm) }
}

/// A normalised convolution once it is trained: normalisation by constants is part of the convolution.
public struct FoldedConvolution: RectifiedLayer {
  let kernel: Tensor
  let bias: Tensor
  private let stride: Int
  private let padding: Int
  private let groups: Int

  /// - Parameter norm: what comes after the convolution.
  init(_ convolution: Convolution, _ norm: BatchNorm) {
    (kernel, bias) = withoutGradients {
      let (scale, shift) = norm.constants
      return ((convolution.kernel * scale.reshaped([-1, 1, 1, 1])).channelsLast, shift)
    }
    (stride, padding, groups) = (convolution.stride, convolution.padding, convolution.groups)
  }

  public func callAsFunction(_ input: Tensor, adding shortcut: Tensor?) -> (next: Tensor, around: Tensor) {
    rectified(unrectified(input), adding: shortcut)
  }

  public func unrectified(_ input: Tensor) -> Tensor {
    input.convolved(kernel, bias: bias, stride: stride, padding: padding, groups: groups)
  }
}

/// Batch normalisation once it is trained, where no convolution comes before it that could contain it.
public struct FoldedNorm: RectifiedLayer {
  /// 1×C×1×1.
  let scale, shift: Tensor

  public func callAsFunction(_ input: Tensor, adding shortcut: Tensor?) -> (next: Tensor, around: Tensor) {
    rectified(unrectified(input), adding: shortcut)
  }

  public func unrectified(_ input: Tensor) -> Tensor { input * scale + shift }
}

/// max(0, output + shortcut), written over `output`.
private func rectified(_ output: Tensor, adding shortcut: Tensor?) -> (next: Tensor, around: Tensor) {
  if let shortcut { output.add(shortcut) }
  let rectified = output.rectified()
  return (rectified, rectified)
}
