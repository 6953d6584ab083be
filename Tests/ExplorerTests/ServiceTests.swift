import Foundation
import Raster
import Results
import Testing

@testable import Explorer

private let access = Access(port: 8808, token: "secret-token")

private func request(
  _ path: String, _ query: String = "", method: String = "GET", host: String? = "127.0.0.1:8808",
  headers: [String: String] = ["authorization": "Bearer secret-token"], body: String = ""
) -> ExplorerRequest {
  var headers = headers
  if !body.isEmpty { headers["content-type"] = headers["content-type"] ?? "application/json" }
  return ExplorerRequest(
    method: method, path: path, query: query, host: host, headers: headers, body: Data(body.utf8))
}

/// The answer's status, `error.code`, and JSON.
private func ask(
  _ request: ExplorerRequest, _ backend: StubBackend = StubBackend()
) async throws -> (status: Int, code: String?, json: [String: Any]) {
  let answer = await ExplorerService(backend, access: access).answer(request)
  let json = try JSONSerialization.jsonObject(with: answer.body) as? [String: Any] ?? [:]
  return (answer.status, (json["error"] as? [String: Any])?["code"] as? String, json)
}

@Suite("Only who has the token, from a page of this server, under its name")
struct AccessTests {
  @Test func `the token opens, and nothing else does`() async throws {
    #expect(try await ask(request("/api/session")).status == 200)
    let wrong = [
      "Bearer secret-tokem", "Bearer secret-token2", "Bearer ", "secret-token", "bearer secret-token", "Basic x",
    ]
    for value in wrong {
      let answer = try await ask(request("/api/session", headers: ["authorization": value]))
      #expect(answer.status == 401 && answer.code == "no-token", "\(value)")
    }
    #expect(try await ask(request("/api/session", headers: [:])).status == 401)
    // Not in the query, where it would be logged.
    #expect(try await ask(request("/api/session", "token=secret-token", headers: [:])).status == 401)
  }

  @Test func `other names of this address are refused, also for the page`() async throws {
    for host in ["evil.example:8808", "127.0.0.1", "127.0.0.1:80", "127.0.0.1:8808.evil.example", "", "localhost:8809"]
    {
      for path in ["/api/session", "/"] {
        let answer = await ExplorerService(StubBackend(), access: access).answer(request(path, host: host))
        #expect(answer.status == 403, "\(host) \(path)")
      }
    }
    #expect(try await ask(request("/api/session", host: nil)).code == "foreign-origin")
    for host in ["localhost:8808", "LOCALHOST:8808", "[::1]:8808"] {
      #expect(try await ask(request("/api/session", host: host)).status == 200, "\(host)")
    }
    let beyond = Access(port: 8808, host: "10.1.2.3", token: "secret-token")
    let answer = await ExplorerService(StubBackend(), access: beyond).answer(
      request("/api/session", host: "10.1.2.3:8808"))
    #expect(answer.status == 200)
  }

  @Test func `pages of others are refused even with the token`() async throws {
    let token = "Bearer secret-token"
    for origin in ["http://evil.example", "https://127.0.0.1:8808", "null", "http://127.0.0.1:9000"] {
      let answer = try await ask(request("/api/session", headers: ["authorization": token, "origin": origin]))
      #expect(answer.status == 403, "\(origin)")
    }
    for site in ["cross-site", "same-site"] {
      let answer = try await ask(request("/api/session", headers: ["authorization": token, "sec-fetch-site": site]))
      #expect(answer.status == 403, "\(site)")
    }
    let own = ["authorization": token, "origin": "http://127.0.0.1:8808", "sec-fetch-site": "same-origin"]
    #expect(try await ask(request("/api/session", headers: own)).status == 200)
  }

  @Test func `tokens are random, long and fit for a link`() {
    let tokens = (0..<50).map { _ in Access.randomToken() }
    #expect(Set(tokens).count == 50)
    #expect(tokens.allSatisfy { $0.wholeMatch(of: /[A-Za-z0-9_-]{43}/) != nil })
  }

  @Test func `every answer forbids what the page does not need`() async {
    let service = ExplorerService(StubBackend(), access: access)
    for path in ["/", "/api/session", "/nothing"] {
      let answer = await service.answer(request(path))
      let policy = answer.headers["Content-Security-Policy"] ?? ""
      #expect(policy.contains("default-src 'none'") && policy.contains("script-src 'self';"))
      #expect(!policy.contains("unsafe") && !policy.contains("http:") && !policy.contains("*"))
      #expect(answer.headers["X-Content-Type-Options"] == "nosniff")
      #expect(answer.headers["Cache-Control"] == "no-store")
    }
  }

  @Test func `who is refused too often is told to wait, and harms nobody who has the token`() async throws {
    let service = ExplorerService(StubBackend(), access: access)
    var statuses: [Int] = []
    for _ in 0..<200 { statuses.append(await service.answer(request("/api/session", headers: [:])).status) }
    #expect(statuses[0] == 401 && statuses[199] == 429)
    #expect(await service.answer(request("/api/session")).status == 200)
  }
}

@Suite("Requests are read strictly")
struct RouteTests {
  @Test func `paths that climb, in every spelling, are no routes`() async {
    let service = ExplorerService(StubBackend(), access: access)
    let paths = [
      "/../etc/passwd", "/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/%252e%252e/etc/passwd", "//etc/passwd",
      "/./main.js", "/fonts/../main.js", "/fonts//Inter-Regular.otf", "/main.js/", "/main.js%00", "/MAIN.JS",
      "/api/../main.js", "/api/sprites/full/../0", "/api/runs/0/../../etc", "/api/images/%31", "/api/images/1/",
      "/api//session", "/api/session/", "/api", "/api/", "/\\..\\x", "", "main.js", "/file:///etc/passwd",
      "/" + String(repeating: "a", count: 5000),
    ]
    for path in paths {
      let answer = await service.answer(request(path))
      #expect(answer.status == 404, "\(path.prefix(60)): \(answer.status)")
    }
  }

  @Test func `numbers have digits only, and not too many`() async throws {
    for number in ["-1", "+1", "1.0", "1e3", "0x10", "١", "9999999999", "99999999999999999999999", ""] {
      #expect(try await ask(request("/api/runs/\(number)/map")).status == 404, "\(number)")
    }
    #expect(try await ask(request("/api/runs/7/map")).code == "no-such-run")
    #expect(try await ask(request("/api/images/300")).code == "no-such-image")
    #expect(try await ask(request("/api/sprites/full/9")).code == "no-such-sheet")
  }

  @Test func `a walk is understood`() async throws {
    let query =
      "anchor=17&direction=cat.principal.1&position=1.5&direction=a%2Fb+%C3%BC%26%3D&position=-6&spacing=0.25&query=local"
    let answer = try await ask(request("/api/runs/0/walk", query))
    #expect(answer.status == 200)
    #expect(answer.json["query"] as? String == "local")
    let directions = try #require(answer.json["directions"] as? [[String: Any]])
    #expect(directions.map { $0["id"] as? String } == ["cat.principal.1", "a/b ü&="])
    #expect(directions.map { $0["position"] as? Double } == [1.5, -6])
    let strip = try #require(answer.json["strip"] as? [[String: Any]])
    #expect(strip.map { $0["step"] as? Double } == [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.25, 2.5])
    // What is missing is said to be missing.
    #expect(answer.json["control"] is NSNull && answer.json["tau"] is NSNull)
  }

  @Test func `the anchor's step is exactly 0 however the steps add up`() {
    var question = WalkQuestion(anchor: 0, directions: [.init(id: "a", position: 0.3)])
    question.spacing = 0.1
    #expect(question.steps.count == 9)
    #expect(question.steps[1] == 0)
  }

  @Test(arguments: [
    "direction=a&position=1", "anchor=1", "anchor=1&direction=a", "anchor=1&direction=a&position=7",
    "anchor=1&direction=a&position=nan", "anchor=1&direction=a&position=inf", "anchor=1&direction=a&position=",
    "anchor=1&direction=a&position=1&direction=a&position=2", "anchor=-1&direction=a&position=1",
    "anchor=1&anchor=2&direction=a&position=1", "anchor=1&direction=a&position=1&spacing=0",
    "anchor=1&direction=a&position=1&spacing=2", "anchor=1&direction=a&position=1&query=psychic",
    "anchor=1&direction=a&position=1&control=maybe", "anchor=1&direction=a&position=1&extra=1",
    "anchor=1&direction=%ff&position=1", "anchor=1&direction=a&position=1&novalue", "&&&", "=", "%",
    "anchor=1&direction=a&position=1&direction=b&position=1&direction=c&position=1&direction=d&position=1&direction=e&position=1",
  ])
  func `what a walk cannot be is refused`(query: String) async throws {
    let answer = try await ask(request("/api/runs/0/walk", query))
    #expect(answer.status == 400 && answer.code == "bad-request")
  }

  @Test func `methods are held to their routes`() async {
    let service = ExplorerService(StubBackend(), access: access)
    for (path, method, allowed) in [
      ("/api/session", "POST", "GET"), ("/", "DELETE", "GET"), ("/api/runs/0/directions", "GET", "POST, PATCH, DELETE"),
      ("/api/runs/0/import", "PUT", "POST"), ("/api/runs/0/walk", "TRACE", "GET"), ("/api/session", "HEAD", "GET"),
    ] {
      let answer = await service.answer(request(path, method: method))
      #expect(answer.status == 405 && answer.headers["Allow"] == allowed, "\(method) \(path)")
    }
  }

  @Test func `figures are understood`() async throws {
    let service = ExplorerService(StubBackend(), access: access)
    let file = await service.answer(request("/api/runs/0/figure", "what=map&format=svg&theme=dark&kind=tsne"))
    #expect(file.status == 200 && file.type == "image/svg+xml")
    // The name cannot leave its quotation marks.
    #expect(
      file.headers["Content-Disposition"]
        == "attachment; filename=\"k_se__1_.png\"; filename*=UTF-8''k%C3%A4se%20%221%22.png")
    for query in [
      "what=map", "format=png", "what=cat&format=png", "what=directions&class=0&format=png", "what=walk&format=png",
      "what=walk&format=png&anchor=0&direction=a&position=0&partner=b",
      "what=walk&format=png&anchor=0&direction=a&position=0&beside=1&partner=",
      "what=walk&format=png&anchor=0&direction=a&position=0&beside=1&partner=b&partner=c",
    ] {
      #expect(try await ask(request("/api/runs/0/figure", query)).status == 400, "\(query)")
    }
    for more in ["", "&beside=1", "&beside=1&partner=-b&partner="] {
      let query = "what=walk&format=png&anchor=0&direction=a&position=0&direction=c&position=1" + more
      #expect(await service.answer(request("/api/runs/0/figure", query)).status == 200, "\(more)")
    }
    #expect(OrientedDirection("-b") == OrientedDirection(id: "b", isTurned: true) && OrientedDirection("-") == nil)
    #expect(OrientedDirection("-b")?.description == "-b" && OrientedDirection("b-c")?.description == "b-c")
    #expect(try await ask(request("/api/runs/0/command", "what=spectrum")).json["command"] as? String == "isda figures")
  }
}

@Suite("Changes are checked before anybody is asked")
struct ChangeTests {
  private let path = "/api/runs/0/directions"

  @Test func `groups, near and without arrive as they were sent`() async throws {
    let backend = StubBackend()
    let body = """
      {"a": {"rows": [3, 1]}, "b": {"rest": true}, "near": {"anchor": 4, "neighbours": 9}, "without": "within.1",
       "class": 1, "name": "hat", "note": "", "save": false}
      """
    #expect(try await ask(request(path, method: "POST", body: body), backend).status == 201)
    let made = try #require(backend.firstMade)
    #expect(made.a == .rows([3, 1]) && made.b == .rest)
    #expect(made.near?.anchor == 4 && made.near?.neighbours == 9)
    #expect(made.without == "within.1" && made.classIndex == 1 && made.save == false)
  }

  @Test(arguments: [
    "", "[]", "{", "null", #"{"a": {"rows": [1]}, "b": {"rest": true}}"#,
    #"{"a": {"rows": [1], "class": 2}, "b": {"rest": true}, "name": "x"}"#,
    #"{"a": {"rest": true}, "b": {"rest": true}, "name": "x"}"#, #"{"a": {}, "b": {"rest": true}, "name": "x"}"#,
    #"{"a": {"rows": [1.5]}, "b": {"rest": true}, "name": "x"}"#,
    #"{"a": {"rows": [1]}, "b": {"rest": true}, "name": "x", "near": {"anchor": 1, "neighbours": 0}}"#,
    #"{"a": {"rows": [1]}, "b": {"rest": true}, "name": "\u0007"}"#,
    "{\"a\": {\"rows\": [1]}, \"b\": {\"rest\": true}, \"name\": \"" + String(repeating: "x", count: 101) + "\"}",
  ])
  func `what no direction can be made of is refused`(body: String) async throws {
    let backend = StubBackend()
    let answer = try await ask(
      request(
        path, method: "POST", headers: ["authorization": "Bearer secret-token", "content-type": "application/json"],
        body: body),
      backend)
    #expect(answer.status == 400 && answer.code == "bad-request")
    #expect(backend.firstMade?.name == nil)
  }

  @Test func `a form of another site is not JSON`() async throws {
    let headers = ["authorization": "Bearer secret-token", "content-type": "text/plain"]
    let answer = try await ask(request(path, method: "PATCH", headers: headers, body: #"{"id": "a", "version": "b"}"#))
    #expect(answer.status == 400)
  }

  @Test func `whoever comes second is told how things stand`() async throws {
    let backend = StubBackend()
    let version = StubBackend.entry.version
    let good = #"{"id": "cat.principal.1", "version": "\#(version)", "name": "hat", "lower": -2}"#
    #expect(try await ask(request(path, method: "PATCH", body: good), backend).status == 200)
    let change = try #require(backend.firstChange)
    #expect(change.name == "hat" && change.lower == -2 && change.upper == nil && change.note == nil)
    let late = good.replacingOccurrences(of: version, with: "0000")
    let answer = try await ask(request(path, method: "PATCH", body: late), backend)
    #expect(answer.status == 409 && answer.code == "conflict" && answer.json["revision"] as? String == "r2")
    let direction = try #require(answer.json["direction"] as? [String: Any])
    #expect(direction["version"] as? String == version && direction["class"] as? Int == 0)
    for range in [#""lower": 1e300"#, #""upper": "1""#] {
      let body = #"{"id": "cat.principal.1", "version": "\#(version)", \#(range)}"#
      #expect(try await ask(request(path, method: "PATCH", body: body), backend).status == 400)
    }
  }

  @Test func `a direction's version follows all that people can change`() {
    var entry = StubBackend.entry
    var versions = [entry.version]
    entry.name = "hat"
    versions.append(entry.version)
    (entry.name, entry.note) = (nil, "hat")
    versions.append(entry.version)
    entry.lower -= 1
    versions.append(entry.version)
    entry.upper += 1
    versions.append(entry.version)
    #expect(Set(versions).count == 5)
    (entry.name, entry.note, entry.lower, entry.upper) = (nil, nil, -1, 1.5)
    #expect(entry.version == versions[0])
  }
}
