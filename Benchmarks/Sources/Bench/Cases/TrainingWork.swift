//  Training steps as `isda train` does them, in rounds: a `TrainingRun` over noise that is held up between its steps.
//  Evaluation and checkpoints at the ends of epochs do not count.

import Foundation
import Images
import Networks
import Results
import Torch
import Training

struct TrainingWork {
  static let (batch, imageCount) = (128, 1280)

  let network: String
  let usesISDA: Bool
  let classCount: Int
  let settings: WorkerSettings

  func run(_ rounds: Rounds) throws {
    guard let architecture = Architecture(name: network),
      let precision = RunConfiguration.Precision(rawValue: settings.precision)
    else { preconditionFailure("no network \(network) or precision \(settings.precision)") }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("isda-bench-\(getpid())")
    defer { try? FileManager.default.removeItem(at: folder) }
    // A small rate, because noise teaches nothing and must not diverge; the time does not depend on it.
    let configuration = RunConfiguration(
      dataset: "noise", network: network, loss: usesISDA ? .isda : .ce, epochs: 100_000, batch: Self.batch,
      learningRate: 1e-3, precision: precision, device: .cpu, threads: settings.threads)
    let pace = Pace(rounds, stepsPerEpoch: Self.imageCount / Self.batch)
    let run = TrainingRun(
      configuration, network: architecture.network(classCount: classCount, seed: configuration.seed),
      dataset: .noise(trainCount: Self.imageCount, classCount: classCount),
      folder: RunFolder(folder), shouldStop: pace.shouldStop, report: pace.report)
    do {
      try run.run()
    } catch TrainingError.interrupted {
      // How a run ends that is asked to stop.
    }
  }
}

/// Counts the steps of a run, and holds it up while no round is under way. The first epoch goes by before the first
/// round, because λ = 0 there and ISDA costs nothing.
private final class Pace {
  private enum Place { case firstEpoch, training, betweenEpochs }

  private let rounds: Rounds
  private let stepsPerEpoch: Int
  private var place = Place.firstEpoch
  private var stepsDone = 0
  private var stepsLeft = 0
  private var isOver = false

  init(_ rounds: Rounds, stepsPerEpoch: Int) {
    (self.rounds, self.stepsPerEpoch) = (rounds, stepsPerEpoch)
  }

  /// Called after every step of training, and again while a test set is evaluated.
  func shouldStop() -> Bool {
    guard place == .training, !isOver else { return isOver }
    stepsDone += 1
    stepsLeft -= 1
    if stepsLeft == 0 { nextRound() }
    if stepsDone == stepsPerEpoch {
      place = .betweenEpochs
      rounds.pause()
    }
    return isOver
  }

  func report(_ event: TrainingEvent) {
    guard case .epochEnded = event else { return }
    if place == .firstEpoch { nextRound() }
    place = .training
    stepsDone = 0
    rounds.resume()
  }

  private func nextRound() {
    if let count = rounds.next() { stepsLeft = count } else { isOver = true }
  }
}

extension Dataset {
  /// Images whose bytes are noise: speed does not depend on what they show.
  static func noise(trainCount: Int, testCount: Int = 1, classCount: Int) -> Dataset {
    func set(_ name: String, _ count: Int) -> ImageSet {
      let generator = RandomGenerator(seed: 0, name)
      return ImageSet(
        width: 32, height: 32, pixels: generator.integers(in: 0..<256, [count * 32 * 32 * 3]).array(),
        labels: generator.integers(in: 0..<classCount, [count]).array())
    }
    return Dataset(
      name: "noise", classNames: (0..<classCount).map { "class \($0)" }, train: set("train", trainCount),
      test: set("test", testCount),
      normalization: Normalization(
        mean: [125.3, 123.0, 113.9].map { $0 / 255 }, deviation: [63.0, 62.1, 66.7].map { $0 / 255 }))
  }
}
