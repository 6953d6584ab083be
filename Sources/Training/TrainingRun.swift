//  A run from its configuration to its folder: the loop over epochs and steps, and what is recorded of it. How it is
//  stopped and goes on without losing anything stands in TrainingRun+Checkpoint.swift.

internal import Foundation
public import Images
public import Networks
public import Results
internal import Storage
internal import Torch

/// Trains one network. Everything that is random follows from `configuration.seed`; what the two losses share
/// (initial weights, order of the images, their augmentation) is the same for both.
public final class TrainingRun {
  public let configuration: RunConfiguration
  public let network: any Network
  /// One for each epoch that has ended.
  public var records: [EpochRecord] { state.position.records }
  let dataset: Dataset
  let folder: RunFolder
  let training: any BatchSource
  private let testing: any BatchSource
  /// Of images that epochs are chosen by, where there are some beside the test images.
  private let validating: (any BatchSource)?
  private let collapse: CollapseWatch
  let optimizer: Optimizer
  let objective: Objective
  private let learningRate: LearningRate
  private let checkpointInterval: Double
  private let reportInterval: Double
  private let shouldStop: () -> Bool
  let report: (TrainingEvent) -> Void
  var state: Checkpoint.State
  var means = RunningMeans()
  /// Since when and from which step on this process has trained.
  private var start = (clock: ContinuousClock.now, step: 0)

  /// - Parameters:
  ///   - network: as it is made from `configuration.seed`, so that all arms of a seed begin alike, and on the device
  ///     where it is to be trained.
  ///   - checkpointInterval: seconds between two checkpoints within an epoch; 0 for none but at the ends of epochs.
  ///   - reportInterval: seconds between two reports of steps; 0 for one of every step, which waits for its loss.
  ///   - shouldStop: asked after every step; true ends the run there.
  ///   - report: called on the training thread.
  public init(
    _ configuration: RunConfiguration, network: any Network, dataset: Dataset, folder: RunFolder,
    checkpointInterval: Double = 120, reportInterval: Double = 0.2, shouldStop: @escaping () -> Bool,
    report: @escaping (TrainingEvent) -> Void
  ) {
    self.configuration = configuration
    self.dataset = dataset
    self.folder = folder
    self.checkpointInterval = checkpointInterval
    self.reportInterval = reportInterval
    self.shouldStop = shouldStop
    self.report = report
    if let threads = configuration.threads { Library.threads = threads }
    let device = network.device
    let usesBFloat16 =
      switch configuration.precision {
      case .auto: device.hasBFloat16
      case .bfloat16: true
      case .float32: false
      }
    state = Checkpoint.State(
      configuration: configuration,
      environment: RunEnvironment(
        libtorch: Library.version, vectorInstructions: Library.processorCapability, threads: Library.threads,
        device: device.rawValue, gpu: device.gpuName, precision: usesBFloat16 ? "bfloat16" : "float32"),
      data: dataset.sha256)
    self.network = network
    training = dataset.train.batches(
      size: configuration.batch, normalization: dataset.normalization,
      augmentation: Augmentation(configuration.augmentation, fill: dataset.normalization.meanColor), device: device)
    func unchanged(_ set: ImageSet) -> any BatchSource {
      set.batches(size: Extraction.batchSize(on: device), normalization: dataset.normalization, device: device)
    }
    testing = unchanged(dataset.test)
    validating = configuration.images.evaluateOn == .test ? dataset.validation.map(unchanged) : nil
    collapse = CollapseWatch(dataset, seed: configuration.seed, device: device)
    optimizer = Optimizer(
      network.store.parameters.map(\.tensor), momentum: configuration.momentum,
      nesterov: configuration.nesterov, weightDecay: configuration.weightDecay)
    objective = Objective(configuration, network: network, stepsPerEpoch: training.batchCount)
    learningRate = LearningRate(
      initial: configuration.learningRate, schedule: configuration.schedule, epochs: configuration.epochs,
      stepsPerEpoch: training.batchCount)
  }

  /// How a run meets its folder.
  public enum Beginning {
    /// From the first step; the folder must hold no run.
    case anew
    /// From the first step, in place of the run that the folder may hold.
    case replacing
    /// From where the unfinished run in the folder was stopped, or killed.
    case resuming
  }

  /// Runs to the end and leaves a complete folder. Nobody else may train or analyse there meanwhile.
  /// - Throws: `TrainingError`, `FileError`; after either the run can be resumed from its last checkpoint.
  public func run(_ beginning: Beginning = .anew) throws {
    try WholeFile.makeFolder(folder.url)
    try folder.exclusively {
      try begin(beginning)
      reportClassesWithoutImages()
      start = (.now, state.position.step)
      while records.count < configuration.epochs { try runEpoch() }
      try finish()
    }
  }

  /// The run goes on without them, but nobody should learn from a figure that they were never trained.
  private func reportClassesWithoutImages() {
    let present = Set(dataset.train.labels)
    let missing = dataset.classNames.indices.filter { !present.contains($0) }.map { "\"\(dataset.classNames[$0])\"" }
    guard !missing.isEmpty else { return }
    report(
      .notice(
        "no training image of \(missing.joined(separator: ", ")): never learnt, and its covariance stays zero"))
  }

  private func runEpoch() throws {
    let epoch = records.count
    try train(epoch)
    let test = try evaluate(epoch, on: testing)
    let validation = try validating.map { try evaluate(epoch, on: $0) }
    let seconds = state.position.seconds
    let lastStep = state.position.step - 1
    let record = EpochRecord(
      epoch: epoch + 1, learningRate: learningRate.rate(step: lastStep), lambda: objective.lambda(step: lastStep),
      trainLoss: means.loss, trainError: means.error, testLoss: test.crossEntropy, testError: test.error,
      validationLoss: validation?.crossEntropy, validationError: validation?.error, seconds: seconds,
      imagesPerSecond: Double(training.count) / seconds, peakMemory: ProcessMemory.peak,
      collapse: try collapse.measure(network, test: test))
    if epoch == configuration.epochs - 1 {
      // Before the checkpoint that says that the last epoch has ended: what follows that one is made from it alone.
      try Safetensors(arrays: [
        "logits": test.logits.stored, "labels": StoredArray(test.labels.map(Int64.init), shape: [test.labels.count]),
      ]).write(to: folder.predictions)
    }
    means = RunningMeans()
    state.position.records.append(record)
    state.position.seconds = 0
    try writeCheckpoint()
    if records.count < configuration.epochs { try writeResults(interrupted: false) }
    report(.epochEnded(record))
  }

  private func train(_ epoch: Int) throws {
    let clock = ContinuousClock.now
    let secondsBefore = state.position.seconds
    var (lastReport, lastCheckpoint) = (clock, clock)
    let first = state.position.step - epoch * training.batchCount
    let usesBFloat16 = state.environment.precision == "bfloat16"
    for batch in training.shuffled(seed: configuration.seed, epoch: epoch, from: first) {
      let draws = StepDraws(seed: configuration.seed, step: state.position.step)
      let features = withBFloat16(usesBFloat16, on: network.device) {
        network.trainingFeatures(batch.images, draws: draws)
      }
      let logits = network.classifier(features)
      let losses = objective.losses(features: features, logits: logits, batch: batch, step: state.position.step)
      optimizer.step(down: losses.mean(), learningRate: learningRate.rate(step: state.position.step))
      means.append(losses: losses, logits: logits, batch: batch)
      state.position.step += 1

      let now = ContinuousClock.now
      let stops = shouldStop()
      let isLast = state.position.step == (epoch + 1) * training.batchCount
      // In numbers, because a Duration cannot hold every Double.
      let (sinceCheckpoint, sinceReport) = ((now - lastCheckpoint) / .seconds(1), (now - lastReport) / .seconds(1))
      let isDue = checkpointInterval > 0 && !isLast && sinceCheckpoint >= checkpointInterval
      if isLast || stops || isDue || sinceReport >= reportInterval {
        try settle(epoch)
        // A GPU may have been behind; now all steps are done.
        lastReport = .now
        state.position.seconds = secondsBefore + (lastReport - clock) / .seconds(1)
        report(.step(stepReport(epoch, now: lastReport)))
      }
      if stops { try interrupt(epoch) }
      if isDue {
        try writeCheckpoint()
        lastCheckpoint = .now
      }
    }
    if let failure = training.failure { throw failure }
  }

  /// Counts in the last steps, none of which may have failed.
  private func settle(_ epoch: Int) throws {
    guard let fault = means.settle() else { return }
    throw TrainingError.notFinite(
      what: culprit(of: fault, epoch: epoch), epoch: epoch + 1, step: fault.step + 1,
      className: dataset.classNames[fault.classIndex])
  }

  private func culprit(of fault: RunningMeans.Fault, epoch: Int) -> String {
    let lambda = objective.lambda(step: epoch * training.batchCount + fault.step)
    if fault.logitsAreFinite && lambda > 0 { return "the ISDA term at λ = \(lambda)" }
    return objective.isFinite(classIndex: fault.classIndex) ? "the loss" : "the covariance"
  }

  private func evaluate(_ epoch: Int, on images: any BatchSource) throws -> Extraction {
    try Extraction(of: images, by: network) { done in
      report(.evaluating(done: done, of: images.count))
      if shouldStop() { try interrupt(epoch) }
    }
  }

  private func stepReport(_ epoch: Int, now: ContinuousClock.Instant) -> StepReport {
    let step = state.position.step
    let steps = training.batchCount
    let secondsAStep = (now - start.clock) / .seconds(1) / Double(step - start.step)
    return StepReport(
      epoch: epoch + 1, epochs: configuration.epochs, step: step - epoch * steps, steps: steps,
      imagesPerSecond: Double(means.count) / state.position.seconds, loss: means.loss, error: means.error,
      secondsLeft: secondsAStep * Double(configuration.epochs * steps - step))
  }
}
