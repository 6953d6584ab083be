//  Whether a probe that has never seen a class reads the attribute in it: cross-condition generalisation, with classes
//  as conditions.

internal import ClassStatistics
public import Results
internal import Torch

/// Linear probes of every attribute within classes, fitted to all of them or to all but the one that is scored.
///
/// Features and attributes have the means of their class taken off, so what is asked of a probe is a direction and a
/// scale, not where a class lies. Ridge regression; each attribute keeps the penalty that leave-one-out chose for all
/// classes together. Scored by R² of what is left of the attribute, or by the area under the ROC curve over pairs of
/// images of the same class (the cross-condition generalisation performance of Bernardi et al. 2020, with areas
/// instead of accuracies). Intervals: percentiles over resamples of the test images.
///
/// Chance: every class's cloud of features turned by a random rotation of its own, which leaves the attribute as
/// readable within each class and takes away what classes share; the 95th percentile of the draws.
///
/// Cost: O((1 + draws) C A³ + N A²).
/// - Returns: one for each attribute; nil where it varies within fewer than two classes.
public func crossClassGeneralization(
  fit: AttributedFeatures, evaluation: AttributedFeatures, resamples: Int = 200, rotations: Int = 19, seed: UInt64 = 0
) -> [AttributeMeasures.Generalization?] {
  crossClassGeneralization(
    fit: fit, evaluation: evaluation, columns: AttributeColumn.all(fit, evaluation),
    resamples: Resamples(labels: evaluation.labels, count: resamples, seed: seed), rotations: rotations, seed: seed)
}

func crossClassGeneralization(
  fit: AttributedFeatures, evaluation: AttributedFeatures, columns: [AttributeColumn], resamples: Resamples,
  rotations: Int, seed: UInt64
) -> [AttributeMeasures.Generalization?] {
  let clouds = ClassClouds(fit: fit, evaluation: evaluation)
  guard clouds.classes.count > 1 else { return columns.map { _ in nil } }
  let ridge = RidgeRegression(
    features: .concatenated(clouds.classes.map(\.fitFeatures)),
    targets: .concatenated(clouds.classes.map(\.fitAttributes)))
  let width = fit.features.shape[1]

  let order = clouds.classes.flatMap(\.rows)
  /// Values that stand class by class, back in the order of the images.
  func inOrder(_ parts: [Tensor]) -> [[Double]] {
    columnsOf(.concatenated(parts)).map { values in
      var result = [Double](repeating: 0, count: evaluation.count)
      for (row, value) in zip(order, values) { result[row] = value }
      return result
    }
  }
  let within = inOrder(clouds.classes.map { ridge.predictions($0.features) })
  let across = inOrder(clouds.leftOutPredictions(penalties: ridge.penalties))
  let null = (0..<rotations).map { draw in
    let generator = RandomGenerator(seed: seed, "rotations", draw)
    let turned = clouds.classes.map { $0.turned(by: rotation(width, generator)) }
    return inOrder(ClassClouds(turned).leftOutPredictions(penalties: ridge.penalties))
  }
  let truth = inOrder(clouds.classes.map(\.attributes))
  let strata = clouds.classes.map(\.rows)

  return columns.map { column in
    let values = evaluation.column(column.index)
    let varying = strata.count { rows in Set(rows.map { values[$0] }).count > 1 }
    guard varying > 1 else { return nil }
    func scored(_ predictions: [[Double]]) -> HeldOutScore {
      switch column.kind {
      case .continuous: .determination(truth: truth[column.index], prediction: predictions[column.index])
      case .binary:
        .ranking(
          positive: values.map { $0 == column.positive }, prediction: predictions[column.index], strata: strata)
      }
    }
    let (whole, apart) = (scored(within), scored(across))
    guard whole.value.isFinite, apart.value.isFinite else { return nil }
    let chances = null.map { scored($0).value }.filter(\.isFinite).sorted()
    return AttributeMeasures.Generalization(
      within: whole.score(resamples),
      across: .init(
        apart.value, draws: apart.draws(resamples), chance: chances.isEmpty ? nil : quantile(0.95, ofSorted: chances)))
  }
}

/// A random rotation (or reflection): the eigenvectors of a symmetric matrix of Gaussian noise, with random signs, have
/// no direction that they prefer.
private func rotation(_ size: Int, _ generator: RandomGenerator) -> Tensor {
  let noise = generator.normal([size, size], .float64)
  let signs = generator.integers(in: 0..<2, [size, 1]).to(.float64) * 2 - 1
  return (noise + noise.transposed).symmetricEigen().vectors * signs
}

/// Every class's features and attributes around their means, features on one scale.
private struct ClassClouds {
  struct Cloud {
    /// Of the images that are scored.
    let rows: [Int]
    let features: Tensor
    let attributes: Tensor
    let fitFeatures: Tensor
    let fitAttributes: Tensor
    let gram: Tensor
    let products: Tensor

    init(rows: [Int], features: Tensor, attributes: Tensor, fitFeatures: Tensor, fitAttributes: Tensor) {
      (self.rows, self.features, self.attributes) = (rows, features, attributes)
      (self.fitFeatures, self.fitAttributes) = (fitFeatures, fitAttributes)
      gram = fitFeatures.transposed.matmul(fitFeatures)
      products = fitFeatures.transposed.matmul(fitAttributes)
    }

    func turned(by rotation: Tensor) -> Cloud {
      Cloud(
        rows: rows, features: features.matmul(rotation), attributes: attributes,
        fitFeatures: fitFeatures.matmul(rotation), fitAttributes: fitAttributes)
    }
  }

  let classes: [Cloud]

  init(_ classes: [Cloud]) { self.classes = classes }

  /// The classes that have images to score.
  init(fit: AttributedFeatures, evaluation: AttributedFeatures) {
    func centered(_ rows: Tensor) -> Tensor {
      rows.shape[0] == 0 ? rows : rows - rows.mean([0], keepingDimensions: true)
    }
    let fitRows = Dictionary(uniqueKeysWithValues: fit.rowsByClass.map { ($0.label, $0.rows) })
    let parts = evaluation.rowsByClass.map { label, rows in
      (rows: rows, evaluation: evaluation.rows(rows), fit: fit.rows(fitRows[label] ?? []))
    }
    let standardization = Standardization(.concatenated(parts.map { centered($0.fit.features) }))
    classes = parts.map {
      Cloud(
        rows: $0.rows, features: standardization(centered($0.evaluation.features)),
        attributes: centered($0.evaluation.table), fitFeatures: standardization(centered($0.fit.features)),
        fitAttributes: centered($0.fit.table))
    }
  }

  /// For each class the predictions of a ridge regression on the others.
  func leftOutPredictions(penalties: [Double]) -> [Tensor] {
    let width = classes[0].gram.shape[0]
    let gram = Tensor.zeros([width, width], .float64)
    let products = Tensor.zeros([width, penalties.count], .float64)
    for cloud in classes {
      gram.add(cloud.gram)
      products.add(cloud.products)
    }
    let total = classes.reduce(0) { $0 + $1.fitFeatures.shape[0] }
    return classes.map { cloud in
      let (values, vectors) = (gram - cloud.gram).symmetricEigen()
      let count = Double(max(total - cloud.fitFeatures.shape[0], 1))
      let inverses = values.clamped(below: 0).array(of: Double.self).flatMap { value in
        penalties.map { 1 / (value + count * $0) }
      }
      let coefficients = vectors.matmul(products - cloud.products) * Tensor(inverses, shape: [width, penalties.count])
      return cloud.features.matmul(vectors.transposed.matmul(coefficients))
    }
  }
}
