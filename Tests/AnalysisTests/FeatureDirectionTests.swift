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

/// What `Scripts/reference/varimax.py` computed.
private struct VarimaxReference: Decodable {
  let name: String
  let count, width: Int
  let basis, rotated: [Double]
  let criterion: Double
}

private func cosine(_ a: Tensor?, _ b: [Double]) -> Double {
  guard let a else { return .nan }
  let length = b.reduce(0) { $0 + $1 * $1 }.squareRoot()
  return zip(a.array(of: Double.self), b).reduce(0) { $0 + $1.0 * $1.1 } / length
}

@Suite("Planted directions come back", .leavesNoTensors)
struct FeatureDirectionTests {
  @Test func `an attribute is the difference of means`() {
    let noise = RandomGenerator(seed: 1, "noise").normal([400, 6], .float64)
    let shift = Tensor([0, 3, 0, 0, 4, 0] as [Double], shape: [1, 6])
    let direction = FeatureDirections.attribute(with: noise.slice(0..<200) + shift, without: noise.slice(200..<400))
    #expect(cosine(direction, [0, 3, 0, 0, 4, 0]) > 0.99)
    #expect(FeatureDirections.attribute(with: noise, without: noise) == nil)
    #expect(FeatureDirections.attribute(with: noise.slice(0..<0), without: noise) == nil)
  }

  @Test func `near an anchor an attribute is what it is there, not what it is on average`() {
    // Two kinds of images far apart; the attribute turns the feature one way in the first and another in the second.
    let generator = RandomGenerator(seed: 5, "planted")
    let (count, width) = (400, 10)
    var has: [Bool?] = []
    var shifts: [Double] = []
    for row in 0..<2 * count {
      let (second, with) = (row >= count, row % 2 == 0)
      has.append(with)
      var shift = [Double](repeating: 0, count: width)
      if second { shift[9] = 40 }
      if with { shift[second ? 1 : 0] = 3 }
      shifts += shift
    }
    let features =
      generator.normal([2 * count, width], .float64) * 0.5 + Tensor(shifts, shape: [2 * count, width])
    func local(_ place: Double) -> Tensor? {
      var anchor = [Double](repeating: 0, count: width)
      anchor[9] = place
      return FeatureDirections.localAttribute(
        features: features, has: has, anchor: Tensor(anchor, shape: [1, width]), neighbours: 100)
    }
    let axes = (0..<2).map { k in (0..<width).map { $0 == k ? 1.0 : 0 } }
    #expect(cosine(local(0), axes[0]) > 0.95)
    #expect(cosine(local(40), axes[1]) > 0.95)
    let global = FeatureDirections.attribute(
      with: features.rows(Tensor(has.indices.filter { has[$0] == true }.map(Int64.init))),
      without: features.rows(Tensor(has.indices.filter { has[$0] == false }.map(Int64.init))))
    #expect(abs(cosine(global, axes[0])) < 0.8)
  }

  @Test func `a conditional direction is orthogonal to what was projected out, and of unit length`() throws {
    let rows = RandomGenerator(seed: 3, "rows").normal([2, 7], .float64)
    let (u, v) = (rows.slice(0..<1), rows.slice(1..<2))
    let direction = try #require(FeatureDirections.conditional(u, without: v))
    #expect(abs(cosine(direction, v.array())) < 1e-14)
    #expect(abs((direction * direction).sum().item(Double.self) - 1) < 1e-14)
    #expect(cosine(direction, u.array()) > 0.3)
    // Nearly parallel vectors leave little, and of that nothing along the other one.
    let nearly = try #require(FeatureDirections.conditional(v + u * 1e-6, without: v))
    #expect(abs(cosine(nearly, v.array())) < 1e-14)
    #expect(FeatureDirections.conditional(v * 2, without: v) == nil)
  }

  @Test func `weights, shifts and random directions`() throws {
    let weight = Tensor([1, 0, 0, 0, 2, 0] as [Double], shape: [2, 3])
    #expect(cosine(FeatureDirections.weights(weight, from: 0, to: 1), [-1, 2, 0]) > 1 - 1e-14)
    let before = RandomGenerator(seed: 6, "images").normal([50, 3], .float64)
    let after =
      before + RandomGenerator(seed: 7, "change").normal([50, 3], .float64) * 0.1
      + Tensor([0, 0, -2] as [Double], shape: [1, 3])
    #expect(cosine(FeatureDirections.shift(from: before, to: after), [0, 0, -1]) > 0.999)
    #expect(FeatureDirections.shift(from: before, to: before) == nil)
    let span = Tensor([0, 1, 0, 0, 0, 1] as [Double], shape: [2, 3])
    let random = try #require(FeatureDirections.random(in: span, RandomGenerator(seed: 8, "r"))).array(of: Double.self)
    #expect(random[0] == 0 && abs(random[1] * random[1] + random[2] * random[2] - 1) < 1e-14)
    #expect(FeatureDirections.random(in: span.slice(0..<0), RandomGenerator(seed: 8, "r")) == nil)
    // Evenly: as often to one side as to the other, and no axis more than others.
    let generator = RandomGenerator(seed: 9, "r")
    let many = (0..<1000).compactMap { _ in FeatureDirections.random(in: span, generator)?.array(of: Double.self) }
    let (ups, rights) = (many.count { $0[1] > 0 }, many.count { $0[2] > 0 })
    #expect((430...570).contains(ups) && (430...570).contains(rights), "\(ups) \(rights)")
    #expect((430...570).contains(many.count { abs($0[1]) > abs($0[2]) }))
  }

  @Test func `within and between classes`() {
    // Classes differ along x; within, features vary along y.
    let points = [[-5, 2], [-5, -2], [5, 2.0], [5, -2]]
    let moments = FeatureMoments(
      features: Tensor(points.flatMap { $0 }, shape: [4, 2]), labels: [0, 0, 2, 2], classCount: 3)
    let (within, between) = (FeatureDirections.withinClasses(moments), FeatureDirections.betweenClasses(moments))
    #expect(within.variances.array() == [4.0, 0])
    #expect(cosine(within.directions.slice(0..<1), [0, 1]) == 1)
    #expect(relativeError(between.variances.array(), [25, 0]) < 1e-14)
    #expect(cosine(between.directions.slice(0..<1), [1, 0]) > 1 - 1e-14)
  }

  @Test func `varimax is numpy's, from another algorithm`() throws {
    let cases: [VarimaxReference] = references("varimax", in: .module)
    try #require(cases.count == 4)
    for reference in cases {
      let rotated = varimax(Tensor(reference.basis, shape: [reference.count, reference.width]))
      #expect(relativeError(rotated.array(), reference.rotated) < 1e-6, "\(reference.name)")
      let square = rotated * rotated
      let sums = (square.sum([1]) * square.sum([1])).sum().item(Double.self)
      let criterion = (square * square).sum().item(Double.self) - sums / Double(reference.width)
      #expect(abs(criterion - reference.criterion) < 1e-12, "\(reference.name)")
    }
  }

  @Test func `a factor is had by the larger of two values, or by the upper third`() {
    let table = FactorTable(names: ["two", "many", "one"], values: (0..<6).map { [Double($0 % 2), Double($0), 7] })
    #expect(table.has(0) == [false, true, false, true, false, true])
    #expect(table.has(1) == [false, false, false, true, true, true])
    #expect(table.has(2) == [nil, nil, nil, nil, nil, nil])
    #expect(table.groups(0).with == [1, 3, 5])
  }
}

@Suite("The catalogue of a run", .leavesNoTensors)
struct CatalogueTests {
  @Test func `has every kind that follows from features, keeps names, and takes what is added`() throws {
    try withTemporaryFolder { url in
      let folder = RunFolder(url)
      let dataset = Dataset.portraits(seed: 1, trainCount: 200, testCount: 100)
      let network = ResNet(.eight, classCount: 10, seed: 3)
      func analyse() throws {
        _ = try analyze(network, of: dataset, normalization: dataset.normalization, into: folder)
      }
      try analyse()
      let catalogue = try folder.catalogue()
      #expect(catalogue.dimension == 64)
      let kinds = Dictionary(grouping: catalogue.entries, by: \.kind).mapValues(\.count)
      let factors = try #require(dataset.train.factors).names
      #expect(
        kinds == [
          .principal: 50, .varimax: 50, .random: 10, .weights: 10, .between: 15, .within: 5, .attribute: factors.count,
        ])
      for entry in catalogue.entries {
        #expect(entry.sigma > 0 && entry.lower < 0 && entry.upper > 0 && entry.upper < 10, "\(entry.id)")
      }
      // The first direction of the class as it lies beside the report, and σ as the walks have it.
      let stored = try #require(
        try Safetensors(contentsOf: folder.directions).arrays["eigenvectors"].flatMap(Tensor.init))
      let lion = try #require(dataset.classNames.firstIndex(of: "lion"))
      let first = try #require(catalogue.vector("lion.principal.1"))
      #expect(relativeError(first, stored.select(lion).select(0).array()) < 1e-12)
      let walks = try #require(try folder.read(Walks.self))
      let sigma = try #require(walks.walks.first { $0.classIndex == lion }?.rows[0].sigma)
      #expect(abs((catalogue.entry("lion.principal.1")?.sigma ?? 0) - sigma) < 1e-9)

      var request = AnalysedRun.AttributeRequest(factor: "hat")
      request.without = "sunglasses"
      let added = try AnalysedRun(folder).attribute(request, factors: dataset.train.factors)
      #expect(added.entry.kind == .conditional && added.entry.id == "attribute.hat.without.sunglasses")
      let other = try #require(catalogue.vector("attribute.sunglasses"))
      #expect(abs(zip(added.vector, other).reduce(0) { $0 + $1.0 * $1.1 }) < 1e-12)
      try RunConfiguration(images: DatasetChoice(name: "portraits"), network: "resnet8", loss: .ce, epochs: 1)
        .writeForTests(to: folder)
      try folder.changeCatalogue { catalogue in
        catalogue.add(added.entry, vector: added.vector)
        _ = catalogue.change("lion.principal.1") { ($0.name, $0.upper) = ("mane", 2) }
      }
      try analyse()
      let again = try folder.catalogue()
      #expect(again.entry("lion.principal.1")?.name == "mane" && again.entry("lion.principal.1")?.upper == 2)
      #expect(again.entry(added.entry.id) == added.entry)
      #expect(again.entries.count == catalogue.entries.count + 1)

      let named = try #require(again.entry("lion.principal.1"))
      let walk = try AnalysedRun(folder).walk(along: [(named, first)], query: .axis, anchor: nil, steps: [-1, 0, 1])
      #expect(walk.rows.map(\.kind) == [.named("mane"), .random, .images])
      #expect(walk.classIndex == lion && walk.rows[0].cells.count == 3)

      #expect(throws: AnalysedRun.NoDirection.self) {
        try AnalysedRun(folder).attribute(.init(factor: "beard"), factors: dataset.train.factors)
      }
    }
  }
}

extension RunConfiguration {
  /// Enough for a folder to hold a run.
  fileprivate func writeForTests(to folder: RunFolder) throws { try JSONFile.write(self, to: folder.configurationFile) }
}

@Suite("A blind test", .leavesNoTensors)
struct BlindTests {
  private func walk() -> Walk {
    func row(_ kind: Walk.Kind, _ first: Int) -> Walk.Row {
      Walk.Row(
        kind: kind, share: nil, heldOutShare: nil, sigma: 1,
        cells: (-1...1).map {
          .init(
            step: Double($0), image: .init(.test, $0 == 0 ? 99 : first + $0), label: 0, predicted: 0, achievedStep: 0,
            offAxis: 0)
        }, kendallTau: nil)
    }
    return Walk(
      classIndex: 0, query: .axis, anchor: .init(.test, 99),
      rows: (1...6).map { row(.principal($0), 10 * $0) } + (7...12).map { row(.random, 10 * $0) }, distinctShare: 1)
  }

  private let factors = FactorCorrelations(
    factorNames: ["hat", "light"],
    classes: [.init(classIndex: 0, count: 50, values: [[0.1, -0.8], [0.7, 0.2], [0.1, 0.1]], chanceLevel: 0.3)])

  @Test func `mixes strips, turns some round, and knows what they follow`() {
    let test = BlindTest([walk()], factors: factors, classNames: ["a"], run: "r", seed: 4)
    #expect(test.key.strips.map(\.number) == Array(1...12))
    #expect(test.key.strips.map(\.kind) != walk().rows.map(\.kind))
    #expect(Set(test.key.strips.map(\.isMirrored)) == [true, false])
    for (strip, images) in zip(test.key.strips, test.images) {
      #expect(images[1].row == 99)
      #expect((images[0].row > images[2].row) == strip.isMirrored)
      switch strip.kind {
      case .principal(1): #expect(strip.factor == "light")
      case .principal(2): #expect(strip.factor == "hat")
      default: #expect(strip.factor == nil)
      }
    }
    #expect(test.instructions.contains("hat, light"))
    let again = BlindTest([walk()], factors: factors, classNames: ["a"], run: "r", seed: 4)
    #expect(JSONFile.encode(again.key) == JSONFile.encode(test.key) && again.images == test.images)
  }

  /// A sheet by a rule.
  private func sheet(_ key: BlindKey, _ answer: (BlindKey.Strip) -> (Int, String)) throws -> BlindSheet {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("sheet.csv")
      var table = CSVTable(header: BlindSheet.header)
      for strip in key.strips {
        let (clarity, attribute) = answer(strip)
        table.append([strip.number, clarity, attribute])
      }
      try table.write(to: file)
      return try BlindSheet(contentsOf: file, strips: Set(key.strips.map(\.number)))
    }
  }

  @Test func `tells who sees something from who guesses`() throws {
    let key = BlindTest([walk()], factors: factors, classNames: ["a"], run: "r", seed: 4).key
    let seeing = try (0..<3).map { rater in
      try sheet(key) { $0.kind.isControl ? (1, "noise \(rater)") : (4, $0.factor?.uppercased() ?? "pose") }
    }
    let score = BlindScore(seeing, key: key)
    #expect(score.raters == 3 && score.answers == 36)
    #expect(score.directionClarity == 4 && score.controlClarity == 1 && score.clearer == 1)
    // 6 of 12 strips: 924 ways, and one of them is this one.
    #expect(abs((score.clearerChance ?? 1) - 1.0 / 924) < 0.002)
    #expect(score.directionAgreement == 1 && score.controlAgreement == 0)
    #expect(score.factorHits == 1 && abs((score.factorHitsByChance ?? 0) - 0.5) < 0.03)
    #expect(abs((score.factorChance ?? 0) - 0.5) < 0.03)
    #expect(BlindScore(seeing, key: key) == score)

    let guessing = BlindScore([try sheet(key) { ($0.number % 5, "light") }], key: key)
    #expect((guessing.clearerChance ?? 0) > 0.05)
    #expect(guessing.directionAgreement == nil && guessing.factorHits == 0.5)
    let nobody = BlindScore([], key: key)
    #expect(nobody.clearer == nil && nobody.factorHits == nil && nobody.directionClarity == nil)
  }

  @Test func `ties count half, no dealing gives a chance of 0, and names have no case`() throws {
    let capital = FactorCorrelations(
      factorNames: ["Hat", "Light"],
      classes: [.init(classIndex: 0, count: 50, values: [[0.1, -0.8], [0.7, 0.2]], chanceLevel: 0.3)])
    let key = BlindTest([walk()], factors: capital, classNames: ["a"], run: "r", seed: 4).key
    // Six directions against six controls: two of them tie with all six, four lose to all.
    let tied = try sheet(key) { strip in
      switch strip.kind {
      case .principal(1), .principal(2): (2, strip.factor ?? "")
      case .principal: (1, "")
      default: (2, "")
      }
    }
    #expect(BlindScore([tied], key: key).clearer == 6.0 / 36)
    #expect(BlindScore([tied], key: key).factorHits == 1)
    let seeing = try sheet(key) { $0.kind.isControl ? (1, "") : (4, "") }
    // One dealing in 924 is as good, and none of these nine is.
    #expect(BlindScore([seeing], key: key, draws: 9).clearerChance == 0.1)
  }
}
