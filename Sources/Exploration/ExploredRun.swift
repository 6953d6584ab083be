//  One run under somebody's hand.

internal import Analysis
public import Explorer
internal import Foundation
public import Images
public import Results
internal import Storage

/// A run with its features in memory; questions are answered one after another on a thread of its own, because tensors
/// belong to one thread at a time.
public actor ExploredRun {
  public nonisolated let folder: RunFolder
  public nonisolated let place: Int
  /// The test images.
  public nonisolated let images: ImageSet
  private nonisolated let executor: QueueExecutor
  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// What was read.
  struct Contents {
    let live: LiveRun
    let classNames: [String]
    let title: String
    let plane: FeatureMap
    let neighbours: NeighbourMap?
    let significance: DirectionSignificance?
    let margins: MarginBudgets?
  }

  /// What the session says of a run that is ready.
  public struct Summary: Sendable {
    public let accuracy: Double
    /// A.
    public let dimension: Int
    public let maps: [MapKind]
  }

  private var contents: Contents?
  /// The directions as they were last on the disk.
  private var list: (stamp: CatalogueStamp, catalogue: DirectionCatalogue, visible: [String: Double])?
  /// Directions that nobody has saved, the newest last.
  var drafts: [(entry: DirectionEntry, vector: [Double])] = []
  var draftCount = 0
  /// The command line that draws a walk.
  private let command: @Sendable (WalkQuestion) -> String

  /// - Parameters:
  ///   - place: of the run among those that are explored, from 0.
  ///   - images: the test images of its data set.
  ///   - command: the command line that draws a walk of this run.
  public init(
    _ folder: RunFolder, place: Int, images: ImageSet, command: @Sendable @escaping (WalkQuestion) -> String
  ) {
    (self.folder, self.place, self.images, self.command) = (folder, place, images, command)
    executor = QueueExecutor("explorer.\(place)")
  }

  /// - Throws: `FileError` for what is missing, damaged or does not fit the data set.
  public func load(_ classNames: [String]) throws -> Summary {
    let report = try folder.directionsReport()
    guard report.classNames == classNames, report.map.entries.count == images.count else {
      throw FileError.malformed(
        path: folder.report.path,
        found: "an analysis of \(report.map.entries.count) images of \(report.classNames.count) classes",
        expected: "\(images.count) images of \(classNames.count) classes, as the data set has")
    }
    let live = try LiveRun(folder, classCount: classNames.count)
    guard live.labels == images.labels else {
      throw FileError.malformed(
        path: folder.features(.test).path, found: "labels that are not those of the data set",
        expected: "features of the same images; run `isda analyze` again")
    }
    let configuration = try folder.configuration()
    let neighbours = try folder.read(NeighbourMap.self)
    contents = Contents(
      live: live, classNames: classNames, title: configuration.title,
      plane: report.map, neighbours: neighbours, significance: try folder.read(DirectionSignificance.self),
      margins: try folder.read(MarginBudgets.self))
    _ = try current()
    let right = zip(live.labels, live.predictions).count { $0 == $1 }
    return Summary(
      accuracy: Double(right) / Double(max(live.labels.count, 1)), dimension: live.dimension,
      maps: neighbours == nil ? [.pca] : [.pca, .tsne])
  }

  func loaded() throws(ExplorerError) -> Contents {
    // Questions that waited while the server was stopped have nobody left to answer.
    guard !Task.isCancelled else { throw ExplorerError(.notReady, "the server is stopping") }
    guard let contents else { throw ExplorerError(.notReady, "\(folder.name) is being read") }
    return contents
  }

  // MARK: Directions

  /// The catalogue as it is on the disk now, with its revision.
  func current() throws -> (stamp: CatalogueStamp, catalogue: DirectionCatalogue, visible: [String: Double]) {
    guard let stamp = CatalogueStamp(folder) else {
      throw FileError.missing(
        path: folder.catalogueFile.path, expected: "the result of `isda analyze \(folder.url.path)`")
    }
    if let list, list.stamp == stamp { return list }
    let catalogue = try folder.catalogue()
    let live = try loaded().live
    guard catalogue.dimension == live.dimension else {
      throw FileError.malformed(
        path: folder.catalogueFile.path, found: "directions of \(catalogue.dimension) numbers",
        expected: "\(live.dimension), as the features have")
    }
    let ids = catalogue.entries.map(\.id)
    let shares = live.visibleShares(of: ids.compactMap(catalogue.vector))
    let made = (stamp, catalogue, Dictionary(uniqueKeysWithValues: zip(ids, shares)))
    list = made
    return made
  }

  /// - Throws: `ExplorerError` if there is no such direction.
  public func find(_ id: String) throws -> (entry: DirectionEntry, vector: [Double]) {
    if let draft = drafts.first(where: { $0.entry.id == id }) { return draft }
    let catalogue = try current().catalogue
    guard let entry = catalogue.entry(id), let vector = catalogue.vector(id) else {
      throw ExplorerError(.noSuchDirection, "no direction \"\(id.prefix(100))\"")
    }
    return (entry, vector)
  }

  func answer(_ entry: DirectionEntry, visible: Double?) throws -> DirectionAnswer {
    let contents = try loaded()
    return DirectionAnswer(
      entry, visibleShare: visible, significance: contents.significance, margins: contents.margins)
  }

  func check(classIndex: Int) throws {
    let count = try loaded().classNames.count
    guard (0..<count).contains(classIndex) else {
      throw ExplorerError(.noSuchClass, "no class \(classIndex); there are \(count)")
    }
  }

  public func name(ofClass index: Int) throws -> String {
    try check(classIndex: index)
    return try loaded().classNames[index]
  }

  public func directions(of classIndex: Int) throws -> ClassAnswer {
    try check(classIndex: classIndex)
    let (live, list) = (try loaded().live, try current())
    let entries = list.catalogue.entries
    let shown = entries.filter { $0.classIndex == classIndex } + entries.filter { $0.classIndex == nil }
    let rows = live.labels.indices.filter { live.labels[$0] == classIndex }
    return ClassAnswer(
      classIndex: classIndex, images: rows.count, recognised: rows.count { live.predictions[$0] == classIndex },
      anchors: live.anchors(of: classIndex, count: 12), revision: list.stamp.revision,
      directions: try shown.map { try answer($0, visible: list.visible[$0.id]) })
  }

  /// Scores of the class's images along its principal directions and along all others, for matching with another run.
  public func scores(of classIndex: Int) throws -> DirectionScores {
    try check(classIndex: classIndex)
    let catalogue = try current().catalogue
    let entries = catalogue.entries.filter { $0.classIndex == classIndex || $0.classIndex == nil }
    let principal = entries.filter { $0.kind == .principal }.map(\.id)
    let others = entries.filter { $0.kind != .principal }.map(\.id)
    let live = try loaded().live
    return DirectionScores(
      principal: principal, principalScores: live.scores(of: classIndex, along: principal.compactMap(catalogue.vector)),
      others: others, otherScores: live.scores(of: classIndex, along: others.compactMap(catalogue.vector)))
  }

  // MARK: Images and walks

  /// - Parameter rows: only these images; all if nil.
  public func map(_ kind: MapKind, of rows: Set<Int>? = nil) throws -> MapAnswer {
    let contents = try loaded()
    func shown(_ entries: [FeatureMap.Entry]) -> [FeatureMap.Entry] {
      rows.map { rows in entries.filter { rows.contains($0.image.row) } } ?? entries
    }
    switch kind {
    case .pca:
      return MapAnswer(
        .pca, entries: shown(contents.plane.entries), shares: contents.plane.shares,
        confidences: contents.live.confidences)
    case .tsne:
      guard let map = contents.neighbours else {
        throw ExplorerError(
          .notReady, "the analysis made no t-SNE map",
          hint: "Run isda analyze \(folder.url.relativePath.quotedForShell).")
      }
      return MapAnswer(.tsne, entries: shown(map.entries), shares: nil, confidences: contents.live.confidences)
    }
  }

  func check(row: Int) throws {
    guard (0..<images.count).contains(row) else {
      throw ExplorerError(.noSuchImage, "no test image \(row); there are \(images.count)")
    }
  }

  public func details(of row: Int) throws -> ImageAnswer {
    try check(row: row)
    let live = try loaded().live
    let factors = images.factors.map { table in
      Dictionary(zip(table.names, table.values[row]), uniquingKeysWith: { first, _ in first })
    }
    return ImageAnswer(
      row: row, label: live.labels[row], probabilities: live.probabilities(of: row), factors: factors)
  }

  public func walk(_ question: WalkQuestion) throws -> WalkAnswer {
    let found = try walk(question, steps: question.steps)
    let logits = found.logits
    return WalkAnswer(
      run: place, question: question, sigmas: found.sigmas, strip: found.strip, control: found.control, tau: found.tau,
      hand: .init(base: logits.base, slope: logits.slope, at: question.directions[0].position),
      chart: .init(base: logits.base, slope: logits.slope), command: command(question))
  }

  /// The walk along one direction from end to end.
  public func film(_ question: WalkQuestion) throws -> Film {
    let found = try walk(question, steps: Film.steps)
    return Film(
      sigma: found.sigmas[0], strip: .init(found.strip),
      control: found.control.map { .init(title: $0.title, strip: .init($0.strip)) },
      chart: .init(base: found.logits.base, slope: found.logits.slope))
  }

  private struct FoundWalk {
    let sigmas: [Double]
    let strip: [WalkAnswer.Cell]
    let control: WalkAnswer.Control?
    let tau: Double?
    let logits: (base: [Double], slope: [Double])
  }

  private func walk(_ question: WalkQuestion, steps: [Double]) throws -> FoundWalk {
    try check(row: question.anchor)
    let contents = try loaded()
    let live = contents.live
    let directions = try question.directions.map { try find($0.id) }
    let shifts = zip(question.directions, directions).dropFirst().filter { $0.0.position != 0 }.map {
      asked, direction in
      WalkSearch.Shift(direction.vector, by: asked.position * direction.entry.sigma)
    }
    let active = LiveRun.Line(direction: directions[0].vector, sigma: directions[0].entry.sigma)
    let home = live.labels[question.anchor]
    let control = question.hasControl ? try randomDirection(of: home) : nil
    let lines = [active] + (control.map { [LiveRun.Line(direction: $0, sigma: active.sigma)] } ?? [])
    let found = try found(along: lines, question, shifts, steps: steps)
    func cells(_ row: FeatureWalk.Row) -> [WalkAnswer.Cell] {
      row.cells.map { cell in
        WalkAnswer.Cell(
          step: cell.step, row: cell.row, label: live.labels[cell.row], predicted: live.predictions[cell.row],
          confidence: Double(live.confidences[cell.row]), achieved: cell.achievedStep, offAxis: cell.offAxis)
      }
    }
    return FoundWalk(
      sigmas: directions.map(\.entry.sigma), strip: cells(found.rows[0]),
      control: found.rows.count > 1
        ? .init(
          title: "a random direction of the span of \(className(home, contents.classNames))",
          strip: cells(found.rows[1]))
        : nil,
      tau: found.rows[0].kendallTau, logits: live.logits(from: question.anchor, shifted: shifts, along: active))
  }

  /// The random direction of a class's span that the analysis drew; nil if it drew none.
  private func randomDirection(of classIndex: Int) throws -> [Double]? {
    let catalogue = try current().catalogue
    let entry = catalogue.entries.first { $0.kind == .random && $0.classIndex == classIndex }
    return entry.flatMap { catalogue.vector($0.id) }
  }

  private func found(
    along lines: [LiveRun.Line], _ question: WalkQuestion, _ shifts: [WalkSearch.Shift], steps: [Double]
  ) throws(ExplorerError) -> FeatureWalk {
    let live = try loaded().live
    do throws(WalkError) {
      return try live.walk(along: lines, from: question.anchor, shifted: shifts, query: question.query, steps: steps)
    } catch {
      throw ExplorerError(.badRequest, error.description)
    }
  }

  /// Lets walks find these images only.
  public func restrict(to rows: [Int]) throws { try loaded().live.restrict(to: rows) }
}
