import Foundation
import TestSupport
import Testing
import Torch

@testable import ClassStatistics

/// What Scripts/reference/covariance.py computed with scikit-learn.
private struct Reference: Decodable, CustomTestStringConvertible {
  let name: String
  let count, width: Int
  let rows, biased, unbiased, shrunk: [Double]
  let shrinkage: Double

  var testDescription: String { name }

  static let all: [Reference] = references("covariance", in: .module)
}

@Suite("Covariances for analysis are scikit-learn's", .leavesNoTensors)
struct EstimatorTests {
  @Test func `the reference is there`() {
    #expect(Reference.all.count == 3)
  }

  @Test(arguments: Reference.all) fileprivate func `biased, unbiased and shrunk`(reference: Reference) {
    let rows = Tensor(reference.rows, shape: [reference.count, reference.width])
    let moments = ClassMoments(classCount: 2, featureCount: reference.width, elementType: .float64)
    moments.update(features: rows, labels: Array(repeating: 1, count: reference.count))
    func error(_ estimator: CovarianceEstimator, _ expected: [Double]) -> Double {
      relativeError(estimator.covariance(of: 1, in: moments, rows: rows).covariance.array(), expected)
    }
    #expect(error(.biased, reference.biased) < 1e-13)
    #expect(error(.unbiased, reference.unbiased) < 1e-13)
    #expect(error(.ledoitWolf, reference.shrunk) < 1e-12)
    let shrinkage = CovarianceEstimator.ledoitWolf.covariance(of: 1, in: moments, rows: rows).shrinkage
    #expect(abs(shrinkage - reference.shrinkage) < 1e-12)
  }

  @Test(arguments: CovarianceEstimator.allCases)
  func `a class of one image, or none, has no variance`(estimator: CovarianceEstimator) {
    let row = RandomGenerator(seed: 1, "row").normal([1, 4], .float64)
    let moments = ClassMoments(classCount: 2, featureCount: 4, elementType: .float64)
    moments.update(features: row, labels: [0])
    for (label, rows) in [(0, row), (1, row.slice(0..<0))] {
      let (covariance, shrinkage) = estimator.covariance(of: label, in: moments, rows: rows)
      #expect(covariance.array(of: Double.self).allSatisfy { $0 == 0 })
      #expect(shrinkage == 0)
    }
  }
}
