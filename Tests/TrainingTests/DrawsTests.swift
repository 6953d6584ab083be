import Foundation
import Images
import Networks
import Results
import Storage
import TestSupport
import Testing
import Torch

@testable import Training

/// Means of the channels, of which a random half is left out in every step.
private final class ForgetfulNetwork: Network {
  let store = ParameterStore()
  let classifier: Linear
  /// What was drawn, step by step.
  private(set) var kept: [[Bool]] = []

  init(seed: UInt64) {
    classifier = Linear(store.root(seed: seed)["linear"], inputs: 3, outputs: 3)
  }

  func trainingFeatures(_ images: Tensor, draws: any Draws) -> Tensor {
    let mask = draws.bernoulli(0.5, [images.shape[0], 3], for: "mask")
    kept.append(mask.array())
    return evaluation(images) * mask
  }

  var evaluation: (Tensor) -> Tensor { { $0.mean([2, 3]) } }
}

@Suite("What a network draws follows from the seed and the step", .serialized, .leavesNoTensors)
struct DrawsTests {
  /// Trains until asked the `steps`-th time whether to stop.
  /// - Returns: what was drawn, and the weights at the end.
  private func run(
    _ configuration: RunConfiguration, in folder: RunFolder, _ beginning: TrainingRun.Beginning = .anew,
    stopAfter steps: Int = .max
  ) throws -> (kept: [[Bool]], weights: [String: StoredArray]) {
    let network = ForgetfulNetwork(seed: configuration.seed)
    var asked = 0
    let run = TrainingRun(
      configuration, network: network, dataset: dataset, folder: folder, checkpointInterval: 0,
      shouldStop: {
        asked += 1
        return asked >= steps
      }, report: { _ in })
    do {
      try run.run(beginning)
    } catch TrainingError.interrupted {
      #expect(steps < .max)
    }
    return (network.kept, network.store.arrays)
  }

  @Test func `each step draws anew, and a run that goes on draws what it would have drawn`() throws {
    try withTemporaryFolder { folder in
      let whole = try run(configuration(.isda), in: RunFolder(folder.appendingPathComponent("whole")))
      #expect(whole.kept.count == 8 && Set(whole.kept).count == 8)
      for steps in [1, 3, 5, 7] {
        let parts = RunFolder(folder.appendingPathComponent("parts-\(steps)"))
        let first = try run(configuration(.isda), in: parts, stopAfter: steps)
        let second = try run(configuration(.isda), in: parts, .resuming)
        #expect(first.kept + second.kept == whole.kept)
        #expect(second.weights == whole.weights)
      }
    }
  }

  @Test func `arms of one seed draw the same, other seeds other numbers`() throws {
    try withTemporaryFolder { folder in
      func kept(_ loss: RunConfiguration.Loss, seed: UInt64) throws -> [[Bool]] {
        var configuration = configuration(loss)
        configuration.seed = seed
        return try run(configuration, in: RunFolder(folder.appendingPathComponent("\(loss.rawValue)-\(seed)"))).kept
      }
      let drawn = try kept(.ce, seed: 7)
      #expect(try kept(.isda, seed: 7) == drawn)
      #expect(try kept(.ce, seed: 8) != drawn)
    }
  }
}
