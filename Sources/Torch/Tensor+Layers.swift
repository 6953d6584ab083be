//  The operations that networks are made of, and the optimiser's step.

internal import CTorch

extension Tensor {
  /// Cross-correlation of N×C×H×W with weights O×C×K×K, without bias.
  public func convolved(_ weight: Tensor, stride: Int, padding: Int) -> Tensor {
    .made { ct_conv2d(handle, weight.handle, Int64(stride), Int64(padding), $0) }
  }

  /// Batch normalisation over all but the channel dimension. While `training`, by the batch's own statistics,
  /// which move the running ones in place.
  public func batchNormalized(
    weight: Tensor, bias: Tensor, runningMean: Tensor, runningVariance: Tensor, training: Bool, momentum: Double,
    epsilon: Double
  ) -> Tensor {
    .made {
      ct_batch_norm(
        handle, weight.handle, bias.handle, runningMean.handle, runningVariance.handle, training, momentum, epsilon, $0)
    }
  }

  /// x Wᵀ + b for rows x.
  public func linear(_ weight: Tensor, _ bias: Tensor) -> Tensor {
    .made { ct_linear(handle, weight.handle, bias.handle, $0) }
  }

  /// self ← max(self, 0), in place, and self.
  public func rectified() -> Tensor {
    check(ct_relu_into(handle))
    return self
  }

  /// −log softmax(logits)[label] for each row of N×C logits; labels are 64-bit integers.
  public func crossEntropy(labels: Tensor) -> Tensor {
    .made { ct_cross_entropy(handle, labels.handle, $0) }
  }
}

/// One step of stochastic gradient descent with momentum over all parameters at once, in place, as PyTorch
/// defines it: g ← g + weightDecay · w;  v ← momentum · v + g (v = g at first);  w ← w − learningRate · (g +
/// momentum · v) with Nesterov, else w − learningRate · v.
public func sgdStep(
  parameters: [Tensor], gradients: [Tensor], velocities: [Tensor], learningRate: Double, momentum: Double,
  weightDecay: Double, nesterov: Bool, isFirst: Bool
) {
  check(
    ct_sgd(
      Tensor.handles(parameters), Tensor.handles(gradients), Tensor.handles(velocities), parameters.count,
      learningRate, momentum, weightDecay, nesterov, isFirst))
}
