//  A walk through many features, as somebody who explores waits for it: from plain features to the images of all cells,
//  beside numpy doing the same with its matrix products and partial selection.

import Analysis
import Foundation
import Results
import Torch

struct WalkBenchmark: Benchmark {
  let name = "walk"
  let summary =
    "9 directions x 9 steps through N x A features by either query, beside numpy (goal: 0.2 s for 50000x640)"
  let rows = ["50000x640-axis", "50000x640-local", "10000x64-axis"]

  func comparison(row: String, settings: WorkerSettings) -> Comparison {
    Comparison(
      unit: "walk", images: nil,
      sides: [Side(name: "isda", language: .swift), Side(name: "numpy", language: .python)],
      claims: [Claim("numpy", over: "isda", .atLeast(1))],
      roundSeconds: 1)
  }

  func work(row: String, side: String, settings: WorkerSettings, rounds: Rounds) throws {
    let parts = row.split(separator: "-")
    let extents = parts[0].split(separator: "x").compactMap { Int($0) }
    let input = WalkInput(count: extents[0], width: extents[1]) { RandomGenerator(seed: 0, $0).normal($1) }
    guard let query = WalkQuery(rawValue: String(parts[1])) else { preconditionFailure("no query \(parts[1])") }
    try rounds.run { _ = try input.walk(query) }
  }
}

/// What is walked through: features that vary less and less from dimension to dimension, and the first nine axes.
struct WalkInput {
  static let anchor = 17
  static let steps: [Double] = (-4...4).map { Double($0) * 0.75 }

  let features, directions: Tensor

  init(count: Int, width: Int, values: (_ name: String, _ shape: [Int]) -> Tensor) {
    let scales = Tensor((0..<width).map { Float(2 / (1 + 0.1 * Double($0))) }, shape: [1, width])
    features = values("features", [count, width]) * scales
    directions = Tensor((0..<9 * width).map { Float($0 / width == $0 % width ? 1 : 0) }, shape: [9, width])
  }

  func walk(_ query: WalkQuery) throws -> FeatureWalk {
    var options = WalkOptions()
    (options.query, options.steps) = (query, Self.steps)
    return try Analysis.walk(through: features, along: directions, from: Self.anchor, options: options)
  }
}
