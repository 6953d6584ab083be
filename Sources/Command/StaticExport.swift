//  `isda explore --static`: answers for chosen classes, directions and anchors, made beforehand and put into one file.

import ArgumentParser
import Exploration
import Explorer
import Foundation
import Images
import Results
import Storage

struct StaticExport {
  /// What the sprites may weigh, so that the file stays below 25 MB: base64 makes them a third longer, and the films of
  /// 10 classes × 8 directions × 12 anchors are about as long as the fonts.
  static let spriteBytes = 13 << 20

  /// Names with commas between; the first ten if nil.
  let classes: String?
  let directions: Int
  let anchors: Int
  let file: URL

  /// Writes the file.
  /// - Throws: `FileError` naming the first run that cannot be explored, or the file; `ExplorerError`.
  func write(_ explored: ExploredRuns, console: Console) throws {
    console.progress(0, "reading the runs")
    try blocking { await explored.load() }
    var session = explored.session
    for (folder, run) in zip(explored.folders, session.runs) where run.state != .ready {
      let path = folder.url.relativePath
      let expected = "a run to explore" + (run.command.map { "; `\($0)` comes first" } ?? "")
      switch run.state {
      case .missing, .unanalysed: throw FileError.missing(path: path, expected: expected)
      default: throw FileError.malformed(path: path, found: run.message ?? run.state.rawValue, expected: expected)
      }
    }
    guard let images = session.images, let names = session.classes else {
      preconditionFailure("runs are ready without images")
    }
    let runs = try session.runs.map { try explored.run($0.run) }
    let chosen = try chosenClasses(classes, among: names) ?? Array(names.prefix(10))
    let shown = names.indices.filter { chosen.contains(names[$0]) }

    var page = StaticPage()
    var answers: [[ClassAnswer]] = []
    for run in runs {
      answers.append(
        try shown.map { index in
          var answer = try blocking { try await run.directions(of: index) }
          answer.anchors = Array(answer.anchors.prefix(anchors))
          answer.directions = Array(answer.directions.filter(\.isWalked).prefix(directions))
          return answer
        })
    }
    // Two runs are walked from the same anchors, those of the first.
    for place in answers.indices.dropFirst() {
      for index in answers[place].indices { answers[place][index].anchors = answers[0][index].anchors }
    }
    for place in answers.indices {
      for answer in answers[place] { page.add(answer, at: "/api/runs/\(place)/class/\(answer.classIndex)") }
    }
    let rows = kept(images, anchors: Set(answers.joined().flatMap(\.anchors)), explored)
    if rows.count < images.count {
      console.say("the file holds \(rows.count) of \(images.count) test images, so that it stays below 25 MB")
    }
    let layouts = SessionAnswer.Sprites(of: .init(count: rows.count, width: images.width, height: images.height))
    for (kind, layout) in [(SpriteLayout.Kind.small, layouts.small), (.full, layouts.full)] {
      page.add(
        (0..<layout.sheets).map { layout.png(sheet: $0, count: rows.count) { explored.image(rows[$0]) } }, of: kind,
        rows: rows)
    }
    try addWalks(of: runs, maps: session.runs.map(\.maps), answers, rows: rows, count: images.count, to: &page, console)
    for first in runs.indices {
      for second in runs.indices where second != first {
        for index in shown {
          page.add(
            try blocking { try await explored.matches(of: index, first: first, second: second) },
            at: "/api/matches?first=\(first)&second=\(second)&class=\(index)")
        }
      }
    }
    session.readOnly = true
    session.sprites = layouts
    page.add(session, at: "/api/session")
    try WholeFile.write(try page.html(), to: file)
    console.closeLine()
  }

  private func addWalks(
    of runs: [ExploredRun], maps: [[MapKind]], _ answers: [[ClassAnswer]], rows: [Int], count: Int,
    to page: inout StaticPage,
    _ console: Console
  ) throws {
    let all = answers.joined().reduce(0) { $0 + $1.anchors.count * $1.directions.count }
    var done = 0
    for (place, run) in runs.enumerated() {
      if rows.count < count { try blocking { try await run.restrict(to: rows) } }
      for kind in maps[place] {
        page.add(
          try blocking { try await run.map(kind, of: Set(rows)) },
          at: "/api/runs/\(place)/map?kind=\(kind.rawValue)")
      }
      for answer in answers[place] {
        for anchor in answer.anchors {
          for direction in answer.directions {
            try StopSignal.throwIfRequested()
            console.progress(Double(done) / Double(all), "walking: \(done) of \(all) walks")
            let question = WalkQuestion(anchor: anchor, directions: [.init(id: direction.id, position: 0)])
            page.add(
              try blocking { try await run.film(question) }, run: place, anchor: anchor, direction: direction.id)
            done += 1
          }
        }
      }
    }
  }

  /// The images of the file: all if they fit, or every so many-th and the anchors.
  private func kept(_ images: SessionAnswer.Images, anchors: Set<Int>, _ explored: ExploredRuns) -> [Int] {
    let layout = SpriteLayout(.full, of: images)
    // A few sheets tell what an image weighs.
    let sample = min(layout.sheets, 4)
    let bytes = (0..<sample).reduce(0) { sum, place in
      sum + layout.png(sheet: place * layout.sheets / sample, count: images.count, image: explored.image).count
    }
    let sampled = min(images.count, sample * layout.perSheet)
    let fitting = bytes > 0 ? Self.spriteBytes * sampled / bytes : images.count
    guard fitting < images.count else { return Array(0..<images.count) }
    let even = (0..<max(1, fitting - anchors.count)).map { $0 * images.count / max(1, fitting - anchors.count) }
    return Set(even).union(anchors).sorted()
  }
}

extension DirectionAnswer {
  /// Controls are shown beside other walks, not walked themselves.
  fileprivate var isWalked: Bool { kind != .random }
}
