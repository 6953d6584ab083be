//  What an epoch takes on this machine, from two short ones in a folder that is removed again.

import Foundation
import Images
import Networks
import Results
import Training

/// Seconds an image, in training and in testing, with everything that belongs to it, and seconds for the rest of an epoch.
struct EpochTime {
  let perTrainingImage: Double
  let perTestImage: Double
  let rest: Double

  /// - Parameters:
  ///   - images: few; trained and tested on twice.
  ///   - file: where the configuration stands.
  /// - Throws: `Interrupted` after Ctrl-C.
  init(_ configuration: RunConfiguration, images: Dataset, from file: URL) throws {
    let network = try initialNetwork(of: configuration, for: images, from: file)
    var configuration = configuration
    configuration.epochs = 2
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("isda-time-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: url) }
    var (tested, began, rest, evaluation) = (0, ContinuousClock.now, 0.0, 0.0)
    let run = TrainingRun(
      configuration, network: network, dataset: images, folder: RunFolder(url), checkpointInterval: 0,
      shouldStop: { StopSignal.isRequested }
    ) { event in
      let now = ContinuousClock.now
      switch event {
      case .step: (tested, began) = (0, now)
      case .evaluating(let done, _):
        evaluation = (now - began) / .seconds(1)
        tested = done
      case .epochEnded: rest = (now - began) / .seconds(1) - evaluation
      case .resumed, .notice: break
      }
    }
    do {
      try run.run()
    } catch TrainingError.interrupted {
      throw Interrupted()
    }
    // Of the second epoch, because the first one warms the machine up.
    guard let last = run.records.last else { preconditionFailure("two epochs left no record") }
    perTrainingImage = last.seconds / Double(images.train.count)
    perTestImage = evaluation / Double(max(tested, 1))
    self.rest = rest
  }

  /// Of an epoch with so many images.
  func seconds(train: Int, test: Int) -> Double {
    perTrainingImage * Double(train) + perTestImage * Double(test) + rest
  }
}
