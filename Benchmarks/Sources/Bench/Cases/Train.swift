//  Training with ISDA from bytes in memory to updated weights, beside what PyTorch's users run, and the memory of a step.

import Networks

struct TrainBenchmark: NetworkBenchmark {
  let name = "train"
  let summary = "training with ISDA and augmentation, 10 classes, beside PyTorch: usual script, best eager, compiled"
  let rows = ["resnet20", "resnet32", "resnet110"]

  func comparison(row: String, settings: WorkerSettings) -> Comparison {
    Comparison(
      unit: "step", images: Architecture(name: row)?.benchmarkBatch,
      sides: [
        Side(name: "isda", language: .swift), Side(name: "usual", language: .python),
        Side(name: "best", language: .python), Side(name: "compiled", language: .python),
        .memory("isda-memory", .swift), .memory("best-memory", .python),
      ],
      claims: [
        Claim("usual", over: "isda", .atLeast(3)), Claim("best", "compiled", over: "isda", .atLeast(1.25)),
        Claim("best-memory", over: "isda-memory", .atLeast(1)),
      ],
      roundSeconds: 3)
  }

  func work(row: String, side: String, settings: WorkerSettings, rounds: Rounds) throws {
    try TrainingWork(network: row, usesISDA: true, classCount: 10, settings: settings).run(rounds)
  }
}
