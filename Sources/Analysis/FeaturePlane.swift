//  All test features on the plane where they vary most.

internal import ClassStatistics
internal import Results
internal import Torch

/// The test images by their first two principal components over all classes, signs as `PrincipalDirections` fixes them.
func featureMap(of images: LabelledFeatures) -> FeatureMap {
  let moments = ClassMoments(classCount: 1, featureCount: images.features.shape[1], elementType: .float64)
  let features = images.features.to(.float64)
  moments.update(features: features, labels: Array(repeating: 0, count: images.labels.count))
  let principal = PrincipalDirections(covariance: moments.covariances.dense(0))
  let plane = (features - moments.means).matmul(principal.directions.slice(0..<2).transposed)
  let (x, y) = (plane.select(0, dimension: 1), plane.select(1, dimension: 1))
  let variances: [Double] = principal.variances.array()
  let total = variances.reduce(0, +)
  return FeatureMap(
    entries: zip(x.array(of: Double.self), y.array(of: Double.self)).enumerated().map { row, point in
      FeatureMap.Entry(
        image: ImageReference(.test, row), label: images.labels[row], predicted: images.predictions[row],
        x: point.0, y: point.1)
    },
    shares: variances.prefix(2).map { total > 0 ? $0 / total : 0 })
}
