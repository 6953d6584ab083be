//  Every network beside its twin: a training step and its memory, PyTorch at its best without torch.compile, which takes
//  minutes for a deep network before the first step.

import Networks

struct NetworkRowBenchmark: NetworkBenchmark {
  let name = "network"
  let summary = "a training step of every network with ISDA, 10 classes, and its memory, beside PyTorch's best eager"
  let rows = Architecture.allCases.map(\.name)

  func comparison(row: String, settings: WorkerSettings) -> Comparison {
    Comparison(
      unit: "step", images: Architecture(name: row)?.benchmarkBatch,
      sides: [
        Side(name: "isda", language: .swift), Side(name: "best", language: .python),
        .memory("isda-memory", .swift), .memory("best-memory", .python),
      ],
      claims: [Claim("best", over: "isda", .atLeast(1)), Claim("best-memory", over: "isda-memory", .atLeast(1))],
      roundSeconds: 2)
  }

  func work(row: String, side: String, settings: WorkerSettings, rounds: Rounds) throws {
    try TrainingWork(network: row, usesISDA: true, classCount: 10, settings: settings).run(rounds)
  }
}
