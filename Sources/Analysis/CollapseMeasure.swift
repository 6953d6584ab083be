//  Neural collapse at the end of a run, and what the classifier sees of the variance of each class.

internal import ClassStatistics
internal import Results
internal import Torch
internal import Training

extension CollapseReport {
  /// Both splits over all their images, which must not be empty.
  init(of run: RunFeatures) {
    let basis = classifierSpan(weight: run.weight)
    func measures(_ images: LabelledFeatures, _ moments: FeatureMoments) -> CollapseMeasures {
      CollapseMeasures(
        NeuralCollapse(moments: moments, predictions: images.predictions, weight: run.weight),
        images: images.predictions.count)
    }
    func classes(_ split: ImageReference.Split, _ moments: FeatureMoments) -> [Class] {
      let present = moments.counts.indices.filter { moments.counts[$0] > 0 }
      func mean(_ values: [Double]) -> Double { values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count) }
      return present.map { label in
        let centered = moments.centered(label)
        let seen = centered.matmul(basis.transposed)
        let all = (centered * centered).sum([1]).array(of: Double.self)
        let others = Tensor(present.filter { $0 != label }.map(Int64.init))
        let weights = run.weight.rows(others) - run.weight.select(label)
        let means = moments.means.rows(others) - moments.means.select(label)
        func lengths(_ rows: Tensor) -> [Double] { (rows * rows).sum([1]).squareRoot.array() }
        return Class(
          classIndex: label, split: split, images: all.count, variance: mean(all),
          visibleShare: Intervals.ratio((seen * seen).sum([1]).array(), to: all), meanDistance: mean(lengths(means)),
          weightDistance: mean(lengths(weights)),
          term: mean(moments.variances(along: weights, of: label)))
      }
    }
    self.init(
      classNames: run.classNames, featureCount: run.weight.shape[1], visibleDimensions: basis.shape[0],
      train: measures(run.train, run.trainMoments), test: measures(run.test, run.testMoments),
      classes: classes(.train, run.trainMoments) + classes(.test, run.testMoments))
  }
}
