//  A run from its configuration to its folder: the loop over epochs and steps, what is recorded of it, and how
//  it ends early without losing anything.

internal import Foundation
public import Images
public import Networks
public import Results
internal import Storage
internal import Torch

/// What a run tells while it goes on.
public enum TrainingEvent: Sendable {
  /// After a step, a few times a second.
  case step(StepReport)
  case evaluating(done: Int, of: Int)
  case epochEnded(EpochRecord)
}

/// The state of an epoch after a step.
public struct StepReport: Sendable {
  /// From 1.
  public let epoch: Int
  public let epochs: Int
  /// Steps of this epoch that are done.
  public let step: Int
  public let steps: Int
  public let imagesPerSecond: Double
  /// Means over the epoch so far; the error in percent.
  public let loss: Double
  public let error: Double
  /// To the end of the run, at the speed so far.
  public let secondsLeft: Double
}

/// Why a run ended without its last epoch.
public enum TrainingError: Error, CustomStringConvertible {
  /// The loss or a covariance is no longer finite. `what` names it.
  case notFinite(what: String, epoch: Int, step: Int, className: String)
  /// Stopped on request; the folder holds the weights of `step`.
  case interrupted(epoch: Int, step: Int)

  public var description: String {
    switch self {
    case .notFinite(let what, let epoch, let step, let className):
      "\(what) is not finite in epoch \(epoch), step \(step), for class \"\(className)\"; "
        + "try a smaller --learning-rate or --lambda"
    case .interrupted(let epoch, let step):
      "stopped in epoch \(epoch) after step \(step); the run folder is complete up to there"
    }
  }
}

/// Trains one network. Everything that is random follows from `configuration.seed`; what the two losses share
/// (initial weights, order of the images, their augmentation) is the same for both.
public final class TrainingRun {
  public let configuration: RunConfiguration
  public let network: ResNet
  private let dataset: Dataset
  private let folder: RunFolder
  private let training: Batches
  private let testing: Batches
  private let optimizer: Optimizer
  private let objective: Objective
  private let learningRate: LearningRate
  private let usesBFloat16: Bool
  private let environment: RunEnvironment
  private let shouldStop: () -> Bool
  private let report: (TrainingEvent) -> Void
  private var records: [EpochRecord] = []
  private let start = ContinuousClock.now

  /// - Parameters:
  ///   - shouldStop: asked after every step; true ends the run there.
  ///   - report: called on the training thread.
  public init(
    _ configuration: RunConfiguration, network depth: ResNet.Depth, dataset: Dataset, folder: RunFolder,
    shouldStop: @escaping () -> Bool, report: @escaping (TrainingEvent) -> Void
  ) {
    self.configuration = configuration
    self.dataset = dataset
    self.folder = folder
    self.shouldStop = shouldStop
    self.report = report
    if let threads = configuration.threads { Library.threads = threads }
    usesBFloat16 =
      switch configuration.precision {
      case .auto: Library.hasBFloat16
      case .bfloat16: true
      case .float32: false
      }
    environment = RunEnvironment(
      libtorch: Library.version, vectorInstructions: Library.processorCapability, threads: Library.threads,
      precision: usesBFloat16 ? "bfloat16" : "float32")
    network = ResNet(depth, classCount: dataset.classNames.count, seed: configuration.seed)
    training = Batches(
      dataset.train, size: configuration.batch, normalization: dataset.normalization,
      augmentation: configuration.augment ? PadCropFlip() : nil)
    testing = Batches(dataset.test, size: 500, normalization: dataset.normalization)
    optimizer = Optimizer(
      network.store.parameters.map(\.tensor), momentum: configuration.momentum,
      weightDecay: configuration.weightDecay)
    objective = Objective(configuration, network: network)
    learningRate = LearningRate(
      initial: configuration.learningRate, schedule: configuration.schedule, epochs: configuration.epochs,
      stepsPerEpoch: training.batchCount)
  }

  /// Runs to the end and leaves a complete folder.
  /// - Throws: `TrainingError`, after which the folder holds the weights and records so far; `FileError`.
  public func run() throws {
    try folder.clear()
    try JSONFile.write(configuration, to: folder.configurationFile)
    try JSONFile.write(environment, to: folder.environmentFile)
    for epoch in 0..<configuration.epochs {
      let clock = ContinuousClock.now
      let sums = try train(epoch)
      let seconds = (ContinuousClock.now - clock) / .seconds(1)
      let test = try evaluate(epoch)
      let record = EpochRecord(
        epoch: epoch + 1, learningRate: learningRate.rate(step: (epoch + 1) * training.batchCount - 1),
        lambda: objective.lambda(epoch: epoch), trainLoss: sums.loss, trainError: sums.error,
        testLoss: test.crossEntropy, testError: test.error, seconds: seconds,
        imagesPerSecond: Double(training.count) / seconds)
      records.append(record)
      try folder.write(metrics: records, started: environment.started)
      try save(step: (epoch + 1) * training.batchCount, interrupted: false)
      if epoch == configuration.epochs - 1 {
        try Safetensors(arrays: [
          "logits": test.logits.stored, "labels": StoredArray(test.labels.map(Int64.init), shape: [test.labels.count]),
        ]).write(to: folder.predictions)
      }
      report(.epochEnded(record))
    }
    try folder.writeArtifacts()
  }

  private func train(_ epoch: Int) throws -> RunningMeans {
    var means = RunningMeans()
    let clock = ContinuousClock.now
    var lastReport = clock
    for (index, batch) in training.shuffled(seed: configuration.seed, epoch: epoch).enumerated() {
      let features = withBFloat16(usesBFloat16) { network.trainingFeatures(batch.images) }
      let logits = network.classifier(features)
      let losses = objective.losses(features: features, logits: logits, batch: batch, epoch: epoch)
      optimizer.step(down: losses.mean(), learningRate: learningRate.rate(step: epoch * training.batchCount + index))
      means.append(losses: losses, logits: logits, batch: batch)

      let now = ContinuousClock.now
      let isLast = index == training.batchCount - 1
      if isLast || now - lastReport > .milliseconds(200) {
        if let fault = means.settle() {
          throw TrainingError.notFinite(
            what: objective.isFinite(classIndex: fault.classIndex) ? "the loss" : "the covariance", epoch: epoch + 1,
            step: fault.step + 1, className: dataset.classNames[fault.classIndex])
        }
        report(.step(stepReport(epoch: epoch, done: index + 1, means: means, epochStart: clock, now: now)))
        lastReport = now
      }
      if shouldStop() { try interrupt(epoch: epoch, step: epoch * training.batchCount + index + 1) }
    }
    return means
  }

  private func evaluate(_ epoch: Int) throws -> Extraction {
    try Extraction(of: testing, by: network) { done in
      report(.evaluating(done: done, of: testing.count))
      if shouldStop() { try interrupt(epoch: epoch, step: (epoch + 1) * training.batchCount) }
    }
  }

  private func stepReport(
    epoch: Int, done: Int, means: RunningMeans, epochStart: ContinuousClock.Instant, now: ContinuousClock.Instant
  ) -> StepReport {
    let steps = training.batchCount
    let stepsDone = Double(epoch * steps + done)
    let stepsLeft = Double(configuration.epochs * steps) - stepsDone
    return StepReport(
      epoch: epoch + 1, epochs: configuration.epochs, step: done, steps: steps,
      imagesPerSecond: Double(means.count) / ((now - epochStart) / .seconds(1)), loss: means.loss, error: means.error,
      secondsLeft: (now - start) / .seconds(1) * stepsLeft / stepsDone)
  }

  private func interrupt(epoch: Int, step: Int) throws -> Never {
    try folder.write(metrics: records, started: environment.started)
    try save(step: step, interrupted: true)
    try folder.writeArtifacts()
    throw TrainingError.interrupted(epoch: epoch + 1, step: step - epoch * training.batchCount)
  }

  private func save(step: Int, interrupted: Bool) throws(FileError) {
    try Safetensors(arrays: network.store.arrays, metadata: ["format": "pt"]).write(to: folder.checkpoint)
    if let state = objective.state { try Safetensors(arrays: state).write(to: folder.isdaState) }
    try JSONFile.write(
      RunState(
        epochsDone: records.count, step: step, interrupted: interrupted, classNames: dataset.classNames,
        mean: dataset.normalization.mean, deviation: dataset.normalization.deviation), to: folder.stateFile)
  }
}
