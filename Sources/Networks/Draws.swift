//  What is random inside a network while it is trained: dropout's zeros, the weights of branches. A network asks for it by
//  name and keeps no generator, so a run that goes on draws what it would have drawn.

public import Torch

/// Random numbers for one training step. The same `path` gives the same numbers; different ones are independent.
public protocol Draws {
  /// From 0 to 1.
  func uniform(_ shape: [Int], for path: String) -> Tensor
  /// Booleans, each true with the given probability.
  func bernoulli(_ probability: Double, _ shape: [Int], for path: String) -> Tensor
}

/// Streams that follow from the run's seed and the step, drawn on the processor: arms of one seed, resumed runs and other
/// devices see the same.
public struct StepDraws: Draws {
  private let seed: UInt64
  private let step: Int

  /// - Parameter step: counted from 0 over the whole run.
  public init(seed: UInt64, step: Int) { (self.seed, self.step) = (seed, step) }

  public func uniform(_ shape: [Int], for path: String) -> Tensor { generator(path).uniform(shape) }

  public func bernoulli(_ probability: Double, _ shape: [Int], for path: String) -> Tensor {
    generator(path).bernoulli(probability, shape)
  }

  private func generator(_ path: String) -> RandomGenerator { RandomGenerator(seed: seed, "network", step, path) }
}
