//  What the comparison of curves leaves: the losses of both sides, and how far they are apart.

import Foundation
import Results

struct CurveReport: Codable {
  struct Row: Codable {
    let recipe, network: String
    let batch, epochs: Int
    let precision: String
    /// The loss of each step: this package's, and PyTorch's in float32 from the same weights and batches.
    let own, twin: [Double]
    /// PyTorch's in bfloat16, where this package's is.
    let roundedTwin: [Double]?
  }

  var schemaVersion = 1
  let environment: RunEnvironment
  var rows: [Row] = []
}

extension CurveReport.Row {
  /// How many steps the curves in float32 are to agree for, and how well.
  static let (compared, tolerance) = (20, 1e-3)

  /// The largest difference between the curves over the first steps, relative to the twin's loss.
  func largestDifference(first count: Int) -> Double {
    zip(own, twin).prefix(count).map { abs($0 - $1) / abs($1) }.max() ?? .nan
  }

  /// Root mean square of a curve's differences from the twin's in float32, over all steps.
  func distance(of curve: [Double]) -> Double {
    let squares = zip(curve, twin).map { ($0 - $1) * ($0 - $1) }
    return (squares.reduce(0, +) / Double(max(squares.count, 1))).squareRoot()
  }

  var summary: String {
    var text =
      "\(recipe), batch \(batch), \(own.count) steps in \(precision): loss \(significant(twin.first ?? .nan)) to "
      + "\(significant(twin.last ?? .nan)); "
    if let roundedTwin {
      text +=
        "distance to PyTorch in float32 \(significant(distance(of: own))), PyTorch's own in bfloat16 "
        + significant(distance(of: roundedTwin))
    } else {
      let difference = largestDifference(first: Self.compared)
      text +=
        "\(difference <= Self.tolerance ? "ok" : "WRONG"): at most \(String(format: "%.1e", difference)) apart in the "
        + "first \(min(Self.compared, own.count)) steps, \(String(format: "%.1e", largestDifference(first: .max))) in all"
    }
    return text
  }
}

extension CurveReport {
  var markdown: String {
    (["| recipe | batch | steps | first loss | last loss | apart |", "|---|---:|---:|---:|---:|---|"]
      + rows.map { row in
        let apart =
          row.roundedTwin.map {
            "\(significant(row.distance(of: row.own))), PyTorch's bfloat16 \(significant(row.distance(of: $0)))"
          } ?? String(format: "%.1e", row.largestDifference(first: Row.compared))
        return "| \(row.recipe) | \(row.batch) | \(row.own.count) | \(significant(row.twin.first ?? .nan)) "
          + "| \(significant(row.twin.last ?? .nan)) | \(apart) |"
      }).joined(separator: "\n")
  }
}
