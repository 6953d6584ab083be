//  The covariances that a run's loss kept, against the exact ones of its final network.

internal import ClassStatistics
internal import Foundation
internal import Results
internal import Storage
internal import Torch
internal import Training

extension CovarianceDrift {
  /// nil if the run kept no covariances.
  /// - Throws: `FileError` if its file is damaged or of another network.
  init?(of run: RunFeatures, kept file: URL, classes: [ClassDirections], leading count: Int) throws(FileError) {
    guard FileManager.default.fileExists(atPath: file.path) else { return nil }
    let stored = StoredMoments(try Safetensors(contentsOf: file).arrays)
    guard let stored, stored.means.shape == run.trainMoments.means.shape,
      stored.covariances.dense(0).shape == [run.trainMoments.featureCount, run.trainMoments.featureCount]
    else {
      throw .malformed(
        path: file.path, found: "no class moments, or those of another network",
        expected: "means of shape \(run.trainMoments.means.shape) with their counts and covariances")
    }
    self.init(
      of: run, counts: stored.counts, means: stored.means, covariances: stored.covariances, classes: classes,
      leading: count)
  }

  /// Classes that either side has not seen are left out.
  init(
    of run: RunFeatures, counts: [Double], means: Tensor, covariances: ClassCovariances, classes: [ClassDirections],
    leading count: Int
  ) {
    let width = run.weight.shape[1]
    func norm(_ matrix: Tensor) -> Double { (matrix * matrix).sum().squareRoot.item() }
    self.init(
      classNames: run.classNames, featureCount: width, directions: min(count, width),
      classes: classes.filter { !$0.isEmpty && counts[$0.index] > 0 }.map { directions in
        let label = directions.index
        let exact = run.trainMoments.covariance(label)
        let online = covariances.dense(label).to(.float64)
        let trace = visibleVariance(of: exact, in: exact.slice(0..<0)).total
        let leading = directions.leading(count)
        let kept = PrincipalDirections(covariance: online).directions.slice(0..<leading.shape[0])
        let products = leading.matmul(kept.transposed)
        let shift = norm(means.select(label).to(.float64) - run.trainMoments.means.select(label))
        let weights = run.weight - run.weight.select(label)
        func term(_ covariance: Tensor) -> Double { (weights.matmul(covariance) * weights).sum().item() }
        return Class(
          classIndex: label, count: counts[label], relativeError: norm(online - exact) / norm(exact),
          traceRatio: visibleVariance(of: online, in: online.slice(0..<0)).total / trace,
          cosine: (online * exact).sum().item(Double.self) / (norm(online) * norm(exact)),
          overlap: (products * products).sum().item(Double.self) / Double(products.shape[0]),
          meanShift: shift / trace.squareRoot(), termRatio: term(online) / term(exact))
      })
  }
}
