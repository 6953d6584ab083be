//  What every measure of one run starts from.

internal import ClassStatistics
internal import Torch

/// The features of both splits in float32, their moments by class, and in float64 the last layer.
struct RunFeatures {
  let train: LabelledFeatures
  let test: LabelledFeatures
  let trainMoments: FeatureMoments
  let testMoments: FeatureMoments
  /// W of z = W a + b, C×A.
  let weight: Tensor
  /// b, C numbers.
  let bias: Tensor
  let classNames: [String]

  init(train: LabelledFeatures, test: LabelledFeatures, weight: Tensor, bias: Tensor, classNames: [String]) {
    func moments(_ images: LabelledFeatures) -> FeatureMoments {
      FeatureMoments(features: images.features, labels: images.labels, classCount: classNames.count)
    }
    (self.train, self.test) = (train, test)
    (trainMoments, testMoments) = (moments(train), moments(test))
    (self.weight, self.bias, self.classNames) = (weight, bias, classNames)
  }
}
