//  What a run minimises: plain cross-entropy, or the ISDA loss over class covariances kept on the way.

internal import ClassStatistics
internal import ISDA
internal import Images
internal import Networks
internal import Results
internal import Storage
internal import Torch

final class Objective {
  private let moments: ClassMoments?
  private let schedule: StrengthSchedule
  private let weight: Tensor

  init(_ configuration: RunConfiguration, network: ResNet) {
    moments =
      switch configuration.loss {
      case .ce: nil
      case .isda: ClassMoments(classCount: network.classCount, featureCount: network.featureCount)
      }
    schedule = StrengthSchedule(
      final: configuration.loss == .isda ? configuration.lambda : 0, epochs: configuration.epochs)
    weight = network.classifier.weight
  }

  func lambda(epoch: Int) -> Double { schedule.lambda(epoch: epoch) }

  /// The loss of each image. The covariances take in the batch first, as published.
  func losses(features: Tensor, logits: Tensor, batch: Batch, epoch: Int) -> Tensor {
    guard let moments else { return logits.crossEntropy(labels: batch.labels) }
    moments.update(features: features, labels: batch.classes)
    return augmentedLogits(
      logits, weight: weight, labels: batch.classes, covariances: moments.covariances, lambda: lambda(epoch: epoch)
    ).crossEntropy(labels: batch.labels)
  }

  /// Whether the covariance of a class is finite; true without ISDA.
  func isFinite(classIndex: Int) -> Bool {
    guard let moments else { return true }
    return moments.covariances.select(classIndex).isFinite
  }

  /// Counts, means and covariances as tensors for a file; nil without ISDA.
  var state: [String: StoredArray]? {
    guard let moments else { return nil }
    return [
      "isda.count": StoredArray(moments.counts.map(Int64.init), shape: [moments.classCount]),
      "isda.mean": moments.means.stored,
      "isda.covariance": moments.covariances.stored,
    ]
  }

  /// Goes on from a `state` of an objective of the same configuration and network.
  func restore(_ state: [String: StoredArray]) {
    func tensor(_ name: String) -> Tensor? { state[name].flatMap { Tensor($0) } }
    guard let moments, let counts = tensor("isda.count"), let means = tensor("isda.mean"),
      let covariances = tensor("isda.covariance")
    else { return }
    moments.restore(counts: counts.array(of: Int64.self).map(Int.init), means: means, covariances: covariances)
  }
}
