//  How strong the augmentation is, epoch by epoch.

/// λ = λ₀ · t/T, because the covariances of the first epochs, of features that still move, say little (Wang et
/// al. 2019, section 3.3). As published it moves once an epoch with t counted from 0: the first epoch is plain
/// cross-entropy.
public struct StrengthSchedule: Sendable, Equatable {
  /// λ₀.
  public let final: Double
  /// T.
  public let epochs: Int

  public init(final: Double, epochs: Int) {
    (self.final, self.epochs) = (final, epochs)
  }

  /// λ in an epoch counted from 0.
  public func lambda(epoch: Int) -> Double {
    final * Double(epoch) / Double(epochs)
  }
}
