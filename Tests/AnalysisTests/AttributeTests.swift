//  What the measures with attributes say of features whose structure was planted, and of features without any.

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

/// Features of known making: class vectors, and for each attribute one vector for all classes or one for each.
private struct Planted {
  var count = 400
  var width = 16
  var classes = 5
  var noise = 0.1
  /// Attributes have a vector of their own in every class.
  var isClassSpecific = false
  /// Attributes are those of other images.
  var isPermuted = false
  var seed: UInt64 = 0

  /// A binary attribute and a continuous one. `part` draws other images of the same making.
  func set(_ part: String) -> AttributedFeatures {
    let world = RandomGenerator(seed: seed, "world")
    let centers = world.normal([classes, width], .float64) * 3
    let vectors = world.normal([2, classes, width], .float64)
    let draw = RandomGenerator(seed: seed, part)
    let labels = (0..<count).map { $0 % classes }
    let yes: [Int64] = draw.integers(in: 0..<2, [count]).array()
    let number: [Double] = draw.normal([count], .float64).array()
    let attributes = zip(yes, number).map { [Double($0), $1] }
    let rows = Tensor(labels.map { Int64($0) })
    let own = Tensor(labels.map { Int64(isClassSpecific ? $0 : 0) })
    var features = centers.rows(rows) + draw.normal([count, width], .float64) * noise
    for attribute in 0..<2 {
      let scale = Tensor(attributes.map { $0[attribute] }, shape: [count, 1])
      features = features + vectors.select(attribute).rows(own) * scale
    }
    let order = isPermuted ? draw.permutation(count).array(of: Int64.self).map(Int.init) : Array(0..<count)
    return AttributedFeatures(
      features: features, labels: labels,
      attributes: FactorTable(names: ["yes", "number"], values: order.map { attributes[$0] }))
  }

  func measures(_ resamples: Int = 50) -> AttributeMeasures {
    attributeMeasures(
      fit: set("fit"), evaluation: set("test"), classNames: (0..<classes).map { "class \($0)" }, resamples: resamples)
  }
}

@Suite("Planted attributes are found, and only they", .leavesNoTensors)
struct PlantedAttributeTests {
  @Test func `a linear map of attributes is read, parallel and additive`() throws {
    let measures = Planted().measures()
    for attribute in measures.attributes {
      let (probe, consistency) = (try #require(attribute.probe), try #require(attribute.consistency))
      let generalization = try #require(attribute.generalization)
      #expect(probe.linear.value > 0.97)
      #expect(probe.selectivity.value > 0.2)
      #expect(consistency.parallelism.value > 0.95)
      #expect(consistency.parallelism.value > (consistency.parallelism.chance ?? 1) + 0.3)
      #expect((consistency.interactionShare?.value ?? 1) < 0.05)
      #expect(generalization.across.value > 0.95)
      #expect(generalization.across.value > (generalization.across.chance ?? 1) + 0.1)
    }
    let factorization = try #require(measures.factorization)
    #expect(factorization.additive.value > 0.99 && factorization.additive.value > factorization.classes.value + 0.02)
    let analogy = try #require(measures.attributes[0].analogy)
    #expect(analogy.shift.first.value > 0.95)
    #expect(analogy.nothing.first.value < 0.3 && analogy.random.first.value < 0.4)
    #expect(measures.attributes[1].analogy == nil)
  }

  @Test func `attributes of other images are at chance everywhere`() throws {
    var planted = Planted(noise: 0.5, isPermuted: true)
    planted.count = 1000
    for attribute in planted.measures().attributes {
      let probe = try #require(attribute.probe)
      let nothing = attribute.kind == .binary ? 0.5 : 0
      #expect(abs(probe.linear.value - nothing) < 0.06)
      #expect(abs(probe.neighbours.value - nothing) < 0.06)
      #expect(abs(try #require(attribute.generalization).across.value - nothing) < 0.06)
      let parallelism = try #require(attribute.consistency).parallelism
      #expect(parallelism.value < (parallelism.chance ?? -1) + 0.15)
    }
  }

  @Test func `a direction of its own in every class is read within classes and nowhere else`() throws {
    let measures = Planted(isClassSpecific: true).measures()
    for attribute in measures.attributes {
      let consistency = try #require(attribute.consistency)
      #expect(abs(consistency.parallelism.value) < 0.35)
      #expect((consistency.interactionShare?.value ?? 0) > 0.5)
      let generalization = try #require(attribute.generalization)
      #expect(generalization.across.value < generalization.within.value - 0.1)
      #expect(generalization.across.value < 0.75)
    }
  }

  @Test func `what is no line is read by neighbours`() throws {
    let generator = RandomGenerator(seed: 4, "exclusive or")
    func set() -> AttributedFeatures {
      let features = generator.normal([600, 2], .float64)
      let values: [Double] = features.array()
      return AttributedFeatures(
        features: features, labels: [Int](repeating: 0, count: 600),
        attributes: FactorTable(
          names: ["exclusive or"], values: (0..<600).map { [values[2 * $0] * values[2 * $0 + 1] > 0 ? 1 : 0] }))
    }
    let measures = attributeMeasures(fit: set(), evaluation: set(), classNames: ["a"])
    let attribute = measures.attributes[0]
    let probe = try #require(attribute.probe)
    #expect(probe.linear.value < 0.6 && probe.neighbours.value > 0.9)
    #expect((probe.linearityGap.lower ?? 0) > 0.2)
    // One class says nothing about others.
    #expect(attribute.consistency == nil && attribute.generalization == nil)
  }

  @Test func `a probe with as many features as types of images reads control labels too`() throws {
    let controls = [4, 64].map { width -> Double in
      var planted = Planted(noise: 0.5)
      (planted.width, planted.count) = (width, 1000)
      return planted.measures(5).attributes[1].probe?.control.value ?? .nan
    }
    #expect(controls[1] > controls[0] + 0.03)
  }

  @Test func `directions that are attributes are disentangled, mixtures of them are not`() throws {
    let generator = RandomGenerator(seed: 3, "codes")
    func scores(mixed: Bool) throws -> AttributeMeasures.Disentanglement {
      func set() -> AttributedFeatures {
        let attributes = generator.normal([500, 3], .float64)
        let mixture: [Double] = mixed ? [1, 1, 1, 1, -1, 0, 1, 1, -2] : [1, 0, 0, 0, 2, 0, 0, 0, 3]
        let values: [Double] = attributes.array()
        return AttributedFeatures(
          features: attributes.matmul(Tensor(mixture, shape: [3, 3])) + generator.normal([500, 3], .float64) * 0.05,
          labels: [Int](repeating: 0, count: 500),
          attributes: FactorTable(
            names: ["a", "b", "c"], values: (0..<500).map { Array(values[3 * $0..<3 * $0 + 3]) }))
      }
      return try #require(disentanglement(fit: set(), evaluation: set()))
    }
    let (pure, mixed) = (try scores(mixed: false), try scores(mixed: true))
    for (name, score) in pure.scores {
      #expect(score.value > (name == "mig" ? 0.4 : 0.85), "\(name) \(score.value)")
      #expect((score.chance ?? 1) < (name == "modularity" ? 0.9 : 0.6), "\(name)")
    }
    #expect(mixed.disentanglement.value < 0.4 && mixed.completeness.value < 0.4)
    #expect(mixed.mutualInformationGap.value < 0.2 && mixed.separatedAttributePredictability.value < 0.5)
    #expect(mixed.informativeness.value > 0.9)
  }
}

@Suite("Chance and intervals are what they say", .leavesNoTensors)
struct AttributeIntervalTests {
  @Test func `parallelism exceeds chance in five of a hundred draws of nothing`() {
    let exceeded = (0..<100).count { draw in
      var planted = Planted(noise: 1, isPermuted: true, seed: UInt64(draw))
      (planted.count, planted.width, planted.classes) = (60, 4, 3)
      let (consistencies, _) = differenceVectors(of: planted.set("test"), resamples: 2, permutations: 59)
      return consistencies[1].map { $0.parallelism.value > $0.parallelism.chance ?? 1 } ?? false
    }
    // Binomial(100, 0.05): mean 5, deviation 2.2.
    #expect((1...12).contains(exceeded))
  }

  @Test func `the interval of R² covers that of all images in about 95 of a hundred draws`() throws {
    let covered = try (0..<100).count { draw in
      let generator = RandomGenerator(seed: UInt64(draw), "coverage")
      let truth: [Double] = generator.normal([200], .float64).array()
      let noise: [Double] = generator.normal([200], .float64).array()
      let score = HeldOutScore.determination(truth: truth, prediction: zip(truth, noise).map { $0 + 0.5 * $1 })
        .score(Resamples(labels: truth.map { _ in 0 }, count: 200, seed: UInt64(draw)))
      let (lower, upper) = (try #require(score.lower), try #require(score.upper))
      #expect(lower < score.value && score.value < upper)
      // Errors have a quarter of the attribute's variance.
      return (lower...upper).contains(0.75)
    }
    #expect((86...99).contains(covered))
  }

  @Test func `the interval of a correlation covers it in about 95 of a hundred draws`() throws {
    var covered = 0
    for draw in 0..<100 {
      let points = columnsOf(RandomGenerator(seed: UInt64(draw), "pairs").normal([150, 3], .float64))
      // Images of one class along one axis, and a factor of correlation 0.6 with it.
      let images = LabelledFeatures(
        features: Tensor(zip(points[0], points[1]).flatMap { [3 * $0, $1] }, shape: [150, 2]),
        labels: [Int](repeating: 0, count: 150), predictions: [Int](repeating: 0, count: 150))
      let run = RunFeatures(
        train: images, test: images, weight: .zeros([1, 2], .float64), bias: .zeros([1], .float64), classNames: ["a"])
      let table = FactorTable(
        names: ["half", "constant"], values: zip(points[0], points[2]).map { [0.6 * $0 + 0.8 * $1, 1] })
      var options = AnalysisOptions()
      (options.directions, options.seed) = (1, UInt64(draw))
      let directions = ClassDirections(index: 0, of: run, options: AnalysisOptions())
      let result = correlations(of: directions, with: table, among: images, options: options)
      #expect(result.lower?[0][1] == nil && result.upper?[0][1] == nil)
      let value = try #require(result.values[0][0])
      let lower = try #require(result.lower?[0][0])
      let upper = try #require(result.upper?[0][0])
      #expect(lower < value && value < upper)
      // An eigenvector's sign is arbitrary.
      if (lower...upper).contains(value < 0 ? -0.6 : 0.6) { covered += 1 }
    }
    #expect((86...99).contains(covered))
  }

  @Test func `the same seed gives the same numbers, another one others`() throws {
    func measures(_ seed: UInt64) -> AttributeMeasures {
      let planted = Planted(noise: 1)
      return attributeMeasures(
        fit: planted.set("fit"), evaluation: planted.set("test"), classNames: [], resamples: 20, seed: seed)
    }
    #expect(measures(1) == measures(1))
    #expect(measures(1) != measures(2))
  }

  @Test func `quantiles are numpy's`() {
    // numpy.quantile([1, 2, 4, 8], [0, 0.025, 0.5, 0.95, 1])
    let values = [0, 0.025, 0.5, 0.95, 1].map { quantile($0, ofSorted: [1, 2, 4, 8]) }
    #expect(relativeError(values, [1, 1.075, 3, 7.4, 8]) < 1e-12)
    #expect(quantile(0.5, ofSorted: []).isNaN)
  }

  @Test func `ties count half, strata compare only within`() {
    #expect(HeldOutScore.ranking(positive: [true, false, true], prediction: [1, 1, 2]).value == 0.75)
    let apart = HeldOutScore.ranking(
      positive: [true, false, true, false], prediction: [1, 0, 9, 10], strata: [[0, 1], [2, 3]])
    #expect(apart.value == 0.5)
    #expect(HeldOutScore.ranking(positive: [true], prediction: [1]).value.isNaN)
    #expect(HeldOutScore.determination(truth: [2, 2], prediction: [1, 2]).value.isNaN)
  }
}

@Suite("Measures with attributes are kept under the run", .leavesNoTensors)
struct AttributeRunTests {
  @Test func `they are there where attributes are known, and go away where they are not`() throws {
    try withTemporaryFolder { url in
      let folder = RunFolder(url)
      let network = ResNet(.eight, classCount: 10, seed: 3)
      let dataset = Dataset.portraits(seed: 1, trainCount: 60, testCount: 80)
      func bare(_ set: ImageSet) -> ImageSet {
        ImageSet(width: set.width, height: set.height, pixels: set.pixels, labels: set.labels)
      }
      func analyzed(_ train: ImageSet, _ test: ImageSet) throws -> AttributeMeasures? {
        _ = try analyze(
          network,
          of: Dataset(
            name: "p", classNames: dataset.classNames, train: train, test: test, normalization: dataset.normalization),
          normalization: dataset.normalization, into: folder)
        return try folder.read(AttributeMeasures.self)
      }
      let measures = try #require(try analyzed(dataset.train, dataset.test))
      #expect(measures.attributes.map(\.name) == dataset.test.factors?.names)
      #expect(measures.fittedImages == 60 && measures.images == 80)
      #expect(measures.attributes[0].kind == .binary && measures.attributes[6].kind == .continuous)
      #expect(measures.attributes.allSatisfy { $0.probe != nil })
      #expect(measures.factorization != nil)
      let table = try String(
        contentsOf: url.appendingPathComponent("measures/attributes.csv"), encoding: .utf8)
      #expect(table.hasPrefix("measure,attribute,kind,class,value,lower,upper,chance\nlinear_probe,sunglasses,binary,"))

      // Without attributes of training images, half of the test images stand in for them.
      let halved = try #require(try analyzed(bare(dataset.train), dataset.test))
      #expect(halved.fittedImages == 40 && halved.images == 40 && halved.fittedTo != measures.fittedTo)

      #expect(try analyzed(bare(dataset.train), bare(dataset.test)) == nil)
      #expect(!FileManager.default.fileExists(atPath: url.appendingPathComponent("measures/attributes.csv").path))
    }
  }

  @Test func `little or nothing to measure is no trap`() {
    func set(_ labels: [Int], _ values: [[Double]]) -> AttributedFeatures {
      AttributedFeatures(
        features: RandomGenerator(seed: 1, "few").normal([labels.count, 3], .float64), labels: labels,
        attributes: FactorTable(names: (values.first ?? [0, 0]).indices.map { "a\($0)" }, values: values))
    }
    let one = set([0], [[1, 2]])
    let two = set([0, 1], [[1, 2], [0, 2]])
    let constant = set([0, 0, 1, 1, 2], (0..<5).map { _ in [3, 0] })
    let rare = set([0, 0, 0, 0, 1, 1, 1, 1], (0..<8).map { [$0 == 0 ? 1 : 0, Double($0)] })
    let flat = AttributedFeatures(features: .zeros([8, 3]), labels: rare.labels, attributes: rare.attributes)
    for (fit, test) in [
      (one, one), (two, two), (one, rare), (rare, one), (constant, constant), (rare, rare), (flat, flat),
    ] {
      let measures = attributeMeasures(
        fit: fit, evaluation: test, classNames: ["x"], directions: [(0, .ones([2, 3], .float64))], resamples: 5)
      #expect(measures.attributes.count == 2)
      #expect(JSONFile.encode(measures).count > 100 && !measures.table.header.isEmpty)
    }
    let halves = attributeMeasures(fit: nil, evaluation: rare, classNames: [], resamples: 5)
    #expect(halves.images == 4)
  }
}
