//  One connection: its bytes to requests, and the service's answers to bytes.

internal import Foundation
internal import NIOCore
internal import NIOHTTP1

typealias HTTPConnection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

extension NIOAsyncChannel where Inbound == HTTPServerRequestPart, Outbound == HTTPServerResponsePart {
  /// On the channel's event loop.
  init(speakingHTTPOn channel: any Channel, guardedBy guardian: ConnectionGuard) throws {
    var limits = NIOHTTPDecoderLimitConfiguration()
    (limits.maxHeaderFieldSize, limits.maxHeaderListSize, limits.maxHeaderFieldCount) = (8 << 10, 32 << 10, 100)
    // `serve` takes one request after another, so nothing needs to hold back those that a client sends ahead; and it
    // answers what is no HTTP.
    try channel.pipeline.syncOperations.configureHTTPServerPipeline(
      withPipeliningAssistance: false, withErrorHandling: false, withEncoderConfiguration: .init(),
      withDecoderLimitConfiguration: limits)
    try channel.pipeline.syncOperations.addHandler(guardian)
    try self.init(
      wrappingChannelSynchronously: channel, configuration: Configuration(isOutboundHalfClosureEnabled: true))
  }

  /// Answers requests until the client wants no more, or sends what is none.
  func serve(_ service: ExplorerService) async {
    // A connection that breaks has nobody left to be told.
    try? await executeThenClose { inbound, outbound in
      var parts = inbound.makeAsyncIterator()
      do {
        while case .head(let head)? = try await parts.next() {
          var request = ReceivedRequest(head, service)
          if request.isAwaited {
            if request.isTooLarge {
              // Whether its body comes none the less, nobody knows.
              try await outbound.write(request.answer(service), to: head, isLast: true)
              break
            }
            try await outbound.write(.head(HTTPResponseHead(version: .http1_1, status: .continue)))
          }
          try await request.readBody(&parts)
          try await outbound.write(request.answer(service), to: head, isLast: !head.isFollowed)
          guard head.isFollowed else { break }
        }
      } catch is HTTPParserError {
        let refusal = ExplorerService.refusal(ExplorerError(.badRequest, "not HTTP/1.1"))
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/")
        try await outbound.write(refusal, to: head, isLast: true)
      }
      // The client reads the rest and closes its side; the guard sees to it that it does.
      outbound.finish()
      try await channel.closeFuture.get()
    }
  }
}

/// A request as far as it is wanted.
private struct ReceivedRequest {
  private var request: ExplorerRequest
  private let hasTwoHosts: Bool
  private let bodyLimit: Int
  private(set) var isTooLarge: Bool
  /// Whether the client waits with the body until it hears that it is wanted.
  let isAwaited: Bool

  init(_ head: HTTPRequestHead, _ service: ExplorerService) {
    request = ExplorerRequest(head)
    hasTwoHosts = head.headers["Host"].count > 1
    bodyLimit = hasTwoHosts ? 0 : service.bodyLimit(request)
    let announced = head.headers.first(name: "Content-Length").flatMap { Int($0) } ?? 0
    isTooLarge = announced > bodyLimit
    isAwaited = head.version != .http1_0 && head.headers["Expect"].contains { $0.lowercased() == "100-continue" }
  }

  /// Also one that is too large, so that the client is done with it and reads the answer; but not for ever.
  /// - Throws: `ChannelError` if the connection ends before or the body is endless.
  mutating func readBody(
    _ parts: inout NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator
  ) async throws {
    var total = 0
    while true {
      switch try await parts.next() {
      case .body(let part)?:
        total += part.readableBytes
        isTooLarge = isTooLarge || total > bodyLimit
        if !isTooLarge {
          request.body.append(contentsOf: part.readableBytesView)
        } else {
          request.body = Data()
          if total > 64 << 20 { throw ChannelError.eof }
        }
      case .end?: return
      case .head?, nil: throw ChannelError.eof
      }
    }
  }

  func answer(_ service: ExplorerService) async -> ExplorerResponse {
    guard !hasTwoHosts else { return ExplorerService.refusal(ExplorerError(.badRequest, "two Host headers")) }
    // Whoever may not ask at all hears that rather than how large a body may be.
    let response = await service.answer(request)
    guard isTooLarge, bodyLimit > 0 || response.status < 400 else { return response }
    return ExplorerService.refusal(
      ExplorerError(.tooLarge, "a body of more than \(bodyLimit) bytes; expected at most that"))
  }
}

extension HTTPRequestHead {
  /// Whether another request may come on the same connection. The parser reads nothing more after one that asks for
  /// another protocol or a tunnel, though it gets neither here.
  fileprivate var isFollowed: Bool { isKeepAlive && method != .CONNECT && !headers.contains(name: "Upgrade") }
}

extension NIOAsyncChannelOutboundWriter<HTTPServerResponsePart> {
  /// The answer to a request with this head.
  fileprivate func write(_ response: ExplorerResponse, to head: HTTPRequestHead, isLast: Bool) async throws {
    var headers: HTTPHeaders = ["Content-Type": response.type, "Content-Length": "\(response.body.count)"]
    for (name, value) in response.headers.sorted(by: { $0.key < $1.key }) { headers.add(name: name, value: value) }
    // Clients of HTTP/1.0 take silence for close, those of 1.1 for keep-alive.
    if isLast {
      headers.add(name: "Connection", value: "close")
    } else if head.version == .http1_0 {
      headers.add(name: "Connection", value: "keep-alive")
    }
    let status = HTTPResponseStatus(statusCode: response.status)
    try await write(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers)))
    if head.method != .HEAD { try await write(.body(.byteBuffer(ByteBuffer(bytes: response.body)))) }
    try await write(.end(nil))
  }
}

extension ExplorerRequest {
  fileprivate init(_ head: HTTPRequestHead) {
    let target = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    self.init(
      method: head.method.rawValue, path: target.first.map(String.init) ?? "",
      query: target.count > 1 ? String(target[1]) : "", host: head.headers.first(name: "Host"),
      headers: Dictionary(
        head.headers.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { "\($0), \($1)" }))
  }
}
