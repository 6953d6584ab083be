//  Whether images that are decoded on the way keep up with a network: a batch of random parts of files on all cores,
//  beside the training step that uses it.

import Foundation
import Images
import Networks
import Portraits
import Raster
import Results
import Storage
import Training

struct DecodeBenchmark: NetworkBenchmark {
  let name = "decode"
  let summary = "decoding and cropping a batch of 256×256 PNG files to 224×224, as a share of a training step"
  let rows = ["resnet18", "resnet50"]
  private static let images = 480

  func comparison(row: String, settings: WorkerSettings) -> Comparison {
    Comparison(
      unit: "batch", images: work(row, settings).batch,
      sides: [Side(name: "batches", language: .swift), Side(name: "step", language: .swift)],
      claims: [Claim("batches", over: "step", .atMost(0.1))], roundSeconds: 2)
  }

  private func work(_ row: String, _ settings: WorkerSettings) -> TrainingWork {
    TrainingWork(network: row, usesISDA: true, classCount: 10, settings: settings)
  }

  func work(row: String, side: String, settings: WorkerSettings, rounds: Rounds) throws {
    let work = work(row, settings)
    guard side == "batches" else { return try work.run(rounds) }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("isda-decode-\(getpid())")
    defer { try? FileManager.default.removeItem(at: folder) }
    for index in 0..<Self.images {
      let portrait = Portrait(seed: 0, index: index)
      try WholeFile.write(
        portrait.image(size: 256).png(), to: folder.appendingPathComponent("\(portrait.animal.name)/\(index).png"))
    }
    let dataset = try Dataset.folder(
      folder, options: .init(size: work.architecture.imageSize, testShare: 0.1))
    let batches = dataset.train.batches(
      size: work.batch, normalization: dataset.normalization,
      augmentation: Augmentation(.standard, fill: dataset.normalization.meanColor))
    rounds.run(batches)
  }
}
