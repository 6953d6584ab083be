import Foundation
import Results
import Storage
import TestSupport
import Testing
import Torch

@testable import Analysis

/// What `Scripts/reference/moved_walks.py` computed from the definition.
private struct MovedWalk: Decodable {
  struct Row: Decodable {
    let rows: [Int]
    let achieved, offAxis: [Double]
  }
  let query: WalkQuery
  let count, width, anchor: Int
  let features, sigmas, steps, moves, damping: [Double]
  let directions: [[Double]]
  let rows: [Row]
}

@Suite("Walks from an anchor that was moved", .leavesNoTensors)
struct MovedWalkTests {
  @Test(arguments: [ElementType.float64, .float32])
  func `as numpy finds them from the moved feature`(type: ElementType) throws {
    let cases: [MovedWalk] = references("moved-walks", in: .module)
    try #require(cases.count == 6)
    for reference in cases {
      let features = Tensor(reference.features, shape: [reference.count, reference.width]).to(type)
      let search = try WalkSearch(through: features, hubness: Hubness(damping: reference.damping))
      var options = WalkOptions()
      (options.query, options.steps) = (reference.query, reference.steps)
      let shifts = zip(reference.moves, zip(reference.directions, reference.sigmas).dropFirst(2)).map {
        WalkSearch.Shift($1.0, by: $0 * $1.1)
      }
      let directions = Tensor(reference.directions.prefix(2).flatMap { $0 }, shape: [2, reference.width])
      // The second time everything that can be remembered is.
      for _ in 0..<2 {
        let walk = try search.walk(
          along: directions, sigmas: Array(reference.sigmas.prefix(2)), from: reference.anchor, shifted: shifts,
          options: options)
        for (row, expected) in zip(walk.rows, reference.rows) {
          #expect(row.cells.map(\.row) == expected.rows, "\(reference.query) \(reference.moves)")
          let tolerance = type == .float64 ? 1e-12 : 1e-5
          #expect(relativeError(row.cells.map(\.achievedStep), expected.achieved) < tolerance)
          #expect(relativeError(row.cells.map(\.offAxis), expected.offAxis) < tolerance)
        }
      }
    }
  }

  @Test func `more directions than are remembered are walked all the same`() throws {
    let features = RandomGenerator(seed: 3, "features").normal([50, 90])
    let many = Tensor((0..<90 * 90).map { Double($0 / 90 == $0 % 90 ? 1 : 0) }, shape: [90, 90])
    var options = WalkOptions()
    options.steps = [1]
    options.query = .local
    let walk = try Analysis.walk(through: features, along: many.slice(0..<40), from: 0, options: options)
    let alone = try Analysis.walk(through: features, along: many.slice(0..<1), from: 0, options: options)
    #expect(walk.rows.count == 40 && walk.rows[0] == alone.rows[0])
    #expect(try Analysis.walk(through: features, along: many, from: 0, options: options).rows.count == 90)
  }

  @Test func `a shift that is none is refused`() throws {
    let search = try WalkSearch(through: .ones([4, 2]), hubness: nil)
    let along = Tensor([1, 0] as [Double], shape: [1, 2])
    #expect(throws: WalkError.shape(of: "shift", found: [3], expected: "[2], as the features have")) {
      try search.walk(along: along, from: 0, shifted: [.init([1, 0, 0], by: 1)])
    }
    #expect(throws: WalkError.notFinite("shift")) {
      try search.walk(along: along, from: 0, shifted: [.init([1, 0], by: .infinity)])
    }
  }
}

@Suite("An analysed run answers from its test images alone", .leavesNoTensors)
struct LiveRunTests {
  /// Six images of two classes in the plane, the last layer the identity.
  private static let features: [Float] = [0, 0, 2, 0, 4, 0, 0, 3, 2, 3, 4, 3.5]
  private static let labels: [Int64] = [0, 0, 0, 1, 1, 1]

  private func run(_ body: (LiveRun) throws -> Void) throws {
    let folder = RunFolder(FileManager.default.temporaryDirectory.appendingPathComponent("live-\(UUID().uuidString)"))
    defer { try? FileManager.default.removeItem(at: folder.url) }
    try Safetensors(arrays: [
      "features": StoredArray(Self.features, shape: [6, 2]), "logits": StoredArray(Self.features, shape: [6, 2]),
      "labels": StoredArray(Self.labels, shape: [6]),
    ]).write(to: folder.features(.test))
    try Safetensors(arrays: [
      "hub_damping": StoredArray([1, 1, 1, 1, 1, 1] as [Float], shape: [6]),
      "weight": StoredArray([1, 0, 0, 1] as [Float], shape: [2, 2]),
      "bias": StoredArray([0.5, 0] as [Float], shape: [2]),
    ]).write(to: folder.directions)
    try body(try LiveRun(folder, classCount: 2))
    #expect(throws: FileError.self) { try LiveRun(folder, classCount: 3) }
    #expect(throws: FileError.self) { try LiveRun(folder, classCount: 1) }
  }

  @Test func `predictions, probabilities and logits along a line`() throws {
    try run { run in
      #expect(run.predictions == [0, 0, 0, 1, 1, 0])
      #expect(abs(Double(run.confidences[1]) - 1 / (1 + exp(-2))) < 1e-6)
      #expect(abs(run.probabilities(of: 4)[1] - 1 / (1 + exp(-1))) < 1e-12)
      let line = LiveRun.Line(direction: [0, 1], sigma: 2)
      let logits = run.logits(from: 1, shifted: [.init([1, 0], by: 3)], along: line)
      #expect(logits.base == [5.5, 0] && logits.slope == [0, 2])
    }
  }

  @Test func `anchors are recognised and the first is nearest to the mean`() throws {
    try run { run in
      #expect(run.anchors(of: 0, count: 12) == [1, 0, 2])
      #expect(run.anchors(of: 0, count: 2) == [1, 2])
      // Image 5 is taken for class 0.
      #expect(run.anchors(of: 1, count: 12) == [4, 3])
      #expect(run.anchors(of: 1, count: 0).isEmpty)
    }
  }

  @Test func `differences, near an image and without another direction`() throws {
    try run { run in
      let up = try #require(run.difference(from: [0, 1, 2], to: [3, 4]))
      #expect(abs(up[0] - -1 / (10.0).squareRoot()) < 1e-12 && abs(up[1] - 3 / (10.0).squareRoot()) < 1e-12)
      // Of group A only image 3 is among the one nearest to image 0, which does not count itself.
      let near = try #require(run.difference(from: [0, 1, 2], to: [3, 4], near: (anchor: 0, neighbours: 1)))
      #expect(abs(near[0] - -2 / (13.0).squareRoot()) < 1e-12)
      #expect(run.difference(from: [0, 1], to: [3, 4], without: [0, 1]) == nil)
      let rest = try #require(run.difference(from: [0, 1, 2], to: [3, 4], without: [0, 1]))
      #expect(abs(rest[0] - -1) < 1e-12 && abs(rest[1]) < 1e-12)
      #expect(run.difference(from: [], to: [1]) == nil && run.difference(from: [1], to: [1]) == nil)
    }
  }

  @Test func `reach, visible share and scores`() throws {
    try run { run in
      let reach = run.reach(of: [1, 0], in: 0)
      #expect(abs(reach.sigma - (8.0 / 3).squareRoot()) < 1e-12 && reach.lower < -1.1 && reach.upper > 1.1)
      #expect(run.reach(of: [0, 1], in: 0).sigma == 0)
      // The classifier sees the difference of its two rows, (1, −1), only.
      let shares = run.visibleShares(of: [[1, 0], [(0.5).squareRoot(), -(0.5).squareRoot()], [0.6, 0.8]])
      #expect(abs(shares[0] - 0.5) < 1e-12 && abs(shares[1] - 1) < 1e-12 && abs(shares[2] - 0.02) < 1e-12)
      #expect(run.scores(of: 0, along: [[1, 0], [0, 1]]) == [[-2, 0], [0, 0], [2, 0]])
    }
  }

  @Test func `walks among some images name rows of all`() throws {
    try run { run in
      let line = LiveRun.Line(direction: [0, 1], sigma: 1)
      func rows() throws -> [Int] {
        try run.walk(along: [line], from: 1, shifted: [], query: .local, steps: [0, 3]).rows[0].cells.map(\.row)
      }
      let all = try rows()
      run.restrict(to: [1, 3, 5])
      let some = try rows()
      #expect(all == [1, 4] && some == [1, 3])
      #expect(throws: WalkError.noSuchAnchor(0, count: 3)) {
        try run.walk(along: [line], from: 0, shifted: [], query: .local, steps: [1])
      }
    }
  }

  @Test func `directions of two runs are matched one to one, whichever has more`() throws {
    let generator = RandomGenerator(seed: 8, "scores")
    let values: [Double] = generator.normal([40, 3], .float64).array()
    let scores = (0..<40).map { Array(values[3 * $0..<3 * $0 + 3]) }
    // The second run has the same directions in another order, one turned round, and one more.
    let other = scores.map { [$0[2], -$0[0], $0[1], 0.1 * $0[0] + 0.1 * $0[1]] }
    let matched = try #require(matchedDirections(scores, other, classIndex: 0))
    #expect(matched.pairs.map { [$0.first, $0.second] } == [[0, 1], [1, 2], [2, 0]])
    #expect(matched.pairs.map { ($0.correlation * 100).rounded() } == [-100, 100, 100])
    let back = try #require(matchedDirections(other, scores, classIndex: 0))
    #expect(Set(back.pairs.map { [$0.second, $0.first] }) == [[0, 1], [1, 2], [2, 0]])
    #expect(matchedDirections([[1], [2]], [[1], [2]], classIndex: 0) == nil)
  }
}
