//  How well an attribute was predicted on held-out images, with an interval: a prediction is prepared once and scored
//  under the weights of many resamples.

internal import ClassStatistics
internal import Results
internal import Torch

/// Images drawn with replacement within every class, so that each class keeps its size.
struct Resamples {
  /// How often each image was drawn, for each resample.
  let weights: [[Double]]

  init(labels: [Int], count: Int, seed: UInt64) {
    var weights = [[Double]](repeating: [Double](repeating: 0, count: labels.count), count: count)
    let classes = Dictionary(grouping: labels.indices) { labels[$0] }
    for (label, rows) in classes.sorted(by: { $0.key < $1.key }) {
      let counts = resampleCounts(count, of: rows.count, from: RandomGenerator(seed: seed, "resamples", label))
      for (place, drawn) in counts.enumerated() { weights[place / rows.count][rows[place % rows.count]] = drawn }
    }
    self.weights = weights
  }

  /// The weights of some images, B×n.
  func tensor(_ rows: [Int]) -> Tensor {
    Tensor(weights.flatMap { weights in rows.map { weights[$0] } }, shape: [weights.count, rows.count])
  }
}

/// A prediction beside the truth, ready to be scored under any weights of its images.
struct HeldOutScore {
  private enum Form {
    case determination(truth: [Double], squaredErrors: [Double])
    case ranking([Stratum])
  }

  /// Images by rising prediction, and where runs of equal predictions end.
  private struct Stratum {
    let rows: [Int]
    let positive: [Bool]
    let ends: [Int]
  }

  private let form: Form
  private let count: Int

  /// R² = 1 − Σ w (s − ŝ)² / Σ w (s − s̄)². NaN where s does not vary.
  static func determination(truth: [Double], prediction: [Double]) -> HeldOutScore {
    let mean = truth.reduce(0, +) / Double(max(1, truth.count))
    return HeldOutScore(
      form: .determination(
        truth: truth.map { $0 - mean }, squaredErrors: zip(truth, prediction).map { ($0 - $1) * ($0 - $1) }),
      count: truth.count)
  }

  /// The area under the ROC curve: the share of pairs of a positive and a negative image that the prediction puts in
  /// order, ties counting half (Mann and Whitney's U over n₁n₀). NaN without both.
  /// - Parameter strata: only pairs within one of these lists of rows count; all images if nil.
  static func ranking(positive: [Bool], prediction: [Double], strata: [[Int]]? = nil) -> HeldOutScore {
    let strata = (strata ?? [Array(positive.indices)]).map { rows -> Stratum in
      let order = rows.sorted { (prediction[$0], $0) < (prediction[$1], $1) }
      let ends = order.indices.filter { $0 + 1 == order.count || prediction[order[$0]] != prediction[order[$0 + 1]] }
      return Stratum(rows: order, positive: order.map { positive[$0] }, ends: ends)
    }
    return HeldOutScore(form: .ranking(strata), count: positive.count)
  }

  /// The score that fits the attribute's kind.
  static func of(_ column: AttributeColumn, truth: [Double], prediction: [Double]) -> HeldOutScore {
    switch column.kind {
    case .continuous: determination(truth: truth, prediction: prediction)
    case .binary: ranking(positive: truth.map { $0 == column.positive }, prediction: prediction)
    }
  }

  var value: Double { self([Double](repeating: 1, count: count)) }

  func draws(_ resamples: Resamples) -> [Double] { resamples.weights.map { self($0) } }

  func score(_ resamples: Resamples) -> AttributeMeasures.Score { .init(value, draws: draws(resamples)) }

  func callAsFunction(_ weights: [Double]) -> Double {
    switch form {
    case .determination(let truth, let squaredErrors):
      var (total, sum, squares, errors) = (0.0, 0.0, 0.0, 0.0)
      for (row, weight) in weights.enumerated() where weight > 0 {
        total += weight
        sum += weight * truth[row]
        squares += weight * truth[row] * truth[row]
        errors += weight * squaredErrors[row]
      }
      let spread = squares - sum * sum / total
      return spread > 1e-12 * squares ? 1 - errors / spread : .nan
    case .ranking(let strata):
      var (ordered, pairs) = (0.0, 0.0)
      for stratum in strata {
        var (start, below, above) = (0, 0.0, 0.0)
        for end in stratum.ends {
          var (positives, negatives) = (0.0, 0.0)
          for place in start...end {
            if stratum.positive[place] {
              positives += weights[stratum.rows[place]]
            } else {
              negatives += weights[stratum.rows[place]]
            }
          }
          ordered += positives * (below + negatives / 2)
          below += negatives
          above += positives
          start = end + 1
        }
        pairs += below * above
      }
      return pairs > 0 ? ordered / pairs : .nan
    }
  }
}

extension AttributeMeasures.Score {
  /// With the percentile interval of the finite draws, from the 2.5th to the 97.5th; none where the value is not finite.
  init(_ value: Double, draws: [Double], chance: Double? = nil) {
    let sorted = draws.filter(\.isFinite).sorted()
    let known = value.isFinite && sorted.count > 1
    self.init(
      value, lower: known ? quantile(0.025, ofSorted: sorted) : nil,
      upper: known ? quantile(0.975, ofSorted: sorted) : nil, chance: chance)
  }

  /// With value ± 1.96 standard deviations of the finite draws: for what resampling itself moves to one side, such as
  /// lengths and angles of noisy vectors.
  init(_ value: Double, spread draws: [Double], chance: Double? = nil) {
    let draws = draws.filter(\.isFinite)
    guard value.isFinite, draws.count > 1 else {
      self.init(value, chance: chance)
      return
    }
    let mean = draws.reduce(0, +) / Double(draws.count)
    let deviation = (draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(draws.count - 1)).squareRoot()
    self.init(value, lower: value - 1.96 * deviation, upper: value + 1.96 * deviation, chance: chance)
  }
}
