//  The operations that networks are made of, and the optimiser's step.

internal import CTorch

extension Tensor {
  /// Cross-correlation of N×C×H×W with weights O×(C/groups)×K×K, plus a bias for each of O: each group of outputs sees
  /// its own group of channels.
  public func convolved(_ weight: Tensor, bias: Tensor? = nil, stride: Int, padding: Int, groups: Int = 1) -> Tensor {
    .made {
      ct_conv2d(handle, weight.handle, Tensor.handle(bias), Int64(stride), Int64(padding), Int64(groups), $0)
    }
  }

  /// max(0, (x − μ) / √(σ² + ε) · weight + bias + shortcut) in one operation, for x of shape N×C×H×W in bfloat16,
  /// float32 or float64. μ and σ² (divisor n = N·H·W) are the mean and variance of each channel of x; they move the
  /// running ones in place: running ← (1 − momentum) · running + momentum · batch, with divisor n − 1 for the variance.
  ///
  /// The result comes twice, the same memory for two readers: gradients at the two are added where they are read,
  /// which saves the pass that gradients of one tensor with two readers need.
  ///
  /// Cost: forward, x is read twice, the shortcut once, the result written once; backward, x is read twice, the other
  /// tensors once, and the gradients of x and the shortcut are written. Computed in float32 (float64 for float64) with
  /// sums over blocks of pixels in float64, in an order that does not depend on the number of threads.
  /// - Parameter shortcut: of the shape of x.
  /// - Precondition: n > 1.
  public func normalizedAndRectified(
    weight: Tensor, bias: Tensor, runningMean: Tensor, runningVariance: Tensor, adding shortcut: Tensor? = nil,
    momentum: Double, epsilon: Double
  ) -> (Tensor, Tensor) {
    var (first, second) = (ct_tensor(impl: nil), ct_tensor(impl: nil))
    check(
      ct_batch_norm_relu(
        handle, weight.handle, bias.handle, runningMean.handle, runningVariance.handle, Tensor.handle(shortcut),
        momentum, epsilon, &first, &second))
    return (Tensor(owning: first), Tensor(owning: second))
  }

  /// (x − μ) / √(σ² + ε) · weight + bias, computed as `normalizedAndRectified` has it, neither added to nor cut off. The
  /// backward pass keeps x alone.
  /// - Precondition: n > 1.
  public func normalized(
    weight: Tensor, bias: Tensor, runningMean: Tensor, runningVariance: Tensor, momentum: Double, epsilon: Double
  ) -> Tensor {
    .made {
      ct_batch_norm(
        handle, weight.handle, bias.handle, runningMean.handle, runningVariance.handle, momentum, epsilon, $0)
    }
  }

  /// Every `stride`-th pixel of N×C×H×W in both directions, its channels in the middle of `channels` of which the rest
  /// is 0. One pass over memory, and one for the gradient.
  /// - Precondition: channels ≥ C.
  public func subsampled(stride: Int, channels: Int) -> Tensor {
    .made { ct_subsample(handle, Int64(stride), Int64(channels), $0) }
  }

  /// The largest value of each window of size×size pixels of N×C×H×W; beyond the border, `padding` pixels wide, is none.
  public func maxPooled(size: Int, stride: Int, padding: Int) -> Tensor {
    .made { ct_max_pool2d(handle, Int64(size), Int64(stride), Int64(padding), $0) }
  }

  /// The mean of each size×size pixels of N×C×H×W, side by side; what is left over at the border is dropped.
  public func averagePooled(size: Int) -> Tensor { .made { ct_avg_pool2d(handle, Int64(size), $0) } }

  /// x Wᵀ + b for rows x; without b if it is nil.
  public func linear(_ weight: Tensor, _ bias: Tensor?) -> Tensor {
    .made { ct_linear(handle, weight.handle, Tensor.handle(bias), $0) }
  }

  /// 1 / (1 + exp(−self)).
  public var sigmoid: Tensor { .made { ct_sigmoid(handle, $0) } }

  /// max(self, 0), a new tensor.
  public var positivePart: Tensor { .made { ct_relu(handle, $0) } }

  /// α · self + (1 − α) · other for N×C×H×W, α by image, with the gradient that β in place of α would have.
  /// - Parameters: α and β, N numbers each.
  public func shaken(with other: Tensor, forward alpha: Tensor, backward beta: Tensor) -> Tensor {
    .made { ct_shake(handle, other.handle, alpha.handle, beta.handle, $0) }
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
