import Foundation
import Networks
import Results
import TestSupport
import Testing
import Torch

@testable import Training

// As README.md shows it.

/// Two convolutions with dropout between them.
final class Small: Network {
  let store = ParameterStore()
  let classifier: Linear
  private let first, second: NormalizedConvolution

  init(classCount: Int, seed: UInt64) {
    let root = store.root(seed: seed)
    first = NormalizedConvolution(convolution: root["conv1"], norm: root["bn1"], inputs: 3, outputs: 16, size: 3)
    second = NormalizedConvolution(
      convolution: root["conv2"], norm: root["bn2"], inputs: 16, outputs: 32, size: 3, stride: 2)
    classifier = Linear(root["fc"], inputs: 32, outputs: classCount)
  }

  func trainingFeatures(_ images: Tensor, draws: any Draws) -> Tensor {
    let x = first(images, adding: nil).next
    let kept = draws.bernoulli(0.9, x.shape, for: "dropout")
    return second(x * kept.to(x.device) * (1 / 0.9), adding: nil).next.to(.float32).mean([2, 3])
  }

  var evaluation: (Tensor) -> Tensor {
    let (first, second) = (first.folded, second.folded)  // the normalisation becomes part of the convolutions
    return { second(first($0, adding: nil).next, adding: nil).next.to(.float32).mean([2, 3]) }
  }
}

@Suite("A classifier of one’s own, as the README shows it", .serialized, .leavesNoTensors)
struct OwnNetworkTests {
  @Test func `is what this file compiles`() throws {
    let here = URL(fileURLWithPath: #filePath)
    func source(_ url: URL) throws -> Substring {
      let text = try String(contentsOf: url, encoding: .utf8)
      let start = try #require(text.range(of: "/// Two convolutions with dropout"))
      let end = try #require(text.range(of: "\n}\n", range: start.lowerBound..<text.endIndex))
      return text[start.lowerBound..<end.upperBound]
    }
    let readme = here.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("README.md")
    #expect(try source(readme) == source(here))
  }

  @Test func `is trained, and goes on to the same bytes after a stop`() throws {
    func weights(stopAfter steps: Int?) throws -> Data {
      try withTemporaryFolder { folder in
        let place = RunFolder(folder.appendingPathComponent("run"))
        let configuration = configuration(.isda, epochs: 3)
        var asked = 0
        func run() -> TrainingRun {
          TrainingRun(
            configuration, network: Small(classCount: 3, seed: configuration.seed), dataset: dataset, folder: place,
            checkpointInterval: 0,
            shouldStop: {
              asked += 1
              return asked == steps
            }, report: { _ in })
        }
        if steps != nil {
          #expect(throws: TrainingError.self) { try run().run() }
          try run().run(.resuming)
        } else {
          let first = run()
          try first.run()
          let losses = first.records.map(\.trainLoss)
          #expect(losses[2] < losses[0], "\(losses)")
        }
        return try Data(contentsOf: place.checkpoint)
      }
    }
    #expect(try weights(stopAfter: nil) == weights(stopAfter: 6))
  }
}
