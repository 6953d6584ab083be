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

struct AnalyzeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "analyze",
    abstract: "Find the principal directions of every class's features, and the images along them.",
    discussion: """
      Examples:
        isda analyze runs/isda-s0
        isda analyze runs/isda-s0 --attributes noted.csv

      Leaves features/ and directions/ in the run folder. Directions come from the training images; what is shown
      along them are test images. Refused (75) while the run is being trained.
      """)

  @Argument(help: "The run folder.", completion: .directory)
  var folder: String

  @Option(help: "Folder of the data set's files, if they have moved since the training.", completion: .directory)
  var data: String?

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

  @Option(help: "How to print the result: text or json.")
  var format = OutputFormat.text

  @OptionGroup var output: QuietOption

  func validate() throws {
    guard (1...64).contains(directions) else {
      throw ValidationError("--directions is \(directions); expected 1 to 64")
    }
  }

  func run() throws {
    let console = Console(quiet: output.quiet)
    StopSignal.listen()
    let folder = RunFolder(URL(fileURLWithPath: folder, isDirectory: true))
    var options = AnalysisOptions()
    options.directions = directions
    options.estimator = covariance
    let report = try analyze(
      folder, data: data, attributes: attributes, device: device.resolved(), options: options, console: console)
    let summary = report.spectra.map {
      ClassSummary(
        name: report.classNames[$0.classIndex], images: $0.count, effectiveRank: $0.effectiveRank,
        participationRatio: $0.participationRatio, firstShare: $0.shares.first ?? 0)
    }
    switch format {
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
    let report = try Analysis.analyze(
      trained.network, of: dataset, normalization: trained.normalization, into: folder, options: options
    ) { event in
      try StopSignal.throwIfRequested()
      switch event {
      case .features(let split, let done, let count):
        console.progress(
          Double(done) / Double(count), "\(folder.name): features of \(done) of \(count) \(split.rawValue) images")
      case .decomposing(let name, let index, let count):
        console.progress(Double(index) / Double(count), "\(folder.name): directions of \(name)")
      case .transforming(let name, let done, let count):
        console.progress(Double(done) / Double(count), "\(folder.name): what \(name) does to features")
      case .mapping(let step, let count):
        console.progress(Double(step) / Double(count), "\(folder.name): map of neighbours, step \(step) of \(count)")
      case .measuring(let what): console.progress(1, "\(folder.name): \(what)")
      case .testing(let name, let index, let count):
        console.progress(
          Double(index) / Double(count), "\(folder.name): which directions of \(name) are more than noise")
      }
    }
    console.closeLine()
    return report
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
