//  From method, path and query to what is wanted. Paths are compared part by part with fixed words and numbers; nothing
//  of a path is ever decoded or becomes the name of a file.

internal import Foundation
internal import Results

/// A request that is understood.
enum Route {
  case page(String)
  case session
  case sprites(SpriteLayout.Kind, sheet: Int)
  case image(Int)
  case map(MapKind, run: Int)
  case details(row: Int, run: Int)
  case directions(classIndex: Int, run: Int)
  case walk(WalkQuestion, run: Int)
  case matches(classIndex: Int, first: Int, second: Int)
  case make(run: Int)
  case change(run: Int)
  case delete(run: Int)
  case export([String], run: Int)
  case bring(run: Int)
  case figure(FigureQuestion, run: Int)
  case command(FigureQuestion, run: Int)

  /// The longest body that the request may have.
  static func bodyLimit(method: String, path: String) -> Int {
    switch method {
    case "POST": path.hasSuffix("/import") ? 32 << 20 : 1 << 20
    case "PATCH", "DELETE": 1 << 20
    default: 0
    }
  }

  init(_ request: ExplorerRequest) throws(ExplorerError) {
    var parameters = try Parameters(request.query)
    let parts = request.path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
    guard request.path.hasPrefix("/"), request.path.utf8.count <= 200, parts.first == "api" else {
      try Self.allow(["GET"], request)
      // The fragment's state is not sent, so the page itself has no parameters.
      try parameters.finish()
      self = .page(request.path == "/" ? "index.html" : String(request.path.dropFirst()))
      return
    }
    self = try Self.api(Array(parts.dropFirst()), request, &parameters)
    try parameters.finish()
  }

  private static func api(
    _ parts: [Substring], _ request: ExplorerRequest, _ parameters: inout Parameters
  ) throws(ExplorerError) -> Route {
    func number(_ part: Substring) throws(ExplorerError) -> Int {
      guard let value = naturalNumber(part) else { throw noSuchRoute(request) }
      return value
    }
    guard parts.count > 1, parts[0] == "runs" else {
      try allow(["GET"], request)
      switch (parts.first, parts.count) {
      case ("session", 1): return .session
      case ("sprites", 3):
        guard let kind = SpriteLayout.Kind(rawValue: String(parts[1])) else { throw noSuchRoute(request) }
        return .sprites(kind, sheet: try number(parts[2]))
      case ("images", 2): return .image(try number(parts[1]))
      case ("matches", 1):
        return .matches(
          classIndex: try required(&parameters, "class"), first: try required(&parameters, "first"),
          second: try required(&parameters, "second"))
      default: throw noSuchRoute(request)
      }
    }
    let run = try number(parts[1])
    switch (parts.dropFirst(2).first, parts.count) {
    case ("directions", 3):
      try allow(["POST", "PATCH", "DELETE"], request)
      return request.method == "POST"
        ? .make(run: run) : request.method == "PATCH" ? .change(run: run) : .delete(run: run)
    case ("import", 3):
      try allow(["POST"], request)
      return .bring(run: run)
    case ("map", 3):
      try allow(["GET"], request)
      return .map(try parameters.choice("kind", MapKind.self) ?? .pca, run: run)
    case ("images", 4):
      try allow(["GET"], request)
      return .details(row: try number(parts[3]), run: run)
    case ("class", 4):
      try allow(["GET"], request)
      return .directions(classIndex: try number(parts[3]), run: run)
    case ("walk", 3):
      try allow(["GET"], request)
      return .walk(try walk(&parameters), run: run)
    case ("export", 3):
      try allow(["GET"], request)
      return .export(parameters.all("id"), run: run)
    case ("figure", 3):
      try allow(["GET"], request)
      return .figure(try figure(&parameters, isFile: true), run: run)
    case ("command", 3):
      try allow(["GET"], request)
      return .command(try figure(&parameters, isFile: false), run: run)
    default: throw noSuchRoute(request)
    }
  }

  private static func walk(_ parameters: inout Parameters) throws(ExplorerError) -> WalkQuestion {
    let (ids, positions) = (parameters.all("direction"), parameters.all("position"))
    guard ids.count == positions.count, (1...WalkQuestion.mostDirections).contains(ids.count) else {
      throw ExplorerError(
        .badRequest,
        "\(ids.count) directions and \(positions.count) positions; expected pairs, "
          + "1 to \(WalkQuestion.mostDirections)")
    }
    guard Set(ids).count == ids.count else { throw ExplorerError(.badRequest, "a direction is given twice") }
    var directions: [WalkQuestion.Direction] = []
    for (id, position) in zip(ids, positions) {
      directions.append(
        .init(id: id, position: try Parameters.number(position, "position", in: WalkQuestion.positions)))
    }
    var question = WalkQuestion(anchor: try required(&parameters, "anchor"), directions: directions)
    question.query = try parameters.choice("query", WalkQuery.self) ?? question.query
    question.spacing = try parameters.number("spacing", in: 0.05...1.5) ?? question.spacing
    question.hasControl = try parameters.choice("control", Control.self) != .off
    return question
  }

  private static func companion(
    _ parameters: inout Parameters, of question: WalkQuestion
  ) throws(ExplorerError) -> WalkCompanion? {
    let partners = parameters.all("partner")
    guard let run = try parameters.integer("beside") else {
      guard partners.isEmpty else { throw ExplorerError(.badRequest, "partners, and no run beside") }
      return nil
    }
    guard partners.isEmpty || partners.count == question.directions.count && partners[0] != "" else {
      throw ExplorerError(
        .badRequest,
        "\(partners.count) partners of \(question.directions.count) directions; expected one for each, "
          + "empty for none but not for the first")
    }
    return WalkCompanion(run: run, partners: partners.map { OrientedDirection($0) })
  }

  private enum Control: String, CaseIterable {
    case random
    case off = "none"
  }
  private enum Subject: String, CaseIterable { case walk, map, spectrum, directions }
  private enum Theme: String, CaseIterable { case light, dark }

  private static func figure(_ parameters: inout Parameters, isFile: Bool) throws(ExplorerError) -> FigureQuestion {
    guard let what = try parameters.choice("what", Subject.self) else { throw ExplorerError(.badRequest, "no what") }
    let isDark = try parameters.choice("theme", Theme.self) == .dark
    let format = try parameters.choice("format", FigureQuestion.Format.self)
    guard format != nil || !isFile else { throw ExplorerError(.badRequest, "no format") }
    let subject: FigureQuestion.Subject
    switch what {
    case .walk:
      let question = try walk(&parameters)
      subject = .walk(question, beside: try companion(&parameters, of: question))
    case .map: subject = .map(try parameters.choice("kind", MapKind.self) ?? .pca)
    case .spectrum: subject = .spectrum
    case .directions:
      subject = .directions(classIndex: try required(&parameters, "class"))
      guard format == nil || format == .csv else {
        throw ExplorerError(.badRequest, "format is \"\(format?.rawValue ?? "")\"; directions come as csv")
      }
    }
    return FigureQuestion(subject: subject, format: format ?? .csv, isDark: isDark)
  }

  private static func required(_ parameters: inout Parameters, _ name: String) throws(ExplorerError) -> Int {
    guard let value = try parameters.integer(name) else { throw ExplorerError(.badRequest, "no \(name)") }
    return value
  }

  private static func allow(_ methods: [String], _ request: ExplorerRequest) throws(ExplorerError) {
    guard !methods.contains(request.method) else { return }
    var error = ExplorerError(
      .badMethod, "method \(request.method.prefix(20)); expected \(methods.joined(separator: ", "))")
    error.allowed = methods
    throw error
  }

  private static func noSuchRoute(_ request: ExplorerRequest) -> ExplorerError {
    ExplorerError(.noSuchRoute, "nothing at \(request.path.prefix(200))")
  }
}
