//  How much of a training step goes into making the batch: choosing, cropping, mirroring, what else is asked of the
//  images, normalising.

import Images
import Results
import Training

struct ShareBenchmark: Benchmark {
  let name = "share"
  let summary = "data and augmentation as a share of a training step"
  /// Beside crops and flips.
  private let parts = ["", "+cutout", "+autoaugment", "+randaugment:2:10", "+mixup"]
  var rows: [String] { parts.map { "resnet20\($0)" } }

  func comparison(row: String, settings: WorkerSettings) -> Comparison {
    Comparison(
      unit: "batch", images: work(row, settings).batch,
      sides: [Side(name: "batches", language: .swift), Side(name: "step", language: .swift)],
      // Policies have a price; what it is, is all that is asked.
      claims: row.contains("augment") ? [] : [Claim("batches", over: "step", .atMost(0.03))],
      roundSeconds: 2)
  }

  private func work(_ row: String, _ settings: WorkerSettings) -> TrainingWork {
    TrainingWork(network: String(row.prefix { $0 != "+" }), usesISDA: true, classCount: 10, settings: settings)
  }

  func work(row: String, side: String, settings: WorkerSettings, rounds: Rounds) throws {
    let work = work(row, settings)
    guard side == "batches" else { return try work.run(rounds) }
    let dataset = Dataset.noise(trainCount: work.imageCount, classCount: 10)
    let parts = "crop:4,flip" + row.drop { $0 != "+" }.map { $0 == "+" ? "," : String($0) }.joined()
    guard let choice = RunConfiguration.Augmentation(rawValue: parts) else {
      preconditionFailure("no augmentation \(parts)")
    }
    let batches = Batches(
      dataset.train, size: work.batch, normalization: dataset.normalization,
      augmentation: Augmentation(choice, fill: dataset.normalization.meanColor))
    rounds.run(batches)
  }
}
