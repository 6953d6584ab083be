//  Training alone and while another process keeps a core busy, under the ways in which threads of OpenMP can wait for
//  each other. By default they spin for long, which is quickest on a machine of one's own; where cores are shared, a
//  thread that spins may keep its own partner from running. `isda` sets a limit of 10,000 turns.

import Networks

struct SpinBenchmark: Benchmark {
  let name = "spin"
  let summary = "training alone and beside a process that keeps a core busy, by how OpenMP's threads wait"
  let rows = ["resnet20"]

  func comparison(row: String, settings: WorkerSettings) -> Comparison {
    let ways: [(String, [String: String])] = [
      ("default", [:]), ("limited", ["GOMP_SPINCOUNT": "10000"]), ("passive", ["OMP_WAIT_POLICY": "passive"]),
    ]
    return Comparison(
      unit: "step", images: Architecture(name: row)?.benchmarkBatch,
      sides: ways.flatMap { name, environment in
        [false, true].map {
          Side(
            name: name + ($0 ? "-busy" : ""), language: .swift, environment: environment, besideBusyCore: $0)
        }
      },
      claims: [
        Claim("limited", over: "default", .atMost(1.02)), Claim("limited-busy", over: "default-busy", .atMost(0.9)),
        Claim("passive", over: "default"), Claim("passive-busy", over: "default-busy"),
      ],
      roundSeconds: 3)
  }

  func work(row: String, side: String, settings: WorkerSettings, rounds: Rounds) throws {
    try TrainingWork(network: row, usesISDA: true, classCount: 10, settings: settings).run(rounds)
  }
}
