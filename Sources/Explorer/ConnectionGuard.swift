//  What keeps one client from harming the others: every connection has a deadline for each thing that it does, and where
//  there are too many the one that has been silent for longest makes way.

internal import NIOCore
internal import NIOHTTP1
internal import Synchronization

/// How long a connection may take, in seconds.
struct Deadlines: Sendable {
  /// Until the head of its first request is there, however slowly its bytes trickle.
  var first = 10.0
  /// From an answer to the head of the next request.
  var next = 75.0
  /// For the body.
  var body = 30.0
  /// From the answer after which the connection is to be closed, for the client to close its side too.
  var farewell = 1.0
  /// From a request to the last byte of its answer: it is made, and the client takes it.
  var answer = 120.0
}

/// The open connections of one server.
final class ConnectionLimit: Sendable {
  private struct Connection {
    let channel: any Channel
    /// Since when it has been without a request; nil while it has one.
    var silentSince: NIODeadline?
  }

  private let maximum: Int
  private let connections = Mutex<[ObjectIdentifier: Connection]>([:])

  init(maximum: Int) { self.maximum = maximum }

  var count: Int { connections.withLock(\.count) }

  /// Notes a connection, and closes the one that has been silent for longest if there are too many.
  func open(_ channel: any Channel) {
    let victim = connections.withLock { connections -> (any Channel)? in
      connections[ObjectIdentifier(channel)] = Connection(channel: channel, silentSince: .now())
      guard connections.count > maximum else { return nil }
      let silent = connections.values.filter { $0.silentSince != nil }
      return silent.min { ($0.silentSince ?? .now()) < ($1.silentSince ?? .now()) }?.channel ?? channel
    }
    victim?.close(promise: nil)
  }

  func note(_ channel: any Channel, isSilent: Bool) {
    connections.withLock { $0[ObjectIdentifier(channel)]?.silentSince = isSilent ? .now() : nil }
  }

  func close(_ channel: any Channel) {
    connections.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(channel)) }
  }

  func closeAll() {
    for connection in connections.withLock({ Array($0.values) }) { connection.channel.close(promise: nil) }
  }
}

/// Holds one connection to its deadlines.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  private let limit: ConnectionLimit
  private let deadlines: Deadlines
  private var timer: Scheduled<Void>?
  /// Requests that are not answered to the end.
  private var open = 0
  /// Whether nothing comes after the answer that is being written.
  private var isLast = false

  init(_ limit: ConnectionLimit, _ deadlines: Deadlines) { (self.limit, self.deadlines) = (limit, deadlines) }

  func handlerAdded(context: ChannelHandlerContext) {
    if context.channel.isActive { begin(context) }
  }

  func channelActive(context: ChannelHandlerContext) {
    begin(context)
    context.fireChannelActive()
  }

  private func begin(_ context: ChannelHandlerContext) {
    limit.open(context.channel)
    allow(deadlines.first, context)
  }

  func channelInactive(context: ChannelHandlerContext) {
    end(context)
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) { end(context) }

  private func end(_ context: ChannelHandlerContext) {
    timer?.cancel()
    timer = nil
    limit.close(context.channel)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head:
      open += 1
      limit.note(context.channel, isSilent: false)
      if open == 1 { allow(deadlines.body, context) }
    case .body: break
    case .end: if open == 1 { allow(deadlines.answer, context) }
    }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard case .end = unwrapOutboundIn(data) else {
      if case .head(let head) = unwrapOutboundIn(data) { isLast = !head.isKeepAlive }
      context.write(data, promise: promise)
      return
    }
    let written = promise ?? context.eventLoop.makePromise(of: Void.self)
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    written.futureResult.whenSuccess {
      let (guardian, context) = bound.value
      guardian.answered(context)
    }
    context.write(data, promise: written)
  }

  private func answered(_ context: ChannelHandlerContext) {
    open = max(0, open - 1)
    if open == 0 { limit.note(context.channel, isSilent: true) }
    allow(open > 0 ? deadlines.answer : isLast ? deadlines.farewell : deadlines.next, context)
  }

  /// Closes the connection after so many seconds, unless something happens before.
  private func allow(_ seconds: Double, _ context: ChannelHandlerContext) {
    timer?.cancel()
    guard context.channel.isActive else { return }
    let channel = context.channel
    timer = context.eventLoop.scheduleTask(in: .nanoseconds(Int64(seconds * 1e9))) { channel.close(promise: nil) }
  }
}
