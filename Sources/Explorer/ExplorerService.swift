//  From a request to its answer: the door, the route, the question to the runs, the JSON. Knows nothing of sockets.

public import Foundation
internal import Raster
internal import Results
internal import Synchronization

/// Answers requests about runs.
public final class ExplorerService: Sendable {
  private let backend: any ExplorerBackend
  private let access: Access
  private let page: PageFiles
  private let sheets = SpriteSheets()
  /// Of requests with the token, and of all others that are refused.
  private let answered = RateLimit(capacity: 4000, perSecond: 1000)
  private let refused = RateLimit(capacity: 100, perSecond: 20)
  /// Questions to the runs that are not answered yet.
  private let waiting = Atomic<Int>(0)
  static let mostWaiting = 1024

  public init(_ backend: any ExplorerBackend, access: Access, page: PageFiles = .embedded) {
    (self.backend, self.access, self.page) = (backend, access, page)
  }

  /// The longest body that a request may have. What comes without the token may have none.
  func bodyLimit(_ request: ExplorerRequest) -> Int {
    guard (try? check(request)) != nil else { return 0 }
    return Route.bodyLimit(method: request.method, path: request.path)
  }

  private func check(_ request: ExplorerRequest) throws(ExplorerError) {
    try access.checkHost(request)
    guard request.path == "/api" || request.path.hasPrefix("/api/") else { return }
    try access.checkOrigin(request)
    try access.checkToken(request)
  }

  public func answer(_ request: ExplorerRequest) async -> ExplorerResponse {
    var response: ExplorerResponse
    do {
      do {
        try check(request)
      } catch {
        guard refused.take() else { throw Self.later(.tooMany, "too many requests without access") }
        throw error
      }
      guard answered.take() else { throw Self.later(.tooMany, "too many requests") }
      response = try await answer(Route(request), request)
    } catch {
      return Self.refusal(ExplorerError(error))
    }
    response.headers.merge(Self.headers) { own, _ in own }
    return response
  }

  private static func later(_ code: ExplorerError.Code, _ message: String) -> ExplorerError {
    var error = ExplorerError(code, message, hint: "Try again in a second.")
    error.retryAfter = 1
    return error
  }

  /// An answer that says why not.
  static func refusal(_ error: ExplorerError) -> ExplorerResponse {
    var response = json(error.body)
    response.status = error.code.status
    response.headers = headers
    if !error.allowed.isEmpty { response.headers["Allow"] = error.allowed.joined(separator: ", ") }
    if let seconds = error.retryAfter { response.headers["Retry-After"] = "\(seconds)" }
    return response
  }

  /// Stand in every answer.
  static let headers = [
    "Content-Security-Policy":
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
      + "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
  ]

  private static func json(_ value: some Encodable) -> ExplorerResponse {
    ExplorerResponse(type: "application/json; charset=utf-8", body: encodedAnswer(value))
  }

  private func answer(_ route: Route, _ request: ExplorerRequest) async throws -> ExplorerResponse {
    if case .page(let name) = route {
      guard let file = page.files[name] else {
        throw ExplorerError(.noSuchRoute, "nothing at \(request.path.prefix(200))")
      }
      return ExplorerResponse(type: PageFiles.type(of: name), body: file)
    }
    guard waiting.wrappingAdd(1, ordering: .relaxed).newValue <= Self.mostWaiting else {
      waiting.wrappingSubtract(1, ordering: .relaxed)
      throw Self.later(.overloaded, "\(Self.mostWaiting) requests wait already")
    }
    defer { waiting.wrappingSubtract(1, ordering: .relaxed) }
    return try await ask(route, request)
  }

  private func ask(_ route: Route, _ request: ExplorerRequest) async throws -> ExplorerResponse {
    func decoded<Value: Decodable>(_ type: Value.Type) throws -> Value { try Self.decoded(type, from: request) }
    switch route {
    case .page: preconditionFailure("pages need no backend")
    case .session: return Self.json(backend.session)
    case .sprites(let kind, let sheet):
      guard let images = backend.session.images else { throw ExplorerError(.notReady, "no images yet") }
      return ExplorerResponse(
        type: "image/png", body: try sheets.png(kind, sheet: sheet, of: images, image: backend.image))
    case .image(let row):
      guard let image = backend.image(row) else { throw ExplorerError(.noSuchImage, "no test image \(row)") }
      return ExplorerResponse(type: "image/png", body: image.png())
    case .map(let kind, let run): return Self.json(try await backend.map(kind, of: run))
    case .details(let row, let run): return Self.json(try await backend.details(of: row, in: run))
    case .directions(let index, let run): return Self.json(try await backend.directions(of: index, in: run))
    case .walk(let question, let run): return Self.json(try await backend.walk(question, in: run))
    case .matches(let index, let first, let second):
      return Self.json(try await backend.matches(of: index, first: first, second: second))
    case .make(let run):
      var response = Self.json(try await backend.make(decoded(OwnDirection.self).checked(), in: run))
      response.status = 201
      return response
    case .change(let run):
      return Self.json(try await backend.change(decoded(DirectionChange.self).checked(), in: run))
    case .delete(let run): return Self.json(try await backend.delete(decoded(DirectionDeletion.self), in: run))
    case .export(let ids, let run): return Self.json(try await backend.export(ids, from: run))
    case .bring(let run): return Self.json(try await backend.bring(decoded(FileList.self), into: run))
    case .figure(let question, let run):
      let file = try await backend.figure(question, of: run)
      return ExplorerResponse(
        type: file.type, headers: ["Content-Disposition": Self.attachment(file.name)], body: file.data)
    case .command(let question, let run):
      return Self.json(CommandAnswer(command: try await backend.command(for: question, of: run)))
    }
  }

  /// A name that may hold any letters (RFC 6266 and 8187).
  static func attachment(_ name: String) -> String {
    let plain = name.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) ? $0 : "_" }
    let allowed = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
    let encoded = name.addingPercentEncoding(withAllowedCharacters: allowed) ?? String(plain)
    return "attachment; filename=\"\(String(plain))\"; filename*=UTF-8''\(encoded)"
  }

  private static func decoded<Value: Decodable>(_ type: Value.Type, from request: ExplorerRequest) throws -> Value {
    guard request.headers["content-type"]?.lowercased().hasPrefix("application/json") == true else {
      throw ExplorerError(.badRequest, "a body of another type; expected Content-Type: application/json")
    }
    do {
      return try JSONDecoder().decode(type, from: request.body)
    } catch {
      throw ExplorerError(.badRequest, "a body that is not the JSON of docs/EXPLORER.md: \(Self.reason(error))")
    }
  }

  private static func reason(_ error: any Error) -> String {
    func path(_ context: DecodingError.Context) -> String {
      context.codingPath.map(\.stringValue).joined(separator: ".")
    }
    return switch error {
    case DecodingError.keyNotFound(let key, _): "no \"\(key.stringValue)\""
    case DecodingError.typeMismatch(let type, let context): "\(path(context)) is not \(type)"
    case DecodingError.valueNotFound(_, let context): "\(path(context)) is null"
    case DecodingError.dataCorrupted(let context): "\(path(context)): \(context.debugDescription)"
    default: "damaged"
    }
  }
}

/// The JSON of an answer, the same bytes for the same value.
public func encodedAnswer(_ value: some Encodable) -> Data {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  do {
    return try encoder.encode(value)
  } catch {
    preconditionFailure("an answer of type \(type(of: value)) does not encode: \(error)")
  }
}

extension OwnDirection {
  fileprivate func checked() throws(ExplorerError) -> OwnDirection {
    try checkTexts(name: name, note: note)
    guard a != .rest else { throw ExplorerError(.badRequest, "group a is \"rest\"; only b can be") }
    if let near, !(1...100_000).contains(near.neighbours) || near.anchor < 0 {
      throw ExplorerError(.badRequest, "\(near.neighbours) neighbours of \(near.anchor); expected 1 to 100000")
    }
    return self
  }
}

extension DirectionChange {
  fileprivate func checked() throws(ExplorerError) -> DirectionChange {
    try checkTexts(name: name, note: note)
    for (value, key) in [(lower, "lower"), (upper, "upper")] {
      if let value, !value.isFinite || abs(value) > 100 {
        throw ExplorerError(.badRequest, "\(key) is \(value); expected −100 to 100")
      }
    }
    return self
  }
}

private func checkTexts(name: String?, note: String?) throws(ExplorerError) {
  if let fault = DirectionEntry.fault(name: name, note: note) { throw ExplorerError(.badRequest, fault) }
}
