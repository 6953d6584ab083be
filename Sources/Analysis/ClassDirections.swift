//  One class's principal directions, from its training images, and how its test images vary along them.

internal import ClassStatistics
internal import Results
internal import Torch

struct ClassDirections {
  let index: Int
  let trainCount: Int
  /// The leading ones, at most `kept`; fewer where the class has fewer images.
  let principal: PrincipalDirections
  /// A random direction, drawn evenly from what the class spans but for its noise: the eigenvectors that hold 99 % of its
  /// variance. nil where that is a single one, which would be no control of itself.
  let control: Tensor?
  /// Of the test images, 1×A.
  let heldOutMean: Tensor
  let spectrum: Spectrum
  private let train: FeatureMoments
  private let test: FeatureMoments
  private let adjustment: CovarianceEstimator.Adjustment

  /// Vectors of a class that are kept: all of 1000 classes of 2048 features would take 34 GB.
  static let kept = 64

  /// - Parameter options: the estimator is what the directions are taken from, held-out variances are of the biased
  ///   covariance always; the seed is that of the random direction.
  init(index: Int, of run: RunFeatures, options: AnalysisOptions) {
    self.index = index
    (train, test) = (run.trainMoments, run.testMoments)
    trainCount = Int(train.counts[index])
    let (eigenvalues, adjustment, all) = options.estimator.directions(of: index, in: train)
    self.adjustment = adjustment
    principal = all.copy(leading: Self.kept)
    heldOutMean = test.means.slice(index..<index + 1)

    // Where training images do not vary any basis is as good as another: each direction gets the mean of what is left.
    var heldOut = test.variances(along: all.directions, of: index)
    let others = eigenvalues.count - heldOut.count
    if others > 0 {
      let rest = max(test.totalVariance(index) - heldOut.reduce(0, +), 0)
      heldOut += Array(repeating: rest / Double(others), count: others)
    }
    spectrum = Spectrum(
      classIndex: index, count: trainCount, shrinkage: adjustment.shrinkage, eigenvalues: eigenvalues,
      heldOutVariances: heldOut)
    let within = min(spectrum.cumulativeShares.prefix { $0 < 0.99 }.count + 1, all.directions.shape[0])
    control =
      within < 2
      ? nil
      : FeatureDirections.random(
        in: all.directions.slice(0..<within), RandomGenerator(seed: options.seed, "control direction", index))
  }

  /// uᵀ Σ u for each row u, Σ being the covariance that the directions were taken from.
  func variances(along directions: Tensor) -> [Double] {
    train.variances(along: directions, of: index).map { adjustment($0) }
  }

  /// uᵀ Σ u for the test images of the class, for each row u.
  func heldOutVariances(along directions: Tensor) -> [Double] {
    test.variances(along: directions, of: index)
  }

  /// Whether there is no direction, because the class has fewer than two training images, or all at one place.
  var isEmpty: Bool { principal.directions.shape[0] == 0 }

  /// u_k for the k leading directions, k×A.
  func leading(_ count: Int) -> Tensor {
    principal.directions.slice(0..<min(count, principal.directions.shape[0]))
  }
}
