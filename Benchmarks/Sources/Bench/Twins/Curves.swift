//  The losses of both sides, each on its own way from the same weights, and how far they are apart.

import Foundation
import Results

struct Curves: Codable {
  /// The loss of each step: this package's, and PyTorch's in float32 from the same weights and batches.
  let own, twin: [Double]
  /// PyTorch's in this package's precision and channels-last, which says how far rounding leads.
  let otherTwin: [Double]

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
}

extension Curves: TwinFindings {
  /// "Apart" is the largest difference relative to PyTorch's loss in float32, "r.m.s." the root mean square of all.
  static let titles = [
    "steps", "first loss", "last loss", "first step apart", "apart", "PyTorch from itself", "r.m.s.",
    "PyTorch from itself", "mean of the last quarter: here, PyTorch, PyTorch again", "mean difference",
    "PyTorch from itself",
  ]

  var cells: [String] {
    [
      "\(own.count)", significant(twin.first ?? .nan), significant(twin.last ?? .nan),
      short(abs(own[0] - twin[0]) / abs(twin[0])), short(largestDifference(of: own)),
      short(largestDifference(of: otherTwin)), short(distance(of: own)), short(distance(of: otherTwin)),
      [own, twin, otherTwin].map { String(format: "%.2f", late($0)) }.joined(separator: ", "),
      String(format: "%+.3f", shift(of: own)), String(format: "%+.3f", shift(of: otherTwin)),
    ]
  }
}
