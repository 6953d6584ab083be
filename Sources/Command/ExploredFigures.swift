//  What is on the screen as a file to take away, drawn by the code of the command line, and as the command that draws it.

import Analysis
import Canvas
import Exploration
import Explorer
import Figures
import Foundation
import Images
import Results
import Storage

/// The pictures of one run that is explored. Walks are drawn from an analysis of their own, read when the first is asked
/// for, so that a picture is the one that the command draws.
actor ExploredFigures {
  /// Where the commands write to.
  static let out = "pictures"

  private nonisolated let run: ExploredRun
  private nonisolated let executor: QueueExecutor
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
  private var analysed: AnalysedRun?
  private nonisolated var folder: RunFolder { run.folder }

  init(_ run: ExploredRun) {
    self.run = run
    executor = QueueExecutor("explorer.figures.\(run.place)")
  }

  /// A run that is shown beside this one, with what takes the places of this one's directions there.
  typealias Companion = (figures: ExploredFigures, partners: [OrientedDirection?])

  private func picture(_ question: WalkQuestion, beside: Companion?) throws -> WalkPicture {
    // Drafts are in no file, so no command knows them.
    if let draft = question.directions.first(where: { $0.id.hasPrefix("draft.") }) {
      throw ExplorerError(.noSuchDirection, "\(draft.id) is a draft", hint: "Save the direction first.")
    }
    return WalkPicture(
      question, beside: beside?.figures.folder.url.relativePath, partners: beside?.partners ?? [])
  }

  func command(for question: FigureQuestion, beside: Companion?) async throws -> String {
    let path = folder.url.relativePath.quotedForShell
    switch question.subject {
    case .walk(let walk, _):
      return try picture(walk, beside: beside).command(run: folder.url.relativePath, out: Self.out)
    case .map, .spectrum: return "isda figures \(path)\(question.isDark ? " --theme dark" : "") --out \(Self.out)"
    case .directions(let index):
      return "isda directions list \(path) --class \(try await run.name(ofClass: index).quotedForShell)"
    }
  }

  func file(_ question: FigureQuestion, beside: Companion?) async throws -> FigureFile {
    // Whoever waited while the server was stopped has nobody left to draw for.
    try Task.checkCancellation()
    if case .directions(let index) = question.subject { return try await directionsTable(index) }
    let drawn = try DrawnRun(folder)
    var runs = [drawn]
    let figure: Figure
    let images: ImageSource = { [images = run.images] reference in images.image(reference.row) }
    let names = drawn.report.classNames
    switch question.subject {
    case .walk(let walk, _):
      let picture = try picture(walk, beside: beside)
      var panels = [WalkPicture.Panel(try self.walk(picture), drawn.title)]
      if let beside {
        let other = try DrawnRun(beside.figures.folder)
        runs.append(other)
        panels.append((try await beside.figures.walk(picture, isSecond: true), other.title))
      }
      figure = picture.figure(panels, classNames: names, images: images)
    case .map(let kind):
      let setting = "\(drawn.configuration.network) on \(drawn.configuration.images.name)"
      var panel = FeatureMapFigure.Panel(title: drawn.title, map: drawn.report.map)
      if kind == .tsne {
        guard let map = drawn.map else { throw ExplorerError(.notReady, "the analysis made no t-SNE map") }
        panel = FeatureMapFigure.Panel(title: drawn.title, map: map)
      }
      figure = FeatureMapFigure([panel], classNames: names, setting: setting, images: images).figure()
    case .spectrum: figure = SpectrumFigure(drawn.report.spectra, classNames: names, run: drawn.title).figure()
    case .directions: preconditionFailure("handled above")
    }
    let provenance = Provenance(
      software: "isda \(RunEnvironment.toolVersion)", command: try await command(for: question, beside: beside),
      data: runs.map { "\($0.folder.name) sha256 \($0.digest)" }.joined(separator: ", "))
    let form = FigureForm(scheme: question.isDark ? .dark : .light)
    let data =
      switch question.format {
      case .png: figure.png(form: form, provenance: provenance)
      case .svg: figure.svg(form: form, provenance: provenance)
      case .pdf: figure.pdf(form: form, provenance: provenance)
      case .csv: Data(figure.table.text.utf8)
      }
    return FigureFile(
      name: "\(figure.name).\(question.format.rawValue)", type: question.format.type, data: data)
  }

  /// The walk as `isda directions show` makes it.
  private func walk(_ picture: WalkPicture, isSecond: Bool = false) throws -> Walk {
    let run = try analysed ?? AnalysedRun(folder)
    analysed = run
    do {
      return try picture.walk(through: run, catalogue: folder.catalogue(), isSecond: isSecond)
    } catch let error as WalkError {
      throw ExplorerError(.badRequest, error.description)
    }
  }

  private func directionsTable(_ classIndex: Int) async throws -> FigureFile {
    let name = try await run.name(ofClass: classIndex)
    var table = CSVTable(header: [
      "id", "kind", "class", "title", "name", "note", "sigma", "lower", "upper", "share", "share_lower", "share_upper",
      "verdict", "p_value", "stability", "visible_share", "margin", "survivors",
    ])
    func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
    for d in try await run.directions(of: classIndex).directions {
      table.append([
        d.id, d.kind.rawValue, d.classIndex == nil ? "" : name, d.title, d.name ?? "", d.note ?? "",
        d.sigma, d.lower, d.upper, text(d.share?.value), text(d.share?.lower), text(d.share?.upper), d.verdict ?? "",
        text(d.pValue), text(d.stability?.value), text(d.visibleShare), text(d.margin?.value),
        text(d.survivors?.value),
      ])
    }
    return FigureFile(
      name: "directions-\(name).csv", type: FigureQuestion.Format.csv.type, data: Data(table.text.utf8))
  }
}
