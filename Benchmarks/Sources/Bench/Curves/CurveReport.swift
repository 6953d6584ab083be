//  What the comparison of curves leaves: the losses of both sides, and how far they are apart.

import Foundation
import Results

struct CurveReport: Codable {
  struct Row: Codable {
    let recipe, network: String
    let seed: UInt64
    /// Width and height of the images.
    let size: Int
    let batch, epochs: Int
    let learningRate: Double
    let precision: String
    /// The loss of each step: this package's, and PyTorch's in float32 from the same weights and batches.
    let own, twin: [Double]
    /// PyTorch's in this package's precision and channels-last, which says how far rounding leads.
    let otherTwin: [Double]
  }

  var schemaVersion = 2
  let environment: RunEnvironment
  var rows: [Row] = []
}

extension CurveReport.Row {
  /// The largest difference of a curve from the twin's, relative to the twin's loss.
  func largestDifference(of curve: [Double]) -> Double {
    zip(curve, twin).map { abs($0 - $1) / abs($1) }.max() ?? .nan
  }

  /// Root mean square of a curve's differences from the twin's.
  func distance(of curve: [Double]) -> Double {
    let squares = zip(curve, twin).map { ($0 - $1) * ($0 - $1) }
    return (squares.reduce(0, +) / Double(max(squares.count, 1))).squareRoot()
  }

  /// The mean of a curve's differences from the twin's: whether one lies above the other as a whole.
  func shift(of curve: [Double]) -> Double {
    zip(curve, twin).map { $0 - $1 }.reduce(0, +) / Double(max(curve.count, 1))
  }

  /// The mean over the last quarter of a curve: what is left to compare where rounding has led apart.
  func late(_ curve: [Double]) -> Double {
    let quarter = curve.suffix(max(curve.count / 4, 1))
    return quarter.reduce(0, +) / Double(quarter.count)
  }

  var cells: [String] {
    func short(_ value: Double) -> String { String(format: "%.1e", value) }
    return [
      recipe, "\(seed)", "\(size)", "\(learningRate)", "\(batch)", "\(own.count)", precision,
      significant(twin.first ?? .nan),
      significant(twin.last ?? .nan), short(abs(own[0] - twin[0]) / abs(twin[0])), short(largestDifference(of: own)),
      short(largestDifference(of: otherTwin)), short(distance(of: own)), short(distance(of: otherTwin)),
      [own, twin, otherTwin].map { String(format: "%.2f", late($0)) }.joined(separator: ", "),
      String(format: "%+.3f", shift(of: own)), String(format: "%+.3f", shift(of: otherTwin)),
    ]
  }
}

extension CurveReport {
  /// "Apart" is the largest difference relative to PyTorch's loss in float32, "r.m.s." the root mean square of all.
  var markdown: String {
    let titles = [
      "recipe", "seed", "size", "learning rate", "batch", "steps", "precision", "first loss", "last loss",
      "first step apart", "apart",
      "PyTorch from itself", "r.m.s.", "PyTorch from itself", "mean of the last quarter: here, PyTorch, PyTorch again",
      "mean difference", "PyTorch from itself",
    ]
    return ([titles, ["---"] + titles.dropFirst().map { _ in "---:" }] + rows.map(\.cells))
      .map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
  }
}
