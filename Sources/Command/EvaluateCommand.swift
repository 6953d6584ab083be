//  `isda evaluate`: the test error of a run, or of weights that come from elsewhere.

import ArgumentParser
import Foundation
import Images
import Networks
import Results
import Storage
import Training

struct EvaluateCommand: ComputesOnAllCores {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure the error on the test images, in float32.",
    discussion: """
      Examples:
        isda evaluate --dataset portraits --run runs/isda-s0
        isda evaluate --dataset cifar10 --data cifar-10-batches-bin \\
          --network resnet20 --weights resnet20.safetensors \\
          --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225

      Prints JSON: error in percent, wrong and count of images, mean cross-entropy in nats.
      """)

  @OptionGroup var images: DatasetOptions

  @Option(name: .customLong("run"), help: "A run folder, whose last checkpoint is taken.", completion: .directory)
  var folder: String?

  @Option(help: "The network of --weights.")
  var network: Architecture?

  @Option(help: "Weights as safetensors, named as in PyTorch.", completion: .file(extensions: ["safetensors"]))
  var weights: String?

  @Option(help: "Mean of the input's channels as r,g,b from 0 to 1; the data set's own if not given.")
  var mean: ChannelValues?

  @Option(help: "Standard deviation of the input's channels as r,g,b; the data set's own if not given.")
  var std: ChannelValues?

  @OptionGroup var device: DeviceOption

  @Option(help: "How to print the result: json or text.")
  var format = OutputFormat.json

  @OptionGroup var output: QuietOption

  func validate() throws {
    _ = try required("--dataset", images.dataset)
    guard (folder != nil) != (network != nil && weights != nil), folder == nil || (network == nil && weights == nil)
    else {
      throw ValidationError("give either --run DIR, or --network NAME with --weights FILE")
    }
    if folder != nil && (mean != nil || std != nil) {
      throw ValidationError("--mean and --std belong to --weights; a run knows its own")
    }
    if let std, !std.values.allSatisfy({ $0 > 0 }) {
      throw ValidationError(
        "--std is \(std.values.map(\.description).joined(separator: ",")); expected numbers above 0")
    }
  }

  func run() throws {
    let console = Console(quiet: output.quiet)
    StopSignal.listen()
    let device = try device.resolved()
    let trained: TrainedNetwork
    let dataset: Dataset
    if let folder {
      let run = RunFolder(URL(fileURLWithPath: folder, isDirectory: true))
      trained = try TrainedNetwork(run, device: device)
      let configuration = try run.configuration()
      var choice = try images.choice(for: Architecture(name: configuration.network))
      // Images as the run saw them, where nothing else is asked for.
      if images.size == nil, choice.size != nil { choice.size = configuration.images.size ?? choice.size }
      dataset = try loadDataset(choice, configurationFile: nil, console)
      guard trained.network.classCount == dataset.classNames.count else {
        throw FileError.malformed(
          path: folder, found: "a network for \(trained.network.classCount) classes",
          expected: "\(dataset.classNames.count), as \(dataset.name) has")
      }
      // Runs of older versions have no record of their data.
      let record = try? JSONFile.read(DatasetRecord.self, from: run.dataFile)
      let names = zip(record?.classNames ?? [], dataset.classNames)
      if let (trained, here) = names.first(where: { $0 != $1 }) {
        console.warn(
          "the class \"\(here)\" of these images was \"\(trained)\" in training; the error means something only if "
            + "both name the same")
      }
    } else if let network, let weights {
      dataset = try images.load(console, for: network)
      try network.check(
        width: dataset.test.width, height: dataset.test.height, of: images.data ?? dataset.name)
      trained = try TrainedNetwork(
        network, classCount: dataset.classNames.count, weights: URL(fileURLWithPath: weights),
        normalization: Normalization(
          mean: mean?.values ?? dataset.normalization.mean, deviation: std?.values ?? dataset.normalization.deviation),
        device: device)
    } else {
      throw ValidationError("give either --run DIR, or --network NAME with --weights FILE")
    }
    let batches = dataset.test.batches(
      size: Extraction.batchSize(on: device), normalization: trained.normalization, device: device)
    let extraction = try Extraction(of: batches, by: trained.network) { done in
      try StopSignal.throwIfRequested()
      console.progress(Double(done) / Double(batches.count), "testing on \(done) of \(batches.count) images")
    }
    console.closeLine()
    let wrong = zip(extraction.predictions, extraction.labels).count { $0 != $1 }
    let result = Evaluation(
      error: extraction.error, wrong: wrong, count: batches.count, crossEntropy: extraction.crossEntropy)
    switch format {
    case .json: print(JSONFile.encode(result))
    case .text: print("error \(fixed(result.error, 2)) %: \(wrong) of \(result.count) images wrong")
    }
  }
}

private struct Evaluation: Encodable {
  /// In percent.
  let error: Double
  let wrong: Int
  let count: Int
  let crossEntropy: Double
}
