//  Runs that are made up, so that the server can be asked without features: image i is one colour, walks answer with
//  what they were asked.

import Explorer
import Foundation
import Raster
import Results
import Synchronization

final class StubBackend: ExplorerBackend, Sendable {
  static let images = SessionAnswer.Images(count: 300, width: 4, height: 4)
  private let changes = Mutex<[DirectionChange]>([])
  private let made = Mutex<[OwnDirection]>([])
  /// What it was asked to do first.
  var firstChange: DirectionChange? { changes.withLock { $0.first } }
  var firstMade: OwnDirection? { made.withLock { $0.first } }
  /// How long a walk takes.
  let delay: Duration

  init(delay: Duration = .zero) { self.delay = delay }

  var session: SessionAnswer {
    SessionAnswer(
      classes: ["cat", "dog"], images: Self.images,
      runs: [SessionAnswer.Run(run: 0, name: "stub", condition: RunCondition(.ready))])
  }

  func image(_ row: Int) -> Image? {
    guard (0..<Self.images.count).contains(row) else { return nil }
    return Image(width: 4, height: 4, pixels: [UInt8](repeating: UInt8(row % 251), count: 48))
  }

  private func check(_ run: Int) throws {
    guard run == 0 else { throw ExplorerError(.noSuchRun, "no run \(run); there are 1") }
  }

  func map(_ kind: MapKind, of run: Int) async throws -> MapAnswer {
    try check(run)
    let entries = (0..<3).map {
      FeatureMap.Entry(image: ImageReference(.test, $0), label: $0 % 2, predicted: 1, x: Double($0), y: -0.5)
    }
    return MapAnswer(kind, entries: entries, shares: [0.5, 0.25], confidences: [0.5, 0.75, 1])
  }

  func details(of row: Int, in run: Int) async throws -> ImageAnswer {
    try check(run)
    return ImageAnswer(row: row, label: 0, probabilities: [0.25, 0.75], factors: nil)
  }

  static let entry = DirectionEntry(
    id: "cat.principal.1", kind: .principal, classIndex: 0, title: "direction 1", sigma: 2, lower: -1, upper: 1.5)

  func directions(of classIndex: Int, in run: Int) async throws -> ClassAnswer {
    ClassAnswer(
      classIndex: classIndex, images: 5, recognised: 4, anchors: [1, 2], revision: "r",
      directions: [DirectionAnswer(Self.entry, visibleShare: 0.5, significance: nil, margins: nil)])
  }

  func walk(_ question: WalkQuestion, in run: Int) async throws -> WalkAnswer {
    try check(run)
    try await Task.sleep(for: delay)
    guard question.directions.allSatisfy({ $0.id == "cat.principal.1" || $0.id == "a/b ü&=" }) else {
      throw ExplorerError(.noSuchDirection, "no direction")
    }
    let cells = question.steps.enumerated().map { place, step in
      WalkAnswer.Cell(
        step: step, row: question.anchor + place, label: 0, predicted: 1, confidence: 0.5, achieved: step, offAxis: 1)
    }
    let (base, slope) = ([0.0, 1.0], [1.0, 0.0])
    return WalkAnswer(
      run: run, question: question, sigmas: question.directions.map { _ in 2 }, strip: cells, control: nil, tau: nil,
      hand: .init(base: base, slope: slope, at: question.directions[0].position),
      chart: .init(base: base, slope: slope), command: "isda directions show")
  }

  func matches(of classIndex: Int, first: Int, second: Int) async throws -> MatchesAnswer {
    MatchesAnswer(
      classIndex: classIndex, chanceLevel: 0.1, pairs: [.init(first: "a", second: "b", correlation: -0.5, found: true)])
  }

  func make(_ direction: OwnDirection, in run: Int) async throws -> ChangeAnswer {
    made.withLock { $0.append(direction) }
    return ChangeAnswer(revision: "r", direction: nil)
  }

  func change(_ change: DirectionChange, in run: Int) async throws -> ChangeAnswer {
    let now = DirectionAnswer(Self.entry, visibleShare: nil, significance: nil, margins: nil)
    guard change.version == Self.entry.version else {
      throw ExplorerError(.conflict, "somebody was faster", current: ChangeAnswer(revision: "r2", direction: now))
    }
    changes.withLock { $0.append(change) }
    return ChangeAnswer(revision: "r", direction: now)
  }

  func delete(_ deletion: DirectionDeletion, in run: Int) async throws -> ChangeAnswer {
    ChangeAnswer(revision: "r", direction: nil)
  }

  func export(_ ids: [String], from run: Int) async throws -> FileList {
    FileList([.init(name: ids.joined(separator: "+"), data: Data([1, 2, 3]))])
  }

  func bring(_ files: FileList, into run: Int) async throws -> ImportAnswer {
    ImportAnswer(revision: "r", ids: files.files.map(\.name))
  }

  func figure(_ question: FigureQuestion, of run: Int) async throws -> FigureFile {
    FigureFile(name: "käse \"1\".png", type: question.format.type, data: Data([0x89]))
  }

  func command(for question: FigureQuestion, of run: Int) async throws -> String { "isda figures" }
}
