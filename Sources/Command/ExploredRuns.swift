//  The runs that an explorer shows, as its server asks for them.

import Exploration
import Explorer
import Foundation
import Images
import Raster
import Results
import Storage
import Synchronization

/// Answers questions about runs, each of which computes on a thread of its own.
final class ExploredRuns: ExplorerBackend, Sendable {
  private struct State: Sendable {
    var runs: [SessionAnswer.Run]
    var ready: [ExploredRun?]
    var figures: [ExploredFigures?]
    var classes: [String]?
    var dataset: Dataset?
  }

  let folders: [RunFolder]
  /// The folder of the data set's files, if it has moved.
  private let data: String?
  private let state: Mutex<State>

  init(_ folders: [RunFolder], data: String?) {
    (self.folders, self.data) = (folders, data)
    let runs = folders.enumerated().map { index, folder in
      var run = SessionAnswer.Run(run: index, name: folder.name, condition: RunCondition(of: folder))
      if let configuration = try? folder.configuration() {
        (run.dataset, run.network) = (configuration.images.name, configuration.network)
        run.title = configuration.title
      }
      return run
    }
    state = Mutex(State(runs: runs, ready: runs.map { _ in nil }, figures: runs.map { _ in nil }))
  }

  /// Reads what can be explored, the data set first. Problems become the states of the runs.
  func load() async {
    let waiting = folders.indices.filter { index in state.withLock { $0.runs[index].state == .loading } }
    guard let first = waiting.first else { return }
    let dataset: Dataset
    do {
      dataset = try loadDataset(of: folders[first], data: data, Console(quiet: true))
    } catch {
      for index in waiting {
        set(index, RunCondition(.damaged, message: "\(error)", command: nil))
      }
      return
    }
    state.withLock { ($0.dataset, $0.classes) = (dataset, dataset.classNames) }
    await withTaskGroup(of: Void.self) { group in
      for index in waiting { group.addTask { await self.load(index, dataset, first: first) } }
    }
  }

  private func load(_ index: Int, _ dataset: Dataset, first: Int) async {
    guard hasImages(of: first, index) else {
      let message = "The run is on other images than \(folders[first].name); explore it by itself."
      set(index, RunCondition(.otherImages, message: message))
      return
    }
    let folder = folders[index]
    let run = ExploredRun(folder, place: index, images: dataset.test) { question in
      WalkPicture(question).command(run: folder.url.relativePath, out: ExploredFigures.out)
    }
    do {
      let summary = try await run.load(dataset.classNames)
      state.withLock { state in
        state.runs[index].state = .ready
        state.runs[index].accuracy = summary.accuracy
        state.runs[index].features = summary.dimension
        state.runs[index].maps = summary.maps
        state.runs[index].factors = dataset.test.factors?.names ?? []
        state.ready[index] = run
        state.figures[index] = ExploredFigures(run)
      }
    } catch {
      set(index, RunCondition(error, in: folders[index]))
    }
  }

  /// Rows are places in a data set, so runs on one page must share theirs.
  private func hasImages(of first: Int, _ index: Int) -> Bool {
    func images(_ place: Int) -> DatasetChoice? {
      var choice = (try? folders[place].configuration())?.images
      // What is held out of the training images changes nothing about the test images.
      if choice?.evaluateOn == .test { choice?.validationShare = nil }
      return choice
    }
    return images(first) == images(index)
  }

  private func set(_ index: Int, _ condition: RunCondition) {
    state.withLock { state in
      state.runs[index].state = condition.state
      (state.runs[index].message, state.runs[index].command) = (condition.message, condition.command)
    }
  }

  /// A run that answers.
  func run(_ index: Int) throws(ExplorerError) -> ExploredRun {
    let (ready, runs) = state.withLock { ($0.ready, $0.runs) }
    guard ready.indices.contains(index) else {
      throw ExplorerError(.noSuchRun, "no run \(index); there are \(ready.count)")
    }
    guard let run = ready[index] else {
      throw ExplorerError(
        .notReady, runs[index].message ?? "\(runs[index].name) is being read",
        hint: runs[index].command.map { "Run \($0)." })
    }
    return run
  }

  /// Of a ready run.
  var classNames: [String] { state.withLock { $0.classes ?? [] } }

  // MARK: ExplorerBackend

  var session: SessionAnswer {
    let state = state.withLock { $0 }
    var answer = SessionAnswer(
      classes: state.classes,
      images: state.dataset.map { .init(count: $0.test.count, width: $0.test.width, height: $0.test.height) },
      runs: state.runs)
    for (index, run) in state.ready.enumerated() where run != nil {
      answer.runs[index].revision = CatalogueStamp(folders[index])?.revision
    }
    return answer
  }

  func image(_ row: Int) -> Image? {
    guard let images = state.withLock({ $0.dataset?.test }), (0..<images.count).contains(row) else { return nil }
    return images.image(row)
  }

  func map(_ kind: MapKind, of run: Int) async throws -> MapAnswer { try await self.run(run).map(kind) }

  func details(of row: Int, in run: Int) async throws -> ImageAnswer { try await self.run(run).details(of: row) }

  func directions(of classIndex: Int, in run: Int) async throws -> ClassAnswer {
    try await self.run(run).directions(of: classIndex)
  }

  func walk(_ question: WalkQuestion, in run: Int) async throws -> WalkAnswer { try await self.run(run).walk(question) }

  func matches(of classIndex: Int, first: Int, second: Int) async throws -> MatchesAnswer {
    let (one, other) = (try run(first), try run(second))
    let (a, b) = (try await one.scores(of: classIndex), try await other.scores(of: classIndex))
    return directionMatches(a, b, classIndex: classIndex)
  }

  func make(_ direction: OwnDirection, in run: Int) async throws -> ChangeAnswer {
    try await self.run(run).make(direction)
  }

  func change(_ change: DirectionChange, in run: Int) async throws -> ChangeAnswer {
    try await self.run(run).change(change)
  }

  func delete(_ deletion: DirectionDeletion, in run: Int) async throws -> ChangeAnswer {
    try await self.run(run).delete(deletion)
  }

  func export(_ ids: [String], from run: Int) async throws -> FileList { try await self.run(run).export(ids) }

  func bring(_ files: FileList, into run: Int) async throws -> ImportAnswer { try await self.run(run).bring(files) }

  func figure(_ question: FigureQuestion, of run: Int) async throws -> FigureFile {
    try await figures(of: run).file(question, beside: await companion(of: question))
  }

  func command(for question: FigureQuestion, of run: Int) async throws -> String {
    try await figures(of: run).command(for: question, beside: await companion(of: question))
  }

  private func figures(of index: Int) throws -> ExploredFigures {
    _ = try run(index)
    guard let figures = state.withLock({ $0.figures[index] }) else { throw ExplorerError(.notReady, "no run yet") }
    return figures
  }

  private func companion(of question: FigureQuestion) async throws -> ExploredFigures.Companion? {
    guard case .walk(_, let beside?) = question.subject else { return nil }
    let other = try run(beside.run)
    for case let partner? in beside.partners { _ = try await other.find(partner.id) }
    return (try figures(of: beside.run), beside.partners)
  }
}
