//  Every known change of a sample of images, and what it does to their features.

internal import Images
internal import Results
internal import Torch

/// The equivariance ladder and the straightness of paths for all changes of `ImageTransform`.
///
/// The sample is at most `options.transformedImages` images of each split and, so that small sets take little time, not
/// more than a fifth of the split or 200 images, whichever is more. Intervals are over bootstrap samples of the test
/// images; how the models would differ with other training images they do not say.
///
/// Cost: 56 extractions (2 splits, 28 strengths) of the sample, and next to nothing beside them.
/// - Parameters:
///   - features: a set's features, N×A, float64.
///   - progress: called before each extraction with the name of the change, extractions done, and their total.
func equivarianceLadder(
  of dataset: Dataset, run: RunFeatures, options: AnalysisOptions, progress: (String, Int, Int) throws -> Void,
  features: (ImageSet) throws -> Tensor
) rethrows -> EquivarianceLadder {
  func sample(_ set: ImageSet, _ split: ImageReference.Split) -> [Int] {
    let size = min(set.count, options.transformedImages, max(set.count / 5, 200))
    let order = RandomGenerator(seed: options.seed, "transformed images", split.rawValue).permutation(set.count)
    return order.array(of: Int64.self).prefix(size).map(Int.init).sorted()
  }
  let (trainRows, testRows) = (sample(dataset.train, .train), sample(dataset.test, .test))
  guard trainRows.count > 1, testRows.count > 1 else {
    return EquivarianceLadder(trainCount: trainRows.count, testCount: testRows.count, transforms: [])
  }
  let (train, test) = (dataset.train.subset(trainRows), dataset.test.subset(testRows))
  let plainTrain = DecomposedFeatures(run.train.features(at: trainRows))
  let plainTest = run.test.features(at: testRows)
  let readout = Readout(weight: run.weight, bias: run.bias)
  let resampling = Resampling(
    of: testRows.count, generator: RandomGenerator(seed: options.seed, "transformed images", "bootstrap"))

  let total = 2 * ImageTransform.allCases.reduce(0) { $0 + $1.strengths.count }
  var done = 0
  let transforms = try ImageTransform.allCases.map { transform in
    func changed(_ set: ImageSet, _ split: ImageReference.Split) -> [ImageSet] {
      transform.strengths.map { strength in
        set.transformed(
          by: transform, strength: strength,
          generator: RandomGenerator(seed: options.seed, "noise of images", split.rawValue))
      }
    }
    func extract(_ sets: [ImageSet]) throws -> [Tensor] {
      try sets.map { set in
        try progress(transform.rawValue, done, total)
        done += 1
        return try features(set)
      }
    }
    let changedTest = changed(test, .test)
    let models = EquivarianceModels(
      strengths: transform.strengths, plain: plainTrain, transformed: try extract(changed(train, .train)))
    let transformed = try extract(changedTest)
    let scores = LadderScores(of: models, plain: plainTest, transformed: transformed, resampling: resampling)

    // A path leads through the unchanged image, where the strength is 0.
    let negative = transform.strengths.count { $0 < 0 }
    func path<Point>(_ changed: [Point], through plain: Point) -> [Point] {
      changed.prefix(negative) + [plain] + changed.suffix(from: negative)
    }
    var (featurePaths, pixelPaths) = (PathMeasures(), PathMeasures())
    featurePaths.append(path(transformed, through: plainTest))
    let sets = path(changedTest, through: test)
    for start in stride(from: 0, to: test.count, by: 250) {
      pixelPaths.append(sets.map { $0.values(start..<min(start + 250, test.count)) })
    }
    return EquivarianceLadder.Transform(
      name: transform.rawValue, unit: transform.unit,
      strengths: transform.strengths.enumerated().map { index, strength in
        EquivarianceLadder.Strength(
          strength: strength, rungs: scores.rungs([index]),
          shifts: shifts(from: plainTest, to: transformed[index], seenBy: readout, resampling: resampling))
      },
      pooled: scores.rungs(Array(transform.strengths.indices)),
      features: .init(featurePaths, resampling: resampling), pixels: .init(pixelPaths, resampling: resampling),
      straightening: resampling.mean(zip(featurePaths.curvature, pixelPaths.curvature).map { $0 - $1 }))
  }
  return EquivarianceLadder(trainCount: trainRows.count, testCount: testRows.count, transforms: transforms)
}

extension ImageSet {
  /// Pixels of some rows as float64, N×(H·W·3).
  fileprivate func values(_ rows: Range<Int>) -> Tensor {
    Tensor(pixels(of: rows), shape: [rows.count, width * height * 3]).to(.float64)
  }
}
