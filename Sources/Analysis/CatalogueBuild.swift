//  Fills the catalogue of a run with every direction that follows from its features by itself, and says of each how long a
//  step is and how far the data reach.

internal import ClassStatistics
internal import Foundation
internal import Images
internal import Results
internal import Torch

/// Collects directions of one run with their σ and range on test features.
struct CatalogueBuilder {
  let classNames: [String]
  let test: LabelledFeatures
  private(set) var catalogue: DirectionCatalogue

  init(classNames: [String], test: LabelledFeatures) {
    (self.classNames, self.test) = (classNames, test)
    catalogue = DirectionCatalogue(dimension: test.features.shape[1])
  }

  struct Candidate {
    let id: String
    let kind: DirectionEntry.Kind
    let title: String
    /// 1×A; nil where it does not exist, and then nothing is added.
    let direction: Tensor?
  }

  /// Adds directions that are measured on the test images of a class, or on all.
  mutating func add(_ candidates: [Candidate], measuredOn classIndex: Int?) {
    let present = candidates.filter { $0.direction != nil }
    guard !present.isEmpty else { return }
    let directions = Tensor.concatenated(present.compactMap(\.direction))
    let features = classIndex.map { test.features(of: $0) } ?? test.features.to(.float64)
    let reaches = Reach.along(directions, of: features)
    let vectors: [Double] = directions.array()
    for (index, candidate) in present.enumerated() {
      let entry = DirectionEntry(
        id: candidate.id, kind: candidate.kind, classIndex: classIndex, title: candidate.title,
        sigma: reaches[index].sigma, lower: reaches[index].lower, upper: reaches[index].upper)
      let width = catalogue.dimension
      catalogue.add(entry, vector: Array(vectors[index * width..<(index + 1) * width]))
    }
  }

  /// The name of a class as part of an `id`.
  func slug(_ index: Int) -> String { Self.slug(classNames[index]) }

  /// Lower case, and a hyphen for what is not a letter or a number.
  static func slug(_ text: String) -> String {
    text.lowercased().map { $0.isLetter || $0.isNumber ? String($0) : " " }.joined()
      .split(separator: " ").joined(separator: "-")
  }
}

/// How far features lie along a direction.
struct Reach {
  let sigma: Double
  /// The 1st and 99th percentile about the mean, in σ.
  let lower: Double
  let upper: Double

  /// - Parameters: R×A directions, n×A features.
  static func along(_ directions: Tensor, of features: Tensor) -> [Reach] {
    let (rows, count) = (directions.shape[0], features.shape[0])
    guard count > 0 else { return Array(repeating: Reach(sigma: 0, lower: 0, upper: 0), count: rows) }
    let projections = directions.matmul((features - features.mean([0], keepingDimensions: true)).transposed)
    let deviations: [Double] = (projections * projections).mean([1]).squareRoot.array()
    return (0..<rows).map { row in
      let sigma = deviations[row]
      let values = projections.select(row).array(of: Double.self).sorted()
      return Reach(
        sigma: sigma, lower: sigma > 0 ? quantile(0.01, ofSorted: values) / sigma : 0,
        upper: sigma > 0 ? quantile(0.99, ofSorted: values) / sigma : 0)
    }
  }
}

/// Every direction that a run has by itself: of each class its principal, varimax-rotated and one random direction, the
/// way to the class whose mean is nearest and the weights towards it; of all classes the leading ones within and between;
/// of each known factor the difference between images that have it and that have not.
/// - Parameters:
///   - classes: those with images in both splits.
///   - factors: of the training images.
func catalogue(
  of run: RunFeatures, classes: [ClassDirections], factors: FactorTable?, options: AnalysisOptions
) -> DirectionCatalogue {
  var builder = CatalogueBuilder(classNames: run.classNames, test: run.test)
  let means = run.trainMoments.means
  for directions in classes {
    let (index, slug) = (directions.index, builder.slug(directions.index))
    let leading = directions.leading(options.directions)
    let rotated = varimax(leading)
    func rows(_ matrix: Tensor, _ kind: DirectionEntry.Kind, _ title: (Int) -> String) -> [CatalogueBuilder.Candidate] {
      (0..<matrix.shape[0]).map { k in
        .init(
          id: "\(slug).\(kind.rawValue).\(k + 1)", kind: kind, title: title(k + 1),
          direction: matrix.slice(k..<k + 1))
      }
    }
    var candidates =
      rows(leading, .principal) { "direction \($0)" }
      + rows(rotated, .varimax) { "rotated direction \($0) of \(leading.shape[0])" }
    candidates.append(
      .init(
        id: "\(slug).random", kind: .random, title: "a random direction of its span",
        direction: directions.control))
    if let other = nearestClass(to: index, in: run.trainMoments) {
      let name = run.classNames[other]
      candidates += [
        .init(
          id: "\(slug).toward.\(builder.slug(other))", kind: .between, title: "from its mean to that of \(name)",
          direction: FeatureDirections.unit(means.select(other) - means.select(index))),
        .init(
          id: "\(slug).weights.\(builder.slug(other))", kind: .weights, title: "weights of \(name) less its own",
          direction: FeatureDirections.weights(run.weight, from: index, to: other)),
      ]
    }
    builder.add(candidates, measuredOn: index)
  }

  let spread = run.trainMoments.counts.count { $0 > 0 } - 1
  func leading(
    _ principal: PrincipalDirections, _ count: Int, _ kind: DirectionEntry.Kind, _ title: String
  ) -> [CatalogueBuilder.Candidate] {
    let variances: [Double] = principal.variances.array()
    return variances.prefix(max(0, count)).enumerated().filter { $0.element > 0 }.map { k, _ in
      .init(
        id: "\(kind.rawValue).\(k + 1)", kind: kind, title: "\(title) \(k + 1)",
        direction: principal.directions.slice(k..<k + 1))
    }
  }
  builder.add(
    leading(
      FeatureDirections.withinClasses(run.trainMoments), options.directions, .within, "pooled within-class direction"),
    measuredOn: nil)
  builder.add(
    leading(
      FeatureDirections.betweenClasses(run.trainMoments), min(options.directions, spread), .between,
      "direction of the class means"),
    measuredOn: nil)

  if let factors {
    let centered = run.train.withinClassFeatures(means: means)
    builder.add(
      factors.names.indices.map { factor in
        let groups = factors.groups(factor)
        return .init(
          id: "attribute.\(CatalogueBuilder.slug(factors.names[factor]))", kind: .attribute,
          title: "\(factors.names[factor]), within classes",
          direction: FeatureDirections.attribute(
            with: centered.rows(Tensor(groups.with)), without: centered.rows(Tensor(groups.without))))
      }, measuredOn: nil)
  }
  return builder.catalogue
}

extension LabelledFeatures {
  /// Every feature less the mean of its class, so that an attribute is not taken for the classes that have it. N×A.
  func withinClassFeatures(means: Tensor) -> Tensor {
    features - means.rows(Tensor(labels.map(Int64.init)))
  }
}

extension FactorTable {
  /// Whether each image has a factor: of two values the larger one; of more, the upper third has it, the lower third has
  /// not, and the middle counts for neither.
  func has(_ factor: Int) -> [Bool?] {
    let column = values.map { $0[factor] }
    let distinct = Set(column)
    if distinct.count <= 2 {
      return column.map { distinct.count == 2 ? $0 == distinct.max() : nil }
    }
    let sorted = column.sorted()
    let (low, high) = (sorted[sorted.count / 3], sorted[sorted.count - 1 - sorted.count / 3])
    return column.map { $0 >= high && high > low ? true : $0 <= low && high > low ? false : nil }
  }

  /// The rows that have a factor, and those that have not.
  func groups(_ factor: Int) -> (with: [Int64], without: [Int64]) {
    let has = has(factor)
    return (
      has.indices.filter { has[$0] == true }.map(Int64.init), has.indices.filter { has[$0] == false }.map(Int64.init)
    )
  }
}
