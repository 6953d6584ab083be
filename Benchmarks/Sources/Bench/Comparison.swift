//  What is compared with what. A comparison is one row of a benchmark: some sides that do the same work, run in
//  turns, and claims about the ratios of their times or memory.

/// A process that does the work in one way.
struct Side {
  enum Language { case swift, python }
  enum Quantity: String, Codable {
    case seconds
    /// Of single repetitions, each timed for itself: the median, and the 99th percentile, in seconds.
    case median, tail
    /// How far the resident set rises above where it was while the work is done once.
    case bytes
  }

  let name: String
  let language: Language
  var quantity = Quantity.seconds
  /// Added to what all sides get.
  var environment: [String: String] = [:]
  /// Whether another process keeps a core busy meanwhile.
  var besideBusyCore = false

  /// A side that does nothing else than show its memory. With a fixed threshold glibc gives every larger block
  /// back as soon as it is free, so that what was used before does not hide what is used now.
  static func memory(_ name: String, _ language: Language) -> Side {
    Side(name: name, language: language, quantity: .bytes, environment: ["MALLOC_MMAP_THRESHOLD_": "4096"])
  }
}

/// What a ratio should be.
struct Target: Codable, Equatable {
  enum Direction: String, Codable {
    case atLeast = "at least"
    case atMost = "at most"
  }

  let direction: Direction
  let bound: Double

  static func atLeast(_ bound: Double) -> Target { Target(direction: .atLeast, bound: bound) }
  static func atMost(_ bound: Double) -> Target { Target(direction: .atMost, bound: bound) }

  func isReached(by ratio: Double) -> Bool {
    switch direction {
    case .atLeast: ratio >= bound
    case .atMost: ratio <= bound
    }
  }
}

/// numerator ÷ denominator; of several numerators the one with the least median counts.
struct Claim {
  let numerators: [String]
  let denominator: String
  let target: Target?

  init(_ numerators: String..., over denominator: String, _ target: Target? = nil) {
    (self.numerators, self.denominator, self.target) = (numerators, denominator, target)
  }
}

struct Comparison {
  /// What one repetition is: `step`.
  let unit: String
  /// How many images it takes in, if images a second say something.
  let images: Int?
  let sides: [Side]
  let claims: [Claim]
  /// About how long a side works in each round; at least one repetition.
  let roundSeconds: Double
}

/// A benchmark: rows of comparisons, and the Swift sides of them. The others are in `pytorch/<name>.py`.
protocol Benchmark: Sendable {
  var name: String { get }
  /// What is measured, in one line for `--list`.
  var summary: String { get }
  var rows: [String] { get }
  /// Whether it can do a row that it does only when asked for it by name.
  func hasRow(_ row: String) -> Bool
  func comparison(row: String, settings: WorkerSettings) -> Comparison
  /// Does a Swift side's work for as many rounds as are asked for.
  func work(row: String, side: String, settings: WorkerSettings, rounds: Rounds) throws
}

extension Benchmark {
  func hasRow(_ row: String) -> Bool { rows.contains(row) }
}

let benchmarks: [any Benchmark] = [
  TermBenchmark(), StepBenchmark(), TrainBenchmark(), NetworkRowBenchmark(), ExtractBenchmark(), ShareBenchmark(),
  DecodeBenchmark(), SpinBenchmark(), WalkBenchmark(), DirectionsBenchmark(), ExploreBenchmark(),
]
