import Explorer
import Foundation
import Images
import Results
import Storage
import TestSupport
import Testing

@testable import Analysis
@testable import Exploration

/// A run as one server has it.
private func open(_ run: SmallRun) async throws -> ExploredRun {
  let explored = ExploredRun(run.folder, place: 0, images: run.images) { "isda directions show \($0.anchor)" }
  _ = try await explored.load(SmallRun.classNames)
  return explored
}

private func code(_ body: () async throws -> Void) async -> ExplorerError.Code? {
  do {
    try await body()
    return nil
  } catch {
    return (error as? ExplorerError)?.code
  }
}

@Suite("An analysed run under somebody's hand", .leavesNoTensors)
struct ExploredRunTests {
  @Test func `reads what fits, and refuses what does not`() async throws {
    let run = try SmallRun()
    defer { run.remove() }
    let explored = ExploredRun(run.folder, place: 0, images: run.images) { _ in "" }
    #expect(await code { _ = try await explored.walk(WalkQuestion(anchor: 0, directions: [])) } == .notReady)
    let summary = try await explored.load(SmallRun.classNames)
    #expect(summary.dimension == 6 && summary.maps == [.pca])
    await #expect(throws: FileError.self) { try await explored.load(["cat", "dog"]) }
    let fewer = ExploredRun(run.folder, place: 0, images: run.images.subset(Array(0..<30))) { _ in "" }
    await #expect(throws: FileError.self) { try await fewer.load(SmallRun.classNames) }
    let turned = ExploredRun(run.folder, place: 0, images: run.images.subset((0..<60).reversed())) { _ in "" }
    await #expect(throws: FileError.self) { try await turned.load(SmallRun.classNames) }
  }

  @Test func `a walk is that of the search, with a control of the anchor's class`() async throws {
    let run = try SmallRun()
    defer { run.remove() }
    let explored = try await open(run)
    var question = WalkQuestion(
      anchor: 4, directions: [.init(id: "cat.principal.1", position: 0.5), .init(id: "within.1", position: -1)])
    let answer = try await explored.walk(question)
    let live = try LiveRun(run.folder, classCount: 3)
    let lines = [0, 5].map { place in LiveRun.Line(direction: (0..<6).map { $0 == place ? 1 : 0 }, sigma: 3) }
    let expected = try live.walk(
      along: lines, from: 4, shifted: [.init([0, 1, 0, 0, 0, 0], by: -2)], query: .axis, steps: question.steps)
    #expect(answer.strip.map(\.row) == expected.rows[0].cells.map(\.row))
    #expect(answer.control?.strip.map(\.row) == expected.rows[1].cells.map(\.row))
    #expect(answer.control?.title == "a random direction of the span of dog")
    #expect(answer.strip.map(\.achieved) == expected.rows[0].cells.map(\.achievedStep))
    #expect(answer.strip.allSatisfy { $0.label == run.labels[$0.row] })
    #expect(answer.directions.map(\.sigma) == [3, 2] && answer.command == "isda directions show 4")
    // z(t) = a₀ + moves: class 0 sees the active direction with σ = 3, class 1 the other, moved by −2.
    let start = run.features[24..<30].map(Double.init)
    let logits = [start[0] + 3 * 0.5, start[1] - 2, start[2]]
    let best = logits.indices.max { logits[$0] < logits[$1] }
    #expect(answer.hand.predicted == best)
    question.hasControl = false
    #expect(try await explored.walk(question).control == nil)
    question.anchor = 60
    #expect(await code { _ = try await explored.walk(question) } == .noSuchImage)
    question = WalkQuestion(anchor: 4, directions: [.init(id: "nobody", position: 0)])
    #expect(await code { _ = try await explored.walk(question) } == .noSuchDirection)
  }

  @Test func `questions that nobody waits for any more are not answered`() async throws {
    let run = try SmallRun()
    defer { run.remove() }
    let explored = try await open(run)
    let question = WalkQuestion(anchor: 4, directions: [.init(id: "cat.principal.1", position: 0.5)])
    let given = await Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return await code { _ = try await explored.walk(question) }
    }.value
    #expect(given == .notReady)
  }

  @Test func `a class has its own directions and those of no class`() async throws {
    let run = try SmallRun()
    defer { run.remove() }
    let explored = try await open(run)
    let answer = try await explored.directions(of: 1)
    #expect(answer.directions.map(\.id) == ["dog.principal.1", "dog.principal.2", "dog.random", "within.1"])
    #expect(answer.images == 20 && answer.anchors.allSatisfy { run.labels[$0] == 1 })
    // Of the plane that tells the classes apart: the first axis, less its part along the mean of the three.
    #expect(abs((answer.directions[0].visibleShare ?? 0) - 2.0 / 3) < 1e-9)
    #expect(abs(answer.directions[2].visibleShare ?? 1) < 1e-9)
    #expect(await code { _ = try await explored.directions(of: 3) } == .noSuchClass)
  }

  @Test func `directions of two runs find each other`() async throws {
    let (first, second) = (try SmallRun(), try SmallRun())
    defer {
      first.remove()
      second.remove()
    }
    // The second run calls the axes of the first by each other's names, one of them turned round.
    try second.folder.changeCatalogue { catalogue in
      for (id, vector) in [("cat.principal.1", [0.0, 1, 0, 0, 0, 0]), ("cat.principal.2", [-1, 0, 0, 0, 0, 0])] {
        guard let entry = catalogue.entry(id) else { continue }
        catalogue.add(entry, vector: vector)
      }
    }
    let (a, b) = (try await open(first), try await open(second))
    let answer = directionMatches(try await a.scores(of: 0), try await b.scores(of: 0), classIndex: 0)
    let pairs = Dictionary(uniqueKeysWithValues: answer.pairs.map { ($0.first, $0) })
    #expect(pairs["cat.principal.1"]?.second == "cat.principal.2" && pairs["cat.principal.1"]?.sign == -1)
    #expect(pairs["cat.principal.2"]?.second == "cat.principal.1" && pairs["cat.principal.2"]?.sign == 1)
    #expect(abs((pairs["within.1"]?.correlation ?? 0) - 1) < 1e-9 && pairs["within.1"]?.found == true)
    #expect(pairs["cat.principal.1"]?.found == true && answer.chanceLevel < 0.95)
  }
}

@Suite("What people change is in the run folder at once, and nothing of another's is lost", .leavesNoTensors)
struct ExploredRunChangeTests {
  private func own(_ name: String, save: Bool = true) -> OwnDirection {
    var own = OwnDirection(a: .rows([0, 3, 6]), b: .rest, name: name)
    (own.classIndex, own.save) = (0, save)
    return own
  }

  @Test func `own directions are kept, drafts are not, and both can be walked`() async throws {
    let run = try SmallRun()
    defer { run.remove() }
    let explored = try await open(run)
    let draft = try #require(try await explored.make(own("Hüte & so", save: false)).direction)
    #expect(draft.id == "draft.1" && draft.title == "3 images less 17 others" && draft.kind == .own)
    #expect(try run.folder.catalogue().entry("draft.1") == nil)
    let walk = try await explored.walk(WalkQuestion(anchor: 0, directions: [.init(id: "draft.1", position: 1)]))
    #expect(walk.strip.count == 9)

    let saved = try await explored.make(own("Hüte & so"))
    #expect(saved.direction?.id == "own.hüte-so" && saved.direction?.mine == true)
    #expect(try await explored.make(own("Hüte & so")).direction?.id == "own.hüte-so-2")
    let vector = try #require(try run.folder.catalogue().vector("own.hüte-so"))
    // By hand: the mean of A less that of the other images of the class.
    func mean(_ rows: [Int]) -> [Double] {
      (0..<6).map { a in rows.reduce(0.0) { $0 + Double(run.features[$1 * 6 + a]) } / Double(rows.count) }
    }
    let others = stride(from: 9, to: 60, by: 3).map { $0 }
    let difference = zip(mean([0, 3, 6]), mean(others)).map { $0 - $1 }
    let length = difference.reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(zip(vector, difference).allSatisfy { abs($0 - $1 / length) < 1e-6 })

    var conditional = own("without")
    conditional.without = "within.1"
    let id = try #require(try await explored.make(conditional).direction?.id)
    #expect(abs(try #require(try run.folder.catalogue().vector(id))[1]) < 1e-12)
    for (a, b) in [(OwnDirection.Group.rows([]), OwnDirection.Group.rest), (.ofClass(1), .ofClass(1))] {
      #expect(await code { _ = try await explored.make(OwnDirection(a: a, b: b, name: "x")) } == .noDirection)
    }
    #expect(
      await code { _ = try await explored.make(OwnDirection(a: .rows([60]), b: .rest, name: "x")) } == .noSuchImage)
  }

  @Test func `of two pages the later one is told, and both can go on`() async throws {
    let run = try SmallRun()
    defer { run.remove() }
    let (first, second) = (try await open(run), try await open(run))
    let known = try #require(try await first.directions(of: 0).directions.first)
    var change = DirectionChange(id: known.id, version: known.version)
    change.name = "hat"
    let changed = try await first.change(change)
    #expect(changed.direction?.name == "hat" && changed.direction?.version != known.version)
    change.name = "cap"
    do {
      _ = try await second.change(change)
      Issue.record("the second page overwrote the first")
    } catch let error as ExplorerError {
      #expect(error.code == .conflict && error.current?.direction?.name == "hat")
      #expect(error.current?.revision == changed.revision)
    }
    var again = DirectionChange(id: known.id, version: try #require(changed.direction?.version))
    again.note = "clear to 2 σ"
    #expect(try await second.change(again).direction?.name == "hat")
    #expect(try await first.directions(of: 0).directions.first?.note == "clear to 2 σ")
    #expect(try run.folder.catalogue().entry(known.id)?.note == "clear to 2 σ")
    var turned = DirectionChange(
      id: known.id, version: try #require(try await first.directions(of: 0).directions.first).version)
    (turned.lower, turned.upper) = (2, 1)
    #expect(await code { _ = try await first.change(turned) } == .badRequest)
  }

  @Test func `many changes of two pages at once are all kept`() async throws {
    let run = try SmallRun()
    defer { run.remove() }
    let pages = [try await open(run), try await open(run)]
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (page, explored) in pages.enumerated() {
        for number in 0..<8 { group.addTask { _ = try await explored.make(own("p\(page) n\(number)")) } }
      }
      try await group.waitForAll()
    }
    let names = try run.folder.catalogue().entries.filter { $0.kind == .own }.compactMap(\.name)
    #expect(Set(names) == Set((0..<2).flatMap { page in (0..<8).map { "p\(page) n\($0)" } }) && names.count == 16)
  }

  @Test func `only what people made can be deleted`() async throws {
    let run = try SmallRun()
    defer { run.remove() }
    let explored = try await open(run)
    let made = try #require(try await explored.make(own("x")).direction)
    #expect(
      await code { _ = try await explored.delete(.init(json: ["id": made.id, "version": "0"])) } == .conflict)
    #expect(try await explored.delete(.init(json: ["id": made.id, "version": made.version])).direction == nil)
    #expect(try run.folder.catalogue().entry(made.id) == nil)
    let known = try #require(try await explored.directions(of: 0).directions.first)
    #expect(
      await code { _ = try await explored.delete(.init(json: ["id": known.id, "version": known.version])) }
        == .badRequest)
  }

  @Test func `directions go out and come in whole or not at all`() async throws {
    let (run, other) = (try SmallRun(), try SmallRun(seed: 2))
    defer {
      run.remove()
      other.remove()
    }
    let (explored, target) = (try await open(run), try await open(other))
    _ = try await explored.make(own("hat"))
    let files = try await explored.export(["own.hat", "within.1"])
    let answer = try await target.bring(files)
    #expect(answer.ids == ["own.hat", "within.1"])
    let brought = try other.folder.catalogue()
    #expect(brought.entry("own.hat")?.kind == .imported && brought.entry("own.hat")?.name == "hat")
    #expect(brought.vector("own.hat") == (try run.folder.catalogue().vector("own.hat")))

    let before = try Data(contentsOf: other.folder.catalogueFile)
    let list = files.files[0], vectors = files.files[1]
    let damaged = FileList.File(name: vectors.name, data: Data(base64Encoded: vectors.base64)?.dropLast(8) ?? Data())
    let escaping = FileList.File(
      name: list.name,
      data: Data(
        String(decoding: Data(base64Encoded: list.base64) ?? Data(), as: UTF8.self)
          .replacingOccurrences(of: vectors.name, with: "../../etc/passwd").utf8))
    for wrong in [
      [list], [list, damaged], [escaping, vectors], [list, .init(name: "x.safetensors", data: Data())], [],
    ] {
      #expect(await code { _ = try await target.bring(FileList(wrong)) } == .badRequest, "\(wrong.map(\.name))")
    }
    #expect(try Data(contentsOf: other.folder.catalogueFile) == before)
  }

  @Test func `a folder that another process works in is said to be busy`() async throws {
    let run = try SmallRun()
    defer { run.remove() }
    let explored = try await open(run)
    let (held, over) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let url = run.folder.url
    Thread.detachNewThread {
      try? FolderLock.holding(url) {
        held.signal()
        over.wait()
      }
    }
    held.wait()
    defer { over.signal() }
    do {
      _ = try await explored.make(own("x"))
      Issue.record("the lock was not heeded")
    } catch {
      #expect(ExplorerError(error).code == .busy)
    }
    #expect(try run.folder.catalogue().entries.allSatisfy { $0.kind != .own })
  }
}

extension DirectionDeletion {
  fileprivate init(json: [String: String]) throws {
    self = try JSONDecoder().decode(Self.self, from: JSONEncoder().encode(json))
  }
}
