//  The class moments of a run as they lie in `checkpoints/isda.safetensors` and in the checkpoints that it goes on from.

public import ClassStatistics
internal import Networks
public import Storage
public import Torch

/// Counts, means and covariances of the classes as the loss kept them.
public struct StoredMoments {
  public let counts: [Double]
  /// μ, C×A.
  public let means: Tensor
  public let covariances: ClassCovariances

  /// nil if the arrays hold no moments.
  public init?(_ arrays: [String: StoredArray]) {
    func tensor(_ name: String) -> Tensor? { arrays["isda.\(name)"].flatMap { Tensor($0) } }
    let (matrix, factors, diagonal) = (tensor("covariance"), tensor("factors"), tensor("diagonal"))
    guard let counts = tensor("count"), let means = tensor("mean"), matrix != nil || factors != nil || diagonal != nil
    else { return nil }
    (self.counts, self.means) = (counts.array(), means)
    covariances = ClassCovariances(matrix: matrix, factors: factors, diagonal: diagonal)
  }
}
