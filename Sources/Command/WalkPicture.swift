//  The picture of a walk along chosen directions, and the command that draws it: what `isda directions show` writes and
//  what the explorer gives to take away.

import Analysis
import ArgumentParser
import Explorer
import Figures
import Foundation
import Results

/// `DIRECTION=STEPS`.
struct MovedDirection: ExpressibleByArgument {
  let id: String
  let steps: Double

  init(id: String, steps: Double) { (self.id, self.steps) = (id, steps) }

  init?(argument: String) {
    // Names may hold an equals sign, numbers do not.
    guard let sign = argument.lastIndex(of: "="), sign > argument.startIndex,
      let steps = Double(argument[argument.index(after: sign)...]), steps.isFinite
    else { return nil }
    self.init(id: String(argument[..<sign]), steps: steps)
  }

  var text: String { "\(id)=\(NumberList([steps]).defaultValueDescription)" }
}

struct WalkPicture {
  /// What is shown of one run, and how the run is called.
  typealias Panel = (walk: Walk, run: String)

  var ids: [String]
  var query: WalkQuery
  /// Rising.
  var steps: [Double]
  /// The run's choice if nil.
  var anchor: Int?
  var moved: [MovedDirection] = []
  var transposed = false
  /// The path of a second run.
  var beside: String?
  /// What takes the places of `ids` and then of `moved` in the second run, nil for a move that nothing does; the same
  /// directions if empty.
  var partners: [OrientedDirection?] = []

  init(ids: [String], query: WalkQuery, steps: [Double]) { (self.ids, self.query, self.steps) = (ids, query, steps) }

  /// The one that the explorer shows.
  init(_ question: WalkQuestion, beside: String? = nil, partners: [OrientedDirection?] = []) {
    self.init(ids: [question.directions[0].id], query: question.query, steps: question.steps)
    anchor = question.anchor
    let places = question.directions.indices.dropFirst().filter { question.directions[$0].position != 0 }
    moved = places.map { MovedDirection(id: question.directions[$0].id, steps: question.directions[$0].position) }
    self.beside = beside
    if !partners.isEmpty { self.partners = ([0] + places).map { partners[$0] } }
  }

  /// - Parameter isSecond: of the run beside the first one.
  /// - Throws: `ValidationError` for a direction that the run has not; `WalkError`.
  func walk(through run: AnalysedRun, catalogue: DirectionCatalogue, isSecond: Bool = false) throws -> Walk {
    let path = run.folder.url.relativePath
    let own = (ids + moved.map(\.id)).map { OrientedDirection(id: $0) }
    let directions = try (isSecond && !partners.isEmpty ? partners : own).map { direction in
      try direction.map { try catalogue.direction($0, of: path) }
    }
    let shifts = zip(moved, directions.dropFirst(ids.count)).compactMap { move, direction in
      direction.map { WalkSearch.Shift($0.vector, by: move.steps * $0.entry.sigma) }
    }
    return try run.walk(
      along: directions.prefix(ids.count).compactMap(\.self), query: query, anchor: anchor, steps: steps,
      shifted: shifts)
  }

  func figure(_ panels: [Panel], classNames: [String], images: @escaping ImageSource) -> Figure {
    let labels = (panels.first?.walk.rows ?? []).compactMap { row in
      if case .named(let label) = row.kind { "“\(label)”" } else { nil }
    }
    let place = moved.isEmpty ? "" : ", from the anchor moved by \(moved.map(\.text).joined(separator: ", "))"
    return WalkGrid(
      panels.map { .init($0.walk, run: $0.run) }, classNames: classNames, arrangement: transposed ? .columns : .rows,
      title: "Along \(labels.joined(separator: ", "))\(place)", name: ids.joined(separator: "-"), images: images
    ).figure()
  }

  /// The command that draws it again, quoted for a shell.
  func command(run: String, out: String) -> String {
    var words = ["isda", "directions", "show", run] + ids
    words += ["--anchor", "\(anchor ?? 0)", "--query", query.rawValue]
    words += ["--steps", NumberList(steps).defaultValueDescription]
    for move in moved { words += ["--moved", move.text] }
    if transposed { words.append("--transposed") }
    if let beside { words += ["--beside", beside] }
    for partner in partners { words += ["--partner", partner?.description ?? ""] }
    return (words + ["--out", out]).map(\.quotedForShell).joined(separator: " ")
  }
}

extension DirectionCatalogue {
  /// The direction that is named, or an error that says where the names are. One that is turned around says so in its
  /// name.
  func direction(
    _ direction: OrientedDirection, of run: String
  ) throws -> (entry: DirectionEntry, vector: [Double]) {
    guard var entry = entry(direction.id), let vector = vector(direction.id) else {
      throw ValidationError("no direction \"\(direction.id)\"; expected one that `isda directions list \(run)` names")
    }
    guard direction.isTurned else { return (entry, vector) }
    entry.name = "−\(entry.label)"
    return (entry, vector.map { -$0 })
  }
}
