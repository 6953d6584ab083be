//  Margin budgets: logits change linearly with a step along a direction, so where the prediction changes has a closed
//  form.

internal import ClassStatistics
internal import Results
internal import Torch

extension MarginBudgets {
  /// Along the leading directions of each class. Cost O(n·C) for each direction.
  /// - Parameter leading: how many directions of each class.
  init(of run: RunFeatures, classes: [ClassDirections], leading count: Int) {
    self.init(
      classNames: run.classNames,
      classes: classes.compactMap { directions in
        let rows = run.test.rows(of: directions.index)
        let recognised = rows.filter { run.test.predictions[$0] == directions.index }
        guard !recognised.isEmpty, !directions.isEmpty else { return nil }
        let features = run.test.features(at: recognised)
        let logits = features.linear(run.weight, run.bias).array(of: Double.self)
        let leading = directions.leading(count)
        let slopes = leading.matmul(run.weight.transposed).array(of: Double.self)
        let sigmas = directions.heldOutVariances(along: leading).map { max($0, 0).squareRoot() }
        let width = run.classNames.count
        return Class(
          classIndex: directions.index, images: rows.count, recognised: recognised.count,
          directions: sigmas.enumerated().map { k, sigma in
            let rates = slopes[k * width..<(k + 1) * width].map { $0 * sigma }
            let budgets = (0..<recognised.count).map { image in
              marginBudget(logits: logits[image * width..<(image + 1) * width], rates: rates, label: directions.index)
            }
            return Direction(
              direction: k + 1, sigma: sigma, positive: Side(budgets.map(\.positive)),
              negative: Side(budgets.map(\.negative)), either: Side(budgets.map { min($0.positive, $0.negative) }),
              survivors: Intervals.share(
                budgets.count { min($0.positive, $0.negative) > 3 }, of: budgets.count))
          })
      })
  }
}

extension MarginBudgets.Side {
  fileprivate init(_ budgets: [Double]) {
    let sorted = budgets.sorted()
    self.init(
      median: Intervals.median(sorted), lowerQuartile: quantile(0.25, ofSorted: sorted),
      upperQuartile: quantile(0.75, ofSorted: sorted))
  }
}

/// The smallest t > 0 at which z + t r has another largest entry than `label`, and the smallest for z − t r: the least of
/// (z_y − z_j)/(r_j − r_y) over all j that gain on y. Infinite if none does.
/// - Parameters:
///   - logits: z, of an image that is recognised.
///   - rates: r = √variance · W u, what the logits gain per standard deviation.
func marginBudget(logits: ArraySlice<Double>, rates: [Double], label: Int) -> (positive: Double, negative: Double) {
  let base = logits.startIndex
  let own = logits[base + label]
  var (positive, negative) = (Double.infinity, Double.infinity)
  for (other, rate) in rates.enumerated() where other != label {
    let gain = rate - rates[label]
    let margin = own - logits[base + other]
    if gain > 0 { positive = min(positive, margin / gain) }
    if gain < 0 { negative = min(negative, margin / -gain) }
  }
  return (positive, negative)
}
