import Foundation
import Images
import Networks
import Results
import Storage
import TestSupport
import Testing
import Torch

@testable import Training

@Suite("What a run minimises is what its configuration says", .leavesNoTensors)
struct ObjectiveTests {
  private let dataset = Dataset.portraits(trainCount: 40, testCount: 10)

  private func configuration(
    _ loss: RunConfiguration.Loss, _ covariance: RunConfiguration.Covariance = .full, retention: Double = 1,
    lambda: Double = 0.5
  ) -> RunConfiguration {
    RunConfiguration(
      dataset: "portraits", network: "resnet8", loss: loss, lambda: lambda, covariance: covariance,
      retention: retention, epochs: 4, batch: 20, precision: .float32, device: .cpu)
  }

  /// Losses of steps `steps`, two an epoch, and the objective after them.
  private func losses(_ configuration: RunConfiguration, steps: [Int]) -> (values: [[Float]], objective: Objective) {
    let network = ResNet(.eight, classCount: 10, seed: 0)
    let objective = Objective(configuration, network: network, stepsPerEpoch: 2)
    let batches = Array(Batches(dataset.train, size: 20, normalization: dataset.normalization).inOrder())
    let values = withoutGradients {
      steps.map { step in
        let batch = batches[step % 2]
        let features = network.trainingFeatures(batch.images, draws: StepDraws(seed: 0, step: 0))
        let logits = network.classifier(features)
        return objective.losses(features: features, logits: logits, batch: batch, step: step).array(of: Float.self)
      }
    }
    return (values, objective)
  }

  @Test(arguments: [
    "full", "diagonal", "lowrank:4", "pooled", "identity", "constant:1",
  ])
  func `each form of the covariances adds to the cross-entropy once λ has grown`(word: String) throws {
    let covariance = try #require(RunConfiguration.Covariance(rawValue: word))
    #expect(covariance.rawValue == word)
    let plain = losses(configuration(.ce), steps: [0, 1, 2]).values
    let augmented = losses(configuration(.isda, covariance), steps: [0, 1, 2]).values
    #expect(augmented[0] == plain[0] && augmented[1] == plain[1])
    #expect(zip(augmented[2], plain[2]).allSatisfy { $0 > $1 && $0.isFinite })
    // Three draws may fall on either side, but they do fall.
    let explicit = losses(configuration(.explicit(draws: 3), covariance), steps: [0, 1, 2]).values
    #expect(explicit[0] == plain[0])
    #expect(explicit[2] != plain[2] && explicit[2].allSatisfy(\.isFinite))
    #expect(explicit[2].count == 20)
  }

  @Test func `draws hardly move at a small λ, so each image keeps its own loss`() {
    let plain = losses(configuration(.ce), steps: [2]).values[0]
    let explicit = losses(configuration(.explicit(draws: 3), lambda: 1e-8), steps: [2]).values[0]
    #expect(zip(explicit, plain).allSatisfy { abs($0 - $1) < 1e-3 })
  }

  @Test func `a constant covariance moves in the epochs before it is frozen, and not after`() {
    func covariance(_ form: RunConfiguration.Covariance, steps: [Int]) -> StoredArray? {
      losses(configuration(.isda, form), steps: steps).objective.state?["isda.covariance"]
    }
    #expect(covariance(.constant(epochs: 1), steps: [0, 1]) == covariance(.full, steps: [0, 1]))
    #expect(covariance(.constant(epochs: 1), steps: [0, 1, 2, 3]) == covariance(.full, steps: [0, 1]))
    #expect(covariance(.full, steps: [0, 1, 2, 3]) != covariance(.full, steps: [0, 1]))
    #expect(covariance(.constant(epochs: 2), steps: [0, 1, 2, 3]) == covariance(.full, steps: [0, 1, 2, 3]))
  }

  @Test func `old features are forgotten as asked`() throws {
    let state = losses(configuration(.isda, retention: 0.5), steps: [0, 1, 2]).objective.state
    let counts = try #require(state?["isda.count"].flatMap { Tensor($0) }).array(of: Double.self)
    // Twenty images a step, two of each class: 2 (1 + 1/2 + 1/4).
    #expect(counts == Array(repeating: 3.5, count: 10))
  }

  @Test func `words that name no loss or covariance are refused`() {
    for word in ["", "ISDA", "explicit", "explicit:0", "explicit:10001", "explicit=4", "explicit:x", "isda:2"] {
      #expect(RunConfiguration.Loss(rawValue: word) == nil, "\(word)")
    }
    for word in ["", "lowrank", "lowrank:0", "lowrank:-1", "constant:0", "full:3"] {
      #expect(RunConfiguration.Covariance(rawValue: word) == nil, "\(word)")
    }
    #expect(RunConfiguration.Loss(rawValue: "explicit:20") == .explicit(draws: 20))
    #expect(RunConfiguration.Covariance(rawValue: "constant") == .constant(epochs: 1))
  }

  @Test func `a λ that overflows is named`() throws {
    try withTemporaryFolder { folder in
      let run = TrainingRun(
        configuration(.isda, lambda: 1e300), network: ResNet(.eight, classCount: dataset.classNames.count, seed: 0),
        dataset: dataset,
        folder: RunFolder(folder.appendingPathComponent("run")), shouldStop: { false }, report: { _ in })
      #expect {
        try run.run()
      } throws: { error in
        "\(error)".hasPrefix("the ISDA term at λ = 2.5e+299 is not finite in epoch 2, step")
      }
    }
  }
}
