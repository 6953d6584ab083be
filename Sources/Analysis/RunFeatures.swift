//  What every measure of one run starts from.

internal import ClassStatistics
internal import Torch

/// The features of both splits in float32, and in float64 their moments by class and the last layer.
struct RunFeatures {
  let train: LabelledFeatures
  let test: LabelledFeatures
  let trainMoments: ClassMoments
  let testMoments: ClassMoments
  /// W of z = W a + b, C×A.
  let weight: Tensor
  /// b, C numbers.
  let bias: Tensor
  let classNames: [String]

  init(train: LabelledFeatures, test: LabelledFeatures, weight: Tensor, bias: Tensor, classNames: [String]) {
    func moments(_ images: LabelledFeatures) -> ClassMoments {
      let moments = ClassMoments(
        classCount: classNames.count, featureCount: images.features.shape[1], elementType: .float64)
      // A class at a time, so that not all features are in float64 at once.
      for index in classNames.indices {
        let rows = images.features(of: index)
        guard rows.shape[0] > 0 else { continue }
        moments.update(features: rows, labels: Array(repeating: index, count: rows.shape[0]))
      }
      return moments
    }
    (self.train, self.test) = (train, test)
    (trainMoments, testMoments) = (moments(train), moments(test))
    (self.weight, self.bias, self.classNames) = (weight, bias, classNames)
  }
}
