//  How much of a training step goes into making the batch: choosing, cropping, mirroring, normalising.

import Images

struct ShareBenchmark: Benchmark {
  let name = "share"
  let summary = "data and augmentation as a share of a training step"
  let rows = ["resnet20"]

  func comparison(row: String, settings: WorkerSettings) -> Comparison {
    Comparison(
      unit: "batch", images: work(row, settings).batch,
      sides: [Side(name: "batches", language: .swift), Side(name: "step", language: .swift)],
      claims: [Claim("batches", over: "step", .atMost(0.03))],
      roundSeconds: 2)
  }

  private func work(_ row: String, _ settings: WorkerSettings) -> TrainingWork {
    TrainingWork(network: row, usesISDA: true, classCount: 10, settings: settings)
  }

  func work(row: String, side: String, settings: WorkerSettings, rounds: Rounds) throws {
    let work = work(row, settings)
    guard side == "batches" else { return try work.run(rounds) }
    let dataset = Dataset.noise(trainCount: work.imageCount, classCount: 10)
    let batches = Batches(
      dataset.train, size: work.batch, normalization: dataset.normalization, augmentation: PadCropFlip())
    let endless = (0...).lazy.flatMap { batches.shuffled(seed: 0, epoch: $0) }
    var iterator = endless.makeIterator()
    rounds.run { _ = iterator.next() }
  }
}
