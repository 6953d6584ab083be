//  Stochastic gradient descent with momentum, Nesterov's or plain, and weight decay, one fused step over all parameters.

internal import Networks
internal import Storage
internal import Torch

final class Optimizer {
  private let parameters: [Tensor]
  private let velocities: [Tensor]
  private let momentum: Double
  private let nesterov: Bool
  private let weightDecay: Double
  private var isFirst = true

  init(_ parameters: [Tensor], momentum: Double, nesterov: Bool, weightDecay: Double) {
    self.parameters = parameters
    velocities = withoutGradients { parameters.map { $0.detached * 0 } }
    (self.momentum, self.nesterov, self.weightDecay) = (momentum, nesterov, weightDecay)
  }

  /// Moves the parameters against the gradient of `loss`.
  func step(down loss: Tensor, learningRate: Double) {
    let gradients = gradient(of: loss, withRespectTo: parameters)
    withoutGradients {
      sgdStep(
        parameters: parameters, gradients: gradients, velocities: velocities, learningRate: learningRate,
        momentum: momentum, weightDecay: weightDecay, nesterov: nesterov && momentum > 0, isFirst: isFirst)
    }
    isFirst = false
  }

  /// The velocity of each parameter, in their order; read after a step, and set to go on from there.
  var state: [StoredArray] {
    get { velocities.map(\.stored) }
    set {
      for (velocity, value) in zip(velocities, newValue.compactMap { Tensor($0) }) { velocity.assign(value) }
      isFirst = false
    }
  }
}
