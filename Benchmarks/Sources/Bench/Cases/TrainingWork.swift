//  Training steps as `isda train` does them, in rounds: a `TrainingRun` over noise that is held up between its steps.
//  Evaluation and checkpoints at the ends of epochs do not count.

import Foundation
import Images
import Networks
import Results
import Torch
import Training

/// A benchmark that does its work with a network, and has a row for each.
protocol NetworkBenchmark: Benchmark {}

extension NetworkBenchmark {
  func hasRow(_ row: String) -> Bool { Architecture(name: row) != nil }
}

extension Architecture {
  /// Images of a training step: 8 for networks of more than 1.6 billion multiplications an image, so that a step takes
  /// seconds on two cores and PyTorch's activations fit beside ours in 24 GB. networks.py has the same.
  var benchmarkBatch: Int {
    switch self {
    case .imageNetResNet, .resNeXt, .resNet(.twelveHundredTwo), .wideResNet(.twentyEightByTen),
      .shakeShake(.ninetySix), .shakeShake(.oneHundredTwelve):
      8
    case .denseNet(let shape): shape == .bc100By12 ? 128 : 8
    default: 128
    }
  }
}

struct TrainingWork {
  let architecture: Architecture
  let batch: Int
  private let stepsPerEpoch = 30
  /// Of an epoch.
  var imageCount: Int { stepsPerEpoch * batch }
  let usesISDA: Bool
  let classCount: Int
  let settings: WorkerSettings

  init(network: String, usesISDA: Bool, classCount: Int, settings: WorkerSettings) {
    guard let architecture = Architecture(name: network) else { preconditionFailure("no network \(network)") }
    (self.architecture, batch) = (architecture, architecture.benchmarkBatch)
    (self.usesISDA, self.classCount, self.settings) = (usesISDA, classCount, settings)
  }

  func run(_ rounds: Rounds) throws {
    guard let precision = RunConfiguration.Precision(rawValue: settings.precision) else {
      preconditionFailure("no precision \(settings.precision)")
    }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("isda-bench-\(getpid())")
    defer { try? FileManager.default.removeItem(at: folder) }
    // A small rate, because noise teaches nothing and must not diverge; the time does not depend on it. λ moves with
    // every step, because in a first epoch without λ ISDA costs nothing.
    let configuration = RunConfiguration(
      images: DatasetChoice(name: "noise"), network: architecture.name, loss: usesISDA ? .isda : .ce,
      lambdaSchedule: .step, epochs: 100_000, batch: batch, learningRate: 1e-3, precision: precision, device: .cpu,
      threads: settings.threads)
    let pace = Pace(rounds, stepsPerEpoch: stepsPerEpoch)
    let run = TrainingRun(
      configuration, network: architecture.network(classCount: classCount, seed: configuration.seed),
      dataset: .noise(trainCount: imageCount, classCount: classCount, size: architecture.imageSize),
      folder: RunFolder(folder), checkpointInterval: 0, shouldStop: pace.shouldStop, report: pace.report)
    do {
      try run.run()
    } catch TrainingError.interrupted {
      // How a run ends that is asked to stop.
    }
  }
}

/// Counts the steps of a run, and holds it up while no round is under way.
private final class Pace {
  private let rounds: Rounds
  private let stepsPerEpoch: Int
  private var isBetweenEpochs = false
  /// Of this epoch.
  private var stepsDone = 0
  private var stepsLeft = 0
  private var isOver = false

  init(_ rounds: Rounds, stepsPerEpoch: Int) {
    (self.rounds, self.stepsPerEpoch) = (rounds, stepsPerEpoch)
  }

  /// Called after every step of training, and again while a test set is evaluated. The first step of all belongs to no
  /// round.
  func shouldStop() -> Bool {
    guard !isBetweenEpochs, !isOver else { return isOver }
    stepsDone += 1
    stepsLeft -= 1
    if stepsLeft <= 0 { nextRound() }
    if stepsDone == stepsPerEpoch {
      isBetweenEpochs = true
      rounds.pause()
    }
    return isOver
  }

  func report(_ event: TrainingEvent) {
    guard case .epochEnded = event else { return }
    isBetweenEpochs = false
    stepsDone = 0
    rounds.resume()
  }

  private func nextRound() {
    if let count = rounds.next() { stepsLeft = count } else { isOver = true }
  }
}

extension Dataset {
  /// Images whose bytes are noise: speed does not depend on what they show.
  /// - Parameter size: width and height of an image.
  static func noise(trainCount: Int, testCount: Int = 1, classCount: Int, size: Int = 32) -> Dataset {
    func set(_ name: String, _ count: Int) -> ImageSet {
      let generator = RandomGenerator(seed: 0, name)
      return ImageSet(
        width: size, height: size, pixels: generator.integers(in: 0..<256, [count * size * size * 3]).array(),
        labels: generator.integers(in: 0..<classCount, [count]).array(of: Int64.self))
    }
    return Dataset(
      name: "noise", classNames: (0..<classCount).map { "class \($0)" }, train: set("train", trainCount),
      test: set("test", testCount),
      normalization: Normalization(
        mean: [125.3, 123.0, 113.9].map { $0 / 255 }, deviation: [63.0, 62.1, 66.7].map { $0 / 255 }))
  }
}
