//  Whether one direction is one attribute: the usual scores of disentangled representations, asked of the projections on
//  directions (not of single features, which no training has reason to align with anything).

internal import Foundation
public import Results
internal import Torch

/// Disentanglement and completeness (Eastwood and Williams 2018) of an importance matrix.
///
/// D = Σ_i ρ_i (1 − H_F(P_i)), P_ij = R_ij / Σ_j R_ij, H in base F, ρ_i = Σ_j R_ij / Σ R: each direction is important
/// for one attribute. C the same with directions and attributes exchanged. Both 0 where nothing is important.
/// - Parameter importance: R ≥ 0, `importance[direction][attribute]`.
public func disentanglementAndCompleteness(_ importance: [[Double]]) -> (Double, Double) {
  func score(_ rows: [[Double]]) -> Double {
    let total = rows.joined().reduce(0, +)
    guard total > 0, let width = rows.first?.count, width > 1 else { return 0 }
    return rows.reduce(0) { sum, row in
      let rowTotal = row.reduce(0, +)
      guard rowTotal > 0 else { return sum }
      let entropy = row.reduce(0) { $1 > 0 ? $0 - $1 / rowTotal * log($1 / rowTotal) : $0 } / log(Double(width))
      return sum + rowTotal / total * (1 - entropy)
    }
  }
  let columns = (importance.first ?? []).indices.map { column in importance.map { $0[column] } }
  return (score(importance), score(columns))
}

/// Numbers in `bins` bins of equal width between the least and the largest; two values are two bins.
public func discretized(_ values: [Double], bins: Int) -> [Int] {
  guard let least = values.min(), let largest = values.max(), largest > least else {
    return [Int](repeating: 0, count: values.count)
  }
  return values.map { min(bins - 1, Int(($0 - least) / (largest - least) * Double(bins))) }
}

/// I(x; y) in nats of two lists of bins, from their joint counts.
public func mutualInformation(_ x: [Int], _ y: [Int]) -> Double {
  let (width, height) = ((x.max() ?? 0) + 1, (y.max() ?? 0) + 1)
  var joint = [Double](repeating: 0, count: width * height)
  for (a, b) in zip(x, y) { joint[a * height + b] += 1 }
  let total = Double(max(x.count, 1))
  var (marginalX, marginalY) = ([Double](repeating: 0, count: width), [Double](repeating: 0, count: height))
  for a in 0..<width {
    for b in 0..<height {
      marginalX[a] += joint[a * height + b]
      marginalY[b] += joint[a * height + b]
    }
  }
  var information = 0.0
  for a in 0..<width {
    for b in 0..<height where joint[a * height + b] > 0 {
      let count = joint[a * height + b]
      information += count / total * log(count * total / (marginalX[a] * marginalY[b]))
    }
  }
  return information
}

/// MIG (Chen et al. 2018): the mean over attributes of (I of the direction that tells most − I of the next) / H.
/// - Parameters:
///   - information: `information[direction][attribute]`, at least two directions.
///   - entropies: H of each attribute; attributes with none are left out.
public func mutualInformationGap(_ information: [[Double]], entropies: [Double]) -> Double {
  let gaps = entropies.enumerated().compactMap { attribute, entropy -> Double? in
    entropy > 0 ? topGap(information.map { $0[attribute] }) / entropy : nil
  }
  return gaps.isEmpty ? 0 : gaps.reduce(0, +) / Double(gaps.count)
}

/// SAP (Kumar et al. 2018): the mean over attributes of the gap between the two largest squared correlations, for yes
/// and no as for numbers.
/// - Parameter squaredCorrelations: `[direction][attribute]`, at least two directions.
public func separatedAttributePredictability(_ squaredCorrelations: [[Double]]) -> Double {
  guard let width = squaredCorrelations.first?.count, width > 0 else { return 0 }
  let gaps = (0..<width).map { attribute in topGap(squaredCorrelations.map { $0[attribute] }) }
  return gaps.reduce(0, +) / Double(width)
}

/// Modularity (Ridgeway and Mozer 2018): the mean over directions of 1 − (Σ_j I_ij² − max) / (max (F − 1)), max the
/// largest I_ij²; 0 for a direction without information.
public func modularity(_ information: [[Double]]) -> Double {
  guard let width = information.first?.count, width > 1 else { return 0 }
  let scores = information.map { row -> Double in
    let squares = row.map { $0 * $0 }
    guard let largest = squares.max(), largest > 0 else { return 0 }
    return 1 - (squares.reduce(0, +) - largest) / (largest * Double(width - 1))
  }
  return scores.reduce(0, +) / Double(scores.count)
}

private func topGap(_ values: [Double]) -> Double {
  let sorted = values.sorted(by: >)
  return sorted.count > 1 ? sorted[0] - sorted[1] : 0
}

/// All scores of some directions and attributes.
///
/// Importance is |β| of a ridge regression (penalty 0.01 N) of each standardised attribute on the standardised
/// projections: the linear one of the DCI paper, with a square in place of its absolute penalty, so that no tuning is
/// left to chance; gradient-boosted trees, as disentanglement_lib has them, would credit curves too. Informativeness is
/// the mean R² of these regressions on held-out images, explicitness their mean area under the ROC curve for binary
/// attributes (Ridgeway and Mozer take logistic regression). Mutual information is of ∛N bins of equal width (2 to
/// 20; disentanglement_lib has always 20, which for a few hundred images measures noise).
///
/// Chance: the 95th percentile over random pairings of images and attributes; none of the scores is 0 by chance.
///
/// Cost: O((1 + permutations) N K (K + F)).
/// - Parameters:
///   - fit: K projections of each image as features, to fit the regressions.
///   - evaluation: the same of the images that are scored.
/// - Returns: nil with fewer than two directions or attributes that vary, or fewer than four images to score.
public func disentanglement(
  fit: AttributedFeatures, evaluation: AttributedFeatures, classIndex: Int? = nil, permutations: Int = 49,
  seed: UInt64 = 0
) -> AttributeMeasures.Disentanglement? {
  let columns = AttributeColumn.all(fit, evaluation).filter { column in
    [fit, evaluation].allSatisfy { Set($0.column(column.index)).count > 1 }
  }
  guard evaluation.count > 3, columns.count > 1, evaluation.features.shape[1] > 1 else { return nil }
  let form = Disentangling(fit: fit, evaluation: evaluation, columns: columns)
  let identity = (Tensor.range(fit.count), Tensor.range(evaluation.count))
  let observed = form.scores(identity)
  let generator = RandomGenerator(seed: seed, "disentanglement", classIndex ?? -1)
  let null = (0..<permutations).map { _ in
    form.scores((generator.permutation(fit.count), generator.permutation(evaluation.count)))
  }
  func score(_ measure: KeyPath<Disentangling.Scores, Double>) -> AttributeMeasures.Score {
    .init(
      observed[keyPath: measure],
      chance: null.isEmpty ? nil : quantile(0.95, ofSorted: null.map { $0[keyPath: measure] }.sorted()))
  }
  return AttributeMeasures.Disentanglement(
    classIndex: classIndex, images: evaluation.count, directions: evaluation.features.shape[1],
    attributes: columns.count, disentanglement: score(\.disentanglement), completeness: score(\.completeness),
    informativeness: score(\.informativeness), mutualInformationGap: score(\.mutualInformationGap),
    separatedAttributePredictability: score(\.predictability), modularity: score(\.modularity),
    explicitness: columns.contains { $0.kind == .binary } ? score(\.explicitness) : nil)
}

/// What stays the same when images and attributes are paired anew.
private struct Disentangling {
  struct Scores {
    var disentanglement, completeness, informativeness, mutualInformationGap, predictability, modularity: Double
    var explicitness: Double
  }

  let columns: [AttributeColumn]
  let fitCodes, codes: Tensor
  /// Of the attributes that vary, standardised by the images that are fitted to.
  let fitAttributes, attributes: Tensor
  let standardizedCodes: Tensor
  let standardizedAttributes: Tensor
  let binnedCodes: [[Int]]
  let binnedAttributes: [[Int]]

  init(fit: AttributedFeatures, evaluation: AttributedFeatures, columns: [AttributeColumn]) {
    self.columns = columns
    (fitCodes, codes) = (fit.features, evaluation.features)
    let varying = Tensor(columns.map { Int64($0.index) })
    let standardization = Standardization(fit.table.rows(varying, dimension: 1))
    fitAttributes = standardization(fit.table.rows(varying, dimension: 1))
    attributes = standardization(evaluation.table.rows(varying, dimension: 1))
    standardizedCodes = Standardization(codes)(codes)
    standardizedAttributes = Standardization(attributes)(attributes)
    let bins = min(20, max(2, Int(cbrt(Double(evaluation.count)).rounded())))
    binnedCodes = columnsOf(codes).map { discretized($0, bins: bins) }
    binnedAttributes = columns.map {
      discretized(evaluation.column($0.index), bins: $0.kind == .binary ? 2 : bins)
    }
  }

  func scores(_ pairing: (fit: Tensor, evaluation: Tensor)) -> Scores {
    let model = RidgeRegression(
      features: fitCodes, targets: fitAttributes.rows(pairing.fit), penalties: [0.01])
    let (truth, predictions) = (columnsOf(attributes.rows(pairing.evaluation)), columnsOf(model.predictions(codes)))
    let importance = columnsOf(model.coefficients.transposed).map { $0.map(abs) }
    let (disentanglement, completeness) = disentanglementAndCompleteness(importance)
    let determinations = zip(truth, predictions).map {
      HeldOutScore.determination(truth: $0, prediction: $1).value
    }
    let areas = columns.indices.filter { columns[$0].kind == .binary }.map { column in
      let largest = truth[column].max() ?? 0
      return HeldOutScore.ranking(positive: truth[column].map { $0 == largest }, prediction: predictions[column]).value
    }
    let order = pairing.evaluation.array(of: Int64.self).map(Int.init)
    let binned = binnedAttributes.map { bins in order.map { bins[$0] } }
    let information = binnedCodes.map { code in binned.map { mutualInformation(code, $0) } }
    let correlations =
      standardizedCodes.transposed.matmul(standardizedAttributes.rows(pairing.evaluation))
      * (1 / Double(order.count))
    return Scores(
      disentanglement: disentanglement, completeness: completeness,
      informativeness: determinations.reduce(0, +) / Double(determinations.count),
      mutualInformationGap: Analysis.mutualInformationGap(
        information, entropies: binned.map { mutualInformation($0, $0) }),
      predictability: separatedAttributePredictability(columnsOf((correlations * correlations).transposed)),
      modularity: Analysis.modularity(information),
      explicitness: areas.isEmpty ? .nan : areas.reduce(0, +) / Double(areas.count))
  }
}
