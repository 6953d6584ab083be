//  What the server refuses and why, in the one form that the page knows.

internal import Storage

/// An answer other than 2xx; see docs/EXPLORER.md.
public struct ExplorerError: Error, Sendable {
  public enum Code: String, Encodable, Sendable {
    case badRequest = "bad-request"
    case noToken = "no-token"
    case foreignOrigin = "foreign-origin"
    case noSuchRoute = "no-such-route"
    case noSuchRun = "no-such-run"
    case noSuchImage = "no-such-image"
    case noSuchDirection = "no-such-direction"
    case noSuchSheet = "no-such-sheet"
    case noSuchClass = "no-such-class"
    case badMethod = "bad-method"
    case conflict
    case notReady = "not-ready"
    case tooLarge = "too-large"
    case noDirection = "no-direction"
    case busy
    case tooMany = "too-many"
    case failed
    case overloaded

    var status: Int {
      switch self {
      case .badRequest: 400
      case .noToken: 401
      case .foreignOrigin: 403
      case .noSuchRoute, .noSuchRun, .noSuchImage, .noSuchDirection, .noSuchSheet, .noSuchClass: 404
      case .badMethod: 405
      case .conflict, .notReady: 409
      case .tooLarge: 413
      case .noDirection: 422
      case .busy: 423
      case .tooMany: 429
      case .failed: 500
      case .overloaded: 503
      }
    }
  }

  public let code: Code
  public let message: String
  public let hint: String?
  /// For `conflict`: how things stand.
  public var current: ChangeAnswer?
  /// For `badMethod`: what is allowed.
  var allowed: [String] = []
  /// For `tooMany` and `overloaded`: seconds.
  var retryAfter: Int?

  public init(_ code: Code, _ message: String, hint: String? = nil, current: ChangeAnswer? = nil) {
    (self.code, self.message, self.hint, self.current) = (code, message, hint, current)
  }

  /// What `error` is to the page: problems with files as they are, everything else without details.
  public init(_ error: any Error) {
    switch error {
    case let error as ExplorerError: self = error
    case let error as FileError:
      if case .busy = error {
        self.init(.busy, error.description, hint: "Try again when the other process has ended.")
      } else {
        self.init(.failed, error.description)
      }
    default: self.init(.failed, "\(error)")
    }
  }

  /// The JSON of the answer.
  struct Body: Encodable {
    struct Reason: Encodable {
      let code: Code
      let message: String
      @Nullable var hint: String?
    }
    let error: Reason
    let revision: String?
    @Nullable var direction: DirectionAnswer?
    let hasCurrent: Bool

    enum CodingKeys: String, CodingKey { case error, revision, direction }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(error, forKey: .error)
      guard hasCurrent else { return }
      try container.encode(revision, forKey: .revision)
      try container.encode(_direction, forKey: .direction)
    }
  }

  var body: Body {
    Body(
      error: .init(code: code, message: message, hint: hint), revision: current?.revision,
      direction: current?.direction, hasCurrent: current != nil)
  }
}
