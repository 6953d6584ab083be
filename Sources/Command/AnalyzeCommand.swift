//  `isda analyze`: features, covariances and directions of a run, kept under the run.

import Analysis
import ArgumentParser
import ClassStatistics
import Foundation
import Images
import Results
import Storage
import Torch
import Training

struct AnalyzeCommand: ComputesOnAllCores {
  static let configuration = CommandConfiguration(
    commandName: "analyze",
    abstract: "Find the principal directions of every class's features, and the images along them.",
    discussion: """
      Examples:
        isda analyze runs/isda-s0
        isda analyze runs/isda-s0 --attributes noted.csv
        isda analyze runs/theirs --features train.npy --test-features test.npy \\
          --classifier fc.safetensors --dataset cifar10 --data DIR

      Leaves features/ and directions/ in the run folder. Directions come from the training images; what is shown \
      along them are test images. Refused (75) while the run is being trained.

      With --features the network is anybody's: the folder is made, from its features of the data set's images in the \
      data set's order (that of its files; of an image folder class by class, and by name within a class) and the \
      weights of its last layer. Figures, directions and the explorer take such a folder like a run; what a network \
      would make of changed images is not measured. The options about images go with --features; a run knows its own, \
      and --data says where they are if they have moved.
      """)

  @Argument(help: "The run folder.", completion: .directory)
  var folder: String

  @OptionGroup var saved: SavedFeaturesOptions

  @OptionGroup(title: "Images")
  var images: DatasetOptions

  @Option(
    help: """
      Known attributes of the images as CSV: a column each, numbers (0 and 1 for no and yes) or texts; a row for each \
      test image in order, or with columns split and row for images of both splits.
      """, completion: .file(extensions: ["csv"]))
  var attributes: String?

  @Option(help: "Leading directions of each class to look along.")
  var directions = 5

  @Option(
    help: """
      What directions come from: the biased covariance (divisor n, as ISDA's), unbiased (n − 1), or ledoit-wolf, \
      shrunk towards a multiple of the identity, for classes with few images.
      """)
  var covariance = CovarianceEstimator.biased

  @OptionGroup var device: DeviceOption

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...64).contains(directions) else {
      throw ValidationError("--directions is \(directions); expected 1 to 64")
    }
    if saved.features == nil, let option = images.given.first(where: { $0 != "--data" }) {
      throw ValidationError("\(option) without --features; a run knows its images")
    }
  }

  func run() throws {
    let console = Console(quiet: output.quiet)
    StopSignal.listen()
    let folder = RunFolder(URL(fileURLWithPath: folder, isDirectory: true))
    var options = AnalysisOptions()
    options.directions = directions
    options.estimator = covariance
    let report =
      if let files = try saved.files {
        try analyze(
          files, images: images.choice(for: nil), attributes: attributes, into: folder, options: options,
          console: console)
      } else {
        try analyze(
          folder, data: images.data, attributes: attributes, device: device.resolved(), options: options,
          console: console)
      }
    let summary = report.spectra.map {
      ClassSummary(
        name: report.classNames[$0.classIndex], images: $0.count, effectiveRank: $0.effectiveRank,
        participationRatio: $0.participationRatio, firstShare: $0.shares.first ?? 0)
    }
    switch output.format {
    case .json: print(JSONFile.encode(summary))
    case .text:
      print(
        columns(
          [["class", "images", "effective rank", "participation ratio", "first direction"]]
            + summary.map {
              [
                $0.name, "\($0.images)", fixed($0.effectiveRank, 1), fixed($0.participationRatio, 1),
                "\(fixed(100 * $0.firstShare, 1)) %",
              ]
            }))
    }
  }
}

/// The files of `--features`.
struct SavedFeaturesOptions: ParsableArguments {
  @Option(
    help: """
      Features of the training images that another program's classifier made, as .npy (N×A) or as .safetensors with \
      features and, to be checked, labels.
      """, completion: .file(extensions: ["npy", "safetensors"]))
  var features: String?

  @Option(help: "The same of the test images.", completion: .file(extensions: ["npy", "safetensors"]))
  var testFeatures: String?

  @Option(
    help: """
      Its last layer: a .safetensors file with weight (C×A) and bias (C), alone or among the weights of the whole network.
      """,
    completion: .file(extensions: ["safetensors"]))
  var classifier: String?

  @Option(help: "What figures call the network; the folder's name if not given.")
  var networkName: String?

  struct Files {
    let train, test, classifier: URL
    let name: String?
  }

  /// nil without `--features`.
  var files: Files? {
    get throws {
      let given = [("--features", features), ("--test-features", testFeatures), ("--classifier", classifier)]
      guard given.contains(where: { $0.1 != nil }) || networkName != nil else { return nil }
      for (option, value) in given where value == nil {
        throw ValidationError("\(option) is missing; --features, --test-features and --classifier belong together")
      }
      let urls = given.compactMap(\.1).map { URL(fileURLWithPath: $0) }
      return Files(train: urls[0], test: urls[1], classifier: urls[2], name: networkName)
    }
  }

  func validate() throws { _ = try files }
}

private struct ClassSummary: Encodable {
  let name: String
  let images: Int
  let effectiveRank: Double
  let participationRatio: Double
  let firstShare: Double
}

/// Analyses a run with progress on the console; nobody may train or analyse in its folder meanwhile.
@discardableResult
func analyze(
  _ folder: RunFolder, data: String? = nil, attributes: String? = nil, device: Device,
  options: AnalysisOptions = .init(), console: Console
) throws -> DirectionsReport {
  // Says that no run is here, before a lock is left here.
  _ = try folder.configuration()
  // The weights are read under the lock too, so that what is found belongs to the weights in the folder.
  return try folder.exclusively {
    let trained = try TrainedNetwork(folder, device: device)
    var dataset = try loadDataset(of: folder, data: data, console)
    if let attributes { dataset = try dataset.withAttributes(from: URL(fileURLWithPath: attributes)) }
    defer { console.closeLine() }
    return try Analysis.analyze(
      trained.network, of: dataset, normalization: trained.normalization, into: folder, options: options
    ) { try console.report($0, of: folder) }
  }
}

/// Makes a run folder of another program's features and analyses it.
private func analyze(
  _ files: SavedFeaturesOptions.Files, images: DatasetChoice, attributes: String?, into folder: RunFolder,
  options: AnalysisOptions, console: Console
) throws -> DirectionsReport {
  if folder.holdsRun, try folder.configuration().isTrainedHere {
    throw FileError.unwritable(path: folder.url.path, reason: "it holds a run that was trained here")
  }
  var dataset = try loadDataset(images, configurationFile: nil, console)
  let saved = try SavedFeatures(train: files.train, test: files.test, classifier: files.classifier, of: dataset)
  if let attributes { dataset = try dataset.withAttributes(from: URL(fileURLWithPath: attributes)) }
  try WholeFile.makeFolder(folder.url)
  return try folder.exclusively {
    // The configuration last, because it says that there is something here.
    try JSONFile.write(dataset.record, to: folder.dataFile)
    try JSONFile.write(
      RunState(
        epochsDone: 0, step: 0, interrupted: false, classNames: dataset.classNames, mean: dataset.normalization.mean,
        deviation: dataset.normalization.deviation), to: folder.stateFile)
    try JSONFile.write(
      RunConfiguration.untrained(network: files.name ?? folder.name, images: images), to: folder.configurationFile)
    defer { console.closeLine() }
    return try Analysis.analyze(saved, of: dataset, into: folder, options: options) {
      try console.report($0, of: folder)
    }
  }
}

extension Console {
  /// Shows how far an analysis has come.
  /// - Throws: if somebody wants to stop it.
  fileprivate func report(_ event: AnalysisEvent, of folder: RunFolder) throws {
    try StopSignal.throwIfRequested()
    switch event {
    case .features(let split, let done, let count):
      progress(Double(done) / Double(count), "\(folder.name): features of \(done) of \(count) \(split.rawValue) images")
    case .decomposing(let name, let index, let count):
      progress(Double(index) / Double(count), "\(folder.name): directions of \(name)")
    case .transforming(let name, let done, let count):
      progress(Double(done) / Double(count), "\(folder.name): what \(name) does to features")
    case .mapping(let step, let count):
      progress(Double(step) / Double(count), "\(folder.name): map of neighbours, step \(step) of \(count)")
    case .walking(let name, let index, let count):
      progress(Double(index) / Double(count), "\(folder.name): walks of \(name)")
    case .measuring(let what): progress(1, "\(folder.name): \(what)")
    case .testing(let name, let index, let count):
      progress(Double(index) / Double(count), "\(folder.name): which directions of \(name) are more than noise")
    }
  }
}

/// Rows as aligned text, the first column to the left and the others to the right.
func columns(_ rows: [[String]]) -> String {
  let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
  return rows.map { row in
    row.enumerated().map { column, cell in
      let padding = String(repeating: " ", count: widths[column] - cell.count)
      return column == 0 ? cell + padding : padding + cell
    }.joined(separator: "  ")
  }.joined(separator: "\n")
}
