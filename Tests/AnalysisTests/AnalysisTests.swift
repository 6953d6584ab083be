import ClassStatistics
import Foundation
import Images
import Networks
import Results
import Storage
import TestSupport
import Testing
import Torch

@testable import Analysis

/// Four images a class and split, enough for everything to be there and small enough for a test.
private func smallDataset(_ trainCount: Int = 40, _ testCount: Int = 60) -> Dataset {
  .portraits(seed: 1, trainCount: trainCount, testCount: testCount)
}

@Suite("An analysis leaves features, directions and a report", .leavesNoTensors)
struct RunAnalysisTests {
  private func report(_ dataset: Dataset, _ body: (RunFolder, DirectionsReport) throws -> Void) throws {
    try withTemporaryFolder { url in
      let folder = RunFolder(url)
      let network = ResNet(.eight, classCount: 10, seed: 3)
      let report = try analyze(network, of: dataset, normalization: dataset.normalization, into: folder)
      try body(folder, report)
    }
  }

  @Test func `everything is there and reads back`() throws {
    try report(smallDataset()) { folder, report in
      let read = try folder.directionsReport()
      #expect(read.extremes.count == 10 && read.spectra.count == 10)
      #expect(read.map.entries.count == 60)
      #expect(read.factors?.classes.count == 10)
      let significance = try #require(try folder.read(DirectionSignificance.self))
      #expect(significance.classes.map(\.name) == report.classNames)
      for (group, spectrum) in zip(significance.classes, report.spectra) {
        // Four images have three directions.
        #expect(group.directions.count == 3 && group.count == 4)
        let eigenvalues = group.directions.map(\.eigenvalue)
        #expect(relativeError(eigenvalues, Array(spectrum.eigenvalues.prefix(3))) < 1e-6)
        let visible = group.directions.map { $0.visibleShare ?? -1 }
        #expect(visible.allSatisfy { (0...1.000001).contains($0) })
      }
      #expect(JSONFile.encode(read) == JSONFile.encode(report))
      #expect(try Safetensors(contentsOf: folder.features(.train)).arrays["features"]?.shape == [40, 64])
      #expect(try Safetensors(contentsOf: folder.directions).arrays["eigenvectors"]?.shape == [10, 64, 64])
      #expect(try folder.read(BoundReport.self)?.points.count == 2 * 8 * 11)
      #expect(try folder.read(CollapseReport.self)?.test.images == 60)
      #expect(try folder.read(MarginBudgets.self) != nil && folder.read(Preservation.self) != nil)
      // A network that was not trained with ISDA kept no covariances.
      #expect(try folder.read(CovarianceDrift.self) == nil)
    }
  }

  @Test func `what changed images do and what statistics say is there too`() throws {
    try report(smallDataset()) { folder, _ in
      let ladder = try #require(try folder.read(EquivarianceLadder.self))
      #expect(ladder.trainCount == 40 && ladder.testCount == 60)
      #expect(ladder.transforms.map(\.name) == ImageTransform.allCases.map(\.rawValue))
      #expect(ladder.transforms.allSatisfy { $0.pooled.affine != nil && $0.features != nil })
      let statistics = try #require(try folder.read(ImageStatisticCorrelations.self))
      // Four images of a class have three directions.
      #expect(statistics.classes.count == 10 && statistics.classes.allSatisfy { $0.values.count == 3 })
      for name in [EquivarianceLadder.name, ImageStatisticCorrelations.name] {
        let table = folder.url.appendingPathComponent("measures/\(name).csv")
        #expect(FileManager.default.fileExists(atPath: table.path))
      }
    }
  }

  @Test func `eigenvalues are those of the training features, and held-out ones those of the test features`() throws {
    try report(smallDataset()) { folder, report in
      for (split, values) in [
        (ImageReference.Split.train, \Spectrum.eigenvalues), (.test, \Spectrum.heldOutVariances),
      ] {
        let stored = try #require(try Safetensors(contentsOf: folder.features(split)).arrays["features"])
        let features = try #require(Tensor(stored)).to(.float64)
        for spectrum in report.spectra {
          // The trace does not depend on the basis: it is the class's total variance.
          let rows = (0..<features.shape[0]).filter { $0 % 10 == spectrum.classIndex }.map(Int64.init)
          let part = features.rows(Tensor(rows))
          let centered = part - part.mean([0], keepingDimensions: true)
          let total = (centered * centered).sum().item(Double.self) / Double(rows.count)
          #expect(relativeError([spectrum[keyPath: values].reduce(0, +)], [total]) < 1e-9)
        }
      }
    }
  }

  @Test func `classes without images are left out, not made up`() throws {
    try report(smallDataset(40, 4)) { _, report in
      #expect(report.extremes.map(\.classIndex) == [0, 1, 2, 3])
      #expect(report.spectra.count == 10)
    }
  }
}

@Suite("Whatever features are given, their directions are measured", .leavesNoTensors)
struct DirectionSignificanceTests {
  /// Class 0 has two planted directions, class 1 none, class 2 no images.
  private func measure(_ type: ElementType) -> (measures: DirectionSignificance, directions: [Tensor]) {
    let generator = RandomGenerator(seed: 17, "planted")
    let noise = generator.normal([300, 16], .float64)
    // Along (1, 1, …)/4 and (1, −1, 1, …)/4.
    let axes = Tensor(
      Array(repeating: 0.25, count: 16) + (0..<16).map { $0 % 2 == 0 ? 0.25 : -0.25 }, shape: [2, 16])
    let factors = (generator.normal([150, 2], .float64) * Tensor([5.0, 3])).matmul(axes)
    let features = Tensor.concatenated([noise.slice(0..<150) + factors, noise.slice(150..<300)]) + 2
    var options = SignificanceOptions()
    (options.directions, options.resamples, options.splits) = (5, 50, 6)
    // A classifier that sees the first axis only.
    let weight = Tensor.concatenated([axes.slice(0..<1), axes.slice(0..<1) * -1, .zeros([1, 16], .float64)])
    return directionSignificance(
      of: features.to(type), labels: (0..<300).map { $0 / 150 }, classNames: ["two", "none", "empty"], weight: weight,
      options: options)
  }

  @Test(arguments: [ElementType.float32, .float64]) func `planted directions stand out, noise does not`(
    type: ElementType
  ) {
    let (measures, directions) = measure(type)
    #expect(measures.classes.map(\.significantCount) == [2, 0, 0])
    #expect(measures.classes.map(\.directions.count) == [5, 5, 0])
    #expect(directions.map(\.shape) == [[5, 16], [5, 16], [0, 16]])
    let found: [Double] = directions[0].array()
    #expect(abs(found[0..<16].reduce(0, +)) / 4 > 0.95)
    let planted = measures.classes[0].directions
    #expect(abs(planted[0].eigenvalue - 26) < 8 && planted[0].eigenvalueInterval.lower < planted[0].eigenvalue)
    #expect((planted[0].visibleShare ?? 0) > 0.9 && (planted[1].visibleShare ?? 1) < 0.1)
    #expect((planted[0].cosine ?? 0) > 0.9 && (planted[4].cosine ?? 1) < 0.8)
    #expect(planted[2].standsOut == false && planted[3].pValue == nil)
    #expect(measures.classes[0].marchenkoPasturEdge > 1 && measures.classes[0].marchenkoPasturEdge < 2.2)
  }

  @Test func `the same seed gives the same numbers, which are kept with their table`() throws {
    let first = measure(.float32).measures
    #expect(first == measure(.float32).measures)
    try withTemporaryFolder { url in
      let folder = RunFolder(url)
      try folder.write(first)
      let read = try folder.read(DirectionSignificance.self)
      #expect(read == first)
    }
    #expect(first.table.rows.count == 10)
    #expect(first.table.rows.map { $0[14] } == ["stands out", "stands out"] + Array(repeating: "noise", count: 8))
  }
}

@Suite("Features stay as the network made them", .leavesNoTensors)
struct LabelledFeaturesTests {
  @Test func `float32 as a whole, float64 by class`() {
    let features = RandomGenerator(seed: 18, "features").normal([6, 3])
    let images = LabelledFeatures(features: features, labels: [0, 1, 0, 1, 1, 0], predictions: [0, 0, 0, 0, 0, 0])
    #expect(images.features.elementType == .float32)
    let part = images.features(of: 1)
    #expect(part.elementType == .float64 && part.shape == [3, 3])
    #expect(part.array(of: Float.self) == features.rows(Tensor([Int64(1), 3, 4])).array(of: Float.self))
  }
}

@Suite("Directions are looked along truthfully", .leavesNoTensors)
struct DirectionTests {
  /// Features of one class whose first direction is the x axis, then the y axis.
  private func images(_ points: [[Double]]) -> LabelledFeatures {
    LabelledFeatures(
      features: Tensor(points.flatMap { $0 }, shape: [points.count, 2]), labels: points.map { _ in 0 },
      predictions: points.map { _ in 0 })
  }

  private func directions(_ images: LabelledFeatures) -> ClassDirections {
    let run = RunFeatures(
      train: images, test: images, weight: .zeros([1, 2], .float64), bias: .zeros([1], .float64), classNames: ["a"])
    return ClassDirections(index: 0, of: run, options: AnalysisOptions())
  }

  @Test func `a class has as many directions as its images allow, and no control of a single one`() {
    let labels = [0] + Array(repeating: 1, count: 2) + Array(repeating: 2, count: 5)
    func images(_ purpose: String) -> LabelledFeatures {
      LabelledFeatures(
        features: RandomGenerator(seed: 2, purpose).normal([8, 6]), labels: labels, predictions: labels)
    }
    let run = RunFeatures(
      train: images("train"), test: images("test"), weight: .zeros([3, 6], .float64), bias: .zeros([3], .float64),
      classNames: ["one", "two", "five"])
    for (index, rank) in [0, 1, 4].enumerated() {
      let directions = ClassDirections(index: index, of: run, options: AnalysisOptions())
      #expect(directions.principal.directions.shape == [rank, 6] && directions.isEmpty == (rank == 0))
      #expect((directions.control == nil) == (rank < 2))
      let spectrum = directions.spectrum
      #expect(spectrum.eigenvalues.count == 6 && spectrum.eigenvalues[rank...].allSatisfy { $0 == 0 })
      // What test images vary by where training images do not is in no direction more than in another.
      let others = spectrum.heldOutVariances[rank...]
      #expect(others.allSatisfy { $0 == others.first })
      let total = run.testMoments.totalVariance(index)
      #expect(abs(spectrum.heldOutVariances.reduce(0, +) - total) <= 1e-12 * total)
    }
  }

  @Test func `extremes are the ends, farthest first`() {
    let images = images([[3, 0], [-5, 0.1], [1, -0.1], [9, 0], [-2, 0], [0, 0.1]])
    var options = AnalysisOptions()
    (options.directions, options.extremes) = (1, 2)
    let row = extremes(of: directions(images), among: images, options: options).rows[0]
    #expect(row.highest.map(\.image.row) == [3, 0])
    #expect(row.lowest.map(\.image.row) == [1, 4])
  }

  @Test func `a factor that drives a direction correlates with it, one that does not stays below chance`() {
    let noise = RandomGenerator(seed: 8, "noise").normal([80], .float64).array(of: Double.self)
    let factor = (0..<80).map { Double($0 % 9) }
    let points: [[Double]] = (0..<80).map { (image: Int) in
      [3 * factor[image] + 0.1 * noise[image], noise[79 - image]]
    }
    let images = images(points)
    let factors: [[Double]] = (0..<80).map { (image: Int) in [factor[image], 1, Double(image / 10 % 2)] }
    let table = FactorTable(names: ["driving", "constant", "unrelated"], values: factors)
    let result = correlations(of: directions(images), with: table, among: images, options: AnalysisOptions())
    #expect(result.values.count == 2)
    #expect((result.values[0][0] ?? 0) > 0.99)
    #expect(result.values[0][1] == nil)
    #expect(abs(result.values[0][2] ?? 1) < result.chanceLevel)
    // Two directions and two factors of 80 images: the level lies a little above 1.96/√80.
    #expect((0.2...0.4).contains(result.chanceLevel))
  }

  @Test func `the chance level holds in five of a hundred draws of pure noise`() {
    var exceeded = 0
    for draw in 0..<200 {
      let generator = RandomGenerator(seed: UInt64(draw), "null")
      let points = generator.normal([40, 2], .float64).array(of: Double.self)
      let rows: [[Double]] = (0..<40).map { (image: Int) in [2 * points[2 * image], points[2 * image + 1]] }
      let images = images(rows)
      let factors = generator.normal([40, 3], .float64).array(of: Double.self)
      let values: [[Double]] = (0..<40).map { (image: Int) in Array(factors[3 * image..<3 * image + 3]) }
      let table = FactorTable(names: ["a", "b", "c"], values: values)
      let result = correlations(of: directions(images), with: table, among: images, options: AnalysisOptions())
      if result.values.joined().contains(where: { abs($0 ?? 0) > result.chanceLevel }) { exceeded += 1 }
    }
    // Binomial(200, 0.05): mean 10, deviation 3.1.
    #expect((2...20).contains(exceeded))
  }

  @Test func `the map shows the plane of largest variance`() {
    let images = images([[10, 1], [-10, 1], [10, -1], [-10, -1]])
    let map = featureMap(of: images)
    #expect(abs(map.shares[0] - 100.0 / 101) < 1e-12)
    #expect(map.entries.map(\.x) == [10, -10, 10, -10])
    #expect(map.entries.map(\.y) == [1, 1, -1, -1])
  }
}
