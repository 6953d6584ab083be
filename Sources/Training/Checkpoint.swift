//  All that the next step depends on, in one file: so weights, momentum, class moments and position are always of
//  the same step, whenever the process dies. The order of the images and their augmentation follow from the seed
//  and the epoch, so no generator has a state that would have to be kept.

internal import Foundation
internal import Results
internal import Storage

/// A run between two steps.
///
/// On disk a sealed safetensors file: arrays `network.<name>` (parameters and buffers), `momentum.<name>`, and what the
/// loss keeps; `State` as JSON in the text `state`.
struct Checkpoint {
  struct State: Codable {
    /// What was asked for, and what is going on: a checkpoint continues this run and no other.
    var configuration: RunConfiguration
    var environment: RunEnvironment
    /// `Dataset.sha256`.
    var data: String
    var position = Position()
  }

  /// How far a run has come.
  struct Position: Codable {
    /// Optimiser steps since the run began. The learning rate and λ follow from it.
    var step = 0
    /// Of the epochs that have ended.
    var records: [EpochRecord] = []
    /// Of the epoch that goes on: sums over its steps, and seconds of training.
    var sums = RunningMeans.Sums()
    var seconds = 0.0
  }

  var state: State
  var arrays: [String: StoredArray]

  /// Makes this the newest checkpoint of `folder`. The one before is kept; others go once this one is on the disk,
  /// among them later ones that were found damaged.
  func write(to folder: RunFolder) throws(FileError) {
    let step = state.position.step
    try Safetensors(arrays: arrays, metadata: ["state": JSONFile.encode(state, pretty: false)])
      .writeSealed(to: folder.fullCheckpoint(step: step))
    let before = folder.fullCheckpoints.map(\.step).first { $0 < step }
    try folder.removeFullCheckpoints(except: [step] + (before.map { [$0] } ?? []))
  }

  init(_ state: State, arrays: [String: StoredArray]) {
    (self.state, self.arrays) = (state, arrays)
  }

  /// - Throws: `FileError` if a byte of the file is not as it was written.
  init(contentsOf file: URL) throws(FileError) {
    let content = try Safetensors(sealedAt: file)
    let text = content.metadata["state"] ?? ""
    guard let state = try? JSONFile.decode(State.self, from: Data(text.utf8)) else {
      throw .malformed(path: file.path, found: "a state of another version", expected: "one that this version wrote")
    }
    self.init(state, arrays: content.arrays)
  }

  /// The newest whole checkpoint of `folder` and its file; nil if there has been none.
  /// - Parameter passedOver: told of each newer one that is damaged.
  /// - Throws: `FileError` if all are.
  static func newest(in folder: RunFolder, passedOver: (FileError) -> Void) throws(FileError) -> (Checkpoint, URL)? {
    let files = folder.fullCheckpoints.map(\.file)
    for file in files {
      do {
        return (try Checkpoint(contentsOf: file), file)
      } catch {
        passedOver(error)
      }
    }
    guard files.isEmpty else {
      throw .malformed(
        path: folder.checkpoint.deletingLastPathComponent().path,
        found: "\(files.count) checkpoints to continue from, none of them whole",
        expected: "at least one; begin the run again with --overwrite")
    }
    return nil
  }
}
