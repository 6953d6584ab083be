//  What ISDA adds to a training step: the same network trained with it and without, 100 classes.

import Networks

struct StepBenchmark: NetworkBenchmark {
  let name = "step"
  let summary = "a training step with ISDA over one with cross-entropy, 100 classes"
  let rows = ["resnet32", "resnet110", "wide-resnet-16-8"]

  func comparison(row: String, settings: WorkerSettings) -> Comparison {
    Comparison(
      unit: "step", images: Architecture(name: row)?.benchmarkBatch,
      sides: [Side(name: "isda", language: .swift), Side(name: "cross-entropy", language: .swift)],
      claims: [Claim("isda", over: "cross-entropy", .atMost(1.01))],
      roundSeconds: 3)
  }

  func work(row: String, side: String, settings: WorkerSettings, rounds: Rounds) throws {
    try TrainingWork(network: row, usesISDA: side == "isda", classCount: 100, settings: settings)
      .run(rounds)
  }
}
