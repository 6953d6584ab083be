//  Analogies: a feature moved by the mean difference vector of an attribute should land on an image that has it. What a
//  random move finds, and what no move finds, stand beside it.

internal import Results
public import Torch

/// The rank, from 1, of the nearest target of each query among the candidates by Euclidean distance; nil where a query
/// has no target. The image that a query comes from is no candidate, because it would be found for small moves.
///
/// Cost: O(Q N A).
/// - Parameters:
///   - queries: Q×A.
///   - sources: the candidate that each query comes from.
///   - candidates: N×A.
///   - isTarget: whether a candidate (second) is what a query (first) should find.
public func targetRanks(
  of queries: Tensor, from sources: [Int], among candidates: Tensor, isTarget: (Int, Int) -> Bool
) -> [Int?] {
  let count = candidates.shape[0]
  let squares = (candidates * candidates).sum([1]).unsqueezed(0)
  var ranks: [Int?] = []
  for start in stride(from: 0, to: sources.count, by: 500) {
    let block = start..<min(start + 500, sources.count)
    let distances: [Double] = (squares - queries.slice(block).matmul(candidates.transposed) * 2).array()
    for query in block {
      let row = distances[(query - start) * count..<(query - start + 1) * count]
      var nearest = Double.infinity
      for (candidate, distance) in row.enumerated()
      where distance < nearest && candidate != sources[query] && isTarget(query, candidate) { nearest = distance }
      guard nearest.isFinite else {
        ranks.append(nil)
        continue
      }
      var rank = 1
      for (candidate, distance) in row.enumerated() where distance < nearest && candidate != sources[query] {
        rank += 1
      }
      ranks.append(rank)
    }
  }
  return ranks
}

/// The analogies of a binary attribute: queries are images without it, targets those of the same class with it. The
/// vector is the mean over classes of the mean feature with the attribute less that without, of images that are no
/// candidates. At most 300 queries, evenly spaced; the interval covers the choice of queries.
/// - Returns: nil if nothing has the attribute, or everything.
func analogy(
  of column: AttributeColumn, fit: AttributedFeatures, evaluation: AttributedFeatures, resamples: Int, seed: UInt64
) -> AttributeMeasures.Analogy? {
  guard column.kind == .binary, let vector = meanDifference(of: column, in: fit) else { return nil }
  let has = evaluation.column(column.index).map { $0 == column.positive }
  let classesWith = Set(evaluation.labels.indices.filter { has[$0] }.map { evaluation.labels[$0] })
  let all = evaluation.labels.indices.filter { !has[$0] && classesWith.contains(evaluation.labels[$0]) }
  let count = min(all.count, 300)
  guard count > 0 else { return nil }
  let sources = (0..<count).map { all[$0 * all.count / count] }

  let start = evaluation.features.rows(Tensor(sources.map(Int64.init)))
  let noise = RandomGenerator(seed: seed, "analogy control", column.index).normal(start.shape, .float64)
  let lengths = (noise * noise).sum([1], keepingDimensions: true).squareRoot
  let random = noise / lengths * (vector * vector).sum().squareRoot
  let weights = Resamples(labels: sources.map { _ in 0 }, count: resamples, seed: seed).weights
  func retrieval(_ queries: Tensor) -> AttributeMeasures.Analogy.Retrieval {
    let ranks = targetRanks(of: queries, from: sources, among: evaluation.features) { query, candidate in
      has[candidate] && evaluation.labels[candidate] == evaluation.labels[sources[query]]
    }.compactMap(\.self)
    func share(_ weights: [Double]?) -> Double {
      ranks.enumerated().reduce(0) { $0 + ($1.element == 1 ? weights?[$1.offset] ?? 1 : 0) } / Double(ranks.count)
    }
    return .init(
      first: .init(share(nil), draws: weights.map { share($0) }),
      firstTen: Double(ranks.count { $0 <= 10 }) / Double(ranks.count),
      reciprocalRank: ranks.reduce(0) { $0 + 1 / Double($1) } / Double(ranks.count))
  }
  return AttributeMeasures.Analogy(
    queries: count, shift: retrieval(start + vector), random: retrieval(start + random), nothing: retrieval(start))
}

/// The mean over classes of what the attribute adds to the mean feature, 1×A; nil if no class has both values.
private func meanDifference(of column: AttributeColumn, in set: AttributedFeatures) -> Tensor? {
  let has = set.column(column.index).map { $0 == column.positive }
  func mean(_ rows: [Int]) -> Tensor {
    set.features.rows(Tensor(rows.map(Int64.init))).mean([0], keepingDimensions: true)
  }
  let vectors = set.rowsByClass.compactMap { _, rows -> Tensor? in
    let (with, without) = (rows.filter { has[$0] }, rows.filter { !has[$0] })
    return with.isEmpty || without.isEmpty ? nil : mean(with) - mean(without)
  }
  return vectors.isEmpty ? nil : Tensor.concatenated(vectors).mean([0], keepingDimensions: true)
}
