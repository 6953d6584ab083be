//  `isda train`: one run, from images to a run folder.

import ArgumentParser
import Foundation
import Images
import Networks
import Results
import Storage
import Training

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a network, with ISDA or without, and leave a run folder.",
    discussion: """
      Examples:
        isda train --dataset portraits --network resnet8 --loss isda --epochs 30 --out runs/isda-s0
        isda train --dataset cifar10 --data cifar-10-batches-bin --network resnet20 --loss ce --epochs 10 --out runs/ce-s0

      Two runs that differ only in --loss begin with the same weights and see the same images in the same order,
      augmented alike. With --threads 1 --precision float32 a run repeats to the byte on one machine.
      Ctrl-C ends after the current step; the folder then holds the weights so far, and the exit code is 130.
      """)

  @OptionGroup var images: DatasetOptions

  @Option(help: "The network.")
  var network: ResNet.Depth

  @Option(
    help: "ce, plain cross-entropy; isda; or explicit:M, the mean over M drawn features that isda bounds.")
  var loss: RunConfiguration.Loss

  @Option(help: "λ₀, the strength of ISDA at the end of the run.")
  var lambda = 0.5

  @Option(help: "When λ moves on its way to λ₀: each epoch, as published, or each step.")
  var lambdaSchedule = RunConfiguration.LambdaSchedule.epoch

  @Option(
    help: """
      The class covariances: full; diagonal; lowrank:R, R directions and a diagonal; pooled, one for all classes; \
      identity; or constant:E, full and frozen after E epochs (constant: after the first).
      """)
  var covariance = RunConfiguration.Covariance.full

  @Option(help: "none, or β: features that came k steps ago count βᵏ in the covariances.")
  var forget = Forgetting.none

  @Option(help: "Passes over the training images.")
  var epochs: Int

  @Option(help: "Images a step.")
  var batch = 128

  @Option(help: "Initial weights, order and augmentation follow from it.")
  var seed: UInt64 = 0

  @Option(help: "Initial learning rate.")
  var learningRate = 0.1

  @Option(help: "Momentum (Nesterov's).")
  var momentum = 0.9

  @Option(help: "Weight decay, on all parameters.")
  var weightDecay = 5e-4

  @Option(help: "cosine, to zero step by step, or step, ×0.1 at 1/2 and 3/4 of the epochs.")
  var schedule = RunConfiguration.Schedule.cosine

  @Flag(inversion: .prefixedNo, help: "Pad-crop-flip the training images.")
  var augment = true

  @Option(help: "auto takes bfloat16 where the processor computes in it, else float32.")
  var precision = RunConfiguration.Precision.auto

  @Option(help: "Threads; one for each core if not given.")
  var threads: Int?

  @Option(help: "The run folder to make.", completion: .directory)
  var out: String

  @Flag(help: "Replace the run that is in the folder.")
  var overwrite = false

  @Option(help: "How to print the result: text or json.")
  var format = OutputFormat.text

  @OptionGroup var output: QuietOption

  func validate() throws {
    func require(_ holds: Bool, _ option: String, _ value: Any, _ expected: String) throws {
      guard holds else { throw ValidationError("\(option) is \(value); expected \(expected)") }
    }
    try require((1...1_000_000).contains(epochs), "--epochs", epochs, "1 to 1000000")
    try require((2...1_000_000).contains(batch), "--batch", batch, "at least 2 (BatchNorm needs a batch)")
    try require(lambda >= 0 && lambda.isFinite, "--lambda", lambda, "0 or more")
    try require(learningRate > 0 && learningRate.isFinite, "--learning-rate", learningRate, "more than 0")
    try require((0..<1).contains(momentum), "--momentum", momentum, "0 to below 1")
    try require(weightDecay >= 0 && weightDecay.isFinite, "--weight-decay", weightDecay, "0 or more")
    try require(threads.map { (1...1024).contains($0) } ?? true, "--threads", threads ?? 0, "1 to 1024")
  }

  func run() throws {
    let console = Console(quiet: output.quiet)
    let folder = RunFolder(URL(fileURLWithPath: out, isDirectory: true))
    if folder.holdsRun && !overwrite {
      throw ValidationError("\(out) holds a run already; choose another --out, or --overwrite to replace it")
    }
    StopSignal.listen()
    let configuration = RunConfiguration(
      dataset: images.dataset.rawValue,
      data: images.data.map { URL(fileURLWithPath: $0).standardizedFileURL.path },
      trainCount: images.drawnCounts?.train, testCount: images.drawnCounts?.test,
      network: network.name, loss: loss, lambda: lambda, lambdaSchedule: lambdaSchedule,
      covariance: covariance, retention: forget.retention, epochs: epochs, batch: batch, seed: seed,
      learningRate: learningRate, momentum: momentum, weightDecay: weightDecay, schedule: schedule,
      augment: augment, precision: precision, threads: threads)
    let record = try train(
      configuration, network: network, dataset: images.load(console), folder: folder, console: console)
    switch format {
    case .text: print("\(out): test error \(fixed(record.testError, 2)) % after \(record.epoch) epochs")
    case .json: print(JSONFile.encode(TrainResult(run: out, epochs: record.epoch, error: record.testError)))
    }
  }
}

private struct TrainResult: Encodable {
  let run: String
  let epochs: Int
  let error: Double
}

/// Trains with progress on the console; returns the last epoch's record.
@discardableResult
func train(
  _ configuration: RunConfiguration, network: ResNet.Depth, dataset: Dataset, folder: RunFolder, console: Console
) throws -> EpochRecord {
  console.say(
    "\(folder.name): \(network.name), \(configuration.armName), \(dataset.name) "
      + "(\(dataset.train.count) training, \(dataset.test.count) test images), \(configuration.epochs) epochs, "
      + "seed \(configuration.seed)")
  var last: EpochRecord?
  var left = ""
  let run = TrainingRun(
    configuration, network: network, dataset: dataset, folder: folder, shouldStop: { StopSignal.isRequested }
  ) { event in
    switch event {
    case .step(let step):
      left = readable(seconds: step.secondsLeft)
      console.progress(
        Double(step.step) / Double(step.steps),
        "epoch \(step.epoch)/\(step.epochs)  \(fixed(step.imagesPerSecond, 0)) images/s  \(left) left  "
          + "loss \(fixed(step.loss, 3))  error \(fixed(step.error, 1)) %")
    case .evaluating(let done, let count):
      console.progress(Double(done) / Double(count), "testing on \(done) of \(count) images  \(left) left")
    case .epochEnded(let record):
      last = record
      console.say(
        "epoch \(record.epoch)/\(configuration.epochs)  train loss \(fixed(record.trainLoss, 3))  "
          + "error \(fixed(record.trainError, 1)) %  test loss \(fixed(record.testLoss, 3))  "
          + "error \(fixed(record.testError, 2)) %  \(fixed(record.imagesPerSecond, 0)) images/s  \(left) left")
    }
  }
  try run.run()
  guard let last else { preconditionFailure("a run of \(configuration.epochs) epochs left no record") }
  return last
}
