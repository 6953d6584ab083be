//  Convolutions and linear maps: the layers with weights, each named in its network's store.

public import Torch

/// K×K without bias, padded so that stride 1 keeps the size. Initialised by He et al. (2015): normal with variance
/// 2/(K²·outputs).
public struct Convolution {
  let kernel: Tensor
  let stride: Int
  let padding: Int
  let groups: Int

  /// - Parameters:
  ///   - size: K, odd.
  ///   - groups: into so many are inputs and outputs divided; each group of outputs sees its own group of inputs.
  public init(
    _ scope: ParameterStore.Scope, inputs: Int, outputs: Int, size: Int, stride: Int = 1, groups: Int = 1
  ) {
    kernel = scope.parameter(
      "weight", normal: [outputs, inputs / groups, size, size],
      deviation: (2 / Double(size * size * outputs)).squareRoot())
    (self.stride, padding, self.groups) = (stride, size / 2, groups)
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    input.convolved(kernel, stride: stride, padding: padding, groups: groups)
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
