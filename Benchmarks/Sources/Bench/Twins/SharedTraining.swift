//  A training that another program can repeat: what it begins with and what it sees lies in files, and the loss of each
//  step is kept.

import Foundation
import ISDA
import Images
import Networks
import Results
import Storage
import Torch
import Training

struct SharedTraining {
  private let configuration: RunConfiguration
  private let dataset: Dataset
  private let network: any Network
  let folder: URL

  /// Leaves in `folder`: `settings.json`; `weights.safetensors` by PyTorch's names; for each step `step-<n>.safetensors`
  /// with images and labels as they come out of augmentation, and what the network draws at random.
  /// - Parameter dataset: with whole batches alone, so that all steps have equally many images.
  init(_ configuration: RunConfiguration, dataset: Dataset, folder: URL) throws {
    (self.configuration, self.dataset, self.folder) = (configuration, dataset, folder)
    guard let architecture = Architecture(name: configuration.network) else {
      throw WorkerError(description: "no network \(configuration.network)")
    }
    func make() -> any Network {
      architecture.network(classCount: dataset.classNames.count, seed: configuration.seed)
    }
    network = make()
    try WholeFile.makeFolder(folder)
    try writeWeights(to: folder.appendingPathComponent("weights.safetensors"))

    let batches = dataset.train.batches(
      size: configuration.batch, normalization: dataset.normalization,
      augmentation: Augmentation(configuration.augmentation, fill: dataset.normalization.meanColor))
    let rate = LearningRate(
      initial: configuration.learningRate, schedule: configuration.schedule, epochs: configuration.epochs,
      stepsPerEpoch: batches.batchCount)
    let strength = StrengthSchedule(
      final: configuration.loss.usesCovariances ? configuration.lambda : 0, epochs: configuration.epochs,
      stepsPerEpoch: batches.batchCount, movesEveryStep: configuration.lambdaSchedule == .step)
    let steps = configuration.epochs * batches.batchCount
    try JSONFile.write(
      Settings(
        network: configuration.network, classes: dataset.classNames.count,
        covariance: configuration.covariance.rawValue, momentum: configuration.momentum,
        nesterov: configuration.nesterov, weightDecay: configuration.weightDecay,
        learningRates: (0..<steps).map(rate.rate), lambdas: (0..<steps).map(strength.lambda)),
      to: folder.appendingPathComponent("settings.json"))

    // A second network is asked what it would draw, so that the first one is as it was.
    let asked = make()
    var (step, isRandom) = (0, true)
    for epoch in 0..<configuration.epochs {
      for batch in batches.shuffled(seed: configuration.seed, epoch: epoch) {
        guard batch.mixture == nil else { throw WorkerError(description: "images are mixed, which the twin cannot") }
        let draws = KeptDraws(StepDraws(seed: configuration.seed, step: step))
        if isRandom { withoutGradients { _ = asked.trainingFeatures(batch.images, draws: draws) } }
        isRandom = !draws.kept.isEmpty
        var arrays = draws.kept.mapValues(\.stored)
        (arrays["images"], arrays["labels"]) = (batch.images.stored, batch.labels.stored)
        try Safetensors(arrays: arrays).write(to: folder.appendingPathComponent("step-\(step).safetensors"))
        step += 1
      }
    }
  }

  /// The mean loss of each step.
  /// - Parameter afterStep: given the loss of each step when the weights are as it left them. What it throws ends the
  ///   training.
  @discardableResult
  func train(afterStep: @escaping (_ loss: Double) throws -> Void = { _ in }) throws -> [Double] {
    var losses: [Double] = []
    var sum = 0.0
    var failure: (any Error)?
    let run = TrainingRun(
      configuration, network: network, dataset: dataset, folder: RunFolder(folder.appendingPathComponent("run")),
      checkpointInterval: 0, reportInterval: 0, shouldStop: { failure != nil }
    ) { event in
      guard case .step(let report) = event, failure == nil else { return }
      // What is reported is the mean over the epoch so far.
      let before = report.step == 1 ? 0 : sum
      sum = report.loss * Double(report.step)
      losses.append(sum - before)
      do { try afterStep(sum - before) } catch { failure = error }
    }
    do {
      try run.run()
    } catch {
      throw failure ?? error
    }
    // At the last step of all there is nothing left to stop.
    if let failure { throw failure }
    return losses
  }

  /// The network's parameters and running statistics as they are now, by PyTorch's names.
  func writeWeights(to file: URL) throws {
    try Safetensors(arrays: network.store.arrays).write(to: file)
  }

  private struct Settings: Encodable {
    let network: String
    let classes: Int
    let covariance: String
    let momentum: Double
    let nesterov: Bool
    let weightDecay: Double
    /// Of each step.
    let learningRates, lambdas: [Double]
  }
}

/// Draws that are remembered.
private final class KeptDraws: Draws {
  private let draws: any Draws
  private(set) var kept: [String: Tensor] = [:]

  init(_ draws: any Draws) { self.draws = draws }

  func uniform(_ shape: [Int], for path: String) -> Tensor { keep(draws.uniform(shape, for: path), path) }

  func bernoulli(_ probability: Double, _ shape: [Int], for path: String) -> Tensor {
    keep(draws.bernoulli(probability, shape, for: path), path)
  }

  private func keep(_ tensor: Tensor, _ path: String) -> Tensor {
    kept[path] = tensor
    return tensor
  }
}
