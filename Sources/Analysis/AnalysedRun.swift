//  An analysed run, read back from its folder, so that more can be asked of its features: other walks, other anchors,
//  directions that were not made by themselves.

internal import ClassStatistics
internal import Foundation
public import Images
public import Results
public import Storage
internal import Torch

/// The features of a run as `isda analyze` left them.
public final class AnalysedRun {
  public let folder: RunFolder
  public let report: DirectionsReport
  private let run: RunFeatures
  private let ground: WalkGround
  private let options: AnalysisOptions
  private var decomposed: [Int: ClassDirections] = [:]

  /// Reads features, logits and labels of both splits.
  /// - Throws: `FileError` naming the file that is missing or not as an analysis leaves it.
  public init(_ folder: RunFolder) throws(FileError) {
    self.folder = folder
    report = try folder.directionsReport()
    let (train, test) = (try StoredFeatures(.train, of: folder), try StoredFeatures(.test, of: folder))
    guard train.images.features.shape[1] == test.images.features.shape[1] else {
      throw .malformed(
        path: folder.features(.test).path, found: "\(test.images.features.shape[1]) features an image",
        expected: "\(train.images.features.shape[1]), as the training images have")
    }
    try train.check(.train, of: folder, classCount: report.classNames.count)
    try test.check(.test, of: folder, classCount: report.classNames.count)
    let layer = try StoredLayer(of: folder, classCount: report.classNames.count, test: test.images)
    run = RunFeatures(
      train: train.images, test: test.images, weight: layer.weight, bias: layer.bias, classNames: report.classNames)
    var options = AnalysisOptions()
    options.estimator = CovarianceEstimator(rawValue: report.covariance) ?? .biased
    options.directions = report.extremes.map(\.rows.count).max() ?? options.directions
    self.options = options
    ground = WalkGround(images: test.images, hubness: layer.hubness, seed: options.seed)
  }

  /// The walk of a class as the analysis makes it, from any anchor: `anchor` is a test image, the class's own if nil.
  /// - Precondition: the class has images in both splits.
  public func walk(classIndex: Int, query: WalkQuery, anchor: Int? = nil) throws(WalkError) -> Walk {
    let directions = directions(of: classIndex)
    let other = nearestClass(to: classIndex, in: run.trainMoments).map { self.directions(of: $0) }
    return try ground.walk(
      walkLines(of: directions, other: other, options: options), classIndex: classIndex,
      anchor: anchor ?? ground.anchor(near: directions.heldOutMean, of: classIndex) ?? 0, query: query,
      steps: options.steps)
  }

  /// A walk along directions of the catalogue, with the same controls.
  /// - Parameters:
  ///   - anchor: a test image; if nil the one nearest to the mean of what the first direction was measured on.
  ///   - steps: in σ of each direction.
  ///   - shifts: how the anchor is moved before the walk begins.
  public func walk(
    along entries: [(entry: DirectionEntry, vector: [Double])], query: WalkQuery, anchor: Int?, steps: [Double],
    shifted shifts: [WalkSearch.Shift] = []
  ) throws(WalkError) -> Walk {
    let home = entries.first?.entry.classIndex
    let mean =
      home.map { run.testMoments.means.slice($0..<$0 + 1) }
      ?? run.test.features.to(.float64).mean([0], keepingDimensions: true)
    let anchor = anchor ?? ground.anchor(near: mean, of: home) ?? 0
    guard run.test.labels.indices.contains(anchor) else {
      throw .noSuchAnchor(anchor, count: run.test.labels.count)
    }
    let classIndex = run.test.labels[anchor]
    var lines = entries.map { entry, vector in
      WalkGround.Line(
        kind: .named(entry.label), direction: Tensor(vector, shape: [1, vector.count]), sigma: entry.sigma)
    }
    if let random = directions(of: classIndex).control {
      lines.append(WalkGround.Line(kind: .random, direction: random, sigma: lines.first?.sigma ?? 1))
    }
    return try ground.walk(
      lines, classIndex: classIndex, anchor: anchor, query: query, steps: steps, shifted: shifts)
  }

  /// A direction from images with a factor to those without, among the training images.
  public struct AttributeRequest: Sendable {
    /// A factor of the data set, by name.
    public var factor: String
    /// Projected out, if another factor is named.
    public var without: String?
    /// Only the k nearest with and without to this test image, k being `neighbours`.
    public var anchor: Int?
    public var neighbours = 100

    public init(factor: String) { self.factor = factor }
  }

  /// Why there is no such direction.
  public struct NoDirection: Error, CustomStringConvertible {
    public let description: String
  }

  /// Makes the direction of an attribute, with σ and range on all test images.
  /// - Throws: `NoDirection` for a factor or anchor that is not there, or without images on both sides.
  public func attribute(
    _ request: AttributeRequest, factors: FactorTable?
  ) throws(NoDirection) -> (entry: DirectionEntry, vector: [Double]) {
    guard let factors else { throw NoDirection(description: "the data set knows no factors of its images") }
    guard factors.values.count == run.train.labels.count else {
      throw NoDirection(
        description: "factors of \(factors.values.count) images; expected \(run.train.labels.count), as were analysed")
    }
    let centered = run.train.withinClassFeatures(means: run.trainMoments.means)
    func groups(_ name: String) throws(NoDirection) -> Int {
      guard let index = factors.names.firstIndex(of: name) else {
        throw NoDirection(
          description: "no factor \"\(name)\"; expected one of \(factors.names.joined(separator: ", "))")
      }
      return index
    }
    func global(_ name: String) throws(NoDirection) -> Tensor? {
      let sides = factors.groups(try groups(name))
      return FeatureDirections.attribute(
        with: centered.rows(Tensor(sides.with)), without: centered.rows(Tensor(sides.without)))
    }
    let slug = CatalogueBuilder.slug(request.factor)
    var (id, kind, title) = ("attribute.\(slug)", DirectionEntry.Kind.attribute, "\(request.factor), within classes")
    var direction: Tensor?
    if let anchor = request.anchor {
      guard run.test.labels.indices.contains(anchor) else {
        throw NoDirection(description: "no test image \(anchor); expected 0 to \(run.test.labels.count - 1)")
      }
      (id, kind) = ("\(id).near.\(anchor)", .localAttribute)
      title = "\(request.factor), among the \(request.neighbours) nearest to test image \(anchor) on either side"
      direction = FeatureDirections.localAttribute(
        features: run.train.features.to(.float64), has: factors.has(try groups(request.factor)),
        anchor: run.test.features(at: [anchor]), neighbours: request.neighbours)
    } else {
      direction = try global(request.factor)
    }
    if let without = request.without {
      (id, kind) = ("\(id).without.\(CatalogueBuilder.slug(without))", .conditional)
      title += ", with \(without) projected out"
      if let first = direction, let other = try global(without) {
        direction = FeatureDirections.conditional(first, without: other)
      }
    }
    var builder = CatalogueBuilder(classNames: report.classNames, test: run.test)
    builder.add([.init(id: id, kind: kind, title: title, direction: direction)], measuredOn: nil)
    guard let entry = builder.catalogue.entry(id), let vector = builder.catalogue.vector(id) else {
      throw NoDirection(description: "\(title): no direction, because no images differ in it")
    }
    return (entry, vector)
  }

  private func directions(of index: Int) -> ClassDirections {
    if let known = decomposed[index] { return known }
    let made = ClassDirections(index: index, of: run, options: options)
    decomposed[index] = made
    return made
  }
}
