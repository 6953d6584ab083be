//  The features of a split, beside what each image is and what the network takes it for. They stay float32, as the
//  network made them, because in float64 those of a large network would not fit beside what is computed from them;
//  whoever computes takes a class of them in float64.

internal import Networks
internal import Torch

struct LabelledFeatures {
  /// N×A, float32 as a network makes them.
  let features: Tensor
  let labels: [Int]
  let predictions: [Int]

  init(features: Tensor, labels: [Int], predictions: [Int]) {
    (self.features, self.labels, self.predictions) = (features, labels, predictions)
  }

  init(_ extraction: Extraction) {
    self.init(features: extraction.features, labels: extraction.labels, predictions: extraction.predictions)
  }

  /// The features of a class in float64, n×A, in the order of `rows(of:)`.
  func features(of classIndex: Int) -> Tensor {
    features(at: rows(of: classIndex))
  }

  /// The features of some images in float64, in the order given.
  func features(at rows: [Int]) -> Tensor {
    features.rows(Tensor(rows.map(Int64.init))).to(.float64)
  }

  /// The rows of a class, rising.
  func rows(of classIndex: Int) -> [Int] {
    labels.indices.filter { labels[$0] == classIndex }
  }
}
