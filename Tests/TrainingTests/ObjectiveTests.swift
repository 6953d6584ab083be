import Foundation
import Losses
import Networks
import Results
import Storage
import TestSupport
import Testing
import Torch

@testable import Images
@testable import Training

@Suite("What a run minimises is what its configuration says", .leavesNoTensors)
struct ObjectiveTests {
  private let dataset = Dataset.portraits(trainCount: 40, testCount: 10)

  private func configuration(
    _ loss: RunConfiguration.Loss, _ covariance: RunConfiguration.Covariance = .full, retention: Double = 1,
    lambda: Double = 0.5
  ) -> RunConfiguration {
    RunConfiguration(
      images: DatasetChoice(name: "portraits"), network: "resnet8", loss: loss, lambda: lambda, covariance: covariance,
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
      losses(configuration(.isda, form), steps: steps).objective.state["isda.covariance"]
    }
    #expect(covariance(.constant(epochs: 1), steps: [0, 1]) == covariance(.full, steps: [0, 1]))
    #expect(covariance(.constant(epochs: 1), steps: [0, 1, 2, 3]) == covariance(.full, steps: [0, 1]))
    #expect(covariance(.full, steps: [0, 1, 2, 3]) != covariance(.full, steps: [0, 1]))
    #expect(covariance(.constant(epochs: 2), steps: [0, 1, 2, 3]) == covariance(.full, steps: [0, 1, 2, 3]))
  }

  @Test func `old features are forgotten as asked`() throws {
    let state = losses(configuration(.isda, retention: 0.5), steps: [0, 1, 2]).objective.state
    let counts = try #require(state["isda.count"].flatMap { Tensor($0) }).array(of: Double.self)
    // Twenty images a step, two of each class: 2 (1 + 1/2 + 1/4).
    #expect(counts == Array(repeating: 3.5, count: 10))
  }

  @Test func `words that name no loss or covariance are refused`() {
    for word in ["ISDA", "explicit:0", "explicit:10001", "explicit=4", "explicit:x"] {
      #expect(RunConfiguration.Loss(rawValue: word) == nil, "\(word)")
    }
    for word in ["", "lowrank", "lowrank:0", "lowrank:-1", "constant:0", "full:3"] {
      #expect(RunConfiguration.Covariance(rawValue: word) == nil, "\(word)")
    }
    #expect(RunConfiguration.Loss(rawValue: "explicit:20") == .explicit(draws: 20))
    #expect(RunConfiguration.Covariance(rawValue: "constant") == .constant(epochs: 1))
  }

  /// What a network makes of the first batch, and the objective of a loss for it.
  private func first(_ loss: RunConfiguration.Loss, epochs: Int = 4) -> (
    objective: Objective, features: Tensor, logits: Tensor, batch: Batch, network: ResNet
  ) {
    let network = ResNet(.eight, classCount: 10, seed: 0)
    let batch = Array(Batches(dataset.train, size: 20, normalization: dataset.normalization).inOrder())[0]
    let features = withoutGradients { network.trainingFeatures(batch.images, draws: StepDraws(seed: 0, step: 0)) }
    return (
      Objective(configuration(loss), network: network, stepsPerEpoch: 2), features,
      withoutGradients { network.classifier(features) }, batch, network
    )
  }

  @Test func `each loss is that of its formula`() {
    func values(_ loss: RunConfiguration.Loss, step: Int = 1) -> [Float] {
      let (objective, features, logits, batch, _) = first(loss)
      return withoutGradients {
        objective.losses(features: features, logits: logits, batch: batch, step: step).array()
      }
    }
    let (_, features, logits, batch, network) = first(.ce)
    let labels = batch.labels
    withoutGradients {
      #expect(values(.smoothing(0.2)) == logits.smoothedCrossEntropy(labels: labels, smoothing: 0.2).array())
      #expect(values(.focal(3)) == logits.focalLoss(labels: labels, focusing: 3).array())
      #expect(values(.generalized(0.5)) == logits.generalizedCrossEntropy(labels: labels, exponent: 0.5).array())
      let margin = largeMarginLogits(
        logits, features: features, weight: network.classifier.weight, labels: labels, margin: 2,
        annealing: largeMarginAnnealing(step: 9000))
      #expect(values(.largeMargin(2), step: 9000) == margin.crossEntropy(labels: labels).array())
      // Centres begin at 0.
      let center = (features * features).sum([1]) * 0.2 + logits.crossEntropy(labels: labels)
      #expect(relativeError(values(.center(0.4)).map(Double.init), center.array()) < 1e-6)
      // A few labels are others, in every step others, in both runs of a seed the same.
      let plain: [Float] = logits.crossEntropy(labels: labels).array()
      let disturbed = (0..<20).map { values(.disturbed(0.3), step: $0) }
      let changed = disturbed.flatMap { zip($0, plain) }.count { $0 != $1 }
      #expect(abs(Double(changed) / 400 - 0.27) < 0.08)
      #expect(Set(disturbed).count > 15 && values(.disturbed(0.3), step: 7) == disturbed[7])
    }
  }

  @Test(
    "mixed images weigh the losses with both labels by their shares, and leave what is kept of classes alone",
    arguments: [
      RunConfiguration.Loss.ce, .isda, .smoothing(0.1), .focal(2), .largeMargin(3), .generalized(0.7), .center(0.1),
      .explicit(draws: 400),
    ])
  func mixed(loss: RunConfiguration.Loss) {
    // Step 6 is in the last epoch, where λ is not 0; the one before fills covariances and centres.
    let (objective, features, logits, batch, _) = first(loss)
    withoutGradients {
      _ = objective.losses(features: features, logits: logits, batch: batch, step: 5)
      let before = objective.state
      let partners = Array(batch.classes.reversed())
      let labels = Tensor(partners.map(Int64.init))
      func losses(_ classes: [Int], _ labels: Tensor, _ mixture: Mixture?) -> [Double] {
        let batch = Batch(images: batch.images, labels: labels, classes: classes, mixture: mixture)
        return objective.losses(features: features, logits: logits, batch: batch, step: 6).array()
      }
      func sure(_ classes: [Int], _ labels: Tensor) -> [Double] {
        losses(classes, labels, Mixture(share: 1, labels: labels, classes: classes))
      }
      let found = losses(batch.classes, batch.labels, Mixture(share: 0.3, labels: labels, classes: partners))
      let expected = zip(sure(batch.classes, batch.labels), sure(partners, labels)).map { 0.3 * $0 + 0.7 * $1 }
      // The draws for partners are others than those for images, so their mean only comes near.
      var bound = 1e-6
      if case .explicit = loss { bound = 0.1 }
      #expect(relativeError(found, expected) < bound)
      #expect(objective.state == before)
      // A batch that is not mixed does move them.
      _ = losses(batch.classes, batch.labels, nil)
      #expect((objective.state == before) == !loss.keepsClassStatistics)
      if case .isda = loss {
        let plain: [Double] = logits.crossEntropy(labels: batch.labels).array()
        #expect(zip(sure(batch.classes, batch.labels), plain).allSatisfy { $0 > $1 })
      }
    }
  }

  @Test func `centres follow after the loss, and are part of the state`() throws {
    let (objective, features, logits, batch, _) = first(.center(1))
    try withoutGradients {
      _ = objective.losses(features: features, logits: logits, batch: batch, step: 0)
      let centers = try #require(objective.state["center.centers"].flatMap { Tensor($0) })
      // Two features of each class: (a + b)/2 · 2/(1 + 2) from 0, times 0.5 … in all a sixth of their sum.
      let sums = Tensor.zeros([10, features.shape[1]])
      for (row, label) in batch.classes.enumerated() {
        sums.slice(label..<label + 1).add(features.slice(row..<row + 1))
      }
      #expect(relativeError(centers.array(), (sums * (1.0 / 6)).array()) < 1e-5)
      #expect(objective.storedMoments == nil)
    }
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
