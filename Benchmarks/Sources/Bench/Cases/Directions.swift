//  All that is measured of the directions of a set of features, beside numpy, scipy and scikit-learn doing the same:
//  moments, leading directions, bootstrap, noise floor and split halves of every class.

import Analysis
import Torch

struct DirectionsBenchmark: Benchmark {
  let name = "directions"
  let summary =
    "directions of N images of C classes x A features: moments, significance, stability, beside scikit-learn"
  let rows = ["10000x10x256", "50000x10x640", "50000x100x640"]

  func comparison(row: String, settings: WorkerSettings) -> Comparison {
    Comparison(
      unit: "analysis", images: nil,
      sides: [
        Side(name: "isda", language: .swift), Side(name: "scikit-learn", language: .python),
        .memory("isda-memory", .swift), .memory("copy-memory", .swift),
      ],
      claims: [
        Claim("scikit-learn", over: "isda", .atLeast(1)),
        // Beside the features, which are there before: three times their size in all.
        Claim("isda-memory", over: "copy-memory", .atMost(2)),
      ],
      roundSeconds: 0)
  }

  func work(row: String, side: String, settings: WorkerSettings, rounds: Rounds) throws {
    let extents = row.split(separator: "x").compactMap { Int($0) }
    let (features, labels) = Self.features(count: extents[0], classCount: extents[1], featureCount: extents[2])
    switch side {
    case "isda", "isda-memory":
      let names = (0..<extents[1]).map { "class \($0)" }
      rounds.run { _ = directionSignificance(of: features, labels: labels, classNames: names) }
    case "copy-memory":
      rounds.run { _ = features + 0 }
    default: preconditionFailure("no side \(side)")
    }
  }

  /// Ten factors of falling strength through a random map for each class, and noise; classes in turns.
  static func features(count: Int, classCount: Int, featureCount: Int) -> (Tensor, [Int]) {
    let labels = (0..<count).map { $0 % classCount }
    let generator = RandomGenerator(seed: 0, "directions")
    let strengths = Tensor((0..<10).map { Float(3) / Float(1 + $0) })
    let features = generator.normal([count, featureCount])
    for label in 0..<classCount {
      let rows = Tensor(stride(from: label, to: count, by: classCount).map(Int64.init))
      let factors = generator.normal([rows.count, 10]) * strengths
      let part = features.rows(rows) + factors.matmul(generator.normal([10, featureCount]))
      for (place, row) in stride(from: label, to: count, by: classCount).enumerated() {
        features.select(row).assign(part.select(place))
      }
    }
    return (features, labels)
  }
}
