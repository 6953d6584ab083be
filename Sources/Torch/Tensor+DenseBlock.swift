//  The block of densely connected networks as one operation, because its memory is what such networks are bound by.

internal import CTorch

extension Tensor {
  /// N×C×H×W and, side by side with it, what each layer makes of all channels before:
  /// conv₃(relu(norm(conv₁(relu(norm(…)))))), by the batch's statistics, which move the running ones in place.
  ///
  /// Memory that is kept for the gradient: the result, and 4k channels a layer that adds k; nothing that grows with the
  /// square of the layers. On a GPU it does, because there each layer's input is concatenated anew.
  /// - Precondition: each layer's tensors fit the channels before it.
  public func denselyConnected(through layers: [DenseLayer], momentum: Double, epsilon: Double) -> Tensor {
    .made { ct_dense_block(handle, layers.map(\.bridged), layers.count, momentum, epsilon, $0) }
  }
}

/// A layer of a dense block: normalisation and ReLU, 1×1 convolution, normalisation and ReLU, 3×3 convolution.
public struct DenseLayer {
  /// Parameters and running statistics by channel.
  public struct Norm {
    let weight, bias, runningMean, runningVariance: Tensor

    public init(weight: Tensor, bias: Tensor, runningMean: Tensor, runningVariance: Tensor) {
      (self.weight, self.bias) = (weight, bias)
      (self.runningMean, self.runningVariance) = (runningMean, runningVariance)
    }

    fileprivate var bridged: ct_norm {
      ct_norm(
        weight: weight.handle, bias: bias.handle, running_mean: runningMean.handle,
        running_variance: runningVariance.handle)
    }
  }

  let firstNorm, secondNorm: Norm
  let firstKernel, secondKernel: Tensor

  public init(firstNorm: Norm, firstKernel: Tensor, secondNorm: Norm, secondKernel: Tensor) {
    (self.firstNorm, self.firstKernel) = (firstNorm, firstKernel)
    (self.secondNorm, self.secondKernel) = (secondNorm, secondKernel)
  }

  fileprivate var bridged: ct_dense_layer {
    ct_dense_layer(
      first_norm: firstNorm.bridged, first_kernel: firstKernel.handle, second_norm: secondNorm.bridged,
      second_kernel: secondKernel.handle)
  }
}
