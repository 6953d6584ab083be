import TestSupport
import Testing
import Torch

@testable import ClassStatistics

@Suite("Moments of features in memory are those of the estimator that the loss keeps", .leavesNoTensors)
struct FeatureMomentsTests {
  /// Class 1 of four has no rows.
  private let labels = (0..<60).map { [0, 2, 3, 0, 0][$0 % 5] }
  private func features(_ width: Int = 7) -> Tensor {
    RandomGenerator(seed: 3, "features").normal([60, width], .float64)
      .matmul(RandomGenerator(seed: 3, "mix").normal([width, width], .float64)) + 5
  }

  @Test func `counts, means and covariances, to the last bit`() {
    let features = features()
    let found = FeatureMoments(features: features, labels: labels, classCount: 4)
    let expected = ClassMoments(classCount: 4, featureCount: 7, elementType: .float64)
    expected.update(features: features, labels: labels)
    #expect(found.counts == expected.counts)
    #expect(found.means.array(of: Double.self) == expected.means.array())
    for label in 0..<4 {
      #expect(found.covariance(label).array(of: Double.self) == expected.covariances.dense(label).array(), "\(label)")
    }
  }

  @Test func `variances and their sum are those of the covariance`() {
    let moments = FeatureMoments(features: features(), labels: labels, classCount: 4)
    let directions = RandomGenerator(seed: 4, "directions").normal([3, 7], .float64)
    for label in 0..<4 {
      let covariance = moments.covariance(label)
      let expected: [Double] = (directions.matmul(covariance) * directions).sum([1]).array()
      #expect(relativeError(moments.variances(along: directions, of: label), expected) < 1e-12)
      let trace = visibleVariance(of: covariance, in: covariance.slice(0..<0)).total
      #expect(abs(moments.totalVariance(label) - trace) <= 1e-12 * trace)
    }
    #expect(moments.totalVariance(1) == 0)
    let weighted = (0..<4).map { moments.covariance($0) * (moments.counts[$0] / 60) }
    #expect(relativeError(moments.withinClasses.array(), weighted.dropFirst().reduce(weighted[0], +).array()) < 1e-12)
  }

  @Test func `draws have the covariance of the class and no mean`() {
    let moments = FeatureMoments(features: features(), labels: labels, classCount: 4)
    let draws = moments.draws(200_000, of: 2, from: RandomGenerator(seed: 5, "draws"))
    let found = FeatureMoments(features: draws, labels: Array(repeating: 0, count: 200_000), classCount: 1)
    // Of 200,000 draws an entry is off by some √(2/200,000) of the largest variance.
    #expect(relativeError(found.covariance(0).array(), moments.covariance(2).array()) < 0.02)
    let deviation = moments.totalVariance(2).squareRoot()
    #expect(found.means.array(of: Double.self).allSatisfy { abs($0) < 0.01 * deviation })
  }

  @Test func `the nearest mean is the nearest, over more rows than one block`() {
    let features = RandomGenerator(seed: 6, "many").normal([5000, 3])
    let labels = (0..<5000).map { $0 % 3 == 0 ? 0 : 2 }
    let moments = FeatureMoments(features: features, labels: labels, classCount: 3)
    let means: [Double] = moments.means.array()
    let values: [Double] = features.to(.float64).array()
    func distance(_ row: Int, _ label: Int) -> Double {
      (0..<3).reduce(0) { sum, k in
        let difference = values[3 * row + k] - means[3 * label + k]
        return sum + difference * difference
      }
    }
    #expect(moments.nearestMean(among: [0, 2]) == (0..<5000).map { distance($0, 0) <= distance($0, 2) ? 0 : 2 })
  }
}
