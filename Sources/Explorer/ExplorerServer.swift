//  The explorer on a port: Hummingbird's HTTP/1.1 server, narrowed to small requests and patient with nobody.

internal import Foundation
internal import HTTPTypes
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTPTypes
internal import NIOPosix
internal import Synchronization

/// A running server.
public final class ExplorerServer: Sendable {
  /// Why there is none.
  public enum StartError: Error, CustomStringConvertible {
    case portInUse(host: String, port: Int)
    case notBound(host: String, port: Int, reason: String)

    public var description: String {
      switch self {
      case .portInUse(let host, let port):
        "port \(port) on \(host) is in use; --port 0 takes a free one, --port N another"
      case .notBound(let host, let port, let reason): "cannot listen on \(host), port \(port): \(reason)"
      }
    }
  }

  /// The port that it listens on.
  public let port: Int
  private let group: MultiThreadedEventLoopGroup
  private let limit: ConnectionLimit
  private let task: Task<Void, any Error>

  /// Starts to listen.
  /// - Parameters:
  ///   - port: 0 for any that is free.
  ///   - service: made when the port is known, because host names are checked with it.
  /// - Throws: `StartError`.
  public static func start(
    host: String = "127.0.0.1", port: Int, service: @Sendable @escaping (_ port: Int) -> ExplorerService
  ) async throws -> ExplorerServer {
    try await start(
      host: host, port: port, deadlines: Deadlines(), mostConnections: Self.affordableConnections(), service: service)
  }

  static func start(
    host: String, port: Int, deadlines: Deadlines, mostConnections: Int,
    service: @Sendable @escaping (_ port: Int) -> ExplorerService
  ) async throws -> ExplorerServer {
    // A client that goes away while it is written to is no reason to die.
    signal(SIGPIPE, SIG_IGN)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let limit = ConnectionLimit(maximum: mostConnections)
    let made = Mutex<ExplorerService?>(nil)
    var decoder = HTTP1Channel.Configuration.DecoderConfiguration()
    (decoder.maxHeaderFieldSize, decoder.maxHeaderListSize, decoder.maxHeaderFieldCount) = (8 << 10, 32 << 10, 100)
    let channel = HTTP1Channel(
      responder: { request, writer, _ in
        guard let service = made.withLock({ $0 }) else { throw ChannelError.eof }
        try await respond(to: request, with: writer, service: service)
      },
      configuration: .init(
        additionalChannelHandlers: [ConnectionGuard(limit, deadlines)], httpDecoderConfiguration: decoder))
    var logger = Logger(label: "explorer") { _ in SwiftLogNoOpLogHandler() }
    logger.logLevel = .critical
    let (ports, announce) = AsyncStream.makeStream(of: Int.self)
    let server = Server(
      childChannelSetup: channel,
      configuration: ServerConfiguration(address: .hostname(host, port: port), backlog: 1024),
      onServerRunning: { channel in
        let port = channel.localAddress?.port ?? port
        made.withLock { $0 = service(port) }
        announce.yield(port)
        announce.finish()
      }, eventLoopGroup: group, logger: logger)
    let task = Task {
      defer { announce.finish() }
      try await server.run()
    }
    for await port in ports { return ExplorerServer(port: port, group: group, limit: limit, task: task) }
    do {
      try await task.value
      throw StartError.notBound(host: host, port: port, reason: "the server ended")
    } catch let error as StartError {
      throw error
    } catch let error as IOError where error.errnoCode == EADDRINUSE {
      throw StartError.portInUse(host: host, port: port)
    } catch let error as IOError {
      throw StartError.notBound(host: host, port: port, reason: String(cString: strerror(error.errnoCode)))
    } catch {
      throw StartError.notBound(host: host, port: port, reason: "\(error)")
    }
  }

  private init(port: Int, group: MultiThreadedEventLoopGroup, limit: ConnectionLimit, task: Task<Void, any Error>) {
    (self.port, self.group, self.limit, self.task) = (port, group, limit, task)
  }

  /// Connections that are open.
  var connectionCount: Int { limit.count }

  /// Closes the port and all connections.
  public func stop() async {
    task.cancel()
    limit.closeAll()
    _ = try? await task.value
    try? await group.shutdownGracefully()
  }

  /// As many connections as fit beside the files that the process needs, up to 1,100; the limit of open files is raised
  /// for them as far as the system lets it. A server that cannot accept for want of files ends.
  private static func affordableConnections() -> Int {
    let (wanted, others) = (1100, 256)
    var files = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files) == 0 else { return 256 }
    if files.rlim_cur < rlim_t(wanted + others) {
      files.rlim_cur = min(files.rlim_max, rlim_t(wanted + others))
      _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
      _ = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
    }
    return max(16, min(wanted, Int(clamping: files.rlim_cur) - others))
  }
}

// MARK: - Between Hummingbird's types and ours

/// The connection is to be closed after what was answered.
private struct ClosesConnection: Error {}

private func respond(
  to request: Request, with writer: consuming ResponseWriter, service: ExplorerService
) async throws {
  var asked = ExplorerRequest(request.head)
  let hasTwoHosts = request.head.headerFields.contains { $0.name.canonicalName == "host" }
  let limit = hasTwoHosts ? 0 : service.bodyLimit(asked)
  var isTooLarge = false
  // The body is read to its end also where it is too large, so that the answer arrives; but not for ever.
  var total = 0
  for try await part in request.body {
    total += part.readableBytes
    if total > limit {
      isTooLarge = true
      asked.body = Data()
      if total > 64 << 20 { throw ClosesConnection() }
    } else {
      asked.body.append(contentsOf: part.readableBytesView)
    }
  }
  var response: ExplorerResponse
  if hasTwoHosts {
    response = ExplorerService.refusal(ExplorerError(.badRequest, "two Host headers"))
  } else {
    // Whoever may not ask at all hears that rather than how large a body may be.
    response = await service.answer(asked)
    if isTooLarge, limit > 0 || response.status < 400 {
      response = ExplorerService.refusal(
        ExplorerError(.tooLarge, "a body of more than \(limit) bytes; expected at most that"))
    }
  }
  var fields = HTTPFields()
  fields[.contentType] = response.type
  fields[.contentLength] = "\(response.body.count)"
  for (name, value) in response.headers.sorted(by: { $0.key < $1.key }) {
    if let name = HTTPField.Name(name) { fields[name] = value }
  }
  let closes = request.head.headerFields[.connection]?.lowercased() == "close"
  if closes { fields[.connection] = "close" }
  let head = HTTPResponse(status: .init(code: response.status), headerFields: fields)
  if request.head.method == .head {
    try await writer.writeResponse(head)
  } else {
    try await writer.write(response: head, body: .init(byteBuffer: ByteBuffer(bytes: response.body)))
  }
}

extension ExplorerRequest {
  fileprivate init(_ head: HTTPRequest) {
    let target = (head.path ?? "").split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    self.init(
      method: head.method.rawValue, path: target.first.map(String.init) ?? "",
      query: target.count > 1 ? String(target[1]) : "", host: head.authority,
      headers: Dictionary(
        head.headerFields.map { ($0.name.canonicalName, $0.value) }, uniquingKeysWith: { "\($0), \($1)" }))
  }
}
