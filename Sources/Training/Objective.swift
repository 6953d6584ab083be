//  What a run minimises: plain cross-entropy, the ISDA loss over class covariances kept on the way, or the mean over
//  explicit draws that the ISDA loss bounds.

internal import ClassStatistics
internal import ISDA
internal import Images
internal import Networks
internal import Results
internal import Storage
internal import Torch

final class Objective {
  private let loss: RunConfiguration.Loss
  private let moments: ClassMoments?
  private let schedule: StrengthSchedule
  private let classifier: Linear
  private let seed: UInt64
  private let stepsPerEpoch: Int
  /// After so many epochs the covariances no longer move.
  private let movingEpochs: Int

  init(_ configuration: RunConfiguration, network: any Network, stepsPerEpoch: Int) {
    loss = configuration.loss
    self.stepsPerEpoch = stepsPerEpoch
    let form: ClassMoments.Form
    var movingEpochs = configuration.epochs
    switch configuration.covariance {
    case .full: form = .full
    case .constant(let epochs): (form, movingEpochs) = (.full, epochs)
    case .diagonal: form = .diagonal
    case .lowRank(let rank): form = .lowRank(rank)
    case .pooled: form = .pooled
    case .identity: form = .identity
    }
    self.movingEpochs = movingEpochs
    moments =
      loss == .ce
      ? nil
      : ClassMoments(
        classCount: network.classCount, featureCount: network.featureCount, form: form,
        retention: configuration.retention, device: network.device)
    schedule = StrengthSchedule(
      final: loss == .ce ? 0 : configuration.lambda, epochs: configuration.epochs, stepsPerEpoch: stepsPerEpoch,
      movesEveryStep: configuration.lambdaSchedule == .step)
    classifier = network.classifier
    seed = configuration.seed
  }

  /// λ at a step counted from 0 over the whole run.
  func lambda(step: Int) -> Double { schedule.lambda(step: step) }

  /// The loss of each image. The covariances take in the batch first, as published.
  func losses(features: Tensor, logits: Tensor, batch: Batch, step: Int) -> Tensor {
    guard let moments else { return logits.crossEntropy(labels: batch.labels) }
    if step / stepsPerEpoch < movingEpochs { moments.update(features: features, labels: batch.classes) }
    let lambda = lambda(step: step)
    guard case .explicit(let draws) = loss, lambda > 0 else {
      return augmentedLogits(
        logits, weight: classifier.weight, labels: batch.classes, covariances: moments.covariances, lambda: lambda
      ).crossEntropy(labels: batch.labels)
    }
    let augmented = augmentedFeatures(
      features, labels: batch.classes, covariances: moments.covariances, lambda: lambda, draws: draws,
      generator: RandomGenerator(seed: seed, "draws", step))
    return classifier(augmented).crossEntropy(labels: .concatenated(Array(repeating: batch.labels, count: draws)))
      .reshaped([draws, batch.classes.count]).mean([0])
  }

  /// Whether the covariance of a class is finite; true without ISDA.
  func isFinite(classIndex: Int) -> Bool { moments?.covariances.isFinite(classIndex) ?? true }

  /// What the moments are, as tensors for a file; nil without ISDA.
  var state: [String: StoredArray]? {
    guard let moments else { return nil }
    let covariances = moments.covariances
    return [
      "isda.count": Tensor(moments.counts).stored,
      "isda.mean": moments.means.stored,
      "isda.covariance": covariances.matrix?.stored,
      "isda.factors": covariances.factors?.stored,
      "isda.diagonal": covariances.diagonal?.stored,
      "isda.error_bound": covariances.factors == nil ? nil : Tensor(moments.errorBounds).stored,
    ].compactMapValues { $0 }
  }

  /// Goes on from a `state` of an objective of the same configuration and network.
  func restore(_ state: [String: StoredArray]) {
    guard let moments, let stored = StoredMoments(state) else { return }
    moments.restore(
      counts: stored.counts, means: stored.means, covariances: stored.covariances,
      errorBounds: state["isda.error_bound"].flatMap { Tensor($0) }?.array() ?? moments.errorBounds)
  }
}
