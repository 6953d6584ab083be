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

/// What `Scripts/reference/walks.py` computed from the definitions.
private struct WalkReference: Decodable {
  struct Row: Decodable {
    let rows: [Int]
    let achieved, offAxis: [Double]
    let tau: Double
  }
  struct Hubness: Decodable {
    let k: Int
    let occurrences, damped: [Int]
    let damping: [Double]
    let skewness, dampedSkewness: Double
  }
  let query: WalkQuery
  let beta: Double
  let count, width, anchor: Int
  let features, directions, sigmas, steps: [Double]
  let rows: [Row]
  let distinctShare: Double
  let hubness: Hubness
  let dampedRows: [[Int]]
}

@Suite("A walk finds the images that its definition names", .leavesNoTensors)
struct WalkSearchTests {
  @Test(arguments: [ElementType.float64, .float32])
  func `as numpy finds them, cost by cost`(type: ElementType) throws {
    let cases: [WalkReference] = references("walks", in: .module)
    try #require(cases.count == 4)
    for reference in cases {
      let features = Tensor(reference.features, shape: [reference.count, reference.width]).to(type)
      let directions = Tensor(reference.directions, shape: [4, reference.width])
      var options = WalkOptions()
      (options.query, options.steps, options.offAxisWeight) = (reference.query, reference.steps, reference.beta)
      let walk = try walk(
        through: features, along: directions, sigmas: reference.sigmas, from: reference.anchor, options: options)
      #expect(abs(walk.distinctShare - reference.distinctShare) < 1e-12)
      for (row, expected) in zip(walk.rows, reference.rows) {
        #expect(row.cells.map(\.row) == expected.rows, "\(reference.query) \(reference.beta)")
        #expect(row.cells.map(\.step) == reference.steps)
        #expect(relativeError(row.cells.map(\.achievedStep), expected.achieved) < (type == .float64 ? 1e-12 : 1e-5))
        #expect(relativeError(row.cells.map(\.offAxis), expected.offAxis) < (type == .float64 ? 1e-12 : 1e-5))
        #expect(abs((row.kendallTau ?? -2) - expected.tau) < 1e-12)
      }
      options.hubness = Hubness(damping: reference.hubness.damping)
      let damped = try Analysis.walk(
        through: features, along: directions, sigmas: reference.sigmas, from: reference.anchor, options: options)
      #expect(damped.rows.map { $0.cells.map(\.row) } == reference.dampedRows, "\(reference.query) \(reference.beta)")
    }
  }

  /// An anchor, images exactly one and two steps along x but far off it, and others near the axis that miss the step.
  private let planted = Tensor(
    [
      [0, 0, 0], [1, 3, 0], [0.7, 0, 0.1], [2, 0, 3.1], [1.6, 0.1, 0], [-1, 0, 0], [-2, 0.2, 0], [0, 9, 9], [0, -9, 9],
    ].flatMap { $0 }, shape: [9, 3])

  @Test func `by projection alone, by projection near the axis, or nearest`() throws {
    func rows(_ query: WalkQuery, weight: Double = 1) throws -> [Int] {
      var options = WalkOptions()
      (options.query, options.steps, options.offAxisWeight) = (query, [-2, -1, 0, 1, 2], weight)
      let walk = try walk(
        through: planted, along: Tensor([1, 0, 0] as [Double], shape: [1, 3]), sigmas: [1], from: 0, options: options)
      return walk.rows[0].cells.map(\.row)
    }
    #expect(try rows(.axis, weight: 0) == [6, 5, 0, 1, 3])
    #expect(try rows(.axis) == [6, 5, 0, 2, 4])
    #expect(try rows(.local) == [6, 5, 0, 2, 4])
  }

  @Test func `features that lie on the axis to the last digit are found by their projection`() throws {
    // Off-axis distances are rounding here, and a median of rounding must not weigh.
    let features = Tensor((0..<200).map { Float($0) * 0.1 }.flatMap { [$0, $0, 0] }, shape: [200, 3])
    let half = (0.5).squareRoot()
    var options = WalkOptions()
    options.steps = [-2, 0, 2]
    let walk = try walk(
      through: features, along: Tensor([half, half, 0], shape: [1, 3]), sigmas: [(2.0).squareRoot()], from: 100,
      options: options)
    #expect(walk.rows[0].cells.map(\.row) == [80, 100, 120])
  }

  @Test func `no image stands twice in the whole grid, and the outermost cells choose first`() throws {
    let features = RandomGenerator(seed: 4, "features").normal([60, 5])
    // Two directions that are nearly the same want the same images.
    let directions = Tensor([1, 0, 0, 0, 0, 0.9999995, 0.001, 0, 0, 0] as [Double], shape: [2, 5])
    for query in WalkQuery.allCases {
      var options = WalkOptions()
      options.query = query
      let walk = try walk(through: features, along: directions, from: 3, options: options)
      let shown = walk.rows.flatMap { $0.cells.filter { $0.step != 0 }.map(\.row) }
      #expect(shown.count == 12 && Set(shown).count == 12 && !shown.contains(3))
      #expect(walk.distinctShare < 0.7)
      var alone = options
      alone.steps = [3]
      let best = try Analysis.walk(through: features, along: directions, from: 3, options: alone).rows[0].cells[0].row
      #expect(walk.rows[0].cells[6].row == best)
    }
  }

  @Test func `where images run out cells are missing, and where nothing varies nothing traps`() throws {
    let features = Tensor([0, 0, 1, 0, 2, 0] as [Double], shape: [3, 2])
    let walk = try walk(through: features, along: Tensor([1, 0] as [Double], shape: [1, 2]), from: 1)
    #expect(walk.rows[0].cells.count == 3)
    #expect(Set(walk.rows[0].cells.map(\.row)) == [0, 1, 2])
    let flat = try Analysis.walk(through: .ones([3, 2]), along: Tensor([1, 0] as [Double], shape: [1, 2]), from: 0)
    #expect(flat.rows[0].sigma == 0 && flat.rows[0].kendallTau == nil)
    #expect(flat.rows[0].cells.allSatisfy { $0.achievedStep == 0 && $0.offAxis == 0 })
  }

  @Test func `what does not fit is named`() throws {
    let (features, x) = (Tensor.ones([4, 2]), Tensor([1, 0] as [Double], shape: [1, 2]))
    func problem(_ features: Tensor, _ directions: Tensor, sigmas: [Double]? = nil, from anchor: Int = 0) -> WalkError?
    {
      do throws(WalkError) {
        _ = try walk(through: features, along: directions, sigmas: sigmas, from: anchor)
        return nil
      } catch { return error }
    }
    #expect(problem(features, x) == nil)
    #expect(
      problem(features, .ones([1, 3]))
        == .shape(of: "directions", found: [1, 3], expected: "R×2, as the features have"))
    #expect(problem(features, x * 1.01) == .notUnit(direction: 0, length: 1.01))
    #expect(problem(features, x * .nan) == .notFinite("direction 0"))
    #expect(problem(.full(.infinity, [4, 2]), x) == .notFinite("features"))
    #expect(problem(features, x, sigmas: [1, 2]) == .shape(of: "sigmas", found: [2], expected: "[1], one a direction"))
    #expect(problem(features, x, from: 4) == .noSuchAnchor(4, count: 4))
  }

  @Test func `Kendall's tau counts ties as it should`() {
    #expect(kendallTau([(1, 1), (2, 2), (3, 3)]) == 1)
    #expect(kendallTau([(1, 3), (2, 2), (3, 1)]) == -1)
    // scipy.stats.kendalltau([1, 2, 2, 3], [1, 2, 3, 3]) = 0.8
    #expect(abs((kendallTau([(1, 1), (2, 2), (2, 3), (3, 3)]) ?? 0) - 0.8) < 1e-12)
    #expect(kendallTau([(1, 1), (2, 1)]) == nil)
  }
}

@Suite("Hubs are counted and damped", .leavesNoTensors)
struct HubnessTests {
  @Test func `occurrences, skewness and damping are numpy's`() throws {
    let cases: [WalkReference] = references("walks", in: .module)
    try #require(!cases.isEmpty)
    for reference in cases {
      let features = Tensor(reference.features, shape: [reference.count, reference.width])
      let (hubness, expected) = (Hubness(of: features, neighbours: reference.hubness.k), reference.hubness)
      #expect(hubness.occurrences == expected.occurrences)
      #expect(hubness.dampedOccurrences == expected.damped)
      #expect(relativeError(hubness.damping, expected.damping) < 1e-4)
      #expect(abs(hubness.record.skewness - expected.skewness) < 1e-9)
      #expect(abs(hubness.record.dampedSkewness - expected.dampedSkewness) < 1e-9)
      #expect(hubness.record.most == expected.occurrences.max())
    }
  }

  @Test func `a planted hub is no longer everywhere`() throws {
    // A shell of images, and in its middle a few that are nearer to each of them than they are to each other.
    let shell = RandomGenerator(seed: 2, "shell").normal([120, 40], .float64)
    let lengths = (shell * shell).sum([1], keepingDimensions: true).squareRoot
    let center = RandomGenerator(seed: 2, "hub").normal([6, 40], .float64) * 0.01
    let features = Tensor.concatenated([shell / lengths, center])
    let hubness = Hubness(of: features, neighbours: 5)
    #expect(hubness.occurrences.suffix(6).allSatisfy { $0 > 60 })
    #expect(hubness.dampedOccurrences.suffix(6).allSatisfy { $0 < 20 })
    #expect(hubness.record.skewness > 2 && hubness.record.dampedSkewness < hubness.record.skewness / 2)

    // From one image of the shell a step of half its length away from the middle: the middle is still nearest.
    let directions = RandomGenerator(seed: 3, "directions").normal([6, 40], .float64)
    let unit = directions / (directions * directions).sum([1], keepingDimensions: true).squareRoot
    var options = WalkOptions()
    (options.query, options.steps) = (.local, [0.5])
    func hubs() throws -> Int {
      try walk(through: features, along: unit, sigmas: Array(repeating: 1, count: 6), from: 0, options: options)
        .rows.count { $0.cells[0].row >= 120 }
    }
    #expect(try hubs() == 6)
    options.hubness = hubness
    #expect(try hubs() == 0)
  }

  @Test func `few features, and the same one many times, are no hubs`() {
    #expect(Hubness(of: .zeros([1, 3])).damping == [1])
    let same = Hubness(of: .zeros([5, 3]), neighbours: 2)
    #expect(same.damping == [1, 1, 1, 1, 1])
  }
}

@Suite("The walks of a run", .leavesNoTensors)
struct RunWalkTests {
  @Test func `have their controls, show no image twice, and are read back the same`() throws {
    try withTemporaryFolder { url in
      let folder = RunFolder(url)
      let dataset = Dataset.portraits(seed: 1, trainCount: 80, testCount: 120)
      let network = ResNet(.eight, classCount: 10, seed: 3)
      _ = try analyze(network, of: dataset, normalization: dataset.normalization, into: folder)
      let walks = try #require(try folder.read(Walks.self))
      #expect(walks.walks.map(\.query) == (0..<10).flatMap { _ in WalkQuery.allCases })
      for walk in walks.walks {
        let labels = dataset.test.labels
        #expect(labels[walk.anchor.row] == UInt8(walk.classIndex))
        #expect(walk.rows.prefix(6).map(\.kind) == (1...5).map { .principal($0) } + [.random])
        guard case .otherClass(let other) = walk.rows[6].kind else {
          Issue.record("no other class")
          continue
        }
        #expect(other != walk.classIndex && walk.rows[7].kind == .images && walk.rows.count == 8)
        var shown: [ImageReference] = []
        for row in walk.rows {
          #expect(row.cells.filter { $0.step == 0 }.map(\.image) == [walk.anchor])
          shown += row.cells.filter { $0.step != 0 }.map(\.image)
          for cell in row.cells { #expect(cell.label == Int(labels[cell.image.row])) }
        }
        #expect(Set(shown + [walk.anchor]).count == shown.count + 1)
        #expect(walk.rows[..<7].allSatisfy { $0.cells.count == 7 })
        // Twelve images of the class: whatever is left of them after the other rows.
        #expect(walk.rows[7].cells.allSatisfy { $0.label == walk.classIndex })
        // Controls go as far as the first direction.
        #expect(walk.rows[5...].allSatisfy { $0.sigma == walk.rows[0].sigma })
      }
      for slabs in walks.slabs {
        for row in slabs.rows {
          #expect(row.slabs.map(\.step) == [-3, -2, -1, 0, 1, 2, 3])
          let rows = row.slabs.flatMap(\.rows)
          #expect(
            rows.sorted() == dataset.test.labels.indices.filter { Int(dataset.test.labels[$0]) == slabs.classIndex })
        }
      }
      // Nothing else than what is in the folder is needed to walk the same again, or from another anchor.
      let again = try AnalysedRun(folder)
      let first = try again.walk(classIndex: 3, query: .local)
      #expect(JSONFile.encode(first) == JSONFile.encode(walks.walks[7]))
      let elsewhere = try again.walk(classIndex: 3, query: .local, anchor: 23)
      #expect(elsewhere.anchor.row == 23 && elsewhere.rows[0].sigma == first.rows[0].sigma)
    }
  }

  @Test func `slabs lie around whole steps from the mean`() {
    // One direction, deviation 2: values −4, −1.1, −0.9, 0.9, 1.1, 4 in steps of 2.
    let values = [-4, -1.1, -0.9, 0.9, 1.1, 4.0]
    let scale = 2 / (values.reduce(0) { $0 + $1 * $1 } / 6).squareRoot()
    let images = LabelledFeatures(
      features: Tensor(values.flatMap { [$0 * scale, 0.0] }, shape: [6, 2]), labels: values.map { _ in 0 },
      predictions: values.map { _ in 0 })
    let run = RunFeatures(
      train: images, test: images, weight: .zeros([1, 2], .float64), bias: .zeros([1], .float64), classNames: ["a"])
    var options = AnalysisOptions()
    options.directions = 1
    let row = ClassDirections(index: 0, of: run, options: AnalysisOptions()).slabs(among: images, options: options)
      .rows[0]
    #expect(abs(row.sigma - 2) < 1e-12)
    #expect(row.slabs.map(\.rows) == [[], [0], [], [1, 2, 3, 4], [], [5], []])
  }
}
