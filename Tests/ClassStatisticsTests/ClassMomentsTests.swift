import TestSupport
import Testing
import Torch

@testable import ClassStatistics

@Suite("Class moments of a stream are those of the whole", .leavesNoTensors)
struct ClassMomentsTests {
  let labels = [0, 2, 0, 0, 2, 0, 2, 2]
  let features = RandomGenerator(seed: 1, "features").normal([8, 3], .float64)

  private func moments(cutAt cuts: [Int]) -> ClassMoments {
    let moments = ClassMoments(classCount: 3, featureCount: 3, elementType: .float64)
    for (start, end) in zip([0] + cuts, cuts + [8]) {
      moments.update(features: features.slice(start..<end), labels: Array(labels[start..<end]))
    }
    return moments
  }

  /// Mean and biased covariance of one class, from their definitions.
  private func definition(_ label: Int) -> (mean: [Double], covariance: [Double]) {
    let values = features.array(of: Double.self)
    let rows = labels.indices.filter { labels[$0] == label }.map { Array(values[3 * $0..<3 * $0 + 3]) }
    let n = Double(rows.count)
    let mean = (0..<3).map { (k: Int) -> Double in rows.map { $0[k] }.reduce(0, +) / n }
    let covariance = (0..<9).map { (index: Int) -> Double in
      let (i, j) = (index / 3, index % 3)
      let products = rows.map { (row: [Double]) -> Double in (row[i] - mean[i]) * (row[j] - mean[j]) }
      return products.reduce(0, +) / n
    }
    return (mean, covariance)
  }

  @Test func `an estimator goes on from what another has seen`() {
    let whole = moments(cutAt: [3])
    let rest = ClassMoments(classCount: 3, featureCount: 3, elementType: .float64)
    let part = ClassMoments(classCount: 3, featureCount: 3, elementType: .float64)
    part.update(features: features.slice(0..<3), labels: Array(labels[..<3]))
    rest.restore(
      counts: part.counts, means: part.means, covariances: part.covariances, errorBounds: part.errorBounds)
    rest.update(features: features.slice(3..<8), labels: Array(labels[3...]))
    #expect(rest.counts == whole.counts)
    #expect(rest.means.bytes == whole.means.bytes)
    for label in 0..<3 { #expect(rest.covariances.dense(label).bytes == whole.covariances.dense(label).bytes) }
    // Copied, not shared.
    #expect(part.counts == [2, 0, 1] && part.means.bytes != rest.means.bytes)
  }

  @Test func `every way of cutting the stream ends at the same moments`() {
    for mask in 0..<128 {
      let cuts = (1...7).filter { mask >> ($0 - 1) & 1 == 1 }
      let result = moments(cutAt: cuts)
      #expect(result.counts == [4, 0, 4])
      for label in [0, 2] {
        let (mean, covariance) = definition(label)
        #expect(relativeError(result.means.select(label).array(), mean) < 1e-13, "cut at \(cuts)")
        #expect(relativeError(result.covariances.dense(label).array(), covariance) < 1e-13, "cut at \(cuts)")
      }
    }
  }

  /// Widths that fill lines of the cache and that leave a rest; batches that the kernel takes and larger ones.
  @Test(arguments: [1, 3, 7, 8, 16, 21, 64], [(type: ElementType.float32, tolerance: 1e-6), (.float64, 1e-14)])
  func `features of any width`(width: Int, precision: (type: ElementType, tolerance: Double)) {
    for count in [1, 2, 5, 31, 32, 40] {
      let features = RandomGenerator(seed: 8, "features").normal([3 + count, width], .float64)
      let found = ClassMoments(classCount: 1, featureCount: width, elementType: precision.type)
      for rows in [0..<3, 3..<3 + count] {
        found.update(features: features.slice(rows).to(precision.type), labels: Array(repeating: 0, count: rows.count))
      }
      let centred = features - features.mean([0])
      let expected = centred.transposed.matmul(centred) * (1 / Double(3 + count))
      #expect(
        relativeError(found.covariances.dense(0).array(), expected.array()) < precision.tolerance, "\(count) rows")
    }
  }

  @Test func `a class that is not seen stays at zero, and a single row has no variance`() {
    let result = ClassMoments(classCount: 3, featureCount: 3, elementType: .float64)
    result.update(features: features.slice(0..<1), labels: [2])
    #expect(result.counts == [0, 0, 1])
    #expect((0..<3).allSatisfy { result.covariances.dense($0).array(of: Double.self).allSatisfy { $0 == 0 } })
    #expect(result.means.select(2).array(of: Double.self) == features.select(0).array())
  }

  @Test func `features far from zero lose no digits`() {
    let shifted = ClassMoments(classCount: 1, featureCount: 3, elementType: .float64)
    let plain = ClassMoments(classCount: 1, featureCount: 3, elementType: .float64)
    for row in 0..<8 {
      plain.update(features: features.slice(row..<row + 1), labels: [0])
      shifted.update(features: features.slice(row..<row + 1) + 1e6, labels: [0])
    }
    #expect(relativeError(shifted.covariances.dense(0).array(), plain.covariances.dense(0).array()) < 1e-8)
  }
}

@Suite("Principal directions are eigenvectors with a fixed sign", .leavesNoTensors)
struct PrincipalDirectionsTests {
  /// A covariance with known axes: rows of a rotation, lengths 5, 2 and 0.5.
  let axes: [[Double]] = [[2.0 / 3, -2.0 / 3, 1.0 / 3], [1.0 / 3, 2.0 / 3, 2.0 / 3], [-2.0 / 3, -1.0 / 3, 2.0 / 3]]

  @Test func `planted axes come back, largest component positive`() {
    let variances = [5.0, 2, 0.5]
    let covariance = (0..<9).map { (index: Int) -> Double in
      let terms = (0..<3).map { (k: Int) -> Double in variances[k] * axes[k][index / 3] * axes[k][index % 3] }
      return terms.reduce(0, +)
    }
    let principal = PrincipalDirections(covariance: Tensor(covariance, shape: [3, 3]))
    #expect(relativeError(principal.variances.array(), variances) < 1e-14)
    let found: [Double] = principal.directions.array()
    for k in 0..<3 {
      let direction = Array(found[3 * k..<3 * k + 3])
      let cosine = zip(direction, axes[k]).reduce(0) { $0 + $1.0 * $1.1 }
      #expect(abs(abs(cosine) - 1) < 1e-14)
      let largest = direction.max { abs($0) < abs($1) }
      #expect((largest ?? 0) > 0)
    }
  }

  @Test func `the sign does not depend on the input's precision or scale`() {
    let rows = RandomGenerator(seed: 3, "rows").normal([20, 6], .float64)
    let covariance = rows.transposed.matmul(rows)
    let first = PrincipalDirections(covariance: covariance).directions.array(of: Double.self)
    let scaled = PrincipalDirections(covariance: (covariance * 1e-3).to(.float32)).directions.array(of: Double.self)
    #expect(relativeError(scaled, first) < 1e-4)
  }

  @Test func `variances are never negative`() {
    let row = RandomGenerator(seed: 3, "row").normal([1, 6], .float64)
    let variances = PrincipalDirections(covariance: row.transposed.matmul(row)).variances.array(of: Double.self)
    #expect(variances.allSatisfy { $0 >= 0 })
    #expect(variances[1] < 1e-12)
  }
}
