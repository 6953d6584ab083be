//  A network with its weights, from the folder of a run or from a file.

public import Foundation
public import Images
public import Networks
public import Results
public import Storage
public import Torch

/// A network that is ready to be asked, and how its input is normalised.
public struct TrainedNetwork {
  public let network: any Network
  public let normalization: Normalization

  /// Reads the last checkpoint of a run.
  /// - Parameter device: where the network is wanted, wherever it was trained.
  /// - Throws: `FileError` naming the file at fault.
  public init(_ folder: RunFolder, device: Device = .cpu) throws(FileError) {
    let configuration = try folder.configuration()
    let state = try folder.state()
    guard let architecture = Architecture(name: configuration.network) else {
      throw .malformed(
        path: folder.configurationFile.path, found: "network \"\(configuration.network)\"",
        expected: "one of \(Architecture.allCases.map(\.name).joined(separator: ", "))")
    }
    guard state.mean.count == 3, state.deviation.count == 3, !state.classNames.isEmpty else {
      throw .malformed(
        path: folder.stateFile.path,
        found: "\(state.mean.count) means, \(state.deviation.count) deviations, "
          + "\(state.classNames.count) classes", expected: "3 means, 3 deviations and at least 1 class")
    }
    try self.init(
      architecture, classCount: state.classNames.count, weights: folder.checkpoint,
      normalization: Normalization(mean: state.mean, deviation: state.deviation), device: device)
  }

  /// Reads a file of weights in PyTorch's naming.
  public init(
    _ architecture: Architecture, classCount: Int, weights: URL, normalization: Normalization, device: Device = .cpu
  ) throws(FileError) {
    network = architecture.network(classCount: classCount, seed: 0, device: device)
    self.normalization = normalization
    try network.store.load(from: weights)
  }
}
