//  Training while another process keeps a core busy, under the ways in which threads of OpenMP can wait for each
//  other. By default they spin first, which is quickest on a machine of one's own; where cores are shared, a thread
//  that spins may keep its own partner from running.

import Networks

struct SpinBenchmark: Benchmark {
  let name = "spin"
  let summary = "training beside a process that keeps a core busy, by how OpenMP's threads wait"
  let rows = ["resnet20"]

  func comparison(row: String, settings: WorkerSettings) -> Comparison {
    func shared(_ name: String, _ environment: [String: String]) -> Side {
      Side(name: name, language: .swift, environment: environment, besideBusyCore: true)
    }
    return Comparison(
      unit: "step", images: Architecture(name: row)?.benchmarkBatch,
      sides: [
        Side(name: "alone", language: .swift), shared("default", [:]),
        shared("spincount-1000", ["GOMP_SPINCOUNT": "1000"]), shared("passive", ["OMP_WAIT_POLICY": "passive"]),
      ],
      claims: [
        Claim("default", over: "alone"), Claim("spincount-1000", over: "alone"), Claim("passive", over: "alone"),
      ],
      roundSeconds: 3)
  }

  func work(row: String, side: String, settings: WorkerSettings, rounds: Rounds) throws {
    try TrainingWork(network: row, usesISDA: true, classCount: 10, settings: settings).run(rounds)
  }
}
