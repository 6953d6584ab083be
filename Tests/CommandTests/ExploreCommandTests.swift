import Foundation
import Synchronization
import Testing

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

@Suite("isda explore, from the command to the signal that ends it", .serialized, .timeLimit(.minutes(10)))
struct ExploreCommandTests {
  private struct Session: Decodable {
    struct Run: Decodable { let name: String, state: String, title: String }
    let runs: [Run]
  }

  private func train(_ folder: String, analyzed: Bool) throws {
    let trained = try Outcome(
      "train", "--dataset", "portraits", "--train-count", "60", "--test-count", "80", "--network", "resnet8", "--loss",
      "ce", "--epochs", "1", "--batch", "20", "--threads", "1", "--out", folder, "--quiet")
    #expect(trained.code == 0, "\(trained.errors)")
    if analyzed { #expect(try Outcome("analyze", folder, "--quiet").code == 0) }
  }

  /// Status and body of one request.
  private func get(_ path: String, of address: URL, token: Substring? = nil) throws -> (status: Int, body: Data) {
    var request = URLRequest(url: try #require(URL(string: path, relativeTo: address)))
    if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
    let answer = Mutex<(Int, Data)?>(nil)
    let done = DispatchSemaphore(value: 0)
    URLSession.shared.dataTask(with: request) { data, response, _ in
      if let response = response as? HTTPURLResponse { answer.withLock { $0 = (response.statusCode, data ?? Data()) } }
      done.signal()
    }.resume()
    done.wait()
    return try #require(answer.withLock { $0 })
  }

  @Test func `serves an analysed run, says what another lacks, and ends at Ctrl-C`() throws {
    try withFolder { folder in
      try train("\(folder)/whole", analyzed: true)
      try train("\(folder)/raw", analyzed: false)
      let (process, output, errors) = (Process(), Pipe(), Pipe())
      process.executableURL = Outcome.isda
      process.arguments = ["explore", "\(folder)/whole", "\(folder)/raw", "--port", "0", "--no-open"]
      (process.standardOutput, process.standardError) = (output, errors)
      try process.run()
      defer { process.terminate() }
      var printed = ""
      while !printed.hasSuffix("\n") {
        let bytes = output.fileHandleForReading.availableData
        try #require(!bytes.isEmpty, "no address; \(printed)")
        printed += String(decoding: bytes, as: UTF8.self)
      }
      let address = try #require(URL(string: printed.trimmingCharacters(in: .newlines)))
      let token = try #require(address.fragment?.dropFirst("token=".count))
      #expect(address.host == "127.0.0.1" && token.count == 43)

      let page = try get("/", of: address)
      #expect(page.status == 200 && String(decoding: page.body, as: UTF8.self).contains("<!doctype html>"))
      #expect(try get("/api/session", of: address).status == 401)
      var session = Session(runs: [])
      for _ in 0..<600 {
        let answer = try get("/api/session", of: address, token: token)
        try #require(answer.status == 200)
        session = try JSONDecoder().decode(Session.self, from: answer.body)
        if session.runs.first?.state != "loading" { break }
        Thread.sleep(forTimeInterval: 0.1)
      }
      #expect(session.runs.map(\.name) == ["whole", "raw"] && session.runs.map(\.state) == ["ready", "unanalysed"])
      #expect(session.runs.map(\.title) == ["cross-entropy, seed 0", "cross-entropy, seed 0"])
      let walk = "/api/runs/0/walk?anchor=0&direction=cat.principal.1&position=1"
      #expect(try get(walk, of: address, token: token).status == 200)
      #expect(try get(walk.replacing("cat", with: "yak"), of: address, token: token).status == 404)
      for what in ["figure?what=walk&format=csv", "command?what=walk"] {
        let beside = "/api/runs/0/\(what)&anchor=0&direction=cat.principal.1&position=1&beside=0&partner="
        #expect(try get(beside + "-cat.principal.2", of: address, token: token).status == 200)
        #expect(try get(beside + "-nope", of: address, token: token).status == 404)
      }

      process.interrupt()
      process.waitUntilExit()
      #expect(process.terminationStatus == 130)
      let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      #expect(said == "isda: stopped\n", "\(said)")
    }
  }

  @Test func `writes one file that needs no server`() throws {
    try withFolder { folder in
      try train("\(folder)/run", analyzed: true)
      let file = "\(folder)/page.html"
      let written = try Outcome(
        "explore", "\(folder)/run", "--static", file, "--classes", "cat,lion", "--directions", "2", "--anchors", "2",
        "--quiet")
      #expect(written.code == 0 && written.output == "\(file)\n" && written.errors.isEmpty, "\(written.errors)")
      let page = try String(contentsOfFile: file, encoding: .utf8)
      #expect(page.contains("cat.principal.1") && page.contains("iVBORw0KGgo"))
      // The PNG files of the images are inside; other classes are not.
      #expect(!page.contains("dog.principal.1") && !page.contains("src=\"http"))
      let refused = try Outcome("explore", "\(folder)/run", "--static", file, "--classes", "yak", "--quiet")
      #expect(refused.code == 64 && refused.errorLines == 1 && refused.errors.contains("yak"), "\(refused.errors)")
    }
  }
}
