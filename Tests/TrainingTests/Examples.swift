//  The run that the tests train: small enough for a second, and still one that learns.

import Foundation
import Images
import Networks
import Results
import Storage
import Training

/// Sixty images of three classes that a network can tell apart: bright in red, green or blue.
let dataset: Dataset = {
  func set(_ count: Int, _ salt: Int) -> ImageSet {
    let pixels = (0..<count * 3072).map { index -> UInt8 in
      let noise = (index &* 2_654_435_761 &+ salt) >> 9 & 0x3F
      return UInt8(noise + (index % 3 == index / 3072 % 3 ? 150 : 40))
    }
    return ImageSet(width: 32, height: 32, pixels: pixels, labels: (0..<count).map { UInt8($0 % 3) })
  }
  let train = set(60, 1)
  return Dataset(
    name: "colours", classNames: ["red", "green", "blue"], train: train, test: set(30, 2),
    normalization: Normalization(of: train))
}()

/// Four steps an epoch.
func configuration(
  _ loss: RunConfiguration.Loss, _ augmentation: String = "crop,flip", epochs: Int = 2, rate: Double = 0.05,
  precision: RunConfiguration.Precision = .float32, device: RunConfiguration.DeviceChoice = .cpu
) -> RunConfiguration {
  RunConfiguration(
    images: DatasetChoice(name: "colours"), network: "resnet8", loss: loss, epochs: epochs, batch: 16, seed: 7,
    learningRate: rate,
    augmentation: RunConfiguration.Augmentation(rawValue: augmentation) ?? .none, precision: precision, device: device,
    threads: 1)
}

/// Trains in a folder, and is stopped the `steps`-th time it asks.
@discardableResult
func train(
  _ configuration: RunConfiguration, on dataset: Dataset = dataset, in folder: RunFolder,
  _ beginning: TrainingRun.Beginning = .anew, stopAfter steps: Int = .max, checkpointInterval: Double = 0,
  reportInterval: Double = 0.2, report: @escaping (TrainingEvent) -> Void = { _ in }
) throws -> TrainingRun {
  var asked = 0
  let run = TrainingRun(
    configuration,
    network: ResNet(
      .eight, classCount: dataset.classNames.count, seed: configuration.seed,
      device: try configuration.device.resolved()),
    dataset: dataset, folder: folder, checkpointInterval: checkpointInterval, reportInterval: reportInterval,
    shouldStop: {
      asked += 1
      return asked >= steps
    }, report: report)
  try run.run(beginning)
  return run
}
