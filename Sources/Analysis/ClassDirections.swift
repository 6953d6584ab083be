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

  init(index: Int, train: ClassMoments, test: ClassMoments) {
    self.index = index
    trainCount = train.counts[index]
    principal = PrincipalDirections(covariance: train.covariances.select(index))
    heldOutCovariance = test.covariances.select(index)
    heldOutMean = test.means.slice(index..<index + 1)
    spectrum = Spectrum(
      classIndex: index, count: trainCount, eigenvalues: principal.variances.array(),
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
