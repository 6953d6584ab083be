//  Whether the sides compute the same thing: PyTorch's two forms of ISDA against each other, and Swift against them,
//  on numbers from a formula that both languages know. Speed means nothing before this holds.

import Analysis
import ClassStatistics
import Foundation
import ISDA
import Networks
import Results
import Torch

/// What `pytorch/check.py` prints: its own verdicts, and numbers to compare with.
private struct TwinNumbers: Decodable {
  struct Term: Decodable {
    let shape: [Int]
    let covariance: RunConfiguration.Covariance
    let augmented, logitGradient, weightGradient: [Double]
  }
  let torch: String
  /// The largest difference of each pair of PyTorch's own twins, relative to the largest value.
  let differences: [String: Double]
  let terms: [Term]
  let parameterCounts: [String: Int]
  /// The rows that a walk finds, by query.
  let walks: [String: [Int]]
}

struct Check {
  static let tolerance = 1e-4

  /// Prints every comparison.
  /// - Returns: whether all of them hold.
  static func run(_ scripts: PythonScripts) throws -> Bool {
    let twins: TwinNumbers = try scripts.answer("check.py")
    var differences = twins.differences.sorted { $0.key < $1.key }
    for term in twins.terms {
      let input = TermInput(count: term.shape[0], classCount: term.shape[1], featureCount: term.shape[2], values: wave)
      let moments = ClassMoments(
        classCount: input.classCount, featureCount: input.featureCount,
        form: term.covariance == .diagonal ? .diagonal : .full)
      // Two updates, so that merging counts too.
      _ = input.step(moments, lambda: 0.5)
      let (augmented, gradients) = input.step(moments, lambda: 0.5)
      let shape = term.shape.map(String.init).joined(separator: "x")
      let name = "Swift and published, \(term.covariance.rawValue), \(shape)"
      differences += [
        ("\(name): augmented logits", difference(augmented, term.augmented)),
        ("\(name): gradient by logits", difference(gradients[0], term.logitGradient)),
        ("\(name): gradient by weight", difference(gradients[1], term.weightGradient)),
      ]
    }
    for (query, expected) in twins.walks.sorted(by: { $0.key < $1.key }) {
      guard let query = WalkQuery(rawValue: query) else { continue }
      let found = try WalkInput(count: 500, width: 16, values: wave).walk(query).rows.flatMap { $0.cells.map(\.row) }
      let same = zip(found, expected).count { $0 == $1 }
      differences.append(("Swift and numpy, walk by \(query.rawValue)", Double(expected.count - same)))
    }
    for (network, count) in twins.parameterCounts.sorted(by: { $0.key < $1.key }) {
      guard let architecture = Architecture(name: network) else { continue }
      let own = architecture.network(classCount: 10, seed: 0).store.parameters.reduce(0) { $0 + $1.tensor.count }
      differences.append(("Swift and PyTorch, parameters of \(network)", Double(abs(own - count))))
    }
    print("libtorch \(Library.version) and torch \(twins.torch); differences, relative to the largest value:")
    for (name, value) in differences {
      print("  \(value <= tolerance ? "ok    " : "WRONG ") \(name): \(String(format: "%.1e", value))")
    }
    return differences.allSatisfy { $0.1 <= tolerance }
  }

  /// sin(0.37 i + length of the name), which check.py computes too.
  private static func wave(_ name: String, _ shape: [Int]) -> Tensor {
    Tensor((0..<shape.reduce(1, *)).map { Float(sin(0.37 * Double($0) + Double(name.count))) }, shape: shape)
  }

  private static func difference(_ tensor: Tensor, _ expected: [Double]) -> Double {
    let values = tensor.array(of: Double.self)
    guard values.count == expected.count else { return .infinity }
    let largest = expected.map(abs).max() ?? 0
    return (zip(values, expected).map { abs($0 - $1) }.max() ?? 0) / max(largest, .leastNormalMagnitude)
  }
}
