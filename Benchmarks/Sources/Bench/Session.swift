//  Runs the sides of a comparison in turns, A B C C B A …, so that whatever disturbs the machine disturbs all of them
//  alike. Each side is a process of its own that waits while the others work.

import Foundation

struct Session {
  let scripts: PythonScripts
  let settings: WorkerSettings
  let rounds: Int
  /// Of what a comparison asks for.
  let roundLength: Double
  let say: (String) -> Void

  /// How threads of OpenMP wait, on all sides unless a side says otherwise.
  static let waiting = "OpenMP's default (OMP_WAIT_POLICY and GOMP_SPINCOUNT are removed from the environment)"

  func measure(_ benchmark: any Benchmark, row: String) -> Report.Row {
    let comparison = benchmark.comparison(row: row, settings: settings)
    let title = "\(benchmark.name) \(row)"
    var result = Report.Row(
      benchmark: benchmark.name, row: row, unit: comparison.unit, images: comparison.images,
      measurements: comparison.sides.map { Report.Measurement(side: $0.name, quantity: $0.quantity) })
    var workers: [(index: Int, side: Side, process: WorkerProcess, repetitions: Int)] = []

    func attempt<Value>(_ index: Int, _ body: () throws -> Value) -> Value? {
      do {
        return try body()
      } catch {
        result.measurements[index].failure = "\(error)"
        say("\(title)  \(comparison.sides[index].name): \(error)")
        return nil
      }
    }

    for (index, side) in comparison.sides.enumerated() {
      say("\(title)  warming \(side.name)")
      let ready = attempt(index) {
        let process = try start(side, of: benchmark, row: row)
        let repetitions = try busy(side) { try process.warm(seconds: comparison.roundSeconds * roundLength) }
        return (process, repetitions)
      }
      guard let (process, repetitions) = ready else { continue }
      result.measurements[index].libtorch = process.version
      workers.append((index, side, process, repetitions))
    }

    for round in 0..<rounds {
      for worker in round.isMultiple(of: 2) ? workers : workers.reversed()
      where result.measurements[worker.index].failure == nil {
        // Until the threads of the side before have stopped spinning.
        Thread.sleep(forTimeInterval: 0.05)
        let value = attempt(worker.index) {
          try busy(worker.side) {
            switch worker.side.quantity {
            case .seconds: try worker.process.time(repetitions: worker.repetitions)
            case .median: try worker.process.quantile(0.5)
            case .tail: try worker.process.quantile(0.99)
            case .bytes: try worker.process.peakBytes()
            }
          }
        }
        if let value { result.measurements[worker.index].values.append(value) }
      }
      let latest = result.measurements.compactMap { measurement in
        measurement.values.last.map { "\(measurement.side) \(readable($0, measurement.quantity))" }
      }
      say("\(title)  round \(round + 1)/\(rounds)  \(latest.joined(separator: "  "))")
    }
    result.ratios = comparison.claims.compactMap(result.ratio)
    return result
  }

  private func start(_ side: Side, of benchmark: any Benchmark, row: String) throws -> WorkerProcess {
    var environment = ProcessInfo.processInfo.environment
    for name in ["OMP_WAIT_POLICY", "GOMP_SPINCOUNT"] { environment[name] = nil }
    environment["OMP_NUM_THREADS"] = "\(settings.threads)"
    environment["TORCHINDUCTOR_CACHE_DIR"] = scripts.folder.appendingPathComponent(".build/inductor").path
    environment.merge(side.environment) { $1 }
    let arguments = [benchmark.name, row, side.name] + settings.arguments
    return switch side.language {
    case .swift:
      try WorkerProcess(executable: Self.executable, arguments: ["worker"] + arguments, environment: environment)
    case .python:
      try WorkerProcess(
        executable: scripts.python, arguments: [scripts.file("worker.py").path] + arguments,
        environment: environment)
    }
  }

  /// Runs `body` while another process keeps a core busy, if the side wants that.
  private func busy<Value>(_ side: Side, _ body: () throws -> Value) throws -> Value {
    guard side.besideBusyCore else { return try body() }
    let burner = Process()
    burner.executableURL = Self.executable
    burner.arguments = ["burn"]
    try burner.run()
    defer {
      burner.terminate()
      burner.waitUntilExit()
    }
    return try body()
  }

  private static var executable: URL { Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0]) }
}
