//  The non-linear probe beside the linear one: what the nearest images have. It has no training that could fail and
//  comes out the same every time.

public import Torch

/// The mean target of the k nearest images in standardised features, k for each target by leaving each image out once.
///
/// Cost: O(R (R + M) A) for R reference images and M queries; memory 500·R.
public struct NeighbourRegression {
  /// Numbers of neighbours to choose from.
  public static let counts = [1, 3, 10, 30, 100]
  /// Of more images, so many are kept, evenly spaced.
  public static let mostReferences = 10_000

  /// k of each target.
  public private(set) var counts: [Int] = []
  private let candidates: [Int]
  private let targetCount: Int
  private let targets: [Double]
  private let references: Tensor
  private let standardization: Standardization

  /// - Parameters:
  ///   - features: N×A, float64, N > 1.
  ///   - targets: N×T, float64.
  public init(features: Tensor, targets: Tensor) {
    let all = features.shape[0]
    precondition(all > 1, "one image has no neighbour")
    let kept = min(all, Self.mostReferences)
    let rows = Tensor((0..<kept).map { Int64($0 * all / kept) })
    standardization = Standardization(features)
    references = standardization(features.rows(rows))
    self.targets = targets.rows(rows).array()
    targetCount = targets.shape[1]
    candidates = Self.counts.filter { $0 < kept }

    var errors = [Double](repeating: 0, count: candidates.count * targetCount)
    forEachQuery(references, areReferences: true) { query, candidate, means in
      for (target, mean) in means.enumerated() {
        let error = mean - self.targets[query * targetCount + target]
        errors[candidate * targetCount + target] += error * error
      }
    }
    counts = (0..<targetCount).map { target in
      let least = candidates.indices.min {
        (errors[$0 * targetCount + target], $0) < (errors[$1 * targetCount + target], $1)
      }
      return candidates[least ?? 0]
    }
  }

  /// The predictions for M features, by target.
  public func predictions(_ features: Tensor) -> [[Double]] {
    var results = [[Double]](repeating: [Double](repeating: 0, count: features.shape[0]), count: targetCount)
    forEachQuery(standardization(features), areReferences: false) { query, candidate, means in
      for target in 0..<targetCount where counts[target] == candidates[candidate] {
        results[target][query] = means[target]
      }
    }
    return results
  }

  /// Calls `body` with the mean targets of each query's nearest references, for every number of neighbours.
  private func forEachQuery(
    _ queries: Tensor, areReferences: Bool, _ body: (_ query: Int, _ candidate: Int, _ means: [Double]) -> Void
  ) {
    let count = queries.shape[0]
    let squares = (references * references).sum([1]).unsqueezed(0)
    // A reference is its own nearest one, and does not count.
    let wanted = (candidates.last ?? 0) + (areReferences ? 1 : 0)
    for start in stride(from: 0, to: count, by: 500) {
      let block = start..<min(start + 500, count)
      let products = queries.slice(block).matmul(references.transposed)
      let nearest: [Int64] = (squares - products * 2).smallest(wanted).places.array()
      for query in block {
        let own = areReferences ? query : -1
        let row = nearest[(query - block.lowerBound) * wanted..<(query - block.lowerBound + 1) * wanted]
        var sums = [Double](repeating: 0, count: targetCount)
        var (taken, candidate) = (0, 0)
        for neighbour in row.lazy.map({ Int($0) }) where neighbour != own && candidate < candidates.count {
          for target in 0..<targetCount { sums[target] += targets[neighbour * targetCount + target] }
          taken += 1
          if taken == candidates[candidate] {
            body(query, candidate, sums.map { $0 / Double(taken) })
            candidate += 1
          }
        }
      }
    }
  }
}
