//  Features and logits of a whole set, beside what PyTorch's users run. The package extracts in float32, so the
//  yardstick is PyTorch in float32; PyTorch in bfloat16 stands beside it.

import Images
import Networks
import Torch

struct ExtractBenchmark: NetworkBenchmark {
  let name = "extract"
  let summary =
    "features and logits of 10,000 images (200 of 224×224) in float32, beside PyTorch: usual script, best eager, compiled"
  let rows = ["resnet20", "resnet110"]

  func comparison(row: String, settings: WorkerSettings) -> Comparison {
    Comparison(
      unit: "set", images: Self.imageCount(row, settings),
      sides: [Side(name: "isda", language: .swift)]
        + ["usual", "best-float32", "compiled-float32", "best-bfloat16", "compiled-bfloat16"].map {
          Side(name: $0, language: .python)
        },
      claims: [
        Claim("usual", over: "isda", .atLeast(3)),
        Claim("best-float32", "compiled-float32", over: "isda", .atLeast(1.5)),
        Claim("best-bfloat16", "compiled-bfloat16", over: "isda", .atLeast(1.5)),
      ],
      roundSeconds: 0)
  }

  /// Large images have fifty times the pixels; extract.py has the same.
  private static func imageCount(_ row: String, _ settings: WorkerSettings) -> Int {
    Architecture(name: row)?.imageSize == 32 ? settings.images : settings.images / 50
  }

  func work(row: String, side: String, settings: WorkerSettings, rounds: Rounds) throws {
    guard let architecture = Architecture(name: row) else { preconditionFailure("no network \(row)") }
    let dataset = Dataset.noise(
      trainCount: 1, testCount: Self.imageCount(row, settings), classCount: 10, size: architecture.imageSize)
    let batches = Batches(dataset.test, size: Extraction.batchSize(on: .cpu), normalization: dataset.normalization)
    let network = architecture.network(classCount: 10, seed: 0)
    try rounds.run { _ = try Extraction(of: batches, by: network) }
  }
}
