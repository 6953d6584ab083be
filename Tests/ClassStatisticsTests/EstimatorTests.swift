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
    let moments = FeatureMoments(features: rows, labels: Array(repeating: 1, count: reference.count), classCount: 2)
    let places = Tensor.range(reference.width)
    let identity = places.unsqueezed(0).equals(places.unsqueezed(1)).to(.float64)
    func error(_ estimator: CovarianceEstimator, _ expected: [Double]) -> Double {
      let adjustment = estimator.directions(of: 1, in: moments).adjustment
      let covariance = moments.covariance(1) * adjustment.factor + identity * adjustment.added
      return relativeError(covariance.array(), expected)
    }
    #expect(error(.biased, reference.biased) < 1e-13)
    #expect(error(.unbiased, reference.unbiased) < 1e-13)
    #expect(error(.ledoitWolf, reference.shrunk) < 1e-12)
    let shrinkage = CovarianceEstimator.ledoitWolf.directions(of: 1, in: moments).adjustment.shrinkage
    #expect(abs(shrinkage - reference.shrinkage) < 1e-12)
  }

  @Test(arguments: Reference.all) fileprivate func `variances and vectors are those of its matrix`(reference: Reference)
  {
    let rows = Tensor(reference.rows, shape: [reference.count, reference.width])
    let moments = FeatureMoments(features: rows, labels: Array(repeating: 1, count: reference.count), classCount: 2)
    for (estimator, matrix) in [
      (CovarianceEstimator.biased, reference.biased), (.unbiased, reference.unbiased), (.ledoitWolf, reference.shrunk),
    ] {
      let covariance = Tensor(matrix, shape: [reference.width, reference.width])
      let (variances, adjustment, principal) = estimator.directions(of: 1, in: moments)
      #expect(relativeError(variances, PrincipalDirections(covariance: covariance).variances.array()) < 1e-12)
      // Σ u = λ u for all that are found.
      let scales = principal.variances * adjustment.factor + adjustment.added
      let (found, expected) = (
        principal.directions.matmul(covariance), principal.directions * scales.unsqueezed(1)
      )
      #expect(relativeError(found.array(), expected.array()) < 1e-12)
      #expect(principal.directions.shape[0] == min(reference.width, reference.count - 1))
    }
  }

  @Test(arguments: CovarianceEstimator.allCases)
  func `a class of one image, or none, has no variance`(estimator: CovarianceEstimator) {
    let row = RandomGenerator(seed: 1, "row").normal([1, 4], .float64)
    let moments = FeatureMoments(features: row, labels: [0], classCount: 2)
    for label in 0..<2 {
      let (variances, adjustment, principal) = estimator.directions(of: label, in: moments)
      #expect(variances == [0, 0, 0, 0] && adjustment.shrinkage == 0 && principal.directions.shape == [0, 4])
    }
  }
}
