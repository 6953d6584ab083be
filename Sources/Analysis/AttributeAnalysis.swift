//  All measures with attributes of one run, or of any features: the families stand in files of their own.

internal import ClassStatistics
internal import Images
public import Results
public import Torch

/// Every measure that needs attributes.
///
/// Probes, difference vectors for analogies and the additive model are fitted to one set of images and everything is
/// scored on the other.
///
/// Cost for N images of A features, C classes and F attributes: O(N A²) + O(N² A) for neighbours (at most 10⁴ images
/// each) + O(20 C A³) for rotated classes + O(400 N A F) for resamples and permutations.
/// - Parameters:
///   - fit: nil where only the attributes of `evaluation` are known; it is then halved.
///   - directions: u_k as rows, K×A, of each class that has any; what disentanglement is asked of, besides the K
///     leading directions of the pooled covariance within classes.
public func attributeMeasures(
  fit: AttributedFeatures?, evaluation: AttributedFeatures, classNames: [String],
  directions: [(classIndex: Int, directions: Tensor)] = [], resamples: Int = 200, seed: UInt64 = 0
) -> AttributeMeasures {
  let (fitted, scored) = fit.map { ($0, evaluation) } ?? evaluation.halves
  let columns = AttributeColumn.all(fitted, scored)
  let draws = Resamples(labels: scored.labels, count: resamples, seed: seed)
  let isEnough = fitted.count > 1 && scored.count > 1

  let probes = probes(of: columns, fit: fitted, evaluation: scored, resamples: draws, seed: seed)
  let (consistencies, cosines) = differenceVectors(
    of: scored, columns: columns, resamples: draws, permutations: 199, seed: seed)
  let generalizations =
    isEnough
    ? crossClassGeneralization(
      fit: fitted, evaluation: scored, columns: columns, resamples: draws, rotations: 19, seed: seed)
    : columns.map { _ in nil }
  return AttributeMeasures(
    classNames: classNames, fittedTo: fit == nil ? "half of the test images" : "training images",
    fittedImages: fitted.count, images: scored.count,
    attributes: columns.map { column in
      AttributeMeasures.Attribute(
        name: column.name, kind: column.kind, probe: probes[column.index], consistency: consistencies[column.index],
        generalization: generalizations[column.index],
        analogy: analogy(of: column, fit: fitted, evaluation: scored, resamples: resamples, seed: seed))
    },
    cosines: cosines,
    factorization: isEnough ? additiveFactorization(fit: fitted, evaluation: scored, resamples: draws) : nil,
    disentanglement: isEnough ? disentanglement(fit: fitted, evaluation: scored, along: directions, seed: seed) : [])
}

/// For the leading pooled directions, and for each class along its own.
private func disentanglement(
  fit: AttributedFeatures, evaluation: AttributedFeatures, along directions: [(classIndex: Int, directions: Tensor)],
  seed: UInt64
) -> [AttributeMeasures.Disentanglement] {
  func projected(_ set: AttributedFeatures, _ rows: [Int], _ directions: Tensor) -> AttributedFeatures {
    let part = set.rows(rows)
    return AttributedFeatures(
      features: part.features.matmul(directions.transposed), labels: part.labels, attributes: part.attributes)
  }
  let count = directions.map { $0.directions.shape[0] }.max() ?? 5
  let (fitWithin, within) = (fit.lessClassMeans, evaluation.lessClassMeans)
  let covariance = fitWithin.features.transposed.matmul(fitWithin.features) * (1 / Double(fit.count))
  let all = PrincipalDirections(covariance: covariance).directions
  let pooled = all.slice(0..<min(count, all.shape[0]))
  let ofAll = Analysis.disentanglement(
    fit: projected(fitWithin, Array(fit.labels.indices), pooled),
    evaluation: projected(within, Array(evaluation.labels.indices), pooled), seed: seed)
  let (fitRows, rows) = (
    Dictionary(grouping: fit.labels.indices) { fit.labels[$0] },
    Dictionary(grouping: evaluation.labels.indices) { evaluation.labels[$0] }
  )
  let ofClasses = directions.compactMap { label, directions -> AttributeMeasures.Disentanglement? in
    guard let fitRows = fitRows[label], let rows = rows[label], fitRows.count > 3 else { return nil }
    return Analysis.disentanglement(
      fit: projected(fit, fitRows, directions), evaluation: projected(evaluation, rows, directions),
      classIndex: label, seed: seed)
  }
  return [ofAll].compactMap(\.self) + ofClasses
}

extension AttributedFeatures {
  /// Features less the mean of their class; attributes as they are.
  fileprivate var lessClassMeans: AttributedFeatures {
    let classes = rowsByClass
    let means = Tensor.concatenated(
      classes.map { features.rows(Tensor($0.rows.map(Int64.init))).mean([0], keepingDimensions: true) })
    let places = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1.label, Int64($0)) })
    return AttributedFeatures(
      features: features - means.rows(Tensor(labels.map { places[$0] ?? 0 })), labels: labels, attributes: attributes)
  }
}

extension LabelledFeatures {
  func with(_ attributes: FactorTable) -> AttributedFeatures {
    AttributedFeatures(features: features, labels: labels, attributes: attributes)
  }
}
