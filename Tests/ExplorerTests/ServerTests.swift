import Foundation
import Randomness
import Results
import Testing

@testable import Explorer

/// A server over made-up runs on a free port, and requests to it.
private struct Running {
  let server: ExplorerServer
  var port: Int { server.port }

  init(_ backend: StubBackend = StubBackend(), deadlines: Deadlines = Deadlines(), mostConnections: Int = 1100)
    async throws
  {
    server = try await ExplorerServer.start(
      host: "127.0.0.1", port: 0, deadlines: deadlines, mostConnections: mostConnections
    ) { port in ExplorerService(backend, access: Access(port: port, token: "secret-token")) }
  }

  func text(
    _ path: String, method: String = "GET", token: String? = "secret-token", body: String? = nil, extra: String = ""
  ) -> String {
    let authorization = token.map { "Authorization: Bearer \($0)\r\n" } ?? ""
    let length = body.map { "Content-Type: application/json\r\nContent-Length: \($0.utf8.count)\r\n" } ?? ""
    return "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\(authorization)\(length)\(extra)\r\n\(body ?? "")"
  }

  /// Waits until no connection is open.
  func isQuiet() async -> Bool {
    for _ in 0..<200 where server.connectionCount > 0 { try? await Task.sleep(for: .milliseconds(25)) }
    return server.connectionCount == 0
  }
}

@Suite("The server harms nobody and lets nobody harm another", .serialized)
struct ServerTests {
  @Test func `requests one after another, at once on one connection, and to the end`() async throws {
    let running = try await Running()
    let wire = try Wire(running.port)
    for _ in 0..<2 {
      await wire.send(running.text("/api/session"))
      #expect(await wire.readAnswer()?.status == 200)
    }
    await wire.send((0..<3).map { running.text("/api/runs/0/images/\($0)") }.joined())
    for row in 0..<3 {
      let body = try #require(await wire.readAnswer()?.body)
      #expect(String(decoding: body, as: UTF8.self).contains("\"row\":\(row)}"))
    }
    await wire.send(running.text("/", token: nil, extra: "Connection: close\r\n"))
    let page = try #require(await wire.readToEnd())
    #expect(page.starts(with: Data("HTTP/1.1 200 OK\r\n".utf8)))
    #expect(page.suffix(100).contains(Data("</html>".utf8).last ?? 0))
    #expect(await running.isQuiet())
    await running.server.stop()
    #expect(throws: POSIXError.self) { try Wire(running.port) }
  }

  @Test func `a thousand requests at once get a thousand right answers`() async throws {
    let running = try await Running(StubBackend(delay: .milliseconds(20)))
    try raiseFileLimit()
    var wires: [Wire] = []
    for number in 0..<1000 {
      let wire = try Wire(running.port)
      await wire.send(
        running.text(
          "/api/runs/0/walk?anchor=\(number)&direction=cat.principal.1&position=0", extra: "Connection: close\r\n"))
      wires.append(wire)
    }
    var wrong = 0
    for (number, wire) in wires.enumerated() {
      guard let answer = await wire.readAnswer(), answer.status == 200,
        let json = try? JSONSerialization.jsonObject(with: answer.body) as? [String: Any],
        json["anchor"] as? Int == number, (json["strip"] as? [Any])?.count == 9
      else {
        wrong += 1
        continue
      }
    }
    #expect(wrong == 0)
    withExtendedLifetime(wires) {}
    #expect(await running.isQuiet())
    await running.server.stop()
  }

  @Test func `what is no request is refused, and the next one is answered`() async throws {
    let running = try await Running()
    let token = "Authorization: Bearer secret-token\r\n"
    let host = "Host: 127.0.0.1:\(running.port)\r\n"
    let malformed: [String] = [
      "\r\n\r\n\r\n\r\n\r\n", "GET\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/9.9\r\n\(host)\r\n",
      "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}",
      "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\n\(host)\(host)\r\n", "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
      "GET /api/session HTTP/1.1\r\n\(host)\(token)\(token)\r\n", "GET /api/session HTTP/1.0\r\n\r\n",
      "GET /api/session HTTP/1.1\r\nHost: evil.example\r\n\(token)\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "POST /api/runs/0/directions HTTP/1.1\r\n\(host)\(token)Content-Length: -5\r\n\r\n",
      "POST /api/runs/0/directions HTTP/1.1\r\n\(host)\(token)Content-Length: 5, 6\r\n\r\nhello",
      "POST /api/runs/0/directions HTTP/1.1\r\n\(host)\(token)Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST /api/runs/0/directions HTTP/1.1\r\n\(host)\(token)Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
      "POST /api/runs/0/directions HTTP/1.1\r\n\(host)\(token)Transfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\n",
      "GET /\u{0} HTTP/1.1\r\n\(host)\r\n", "GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
      "CONNECT evil.example:80 HTTP/1.1\r\nHost: evil.example\r\n\r\n", "OPTIONS * HTTP/1.1\r\n\(host)\r\n",
      "GET /api/session HTTP/1.1\r\n\(host)Authorization: Bearer secret-token\u{0}\r\n\r\n",
      "GET / HTTP/1.1\r\n\(host)X: \(String(repeating: "y", count: 100_000))\r\n\r\n",
      "GET / HTTP/1.1\r\n\(host)\((0..<500).map { "X\($0): y\r\n" }.joined())\r\n",
      "GET /\(String(repeating: "a/", count: 60_000)) HTTP/1.1\r\n\(host)\r\n",
    ]
    for text in malformed {
      let wire = try Wire(running.port)
      await wire.send(text)
      wire.finish()
      let answer = await wire.readToEnd()
      #expect(
        answer.map { $0.isEmpty || (Head($0)?.status ?? 0) >= 400 } == true, "\(text.prefix(80).debugDescription)")
      #expect(
        try await Wire.ask(running.port, running.text("/api/session"))?.status == 200,
        "\(text.prefix(80).debugDescription)")
    }
    var generator = SplitMix64(seed: 42)
    let whole = Array(running.text("/api/runs/0/walk?anchor=1&direction=cat.principal.1&position=0", body: "{}").utf8)
    for _ in 0..<300 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...8, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes.removeSubrange(place..<min(bytes.count, place + 20))
        default: bytes.insert(contentsOf: (0..<5).map { _ in UInt8.random(in: 0...255, using: &generator) }, at: place)
        }
        if bytes.isEmpty { bytes = whole }
      }
      let wire = try Wire(running.port)
      await wire.send(bytes)
      wire.finish()
      #expect(await wire.readToEnd() != nil)
    }
    #expect(try await Wire.ask(running.port, running.text("/api/session"))?.status == 200)
    #expect(await running.isQuiet())
    await running.server.stop()
  }

  @Test func `an answer to HEAD has no body, and after the last request the connection is closed`() async throws {
    var deadlines = Deadlines()
    (deadlines.first, deadlines.next) = (3600, 3600)
    let running = try await Running(deadlines: deadlines)
    let wire = try Wire(running.port)
    let get = running.text("/", token: nil)
    await wire.send(running.text("/", method: "HEAD", token: nil, extra: "Connection: close\r\n"))
    let head = try #require(await wire.readToEnd())
    #expect(head.suffix(4) == Data("\r\n\r\n".utf8))
    #expect(Head(head)?.status == 405)
    #expect(Head(head)?.length ?? 0 > 0)
    let upgrading = running.text("/", token: nil, extra: "Connection: Upgrade\r\nUpgrade: websocket\r\n")
    // The parser reads nothing after the last two, and nobody may wait for an answer to it.
    for last in [
      get.replacingOccurrences(of: "HTTP/1.1", with: "HTTP/1.0"), get + "no request\r\n\r\n", upgrading + get,
      get + "CONNECT 127.0.0.1:\(running.port) HTTP/1.1\r\nHost: 127.0.0.1:\(running.port)\r\n\r\n",
    ] {
      let wire = try Wire(running.port)
      await wire.send(last)
      let answer = try #require(await wire.readToEnd())
      #expect(Head(answer)?.status == 200)
      #expect(String(decoding: answer, as: UTF8.self).lowercased().contains("\r\nconnection: close\r\n"))
      // It stays open on this side; the server does not wait for that.
      #expect(await running.isQuiet())
      withExtendedLifetime(wire) {}
    }
    await running.server.stop()
  }

  @Test func `who waits for leave to send a body gets it, or the refusal`() async throws {
    let running = try await Running()
    let path = "/api/runs/0/directions"
    func head(_ length: Int, token: String = "secret-token") -> String {
      running.text(
        path, method: "POST", token: token,
        extra: "Expect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: \(length)\r\n")
    }
    let wire = try Wire(running.port)
    await wire.send(head(2))
    #expect(await wire.readAnswer()?.status == 100)
    await wire.send("{}")
    #expect(await wire.readAnswer()?.status == 400)
    // The connection serves on.
    await wire.send(running.text("/api/session"))
    #expect(await wire.readAnswer()?.status == 200)
    for (text, status) in [(head(2, token: "wrong"), 401), (head(2 << 20), 413)] {
      let wire = try Wire(running.port)
      await wire.send(text)
      let answer = try #require(await wire.readToEnd())
      #expect(Head(answer)?.status == status)
      // Refusals too have what every answer has.
      #expect(String(decoding: answer, as: UTF8.self).contains("Content-Security-Policy: default-src 'none'"))
    }
    await running.server.stop()
  }

  @Test func `clients of HTTP/1.0 that ask for it keep their connection, and are told`() async throws {
    let running = try await Running()
    let wire = try Wire(running.port)
    let request = running.text("/", token: nil, extra: "Connection: keep-alive\r\n")
    for _ in 0..<2 {
      await wire.send(request.replacingOccurrences(of: "HTTP/1.1", with: "HTTP/1.0"))
      let answer = try #require(await wire.readAnswer())
      #expect(answer.status == 200 && answer.head.lowercased().contains("\r\nconnection: keep-alive\r\n"))
    }
    await running.server.stop()
  }

  @Test func `bodies have a limit, and strangers may send none`() async throws {
    let running = try await Running()
    let path = "/api/runs/0/directions"
    let large = String(repeating: "x", count: 2 << 20)
    #expect(try await Wire.ask(running.port, running.text(path, method: "POST", body: large))?.status == 413)
    #expect(
      try await Wire.ask(running.port, running.text(path, method: "POST", token: "wrong", body: large))?.status == 401)
    #expect(try await Wire.ask(running.port, running.text("/api/session", body: "x"))?.status == 413)
    let chunk = String(repeating: "x", count: 1 << 20)
    let chunked =
      running.text(path, method: "POST", extra: "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n")
      + (0..<2).map { _ in "100000\r\n\(chunk)\r\n" }.joined() + "0\r\n\r\n"
    #expect(try await Wire.ask(running.port, chunked)?.status == 413)
    await running.server.stop()
  }

  /// Asks again and again while one says nothing, one trickles its head, one its body, one does not read, and one says
  /// nothing after an answer.
  /// - Returns: those five.
  private func askBesideDawdlers(_ running: Running) async throws -> [Wire] {
    let (silent, trickling, slowBody) = (try Wire(running.port), try Wire(running.port), try Wire(running.port))
    await slowBody.send(running.text("/api/runs/0/directions", method: "POST", extra: "Content-Length: 100\r\n"))
    let deaf = try Wire(running.port)
    await deaf.send((0..<40).map { _ in running.text("/fonts/Inter-Regular.otf") }.joined())
    let idle = try Wire(running.port)
    await idle.send(running.text("/api/session"))
    #expect(await idle.readAnswer()?.status == 200)
    for byte in running.text("/api/session").utf8.prefix(30) {
      await trickling.send([byte])
      await slowBody.send("x")
      #expect(try await Wire.ask(running.port, running.text("/api/session"))?.status == 200)
      try await Task.sleep(for: .milliseconds(50))
    }
    return [silent, trickling, slowBody, deaf, idle]
  }

  @Test func `whoever dawdles is cut off`() async throws {
    var deadlines = Deadlines()
    (deadlines.first, deadlines.next, deadlines.body, deadlines.answer) = (0.4, 0.6, 0.4, 0.8)
    let running = try await Running(deadlines: deadlines)
    let dawdlers = try await askBesideDawdlers(running)
    #expect(await running.isQuiet())
    withExtendedLifetime(dawdlers) {}
    await running.server.stop()
  }

  @Test(.timeLimit(.minutes(5))) func `nobody waits for those who dawdle`() async throws {
    // They may for longer than this test may take.
    var deadlines = Deadlines()
    (deadlines.first, deadlines.next, deadlines.body, deadlines.answer) = (3600, 3600, 3600, 3600)
    let running = try await Running(deadlines: deadlines)
    let dawdlers = try await askBesideDawdlers(running)
    #expect(running.server.connectionCount >= dawdlers.count)
    withExtendedLifetime(dawdlers) {}
    await running.server.stop()
  }

  @Test func `where there are too many connections those that say nothing make way`() async throws {
    let running = try await Running(mostConnections: 8)
    let silent = try (0..<40).map { _ in try Wire(running.port) }
    for _ in 0..<5 { #expect(try await Wire.ask(running.port, running.text("/api/session"))?.status == 200) }
    #expect(running.server.connectionCount <= 8)
    withExtendedLifetime(silent) {}
    await running.server.stop()
  }

  @Test func `a port that is taken is said to be`() async throws {
    let running = try await Running()
    await #expect(throws: ExplorerServer.StartError.self) {
      _ = try await ExplorerServer.start(port: running.port) { port in
        ExplorerService(StubBackend(), access: Access(port: port))
      }
    }
    do {
      _ = try await ExplorerServer.start(port: running.port) {
        ExplorerService(StubBackend(), access: Access(port: $0))
      }
    } catch {
      #expect("\(error)".contains("port \(running.port) on 127.0.0.1 is in use"))
    }
    await running.server.stop()
  }
}

/// Both ends of a thousand connections are in this process.
private func raiseFileLimit() throws {
  var files = rlimit()
  getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
  files.rlim_cur = min(files.rlim_max, 8192)
  setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
  try #require(files.rlim_cur > 2500)
}
