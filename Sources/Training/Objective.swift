//  What a run minimises: a loss of each image, and with it what the loss keeps of the classes on the way. Losses whose
//  formulas stand in ISDA and Losses are chosen here, and given what they need of a batch.

internal import ClassStatistics
internal import ISDA
internal import Images
internal import Losses
internal import Networks
internal import Results
internal import Storage
internal import Torch

final class Objective {
  private let loss: RunConfiguration.Loss
  private let moments: ClassMoments?
  private let centers: CenterLoss?
  private let schedule: StrengthSchedule
  private let classifier: Linear
  private let classCount: Int
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
      loss.usesCovariances
      ? ClassMoments(
        classCount: network.classCount, featureCount: network.featureCount, form: form,
        retention: configuration.retention, device: network.device) : nil
    if case .center(let weight) = loss {
      centers = CenterLoss(
        classCount: network.classCount, featureCount: network.featureCount, weight: weight, device: network.device)
    } else {
      centers = nil
    }
    schedule = StrengthSchedule(
      final: loss.usesCovariances ? configuration.lambda : 0, epochs: configuration.epochs,
      stepsPerEpoch: stepsPerEpoch, movesEveryStep: configuration.lambdaSchedule == .step)
    classifier = network.classifier
    classCount = network.classCount
    seed = configuration.seed
  }

  /// λ at a step counted from 0 over the whole run.
  func lambda(step: Int) -> Double { schedule.lambda(step: step) }

  /// The loss of each image. The covariances take in the batch first, centres after it, both as published.
  ///
  /// Of mixed images it is share · loss with their own labels + (1 − share) · loss with their partners', each label with
  /// all that the loss makes of it: its own class's covariance, margin, focus or centre. Such images are left out of
  /// what is kept of classes, because their features are between two of them.
  func losses(features: Tensor, logits: Tensor, batch: Batch, step: Int) -> Tensor {
    guard let mixture = batch.mixture else {
      if step / stepsPerEpoch < movingEpochs { moments?.update(features: features, labels: batch.classes) }
      let losses = losses(features, logits, Labels(batch.classes, batch.labels, draws: "draws"), step: step)
      centers?.update(features, labels: batch.labels)
      return losses
    }
    let own = losses(features, logits, Labels(batch.classes, batch.labels, draws: "draws"), step: step)
    let partners = losses(
      features, logits, Labels(mixture.classes, mixture.labels, draws: "draws of partners"), step: step)
    return own * mixture.share + partners * (1 - mixture.share)
  }

  /// The labels of a batch, on the host and on the device, and the stream of what is drawn for them.
  private struct Labels {
    let classes: [Int]
    let tensor: Tensor
    let draws: String

    init(_ classes: [Int], _ tensor: Tensor, draws: String) {
      (self.classes, self.tensor, self.draws) = (classes, tensor, draws)
    }
  }

  private func losses(_ features: Tensor, _ logits: Tensor, _ labels: Labels, step: Int) -> Tensor {
    var generator: RandomGenerator { RandomGenerator(seed: seed, labels.draws, step) }
    switch loss {
    case .ce: return logits.crossEntropy(labels: labels.tensor)
    case .isda: return augmentedCrossEntropy(logits, labels, lambda: lambda(step: step))
    case .explicit(let draws):
      let lambda = lambda(step: step)
      guard let moments, lambda > 0 else { return augmentedCrossEntropy(logits, labels, lambda: lambda) }
      let augmented = augmentedFeatures(
        features, labels: labels.classes, covariances: moments.covariances, lambda: lambda, draws: draws,
        generator: generator)
      return classifier(augmented).crossEntropy(labels: .concatenated(Array(repeating: labels.tensor, count: draws)))
        .reshaped([draws, labels.classes.count]).mean([0])
    case .smoothing(let epsilon): return logits.smoothedCrossEntropy(labels: labels.tensor, smoothing: epsilon)
    case .focal(let gamma): return logits.focalLoss(labels: labels.tensor, focusing: gamma)
    case .largeMargin(let margin):
      return largeMarginLogits(
        logits, features: features, weight: classifier.weight, labels: labels.tensor, margin: margin,
        annealing: largeMarginAnnealing(step: step)
      ).crossEntropy(labels: labels.tensor)
    case .disturbed(let rate):
      let classes = disturbed(labels.classes, classCount: classCount, rate: rate, generator: generator)
      return logits.crossEntropy(labels: Tensor(classes.map(Int64.init)).to(logits.device))
    case .generalized(let q): return logits.generalizedCrossEntropy(labels: labels.tensor, exponent: q)
    case .center:
      let crossEntropy = logits.crossEntropy(labels: labels.tensor)
      return centers.map { crossEntropy + $0.losses(features, labels: labels.tensor) } ?? crossEntropy
    }
  }

  private func augmentedCrossEntropy(_ logits: Tensor, _ labels: Labels, lambda: Double) -> Tensor {
    guard let moments else { return logits.crossEntropy(labels: labels.tensor) }
    return augmentedLogits(
      logits, weight: classifier.weight, labels: labels.classes, covariances: moments.covariances, lambda: lambda
    ).crossEntropy(labels: labels.tensor)
  }

  /// Whether the covariance of a class is finite; true without covariances.
  func isFinite(classIndex: Int) -> Bool { moments?.covariances.isFinite(classIndex) ?? true }

  /// What the moments are, as tensors for a file; nil without covariances.
  var storedMoments: [String: StoredArray]? {
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

  /// All that the loss goes on from, for a checkpoint.
  var state: [String: StoredArray] {
    var state = storedMoments ?? [:]
    if let centers { state["center.centers"] = centers.centers.stored }
    return state
  }

  /// Goes on from a `state` of an objective of the same configuration and network.
  func restore(_ state: [String: StoredArray]) {
    if let moments, let stored = StoredMoments(state) {
      moments.restore(
        counts: stored.counts, means: stored.means, covariances: stored.covariances,
        errorBounds: state["isda.error_bound"].flatMap { Tensor($0) }?.array() ?? moments.errorBounds)
    }
    if let centers, let stored = state["center.centers"].flatMap({ Tensor($0) }) { centers.restore(stored) }
  }
}
