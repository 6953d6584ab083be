import Foundation
import Storage
import TestSupport
import Testing

@testable import Images

/// A server on this machine, for as long as `body` runs.
private func serving(_ folder: URL, _ options: [String] = [], _ body: (String) throws -> Void) throws {
  let server = Process()
  let output = Pipe()
  let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("serve.py").path
  server.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  server.arguments = ["python3", script, folder.path] + options
  server.standardOutput = output
  try server.run()
  defer {
    // A test's thread blocks other signals, and its children inherit that.
    kill(server.processIdentifier, SIGKILL)
    server.waitUntilExit()
  }
  var line = Data()
  while line.last != UInt8(ascii: "\n") {
    let byte = try #require(try output.fileHandleForReading.read(upToCount: 1), "the server says no port")
    line += byte
  }
  let port = String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  try body("http://127.0.0.1:\(port)/")
}

@Suite("Downloads are whole, right, and go on where they were cut off", .serialized)
struct DownloadTests {
  private let content = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) })

  private func download(_ address: String, _ name: String = "file.bin", to folder: URL, md5: String? = nil) throws
    -> [Int]
  {
    var seen: [Int] = []
    let url = try #require(URL(string: address)).appendingPathComponent(name)
    try Download(
      url, to: folder.appendingPathComponent("file.bin"), bytes: content.count, md5: md5 ?? content.md5
    ).run { seen.append($0) }
    return seen
  }

  private func withServed(_ options: [String] = [], _ body: (String, URL, URL) throws -> Void) throws {
    try withTemporaryFolder { root in
      let (served, target) = (root.appendingPathComponent("served"), root.appendingPathComponent("target"))
      for folder in [served, target] {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      }
      try content.write(to: served.appendingPathComponent("file.bin"))
      try serving(served, options) { try body($0, target.appendingPathComponent("file.bin"), target) }
    }
  }

  @Test func `a file comes whole, and not a second time`() throws {
    try withServed { address, file, folder in
      let seen = try download(address, to: folder)
      #expect(try Data(contentsOf: file) == content && !seen.isEmpty)
      #expect(try download("http://127.0.0.1:1/", to: folder).isEmpty)
    }
  }

  @Test func `a connection that breaks again and again costs nothing that has come`() throws {
    try withServed(["--cut", "70000"]) { address, file, folder in
      _ = try download(address, to: folder)
      #expect(try Data(contentsOf: file) == content)
    }
  }

  @Test func `what an earlier command left is gone on from, also where the server cannot`() throws {
    for options in [[], ["--no-ranges"]] {
      try withServed(options) { address, file, folder in
        try content.prefix(100_000).write(to: file.appendingPathExtension("part"))
        let seen = try download(address, to: folder)
        #expect(try Data(contentsOf: file) == content)
        if options.isEmpty { #expect(seen.allSatisfy { $0 >= 100_000 }) }
      }
    }
  }

  @Test func `other bytes than were published are refused and removed`() throws {
    try withServed { address, file, folder in
      #expect {
        try download(address, to: folder, md5: "00112233445566778899aabbccddeeff")
      } throws: { error in
        "\(error)".contains("file.bin: found 300000 bytes with MD5 \(content.md5), which were removed; expected 300000")
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
      // A remainder of something else is found out at the end.
      try Data(repeating: 7, count: 5000).write(to: file.appendingPathExtension("part"))
      #expect(throws: FileError.self) { try download(address, to: folder) }
      #expect(try download(address, to: folder).count >= 0)
    }
  }

  @Test func `nothing there, and nobody there`() throws {
    try withServed { address, _, folder in
      #expect { try download(address, "none.bin", to: folder) } throws: { error in
        (error as? DownloadError)?.reason.contains("404") == true
      }
      #expect(throws: DownloadError.self) { try download("http://127.0.0.1:1/", to: folder) }
    }
  }

  @Test func `a stopped download leaves what has come`() throws {
    struct Stop: Error {}
    try withServed { address, file, folder in
      try content.prefix(1000).write(to: file.appendingPathExtension("part"))
      let url = try #require(URL(string: address)).appendingPathComponent("file.bin")
      #expect(throws: Stop.self) {
        try Download(url, to: file, bytes: content.count, md5: content.md5).run { _ in throw Stop() }
      }
      let left = try Data(contentsOf: file.appendingPathExtension("part"))
      #expect(left.count >= 1000 && left == content.prefix(left.count))
    }
  }

  @Test func `an archive is unpacked, and proves to be the data set`() throws {
    try withTemporaryFolder { root in
      let inner = root.appendingPathComponent("made/cifar-100-binary")
      try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
      try Data(count: 50_000 * 3074).write(to: inner.appendingPathComponent("train.bin"))
      try Data(count: 10_000 * 3074).write(to: inner.appendingPathComponent("test.bin"))
      try WholeFile.write(
        (0..<100).map { "class \($0)\n" }.joined(), to: inner.appendingPathComponent("fine_label_names.txt"))
      let tar = Process()
      tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      let archive = root.appendingPathComponent("made/cifar-100-binary.tar.gz")
      tar.arguments = ["tar", "-czf", archive.path, "-C", root.path + "/made", "cifar-100-binary"]
      try tar.run()
      tar.waitUntilExit()
      let bytes = try Data(contentsOf: archive)
      let files = [
        PublishedDataset.File(name: "cifar-100-binary.tar.gz", bytes: bytes.count, md5: bytes.md5)
      ]
      let target = root.appendingPathComponent("target")
      try serving(root.appendingPathComponent("made")) { address in
        let dataset = try PublishedDataset.cifar100.fetch(into: target, mirror: address, files: files) { _, _, _ in }
        #expect(dataset.train.count == 50_000)
      }
      let left = try FileManager.default.contentsOfDirectory(atPath: target.path).filter { $0 != ".lock" }
      #expect(left == ["cifar-100-binary"])
      // There already, so nobody is asked.
      _ = try PublishedDataset.cifar100.fetch(into: target, mirror: "http://127.0.0.1:1/", files: files) { _, _, _ in }
    }
  }
}
