//  The features of a split in double precision, beside what each image is and what the network takes it for.

internal import Networks
internal import Torch

struct LabelledFeatures {
  /// N×A, float64.
  let features: Tensor
  let labels: [Int]
  let predictions: [Int]

  init(features: Tensor, labels: [Int], predictions: [Int]) {
    (self.features, self.labels, self.predictions) = (features, labels, predictions)
  }

  init(_ extraction: Extraction) {
    self.init(
      features: extraction.features.to(.float64), labels: extraction.labels, predictions: extraction.predictions)
  }

  /// The features of a class, n×A, in the order of `rows(of:)`.
  func features(of classIndex: Int) -> Tensor {
    features.rows(Tensor(rows(of: classIndex).map(Int64.init)))
  }

  /// The rows of a class, rising.
  func rows(of classIndex: Int) -> [Int] {
    labels.indices.filter { labels[$0] == classIndex }
  }
}
