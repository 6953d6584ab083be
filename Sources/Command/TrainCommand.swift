//  `isda train`: one run, from images to a run folder.

import ArgumentParser
import Foundation
import Images
import Networks
import Results
import Storage
import Studies
import Torch
import Training

struct TrainCommand: ComputesOnAllCores {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a network, with ISDA or without, and leave a run folder; or continue a stopped run.",
    discussion: """
      Examples:
        isda train --dataset portraits --network resnet8 --loss isda --epochs 30 \\
          --out runs/isda-s0
        isda train --dataset cifar10 --data cifar-10-batches-bin \\
          --network resnet20 --loss ce --epochs 10 --out runs/ce-s0
        isda train --dataset portraits --network resnet8 --loss focal \\
          --augmentation crop,flip,cutout:8 --epochs 30 --out runs/f
        isda train --recipe cifar100/resnet110-isda --data cifar-100-binary \\
          --seed 3 --out runs/resnet110-isda-s3
        isda train --resume runs/ce-s0

      Two runs that differ only in --loss begin with the same weights and see the same images in the same order, \
      augmented alike; if they differ in --augmentation, the parts that both have are the same. `isda figures \
      augmentation` shows what each part does. With --threads 1 --precision float32 --device cpu a run repeats to the \
      byte on one machine.

      Ctrl-C (exit code 130) and SIGTERM (143) end after the current step. Whatever ended a run, kill -9 and power \
      cuts included, --resume continues it from its last checkpoint; where runs repeat to the byte, to the same bytes \
      that it would have left undisturbed. A damaged checkpoint is noticed and the one before is taken. While a run is \
      trained its folder is closed to other trainings and analyses (75). A folder that holds a run is refused (73) \
      without --overwrite.
      """)

  @OptionGroup var images: DatasetOptions

  @Option(
    help: """
      A published experiment, such as cifar100/resnet110-isda; `isda recipes` lists them. Other options change it, and \
      --data says where its images are.
      """)
  var recipe: String?

  @OptionGroup var settings: TrainingOptions

  @Option(help: "The run folder to make.", completion: .directory, transform: nonEmptyPath)
  var out: String?

  @Flag(help: "Replace the run that is in the folder.")
  var overwrite = false

  @Option(
    help: """
      Continue the unfinished run of this folder, configured as it was. Beside it only what cannot change the result: \
      --data (if the files have moved), --checkpoint-every, --format, --quiet.
      """, completion: .directory)
  var resume: String?

  @Option(
    help: ArgumentHelp(
      "Seconds between checkpoints within an epoch; 0 writes them only at the ends of epochs.",
      valueName: "seconds"))
  var checkpointEvery = 120.0

  @Option(
    help: ArgumentHelp(
      "Stop as on SIGTERM when the process with this identifier is no longer the parent.", visibility: .hidden))
  var parent: Int32?

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if resume != nil {
      // An option with a default looks the same given and not given, so the command line itself is asked.
      let given = CommandLine.arguments.filter { $0.hasPrefix("--") }.map { String($0.prefix { $0 != "=" }) }
      if let other = given.first(where: { !Self.besideResume.contains($0) }) {
        throw ValidationError("\(other) does not go with --resume; a run goes on as its config.json says")
      }
    } else {
      _ = try required("--out", out)
      if let fault = try configuration().fault { throw ValidationError(fault) }
    }
    guard checkpointEvery >= 0 && checkpointEvery.isFinite else {
      throw ValidationError("--checkpoint-every is \(checkpointEvery); expected 0 or more seconds")
    }
  }

  private static let besideResume: Set = [
    "--resume", "--data", "--checkpoint-every", "--format", "--quiet", "--parent",
  ]

  /// What a new run is asked to do: the recipe or the defaults, changed by what is given.
  private func configuration() throws -> RunConfiguration {
    var images = images
    var result: RunConfiguration
    if let recipe {
      result = try publishedRecipe(recipe).configuration
      images.dataset = images.dataset ?? DatasetName(rawValue: result.images.name)
      try images.validate()
    } else {
      result = try RunConfiguration(
        images: DatasetChoice(name: ""), network: required("--network", settings.network).name,
        loss: required("--loss", settings.loss),
        epochs: required("--epochs", settings.epochs))
    }
    settings.apply(to: &result)
    result.images = try images.choice(for: Architecture(name: result.network))
    return result
  }

  /// The arguments with which this command makes a run of `configuration`, or goes on with it.
  static func arguments(_ configuration: RunConfiguration, folder: RunFolder, resumes: Bool) -> [String] {
    var arguments = ["train", resumes ? "--resume" : "--out", folder.url.path]
    for setting in RunSetting.all(networks: []) where !resumes || setting.key == "data" {
      guard let word = setting.word(configuration) else { continue }
      switch setting.key {
      case "retention":
        arguments += ["--forget", Forgetting(retention: configuration.retention).defaultValueDescription]
      case "nesterov": arguments += [configuration.nesterov ? "--nesterov" : "--no-nesterov"]
      default: arguments += [optionName(setting.key), word]
      }
    }
    return arguments
  }

  func run() throws {
    let console = Console(quiet: output.quiet)
    StopSignal.listen(parent: parent)
    let path = try resume ?? required("--out", out)
    let folder = RunFolder(URL(fileURLWithPath: path, isDirectory: true))
    if resume != nil {
      let configuration = try folder.configuration()
      if folder.isFinished {
        console.say("\(path): finished already")
      } else {
        try train(
          configuration, dataset: loadDataset(of: folder, data: images.data, console), folder: folder,
          beginning: .resuming, checkpointEvery: checkpointEvery, console: console)
      }
    } else {
      let configuration = try configuration()
      try train(
        configuration, dataset: loadDataset(configuration.images, configurationFile: nil, console), folder: folder,
        beginning: overwrite ? .replacing : .anew, checkpointEvery: checkpointEvery, console: console)
    }
    guard let record = try folder.metrics().last else {
      throw FileError.malformed(path: folder.metricsFile.path, found: "no epoch", expected: "those of a finished run")
    }
    switch output.format {
    case .text:
      let split = try folder.configuration().images.evaluateOn.rawValue
      print("\(path): \(split) error \(fixed(record.testError, 2)) % after \(record.epoch) epochs")
    case .json: print(JSONFile.encode(TrainResult(run: path, epochs: record.epoch, error: record.testError)))
    }
  }
}

private struct TrainResult: Encodable {
  let run: String
  let epochs: Int
  let error: Double
}

/// The network that a configuration asks for, as it begins, where it asks for it.
/// - Parameter file: that holds the configuration.
/// - Throws: `FileError` naming the file if there is no such network or device, or the images if they are of a size that
///   the network is not for.
func initialNetwork(of configuration: RunConfiguration, for dataset: Dataset, from file: URL) throws(FileError)
  -> any Network
{
  guard let architecture = Architecture(name: configuration.network) else {
    throw .malformed(
      path: file.path, found: "network \"\(configuration.network)\"",
      expected: "one of \(Architecture.allCases.map(\.name).joined(separator: ", "))")
  }
  let device: Device
  do {
    device = try configuration.device.resolved()
  } catch {
    // A new run's device was checked as an option; this is one that goes on elsewhere than where it began.
    throw .malformed(
      path: file.path, found: "device \(configuration.device.rawValue), but \(error.reason)", expected: "auto or cpu")
  }
  try architecture.check(
    width: dataset.train.width, height: dataset.train.height, of: configuration.images.data ?? dataset.name)
  return architecture.network(classCount: dataset.classNames.count, seed: configuration.seed, device: device)
}

/// Trains with progress on the console; returns the last epoch's record.
@discardableResult
func train(
  _ configuration: RunConfiguration, dataset: Dataset, folder: RunFolder, beginning: TrainingRun.Beginning,
  checkpointEvery: Double = 120, console: Console
) throws -> EpochRecord {
  let network = try initialNetwork(of: configuration, for: dataset, from: folder.configurationFile)
  console.say(
    "\(folder.name): \(configuration.network), \(configuration.armName), \(dataset.name) "
      + "(\(dataset.train.count) training, \(dataset.test.count) test images), \(configuration.epochs) epochs, "
      + "seed \(configuration.seed)")
  var left = ""
  let split = configuration.images.evaluateOn.rawValue
  let run = TrainingRun(
    configuration, network: network, dataset: dataset, folder: folder, checkpointInterval: checkpointEvery,
    shouldStop: { StopSignal.isRequested }
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
      console.say(
        "epoch \(record.epoch)/\(configuration.epochs)  train loss \(fixed(record.trainLoss, 3))  "
          + "error \(fixed(record.trainError, 1)) %  \(split) loss \(fixed(record.testLoss, 3))  "
          + "error \(fixed(record.testError, 2)) %  \(fixed(record.imagesPerSecond, 0)) images/s  \(left) left")
    case .resumed(let epoch, let step): console.say("\(folder.name): continues in epoch \(epoch) after step \(step)")
    case .notice(let text): console.warn(text)
    }
  }
  try run.run(beginning)
  guard let last = run.records.last else {
    preconditionFailure("a run of \(configuration.epochs) epochs left no record")
  }
  return last
}
