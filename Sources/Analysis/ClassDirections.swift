//  One class's principal directions, from its training images, and how its test images vary along them.

internal import ClassStatistics
internal import Results
internal import Torch

struct ClassDirections {
  let index: Int
  let trainCount: Int
  let principal: PrincipalDirections
  /// Of the test images, A×A.
  let heldOutCovariance: Tensor
  /// Of the test images, 1×A.
  let heldOutMean: Tensor
  let spectrum: Spectrum

  /// - Parameter estimator: what the directions are taken from; held-out variances are of the biased covariance always.
  init(index: Int, of run: RunFeatures, estimator: CovarianceEstimator) {
    self.index = index
    trainCount = Int(run.trainMoments.counts[index])
    let (covariance, shrinkage) = estimator.covariance(
      of: index, in: run.trainMoments, rows: run.train.features(of: index))
    principal = PrincipalDirections(covariance: covariance)
    heldOutCovariance = run.testMoments.covariances.dense(index)
    heldOutMean = run.testMoments.means.slice(index..<index + 1)
    spectrum = Spectrum(
      classIndex: index, count: trainCount, shrinkage: shrinkage, eigenvalues: principal.variances.array(),
      heldOutVariances: ClassDirections.variances(along: principal.directions, of: heldOutCovariance))
  }

  /// uᵀ Σ u for the test images of the class, for each row u.
  func heldOutVariances(along directions: Tensor) -> [Double] {
    ClassDirections.variances(along: directions, of: heldOutCovariance)
  }

  /// u_k for the k leading directions, k×A.
  func leading(_ count: Int) -> Tensor {
    principal.directions.slice(0..<min(count, principal.directions.shape[0]))
  }

  private static func variances(along directions: Tensor, of covariance: Tensor) -> [Double] {
    (directions.matmul(covariance) * directions).sum([1]).array()
  }
}
