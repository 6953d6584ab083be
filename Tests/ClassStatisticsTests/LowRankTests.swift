import TestSupport
import Testing
import Torch

@testable import ClassStatistics

@Suite("A low-rank covariance keeps its directions and its trace", .leavesNoTensors)
struct LowRankTests {
  /// Batches of two classes whose features vary in `rank` of 24 dimensions, with falling variances.
  private func stream(rank: Int, type: ElementType) -> [(features: Tensor, labels: [Int])] {
    let generator = RandomGenerator(seed: 21, "stream", rank)
    let spread = Tensor((0..<rank).map { 3 / Double(1 + $0) }).to(type)
    let mixing = generator.normal([2, rank, 24], type)
    let centers = generator.normal([2, 24], type)
    return (0..<12).map { batch in
      let labels = (0..<9).map { ($0 * 7 + batch * 5) % 3 == 0 ? 1 : 0 }
      let rows = labels.map { label in
        (generator.normal([1, rank], type) * spread).matmul(mixing.select(label)) + centers.select(label)
      }
      return (Tensor.concatenated(rows), labels)
    }
  }

  private func moments(_ form: ClassMoments.Form, rank: Int, type: ElementType) -> ClassMoments {
    let moments = ClassMoments(classCount: 2, featureCount: 24, form: form, elementType: type)
    for (features, labels) in stream(rank: rank, type: type) { moments.update(features: features, labels: labels) }
    return moments
  }

  private func trace(_ matrix: Tensor) -> Double {
    let values = matrix.array(of: Double.self)
    return (0..<24).reduce(0) { $0 + values[25 * $1] }
  }

  @Test(arguments: [3, 6]) func `features of rank R or less have the full covariance`(rank: Int) {
    let full = moments(.full, rank: 3, type: .float32)
    let low = moments(.lowRank(rank), rank: 3, type: .float32)
    for label in 0..<2 {
      let (found, expected) = (low.covariances.dense(label), full.covariances.dense(label))
      #expect(relativeError(found.array(), expected.array()) < 1e-5)
    }
    #expect(low.errorBounds.allSatisfy { $0 < 1e-5 })
  }

  @Test(arguments: [1, 2, 5, 30]) func `otherwise the trace is kept, and the error is within its bound`(rank: Int) {
    let full = moments(.full, rank: 12, type: .float64)
    let low = moments(.lowRank(rank), rank: 12, type: .float64)
    for label in 0..<2 {
      let (found, expected) = (low.covariances.dense(label), full.covariances.dense(label))
      #expect(abs(trace(found) / trace(expected) - 1) < 1e-12)
      let values = (found - expected).symmetricEigen().values.array(of: Double.self)
      let error = values.map(abs).max() ?? .infinity
      let bound = low.errorBounds[label]
      #expect(error <= bound * (1 + 1e-9) + 1e-12, "rank \(rank): \(error) > \(bound)")
      if rank < 12 {
        // A bound that says something: it is below what cutting everything would give, and not far above the error.
        #expect(bound < trace(expected) && bound < 20 * error)
      }
    }
  }

  @Test func `the kept rows are orthogonal, longest first`() throws {
    let factors = try #require(moments(.lowRank(5), rank: 12, type: .float64).covariances.factors).select(0)
    let gram = factors.matmul(factors.transposed).array(of: Double.self)
    let squares = (0..<5).map { gram[6 * $0] }
    #expect(squares == squares.sorted(by: >))
    for index in 0..<25 where index % 6 != 0 { #expect(abs(gram[index]) < 1e-10 * squares[0]) }
  }
}
