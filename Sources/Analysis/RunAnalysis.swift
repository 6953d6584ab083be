//  From a trained network and its images to everything that the figures show.

public import ClassStatistics
internal import Foundation
public import Images
public import Networks
public import Results
internal import Storage
internal import Torch

/// How much to look at.
public struct AnalysisOptions: Sendable {
  /// What the directions of a class are taken from.
  public var estimator = CovarianceEstimator.biased
  /// Leading directions of each class that are walked, shown and correlated.
  public var directions = 5
  /// Where a walk shows an image, in standard deviations; 0, the anchor, in the middle.
  public var steps: [Double] = [-3, -2, -1, 0, 1, 2, 3]
  /// Images on each side of a direction.
  public var extremes = 8
  /// Images of each split, at most, that are changed in known ways to see what features do.
  public var transformedImages = 1000
  /// Of the random control directions and the chance level of correlations.
  public var seed: UInt64 = 0
  /// Of the leading directions of each class, more of them than are shown.
  public var significance = SignificanceOptions()

  public init() {}
}

/// What an analysis tells while it goes on.
public enum AnalysisEvent: Sendable {
  case features(split: ImageReference.Split, done: Int, of: Int)
  case decomposing(className: String, index: Int, of: Int)
  case transforming(name: String, done: Int, of: Int)
  case mapping(step: Int, of: Int)
  case walking(className: String, index: Int, of: Int)
  /// What is measured now, as a noun.
  case measuring(String)
  case testing(className: String, index: Int, of: Int)
}

/// Extracts features, decomposes every class's covariance and looks along its directions.
///
/// Directions come from the training images, as ISDA's own covariances do; everything that is shown along them
/// (walks, extremes, correlations, the map) uses test images, which the network has not been fitted to.
/// - Throws: `FileError` if the network's features are not finite or the folder cannot be written.
public func analyze(
  _ network: any Network, of dataset: Dataset, normalization: Normalization, into folder: RunFolder,
  options: AnalysisOptions = AnalysisOptions(), report: (AnalysisEvent) throws -> Void = { _ in }
) throws -> DirectionsReport {
  func batches(_ set: ImageSet) -> any BatchSource {
    set.batches(
      size: Extraction.batchSize(on: network.device), normalization: normalization, device: network.device)
  }
  func split(_ set: ImageSet, _ split: ImageReference.Split) throws -> LabelledFeatures {
    let extraction = try Extraction(of: batches(set), by: network) {
      try report(.features(split: split, done: $0, of: set.count))
    }
    guard extraction.features.isFinite, extraction.logits.isFinite else {
      throw FileError.malformed(
        path: folder.checkpoint.path, found: "weights whose \(split.rawValue) features are not finite",
        expected: "a network that has been trained to the end")
    }
    return try kept(extraction, of: split, in: folder)
  }
  let run = RunFeatures(
    train: try split(dataset.train, .train), test: try split(dataset.test, .test),
    weight: network.classifier.weight.detached.to(.cpu).to(.float64),
    bias: network.classifier.bias.detached.to(.cpu).to(.float64),
    classNames: dataset.classNames)
  return try analyze(run, of: dataset, into: folder, options: options, report: report) { set in
    try Extraction(of: batches(set), by: network).features.to(.float64)
  }
}

/// The same of features that another program has made. What a network would make of changed images (the ladder of known
/// transforms) cannot be measured.
/// - Throws: `FileError` if the folder cannot be written.
public func analyze(
  _ saved: SavedFeatures, of dataset: Dataset, into folder: RunFolder, options: AnalysisOptions = AnalysisOptions(),
  report: (AnalysisEvent) throws -> Void = { _ in }
) throws -> DirectionsReport {
  let (weight, bias) = (saved.weight.to(.float32).transposed, saved.bias.to(.float32))
  func split(_ features: Tensor, _ labels: [Int], _ split: ImageReference.Split) throws -> LabelledFeatures {
    try kept(
      Extraction(features: features, logits: features.matmul(weight) + bias, labels: labels), of: split, in: folder)
  }
  let run = RunFeatures(
    train: try split(saved.train, dataset.train.labels, .train),
    test: try split(saved.test, dataset.test.labels, .test),
    weight: saved.weight, bias: saved.bias, classNames: dataset.classNames)
  return try analyze(run, of: dataset, into: folder, options: options, report: report, featuresOf: nil)
}

/// Writes what is known of a split, and gives what an analysis needs of it.
private func kept(
  _ extraction: Extraction, of split: ImageReference.Split, in folder: RunFolder
) throws(FileError) -> LabelledFeatures {
  try Safetensors(arrays: [
    "features": extraction.features.stored, "logits": extraction.logits.stored,
    "labels": StoredArray(extraction.labels.map(Int64.init), shape: [extraction.labels.count]),
  ]).write(to: folder.features(split))
  return LabelledFeatures(extraction)
}

/// - Parameter featuresOf: what the network makes of other images, n×A in float64; nil where there is no network to ask.
private func analyze(
  _ run: RunFeatures, of dataset: Dataset, into folder: RunFolder, options: AnalysisOptions,
  report: (AnalysisEvent) throws -> Void, featuresOf: ((ImageSet) throws -> Tensor)?
) throws -> DirectionsReport {
  let classes = try dataset.classNames.enumerated().map { index, name in
    try report(.decomposing(className: name, index: index, of: dataset.classNames.count))
    return ClassDirections(index: index, of: run, options: options)
  }
  let width = run.trainMoments.featureCount
  let vectorCount = min(ClassDirections.kept, width)
  let hubness = Hubness(of: run.test.features, seed: options.seed)
  try Safetensors(arrays: [
    "mean": run.trainMoments.means.stored,
    "eigenvalues": Tensor(classes.flatMap(\.spectrum.eigenvalues), shape: [classes.count, width]).stored,
    // Zeros where a class has fewer.
    "eigenvectors": Tensor.concatenated(
      classes.flatMap {
        [$0.principal.directions, .zeros([vectorCount - $0.principal.directions.shape[0], width], .float64)]
      }
    ).reshaped([classes.count, vectorCount, width]).stored,
    "weight": run.weight.stored, "bias": run.bias.stored, "hub_damping": Tensor(hubness.damping).stored,
  ]).write(to: folder.directions)

  let map = featureMap(of: run.test)
  if let neighbours = try neighbourMap(of: run.test, plane: map, progress: { try report(.mapping(step: $0, of: $1)) }) {
    try folder.write(neighbours)
  }

  let shown = classes.filter { run.test.rows(of: $0.index).count > 0 && !$0.isEmpty }
  let result = DirectionsReport(
    classNames: dataset.classNames,
    covariance: options.estimator.rawValue,
    spectra: classes.map(\.spectrum),
    extremes: shown.map { extremes(of: $0, among: run.test, options: options) },
    map: map,
    factors: dataset.test.factors.map { factors in
      FactorCorrelations(
        factorNames: factors.names,
        classes: shown.map { correlations(of: $0, with: factors, among: run.test, options: options) })
    })
  if let featuresOf {
    try folder.write(
      equivarianceLadder(
        of: dataset, run: run, options: options,
        progress: { try report(.transforming(name: $0, done: $1, of: $2)) }, features: featuresOf))
  } else {
    try folder.remove(EquivarianceLadder.self)
  }
  try folder.write(
    statisticCorrelations(of: shown, with: dataset.test.statistics, among: run.test, options: options))
  try JSONFile.write(result, to: folder.report)
  try folder.write(
    walks(of: run, classes: shown, hubness: hubness, options: options) {
      try report(.walking(className: run.classNames[$0], index: $0, of: run.classNames.count))
    })
  try report(.measuring("the catalogue of directions"))
  var found = catalogue(of: run, classes: shown, factors: dataset.train.factors, options: options)
  // What people have named or added stays, and a damaged list is not replaced by one without it.
  if FileManager.default.fileExists(atPath: folder.catalogueFile.path) { found.inherit(from: try folder.catalogue()) }
  try found.write(to: folder.catalogueFile)
  if let factors = dataset.test.factors {
    try report(.measuring("attributes"))
    try folder.write(
      attributeMeasures(
        fit: dataset.train.factors.map(run.train.with), evaluation: run.test.with(factors),
        classNames: dataset.classNames,
        directions: shown.map { ($0.index, $0.leading(options.directions)) }, seed: options.seed))
  } else {
    try folder.remove(AttributeMeasures.self)
  }
  try measurePremise(of: run, classes: classes, into: folder, options: options, report: report)
  let significance = try directionSignificance(
    of: run.train.features, labels: run.train.labels, classNames: run.classNames, weight: run.weight,
    options: options.significance
  ) { try report(.testing(className: run.classNames[$0], index: $0, of: run.classNames.count)) }
  try folder.write(significance.measures)
  try folder.writeArtifacts()
  return result
}
