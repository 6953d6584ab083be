import Foundation
import Results
import Storage
import Testing

@Suite("A catalogue of directions")
struct DirectionCatalogueTests {
  private func entry(_ id: String, name: String? = nil) -> DirectionEntry {
    DirectionEntry(
      id: id, kind: .principal, classIndex: 2, title: "direction 1", sigma: 0.1 + 0.2, lower: -2.25, upper: 3,
      name: name)
  }

  private let half = (0.5).squareRoot()

  private func withFile(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("isda-catalogue-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.appendingPathComponent("catalogue.json"))
  }

  @Test func `comes back from its files to the bit, and leaves no vectors of before`() throws {
    try withFile { file in
      var catalogue = DirectionCatalogue(dimension: 3)
      catalogue.add(entry("a", name: "sunglasses, “dark”"), vector: [half, -half, 0])
      try catalogue.write(to: file)
      #expect(try DirectionCatalogue(contentsOf: file) == catalogue)
      catalogue.add(entry("b"), vector: [0, 0, 1])
      let files = try catalogue.write(to: file)
      #expect(try DirectionCatalogue(contentsOf: file) == catalogue)
      let there = try FileManager.default.contentsOfDirectory(atPath: file.deletingLastPathComponent().path)
      #expect(Set(there) == Set(files.map(\.lastPathComponent)) && there.count == 2)
    }
  }

  @Test func `refuses vectors that are not directions, each by name`() throws {
    try withFile { file in
      func problem(_ vector: [Float], id: String = "a") throws -> String {
        var catalogue = DirectionCatalogue(dimension: 2)
        catalogue.add(entry("a"), vector: [1, 0])
        let vectors = try catalogue.write(to: file)[1]
        try Safetensors(arrays: [id: StoredArray(vector, shape: [vector.count])]).write(to: vectors)
        do throws(FileError) {
          _ = try DirectionCatalogue(contentsOf: file)
          return ""
        } catch {
          #expect(error.description.contains(vectors.lastPathComponent))
          return error.description
        }
      }
      let whole = try problem([0, 1])
      #expect(whole == "")
      for (vector, id, found) in [
        ([1, 0, 0], "a", "direction \"a\" with 3 numbers; expected 2"),
        ([1, 1], "a", "direction \"a\" with length 1.41"),
        ([.nan, 1], "a", "direction \"a\" with a number that is not finite"), ([0, 1], "b", "no vector \"a\""),
      ] as [([Float], String, String)] {
        let text = try problem(vector, id: id)
        #expect(text.contains(found), "\(text)")
      }
    }
  }

  @Test func `refuses ranges that fall, and files that are not there`() throws {
    try withFile { file in
      var catalogue = DirectionCatalogue(dimension: 1)
      catalogue.add(entry("a"), vector: [1])
      let vectors = try catalogue.write(to: file)[1]
      let text = try String(contentsOf: file, encoding: .utf8)
      try WholeFile.write(text.replacingOccurrences(of: "-2.25", with: "4"), to: file)
      #expect(throws: FileError.self) { try DirectionCatalogue(contentsOf: file) }
      try WholeFile.write(text, to: file)
      try FileManager.default.removeItem(at: vectors)
      #expect { try DirectionCatalogue(contentsOf: file) } throws: { error in
        if case FileError.missing = error { true } else { false }
      }
    }
  }

  @Test func `refuses a list that names a direction twice, or vectors elsewhere`() throws {
    try withFile { file in
      var catalogue = DirectionCatalogue(dimension: 1)
      catalogue.add(entry("a"), vector: [1])
      catalogue.add(entry("b"), vector: [-1])
      let vectors = try catalogue.write(to: file)[1].lastPathComponent
      let text = try String(contentsOf: file, encoding: .utf8)
      for (old, new, found) in [
        ("\"b\"", "\"a\"", "two directions \"a\""), (vectors, "../\(vectors)", "vectors in \"../\(vectors)\""),
      ] {
        let changed = text.replacingOccurrences(of: old, with: new)
        #expect(changed != text)
        try WholeFile.write(changed, to: file)
        #expect { try DirectionCatalogue(contentsOf: file) } throws: { "\($0)".contains(found) }
      }
    }
  }

  @Test func `keeps what people did when it is made again`() {
    var before = DirectionCatalogue(dimension: 2)
    before.add(entry("same", name: "hat"), vector: [1, 0])
    before.add(entry("turned", name: "light"), vector: [0, 1])
    before.add(entry("other", name: "tilt"), vector: [1, 0])
    before.add(entry("unnamed"), vector: [1, 0])
    var own = entry("own")
    own.kind = .imported
    before.add(own, vector: [half, half])

    var after = DirectionCatalogue(dimension: 2)
    after.add(entry("same"), vector: [1, 0])
    after.add(entry("turned"), vector: [0, -1])
    after.add(entry("other"), vector: [half, half])
    after.inherit(from: before)
    #expect(after.entries.map(\.id) == ["same", "turned", "other", "other.before", "own"])
    #expect(after.entry("same")?.name == "hat")
    #expect(after.entry("turned")?.name == "light" && after.entry("turned")?.lower == -3)
    #expect(after.entry("other")?.name == nil && after.entry("other.before")?.name == "tilt")
    #expect(after.vector("other.before") == [1, 0])

    var elsewhere = DirectionCatalogue(dimension: 3)
    elsewhere.inherit(from: before)
    #expect(elsewhere.entries.isEmpty)
  }

  @Test func `loses nothing to two writers at a time`() throws {
    try withFile { file in
      let folder = RunFolder(file.deletingLastPathComponent().appendingPathComponent("run"))
      try JSONFile.write(
        RunConfiguration(images: DatasetChoice(name: "portraits"), network: "resnet8", loss: .ce, epochs: 1),
        to: folder.configurationFile)
      try DirectionCatalogue(dimension: 1).write(to: folder.catalogueFile)
      DispatchQueue.concurrentPerform(iterations: 8) { number in
        for round in 0..<5 {
          while true {
            do {
              try folder.changeCatalogue { $0.add(entry("\(number).\(round)"), vector: [1]) }
              break
            } catch FileError.busy {
              usleep(500)
            } catch {
              Issue.record("\(error)")
              break
            }
          }
          // Whoever only reads needs no lock.
          do { _ = try folder.catalogue() } catch { Issue.record("\(error)") }
        }
      }
      #expect(try folder.catalogue().entries.count == 40)
    }
  }

  @Test func `of sheets: lines at fault are named, empty ones left out`() throws {
    try withFile { file in
      func read(_ text: String) throws -> [BlindSheet.Answer] {
        try WholeFile.write(text, to: file)
        return try BlindSheet(contentsOf: file, strips: [1, 2, 3]).answers
      }
      let answers = try read("strip,clarity,attribute\r\n1,4,\"Hat, \"\"tall\"\"\"\r\n2,,\r\n3, 0 ,\r\n")
      #expect(
        answers == [
          .init(strip: 1, clarity: 4, attribute: "hat, \"tall\""), .init(strip: 3, clarity: 0, attribute: ""),
        ])
      for (text, found) in [
        ("strip,clarity\n", "the header"), ("strip,clarity,attribute\n7,1,x\n", "line 2: strip \"7\""),
        ("strip,clarity,attribute\n1,5,x\n", "line 2: clarity \"5\""),
        ("strip,clarity,attribute\n1,1,x\n1,1,x\n", "line 3: strip 1 again"),
        ("strip,clarity,attribute\n1,1\n", "line 2: 2 cells"),
      ] {
        #expect { _ = try read(text) } throws: { "\($0)".contains(found) }
      }
    }
  }
}
