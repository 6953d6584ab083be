//  Files appear whole or not at all; tables and JSON are what other programs expect.

import Dispatch
import Foundation
import Storage
import Synchronization
import Testing

private func temporaryFolder() throws -> URL {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("isda-storage-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  return folder
}

@Suite("A whole file")
struct WholeFileTests {
  @Test("replaces the old one, makes its folders, and leaves nothing beside it")
  func writes() throws {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let url = folder.appendingPathComponent("a/b/text.txt")
    try WholeFile.write("old", to: url)
    try WholeFile.write("new", to: url)
    try WholeFile.write(Data(), to: folder.appendingPathComponent("empty"))
    #expect(try WholeFile.read(url, expected: "text") == Data("new".utf8))
    #expect(try FileManager.default.contentsOfDirectory(atPath: url.deletingLastPathComponent().path) == ["text.txt"])
    #expect(try WholeFile.read(folder.appendingPathComponent("empty"), expected: "nothing").isEmpty)
  }

  @Test("that cannot take its name leaves the old one and no remains")
  func failure() throws {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    // A folder that is not empty cannot be replaced by a file, whoever asks; the rename is what fails.
    let url = folder.appendingPathComponent("taken")
    try WholeFile.write("old", to: url.appendingPathComponent("inside"))
    #expect {
      try WholeFile.write("new", to: url)
    } throws: { error in
      guard case .unwritable(let path, let reason) = error as? FileError else { return false }
      return path == url.path && !reason.isEmpty
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["taken"])
    #expect(try WholeFile.read(url.appendingPathComponent("inside"), expected: "text") == Data("old".utf8))
  }

  @Test("below a file is an error that names it")
  func belowAFile() throws {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("file")
    try WholeFile.write("text", to: file)
    #expect {
      try WholeFile.write("text", to: file.appendingPathComponent("below"))
    } throws: { "\($0)".contains("\(file.path): cannot be written: ") }
  }

  @Test("is one of many that threads write at once into folders that are not there yet")
  func concurrently() throws {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let failures = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 400) { number in
      do {
        let url = folder.appendingPathComponent("\(number % 40)/deep/\(number)")
        try WholeFile.write(Data("\(number)".utf8), to: url, durably: false)
      } catch {
        failures.withLock { $0.append("\(error)") }
      }
    }
    #expect(failures.withLock { $0 } == [])
    for number in 0..<400 {
      let url = folder.appendingPathComponent("\(number % 40)/deep/\(number)")
      #expect(try WholeFile.read(url, expected: "a number") == Data("\(number)".utf8))
    }
    let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    #expect(files.count == 400 + 2 * 40)
  }

  @Test("that is missing, or a folder, is an error that says what was expected")
  func reading() throws {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let absent = folder.appendingPathComponent("absent")
    #expect(throws: FileError.missing(path: absent.path, expected: "a table")) {
      try WholeFile.read(absent, expected: "a table")
    }
    #expect(throws: FileError.malformed(path: folder.path, found: "a folder", expected: "a table")) {
      try WholeFile.read(folder, expected: "a table")
    }
  }
}

@Suite("A folder's lock")
struct FolderLockTests {
  @Test("is held by one at a time, named to the others, and free when the holder is done or fails")
  func exclusive() throws {
    struct Failure: Error {}
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let busy = FileError.busy(path: folder.path, holder: Int(getpid()))
    try FolderLock.holding(folder) {
      #expect(throws: busy) { try FolderLock.holding(folder) {} }
      #expect(throws: busy) { try FolderLock.holding(folder) {} }
    }
    #expect("\(busy)".contains("\(folder.path): in use by process \(getpid())"))
    #expect(throws: Failure.self) { try FolderLock.holding(folder) { throw Failure() } }
    #expect(try FolderLock.holding(folder) { 7 } == 7)
  }

  @Test("is not inherited by programs that are started meanwhile")
  func children() throws {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    // Not by Foundation's Process, which closes in the child what a library would not.
    let arguments = [strdup("sleep"), strdup("60"), nil]
    var child: pid_t = 0
    try FolderLock.holding(folder) {
      #expect(posix_spawn(&child, "/bin/sleep", nil, nil, arguments, environ) == 0)
      // It would keep the lock of a process that is killed.
      let descriptors = "/proc/\(child)/fd"
      let open = try FileManager.default.contentsOfDirectory(atPath: descriptors).compactMap {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "\(descriptors)/\($0)")
      }
      #expect(!open.isEmpty && !open.contains { $0.hasSuffix(".lock") }, "\(open)")
    }
    #expect(try FolderLock.holding(folder) { kill(child, 0) } == 0)
    kill(child, SIGKILL)
    waitpid(child, nil, 0)
    for argument in arguments { free(argument) }
  }

  @Test("of a folder that is not there is an error that names it")
  func missing() {
    #expect {
      try FolderLock.holding(URL(fileURLWithPath: "/nowhere/at/all")) {}
    } throws: { "\($0)".contains("/nowhere/at/all") }
  }
}

@Suite("A table")
struct CSVTableTests {
  @Test("quotes what has to be quoted")
  func quoting() {
    var table = CSVTable(header: ["name", "a,b"])
    table.append(["plain", 1])
    table.append(["with, comma", 0.1])
    table.append(["with \"quotes\"", -2.5e-10])
    table.append(["two\nlines", Double.nan])
    #expect(
      table.text == """
        name,"a,b"
        plain,1
        "with, comma",0.1
        "with ""quotes""\",-2.5e-10
        "two
        lines",nan

        """)
  }

  @Test("keeps numbers exactly", arguments: [0.1, 1.0 / 3, 1e300, 123_456_789.125])
  func exact(value: Double) {
    var table = CSVTable(header: ["x"])
    table.append([value])
    #expect(Double(table.rows[0][0]) == value)
  }
}

@Suite("A JSON file")
struct JSONFileTests {
  struct Value: Codable, Equatable {
    struct Inner: Codable, Equatable { var number: Int }
    var inner: Inner
    var list: [Double]
    var text: String
  }

  private func read(_ text: String) throws -> Value {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let url = folder.appendingPathComponent("value.json")
    try WholeFile.write(text, to: url)
    return try JSONFile.read(Value.self, from: url)
  }

  @Test("holds the value that was written, keys in order, a line end at the end")
  func roundTrip() throws {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let value = Value(inner: .init(number: 3), list: [0.1, 2], text: "a/b λ")
    let url = folder.appendingPathComponent("value.json")
    try JSONFile.write(value, to: url)
    #expect(try JSONFile.read(Value.self, from: url) == value)
    let text = try String(contentsOf: url, encoding: .utf8)
    #expect(text.hasSuffix("}\n") && text.contains("a/b λ"))
    #expect(JSONFile.encode(value, pretty: false) == #"{"inner":{"number":3},"list":[0.1,2],"text":"a/b λ"}"#)
  }

  @Test(
    "names the key at fault",
    arguments: [
      (#"{"inner":{"number":1},"list":[]}"#, "no key \"text\""),
      (#"{"inner":{},"list":[],"text":""}"#, "no key \"number\""),
      (#"{"inner":{"number":"one"},"list":[],"text":""}"#, "something else than Int at inner.number"),
      (#"{"inner":{"number":1},"list":[1,"x"],"text":""}"#, "something else than Double at list.Index 1"),
      (#"{"inner":{"number":1},"list":null,"text":""}"#, "null at list"),
      (#"{"inner":"#, "damaged JSON at the top level"),
      ("", "damaged JSON at the top level"),
    ])
  func faults(text: String, says: String) {
    #expect {
      try read(text)
    } throws: { error in
      guard case .malformed(let path, let found, "JSON of Value") = error as? FileError else { return false }
      return path.hasSuffix("value.json") && found == says
    }
  }

  @Test("holds numbers that JSON does not know as words")
  func notFinite() throws {
    let text = JSONFile.encode([Double.nan, .infinity, -.infinity, 1], pretty: false)
    #expect(text == #"["nan","inf","-inf",1]"#)
    let values = try JSONFile.decode([Double].self, from: Data(text.utf8))
    #expect(values[0].isNaN && values[1...] == [.infinity, -.infinity, 1])
  }

  @Test(
    "gives numbers back to the bit",
    arguments: [0.1, 1.0 / 3, .leastNonzeroMagnitude, -0.0, 1e300, 2.5e-10] as [Double])
  func bits(value: Double) throws {
    let text = JSONFile.encode([value], pretty: false)
    #expect(try JSONFile.decode([Double].self, from: Data(text.utf8))[0].bitPattern == value.bitPattern)
  }
}
