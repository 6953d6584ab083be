//  A client that sends whatever bytes it is told to, also those that no HTTP client would.

import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// One connection to 127.0.0.1. It waits on threads of its own: the server needs those that tasks share.
final class Wire: Sendable {
  private let descriptor: Int32

  /// In seconds. The server answers on threads that all tests of the process share, and others may keep those for minutes.
  private static let timeout = 300

  /// - Throws: `POSIXError` if nobody listens.
  init(_ port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var limit = timeval(tv_sec: Self.timeout, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else {
      let code = errno
      close(descriptor)
      throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO)
    }
  }

  deinit { close(descriptor) }

  private func elsewhere<Value: Sendable>(_ body: @Sendable @escaping () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: body()) }
    }
  }

  /// Whether all of it was taken.
  @discardableResult
  func send(_ bytes: [UInt8]) async -> Bool { await elsewhere { self.sendNow(bytes) } }

  @discardableResult
  func send(_ text: String) async -> Bool { await send(Array(text.utf8)) }

  /// What comes until the server closes; nil if it does not within the timeout.
  func readToEnd() async -> Data? { await elsewhere { self.readToEndNow() } }

  /// The next answer, by its Content-Length.
  func readAnswer() async -> Answer? { await elsewhere { self.readAnswerNow() } }

  struct Answer: Sendable {
    let status: Int
    let head: String
    let body: Data
  }

  private func sendNow(_ bytes: [UInt8]) -> Bool {
    var left = bytes[...]
    while !left.isEmpty {
      let sent = left.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard sent > 0 else { return false }
      left = left.dropFirst(sent)
    }
    return true
  }

  /// Nothing more will be sent.
  func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

  private func readToEndNow() -> Data? {
    var data = Data()
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count > 0 { data.append(contentsOf: buffer[0..<count]) }
      if count == 0 { return data }
      // A reset is an end too.
      if count < 0 { return errno == ECONNRESET ? data : nil }
    }
  }

  private func readAnswerNow() -> Answer? {
    var data = Data()
    var byte: UInt8 = 0
    let end = Data("\r\n\r\n".utf8)
    while data.suffix(4) != end {
      guard recv(descriptor, &byte, 1, 0) == 1 else { return nil }
      data.append(byte)
    }
    guard let head = Head(data) else { return nil }
    let text = String(decoding: data, as: UTF8.self)
    var body = Data()
    var buffer = [UInt8](repeating: 0, count: 65536)
    while body.count < head.length {
      let count = recv(descriptor, &buffer, min(buffer.count, head.length - body.count), 0)
      guard count > 0 else { return nil }
      body.append(contentsOf: buffer[0..<count])
    }
    return Answer(status: head.status, head: text, body: body)
  }

  /// Sends a request by itself and reads its answer.
  static func ask(_ port: Int, _ text: String) async throws -> Answer? {
    let wire = try Wire(port)
    await wire.send(text)
    return await wire.readAnswer()
  }
}

/// Status and length of an answer.
struct Head {
  let status: Int
  let length: Int

  init?(_ data: Data) {
    let text = String(decoding: data, as: UTF8.self)
    guard let match = text.firstMatch(of: /^HTTP\/1\.1 (\d{3})/), let status = Int(match.1) else { return nil }
    self.status = status
    length = text.firstMatch(of: /(?i)\r\ncontent-length: (\d+)/).flatMap { Int($0.1) } ?? 0
  }
}
