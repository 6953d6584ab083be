//  The explorer on a port: SwiftNIO's HTTP/1.1, narrowed to small requests and patient with nobody.

internal import Foundation
internal import NIOCore
internal import NIOPosix

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
  private let task: Task<Void, Never>

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
    let listener: NIOAsyncChannel<HTTPConnection, Never>
    do {
      listener = try await ServerBootstrap(group: group)
        .serverChannelOption(.backlog, value: 1024)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        // Who has sent all of its requests may close its side and still read.
        .childChannelOption(.allowRemoteHalfClosure, value: true)
        .bind(host: host, port: port) { channel in
          channel.eventLoop.makeCompletedFuture {
            try HTTPConnection(speakingHTTPOn: channel, guardedBy: ConnectionGuard(limit, deadlines))
          }
        }
    } catch {
      try? await group.shutdownGracefully()
      if error is SocketAddressError.UnknownHost {
        throw StartError.notBound(host: host, port: port, reason: "no host is called \"\(host)\"")
      }
      guard let error = error as? IOError else {
        throw StartError.notBound(host: host, port: port, reason: "\(error)")
      }
      if error.errnoCode == EADDRINUSE { throw StartError.portInUse(host: host, port: port) }
      throw StartError.notBound(host: host, port: port, reason: String(cString: strerror(error.errnoCode)))
    }
    let port = listener.channel.localAddress?.port ?? port
    let service = service(port)
    let task = Task {
      await withDiscardingTaskGroup { group in
        _ = try? await listener.executeThenClose { connections in
          for try await connection in connections { group.addTask { await connection.serve(service) } }
        }
      }
    }
    return ExplorerServer(port: port, group: group, limit: limit, task: task)
  }

  private init(port: Int, group: MultiThreadedEventLoopGroup, limit: ConnectionLimit, task: Task<Void, Never>) {
    (self.port, self.group, self.limit, self.task) = (port, group, limit, task)
  }

  /// Connections that are open.
  var connectionCount: Int { limit.count }

  /// Closes the port and all connections.
  public func stop() async {
    task.cancel()
    limit.closeAll()
    await task.value
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
