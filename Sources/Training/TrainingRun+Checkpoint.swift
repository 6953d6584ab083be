//  How a run begins in its folder, goes on from a checkpoint, and leaves one: what makes its end the same bytes
//  however often it was stopped on the way.

internal import Foundation
internal import Images
internal import Networks
internal import Results
internal import Storage

extension TrainingRun {
  /// Makes the folder ready, and with it this run: at its first step or where it was stopped.
  func begin(_ beginning: Beginning) throws {
    switch beginning {
    case .resuming:
      if try restore() { return }
    case .anew:
      guard !folder.holdsRun else {
        throw FileError.unwritable(
          path: folder.url.path,
          reason: "it holds a run already; --resume continues that run if it is unfinished, --overwrite replaces it")
      }
    case .replacing: break
    }
    try folder.clear()
    try JSONFile.write(state.environment, to: folder.environmentFile)
    try JSONFile.write(dataset.record, to: folder.dataFile)
    try JSONFile.write(configuration, to: folder.configurationFile)
  }

  /// Goes to where the newest whole checkpoint was written.
  /// - Returns: false if the run was killed before its first checkpoint, so that nothing is lost by beginning again.
  /// - Throws: `FileError` if there is something to continue and no way to: all checkpoints damaged or of another
  ///   configuration, other images, or a run of a version that kept no checkpoints.
  private func restore() throws(FileError) -> Bool {
    let newest = try Checkpoint.newest(in: folder) { fault in
      report(.notice("damaged checkpoint passed over: \(fault)"))
    }
    guard let (checkpoint, file) = newest else {
      guard !FileManager.default.fileExists(atPath: folder.stateFile.path) else {
        throw .malformed(
          path: folder.url.path, found: "a run without a checkpoint to continue from",
          expected: "checkpoints/step-<n>.safetensors (older versions wrote none); begin it again with --overwrite")
      }
      return false
    }
    guard checkpoint.state.configuration == configuration else {
      throw .malformed(
        path: folder.configurationFile.path, found: "another configuration than that of \(file.lastPathComponent)",
        expected: "the file as the run wrote it")
    }
    guard checkpoint.state.data == state.data else {
      throw .malformed(
        path: configuration.images.data ?? dataset.name, found: "other images than those that the run began with",
        expected: "SHA-256 \(checkpoint.state.data) over all of them, not \(state.data)")
    }
    let expected = arrays.mapValues { Layout($0) }
    guard checkpoint.arrays.mapValues({ Layout($0) }) == expected else {
      throw .malformed(
        path: file.path, found: "arrays of another network or loss", expected: "those of \(configuration.network)")
    }
    try restore(checkpoint.arrays, from: file)
    let here = state.environment.numerics
    state = checkpoint.state
    means = RunningMeans(state.position.sums)
    let before = state.environment.numerics
    if before != here {
      report(.notice("\(folder.name) began with \(before) and goes on with \(here), so not to the same bytes"))
    }
    if records.count < configuration.epochs {
      report(.resumed(epoch: records.count + 1, step: state.position.step - records.count * training.batchCount))
    }
    return true
  }

  /// Every tensor that the next step depends on, as it lies in a checkpoint.
  private var arrays: [String: StoredArray] {
    var arrays = objective.state
    for (name, array) in network.store.arrays { arrays["network." + name] = array }
    for (parameter, array) in zip(network.store.parameters, optimizer.state) {
      arrays["momentum." + parameter.name] = array
    }
    return arrays
  }

  /// The way back from `arrays`.
  private func restore(_ arrays: [String: StoredArray], from file: URL) throws(FileError) {
    func part(_ prefix: String) -> [String: StoredArray] {
      Dictionary(
        uniqueKeysWithValues: arrays.compactMap { name, array in
          name.hasPrefix(prefix) ? (String(name.dropFirst(prefix.count)), array) : nil
        })
    }
    try network.store.load(part("network."), from: file)
    let momentum = part("momentum.")
    optimizer.state = network.store.parameters.compactMap { momentum[$0.name] }
    objective.restore(arrays)
  }

  /// Writes all that the run continues from. The means must be settled.
  func writeCheckpoint() throws(FileError) {
    state.position.sums = means.sums
    try Checkpoint(state, arrays: arrays).write(to: folder)
  }

  /// Writes what users and other programs read: records, weights by PyTorch's names, class moments, state.
  func writeResults(interrupted: Bool) throws(FileError) {
    try folder.write(metrics: records, started: state.environment.started)
    try Safetensors(arrays: network.store.arrays, metadata: ["format": "pt"]).write(to: folder.checkpoint)
    if let moments = objective.storedMoments { try Safetensors(arrays: moments).write(to: folder.isdaState) }
    try JSONFile.write(
      RunState(
        epochsDone: records.count, step: state.position.step, interrupted: interrupted,
        classNames: dataset.classNames, mean: dataset.normalization.mean,
        deviation: dataset.normalization.deviation), to: folder.stateFile)
  }

  /// Ends the run on request, where it is.
  func interrupt(_ epoch: Int) throws -> Never {
    try writeCheckpoint()
    try writeResults(interrupted: true)
    try folder.writeArtifacts()
    throw TrainingError.interrupted(
      epoch: epoch + 1, step: state.position.step - epoch * training.batchCount, folder: folder)
  }

  /// Leaves the finished run. A kill in here is made good by resuming from the last checkpoint, which goes last.
  func finish() throws(FileError) {
    try writeResults(interrupted: false)
    try folder.writeArtifacts()
    try folder.removeFullCheckpoints()
  }
}

/// Type and shape of an array.
private struct Layout: Equatable {
  let elementType: StoredArray.ElementType
  let shape: [Int]

  init(_ array: StoredArray) {
    (elementType, shape) = (array.elementType, array.shape)
  }
}
