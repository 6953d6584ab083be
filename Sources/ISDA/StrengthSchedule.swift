//  How strong the augmentation is as the run goes on.

/// λ = λ₀ · t/T, because the covariances of the first epochs, of features that still move, say little (Wang et
/// al. 2019, section 3.3).
public struct StrengthSchedule: Sendable, Equatable {
  /// λ₀.
  public let final: Double
  /// T.
  public let epochs: Int
  public let stepsPerEpoch: Int
  /// Whether t moves with every step. As published it moves once an epoch and is counted from 0, so that the first
  /// epoch is plain cross-entropy.
  public let movesEveryStep: Bool

  public init(final: Double, epochs: Int, stepsPerEpoch: Int, movesEveryStep: Bool = false) {
    (self.final, self.epochs, self.stepsPerEpoch) = (final, epochs, stepsPerEpoch)
    self.movesEveryStep = movesEveryStep
  }

  /// λ at a step counted from 0 over the whole run.
  public func lambda(step: Int) -> Double {
    let progress =
      movesEveryStep ? Double(step) / Double(epochs * stepsPerEpoch) : Double(step / stepsPerEpoch) / Double(epochs)
    return final * progress
  }
}
