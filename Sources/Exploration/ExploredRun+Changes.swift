//  What people change of a run's directions: made, named, deleted, taken along and brought, in the run folder at once.

internal import Analysis
public import Explorer
internal import Foundation
internal import Results
internal import Storage

extension ExploredRun {
  /// Drafts that are kept.
  private static let mostDrafts = 16

  public func make(_ asked: OwnDirection) throws -> ChangeAnswer {
    let made = try direction(asked)
    guard asked.save ?? true else {
      draftCount += 1
      var entry = made.entry
      entry.id = "draft.\(draftCount)"
      drafts.append((entry, made.vector))
      drafts = drafts.suffix(Self.mostDrafts)
      return ChangeAnswer(revision: try current().stamp.revision, direction: try answer(entry, visible: made.visible))
    }
    var entry = made.entry
    try changeCatalogue { catalogue in
      let stem = entry.id
      var number = 1
      while catalogue.entry(entry.id) != nil {
        number += 1
        entry.id = "\(stem)-\(number)"
      }
      catalogue.add(entry, vector: made.vector)
    }
    return try state(of: entry.id)
  }

  /// From the mean of one group to that of the other.
  private func direction(
    _ asked: OwnDirection
  ) throws -> (entry: DirectionEntry, vector: [Double], visible: Double?) {
    let live = try loaded().live
    if let classIndex = asked.classIndex { try check(classIndex: classIndex) }
    if let near = asked.near { try check(row: near.anchor) }
    let a = try rows(asked.a, but: [], in: asked.classIndex)
    let b = try rows(asked.b, but: Set(a), in: asked.classIndex)
    let without = try asked.without.map { try find($0) }
    guard
      let vector = live.difference(
        from: b, to: a, near: asked.near.map { ($0.anchor, $0.neighbours) }, without: without?.vector)
    else {
      throw ExplorerError(
        .noDirection, "no direction from \(b.count) images to \(a.count)",
        hint: "The groups must not be empty and must differ, also without the direction that is projected out.")
    }
    let reach = live.reach(of: vector, in: asked.classIndex)
    var title = "\(a.count) images less \(b.count) others"
    if let near = asked.near { title += ", the nearest \(near.neighbours) of either to test image \(near.anchor)" }
    if let without { title += ", with \(without.entry.label) projected out" }
    let name = asked.name.trimmingCharacters(in: .whitespacesAndNewlines)
    let note = asked.note?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
    let words = name.lowercased().map { $0.isLetter || $0.isNumber ? String($0) : " " }.joined().split(separator: " ")
    let entry = DirectionEntry(
      id: "own.\(words.isEmpty ? "direction" : words.joined(separator: "-"))", kind: .own, classIndex: asked.classIndex,
      title: title, sigma: reach.sigma, lower: reach.lower, upper: reach.upper, name: name.isEmpty ? nil : name,
      note: note.isEmpty ? nil : note)
    return (entry, vector, live.visibleShares(of: [vector]).first)
  }

  private func rows(_ group: OwnDirection.Group, but others: Set<Int>, in classIndex: Int?) throws -> [Int] {
    let labels = try loaded().live.labels
    switch group {
    case .rows(let rows):
      guard let beyond = rows.first(where: { !labels.indices.contains($0) }) else { return Set(rows).sorted() }
      throw ExplorerError(.noSuchImage, "no test image \(beyond); there are \(labels.count)")
    case .ofClass(let index):
      try check(classIndex: index)
      return labels.indices.filter { labels[$0] == index }
    case .rest:
      return labels.indices.filter { (classIndex == nil || labels[$0] == classIndex) && !others.contains($0) }
    }
  }

  public func change(_ asked: DirectionChange) throws -> ChangeAnswer {
    try changeCatalogue { catalogue in
      let entry = try known(asked.id, version: asked.version, in: catalogue)
      let (lower, upper) = (asked.lower ?? entry.lower, asked.upper ?? entry.upper)
      guard lower <= upper else {
        throw ExplorerError(.badRequest, "a range from \(lower) to \(upper); expected one that rises")
      }
      _ = catalogue.change(asked.id) { entry in
        (entry.lower, entry.upper) = (lower, upper)
        if let name = asked.name { entry.name = name.isEmpty ? nil : name }
        if let note = asked.note { entry.note = note.isEmpty ? nil : note }
      }
    }
    return try state(of: asked.id)
  }

  public func delete(_ asked: DirectionDeletion) throws -> ChangeAnswer {
    try changeCatalogue { catalogue in
      let entry = try known(asked.id, version: asked.version, in: catalogue)
      guard entry.kind.isMadeByPeople else {
        throw ExplorerError(
          .badRequest, "\(asked.id) is what the analysis found; only directions that people made can be deleted")
      }
      catalogue.remove(asked.id)
    }
    return try state(of: asked.id)
  }

  /// The direction as it is on the disk, if it is as the page knows it.
  private func known(
    _ id: String, version: String, in catalogue: DirectionCatalogue
  ) throws -> DirectionEntry {
    guard let entry = catalogue.entry(id), entry.version == version else {
      throw ExplorerError(
        .conflict,
        catalogue.entry(id) == nil ? "\(id) is gone" : "somebody has changed \(id) in the meantime",
        hint: "Look at how it is now, and change that.", current: try state(of: id))
    }
    return entry
  }

  private func state(of id: String) throws -> ChangeAnswer {
    let list = try current()
    return ChangeAnswer(
      revision: list.stamp.revision,
      direction: try list.catalogue.entry(id).map { try answer($0, visible: list.visible[id]) })
  }

  /// Changes the catalogue while nobody else does; waits a little for somebody who will soon have ended.
  private func changeCatalogue(_ change: (inout DirectionCatalogue) throws -> Void) throws {
    for _ in 0..<20 {
      do {
        return try folder.changeCatalogue(change)
      } catch FileError.busy {
        Thread.sleep(forTimeInterval: 0.05)
      }
    }
    try folder.changeCatalogue(change)
  }

  public func export(_ ids: [String]) throws -> FileList {
    let all = try current().catalogue
    var chosen = DirectionCatalogue(dimension: all.dimension)
    for id in ids.isEmpty ? all.entries.map(\.id) : ids {
      let (entry, vector) = try find(id)
      chosen.add(entry, vector: vector)
    }
    let files = chosen.encoded(stem: "directions")
    return FileList([
      .init(name: "directions.json", data: files.list), .init(name: files.vectorsName, data: files.vectors),
    ])
  }

  public func bring(_ files: FileList) throws -> ImportAnswer {
    var contents: [String: Data] = [:]
    for file in files.files {
      guard let data = Data(base64Encoded: file.base64) else {
        throw ExplorerError(.badRequest, "file \"\(file.name.prefix(100))\" is not base64")
      }
      contents[file.name] = data
    }
    guard contents.count == 2, let list = contents.first(where: { $0.key.hasSuffix(".json") }) else {
      throw ExplorerError(
        .badRequest, "\(contents.count) files; expected one .json and the .safetensors that it names")
    }
    do {
      let brought = try DirectionCatalogue(list: list.value, name: list.key) { name throws(FileError) in
        guard let data = contents[name] else {
          throw .missing(path: name, expected: "the file that \(list.key) names")
        }
        return (try Safetensors(data, name: name), name)
      }
      try folder.importDirections(brought, from: list.key)
      return ImportAnswer(revision: try current().stamp.revision, ids: brought.entries.map(\.id))
    } catch let error as FileError {
      // What is wrong with the files is the sender's to mend; a folder in use or a full disk is not.
      switch error {
      case .malformed(let path, _, _), .missing(let path, _):
        guard contents[path] != nil || path.hasSuffix(".safetensors") && !path.contains("/") else { throw error }
        throw ExplorerError(.badRequest, error.description)
      case .busy, .unwritable: throw error
      }
    }
  }
}
