//  Which directions of each class are more than noise, how sure their sizes are, and whether halves of the images agree
//  on them. It needs nothing but features and labels, so it serves any network's.

internal import ClassStatistics
internal import Foundation
public import Results
public import Torch

/// How closely to look.
public struct SignificanceOptions: Sendable {
  /// Leading directions of each class.
  public var directions = 20
  /// α, the family-wise level of each class: at most this share of classes of pure noise shows any direction.
  public var level = 0.02
  /// Of the bootstrap.
  public var resamples = 400
  /// Random splits into halves.
  public var splits = 20
  /// Of all that is drawn. The same seed gives the same numbers.
  public var seed: UInt64 = 0

  public init() {}
}

/// Eigenvalues with intervals, significance, stability, kurtosis and visible shares of the leading directions of every
/// class, and the directions themselves.
///
///     let (measures, directions) = directionSignificance(of: features, labels: labels, classNames: ["cat", "dog"])
///     measures.classes[0].significantCount  // so many of the cats' directions stand out
///     directions[0]                         // K×A, one direction a row, in the order of measures.classes[0].directions
///
/// Classes are taken one after another, so beside the features (float32, or else as they are) a few copies of the largest
/// class's rows are held, one more for each thread, and two A×A matrices. The methods are those of `ClassSample`,
/// `BootstrapIntervals`, `NoiseFloor` and `SplitHalfStability`.
/// - Parameters:
///   - features: N×A, float32 or float64, finite.
///   - labels: the class of each row, an index into `classNames`.
///   - weight: W of the classifier z = W a + b, C×A, for the visible shares.
/// - Returns: the measures, a class each in the order of `classNames`, and for each class K×A unit vectors in float64.
public func directionSignificance(
  of features: Tensor, labels: [Int], classNames: [String], weight: Tensor? = nil,
  options: SignificanceOptions = SignificanceOptions()
) -> (measures: DirectionSignificance, directions: [Tensor]) {
  directionSignificance(
    of: features, labels: labels, classNames: classNames, weight: weight, options: options, progress: { _ in })
}

/// The same.
/// - Parameter progress: called before each class with its index.
func directionSignificance(
  of features: Tensor, labels: [Int], classNames: [String], weight: Tensor?, options: SignificanceOptions,
  progress: (Int) throws -> Void
) rethrows -> (measures: DirectionSignificance, directions: [Tensor]) {
  precondition(features.shape.first == labels.count, "features \(features.shape), \(labels.count) labels")
  let span = weight.map { classifierSpan(weight: $0.to(.float64)) }
  var rows = [[Int64]](repeating: [], count: classNames.count)
  for (row, label) in labels.enumerated() { rows[label].append(Int64(row)) }
  var classes: [DirectionSignificance.Class] = []
  var directions: [Tensor] = []
  for (index, name) in classNames.enumerated() {
    try progress(index)
    let (found, vectors) = withoutGradients {
      significance(of: features.rows(Tensor(rows[index])), index: index, name: name, span: span, options: options)
    }
    classes.append(found)
    directions.append(vectors)
  }
  return (
    DirectionSignificance(
      level: options.level, draws: NoiseFloor.draws(level: options.level), resamples: options.resamples,
      splits: options.splits, classes: classes),
    directions
  )
}

/// The measures of one class, and its directions.
private func significance(
  of rows: Tensor, index: Int, name: String, span: Tensor?, options: SignificanceOptions
) -> (DirectionSignificance.Class, Tensor) {
  func generator(_ purpose: String) -> RandomGenerator { RandomGenerator(seed: options.seed, purpose, index) }
  // Half as many again, which the bootstrap lets the reported ones mix with.
  let sample = ClassSample(rows, directions: options.directions * 3 / 2)
  let count = min(options.directions, sample.variances.count)
  let leading = sample.leading(count)
  let vectors = leading.principal.directions
  let variances = leading.variances

  let intervals = BootstrapIntervals(
    sample, count: count, resamples: options.resamples, generator: generator("bootstrap"))
  let floor = NoiseFloor(leading, level: options.level, generator: generator("noise floor"))
  let stability = SplitHalfStability(
    leading, groups: SplitHalfStability.closeGroups(variances, logErrors: intervals.logVarianceErrors),
    splits: options.splits, generator: generator("split halves"))
  let kurtosis = leading.excessKurtosis
  let visible: [Double]? = span.map { basis in
    let seen = vectors.matmul(basis.transposed)
    return (seen * seen).sum([1]).array()
  }

  let found = (0..<count).map { k in
    let share = sample.totalVariance > 0 ? variances[k] / sample.totalVariance : 0
    let eigenvalues = BootstrapIntervals.interval(variances[k], logError: intervals.logVarianceErrors[k])
    let shares = BootstrapIntervals.interval(share, logError: intervals.logShareErrors[k])
    let cosines = stability.cosines.map { $0[k] }.sorted()
    return DirectionSignificance.Direction(
      eigenvalue: variances[k], eigenvalueInterval: .init(eigenvalues.lowerBound, eigenvalues.upperBound),
      share: share, shareInterval: .init(shares.lowerBound, min(1, shares.upperBound)),
      noiseLevel: floor.levels[k], noiseMedian: floor.medians[k], pValue: floor.pValues[k],
      standsOut: k < floor.significantCount, excessKurtosis: kurtosis[k],
      cosine: cosines.isEmpty ? nil : cosines.reduce(0, +) / Double(cosines.count),
      cosineRange: cosines.isEmpty ? nil : .init(quantile(0.05, ofSorted: cosines), quantile(0.95, ofSorted: cosines)),
      firstOfGroup: stability.groups[k].lowerBound + 1, lastOfGroup: stability.groups[k].upperBound,
      overlap: cosines.isEmpty ? nil : stability.overlaps[k], visibleShare: visible?[k])
  }
  return (
    DirectionSignificance.Class(
      classIndex: index, name: name, count: sample.count, featureCount: rows.shape[1],
      totalVariance: sample.totalVariance, marchenkoPasturEdge: leading.noiseEdge(after: floor.significantCount),
      chanceCosine: SplitHalfStability.chanceCosine(width: rows.shape[1]), directions: found),
    vectors
  )
}
