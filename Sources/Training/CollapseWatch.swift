//  Neural collapse while a run goes on, from the test features that an epoch's evaluation leaves anyway and from a small
//  sample of training images: how much of what ISDA moves features by is left, epoch by epoch.

public import ClassStatistics
internal import Images
internal import Networks
public import Results
internal import Torch

/// Measures a network between epochs. It draws no random number of the run and moves nothing that the run depends on.
struct CollapseWatch {
  /// One of so many training images is looked at: with ResNets, which are trained on 940 images a second and evaluated
  /// on 2,100, that costs an epoch 2.3 %. Of small classes at least `leastOfClass`, so that there is a variance.
  static let spacing = 20
  static let leastOfClass = 10

  private let sample: any BatchSource

  /// - Parameters:
  ///   - seed: which training images; the same for both arms of a comparison.
  ///   - device: of the networks that are measured.
  init(_ dataset: Dataset, seed: UInt64, device: Device) {
    let set = dataset.train
    let order = RandomGenerator(seed: seed, "collapse").permutation(set.count).array(of: Int64.self).map(Int.init)
    let groups = RowsByClass(order.map { set.labels[$0] }, classCount: dataset.classNames.count)
    let rows = groups.present.flatMap { group in
      groups.order[group.rows].prefix(max(group.rows.count / Self.spacing, Self.leastOfClass)).map { order[$0] }
    }.sorted()
    sample = set.subset(rows).batches(
      size: Extraction.batchSize(on: device), normalization: dataset.normalization, device: device)
  }

  /// nil where features are not finite.
  /// - Throws: `FileError` for an image that no longer decodes.
  func measure(_ network: any Network, test: Extraction) throws -> EpochCollapse? {
    try withoutGradients {
      let weight = network.classifier.weight.detached.to(.cpu).to(.float64)
      func measures(_ extraction: Extraction) -> CollapseMeasures? {
        guard extraction.features.isFinite, weight.isFinite else { return nil }
        return CollapseMeasures(
          NeuralCollapse(
            moments: FeatureMoments(
              features: extraction.features, labels: extraction.labels, classCount: weight.shape[0]),
            predictions: extraction.predictions, weight: weight), images: extraction.predictions.count)
      }
      guard let ofTest = measures(test), let ofTrain = measures(try Extraction(of: sample, by: network)) else {
        return nil
      }
      return EpochCollapse(train: ofTrain, test: ofTest)
    }
  }
}

extension CollapseMeasures {
  /// `NeuralCollapse` as plain numbers.
  public init(_ collapse: NeuralCollapse, images: Int) {
    self.init(
      images: images, nc1: collapse.nc1, traceRatio: collapse.traceRatio, cdnv: collapse.cdnv,
      frameError: collapse.frameError, equinorm: collapse.equinorm, equiangularity: collapse.equiangularity,
      dualityError: collapse.dualityError, nearestMeanAgreement: collapse.nearestMeanAgreement,
      visibleShare: collapse.visibleShare, withinTrace: collapse.withinTrace, meanDistance: collapse.meanDistance,
      weightDistance: collapse.weightDistance, term: collapse.term, alignment: collapse.alignment,
      marginVariance: collapse.marginVariance)
  }
}
