import Foundation
import Storage
import Testing

@testable import Results

private func spectrum(_ eigenvalues: [Double]) -> Spectrum {
  Spectrum(classIndex: 0, count: 10, eigenvalues: eigenvalues, heldOutVariances: eigenvalues)
}

@Suite("A spectrum says over how many directions its variance is spread")
struct SpectrumTests {
  @Test func `equal eigenvalues count fully, a single one counts once`() {
    #expect(abs(spectrum([2, 2, 2, 2]).effectiveRank - 4) < 1e-12)
    #expect(abs(spectrum([2, 2, 2, 2]).participationRatio - 4) < 1e-12)
    #expect(abs(spectrum([3, 0, 0]).effectiveRank - 1) < 1e-12)
    #expect(abs(spectrum([3, 0, 0]).participationRatio - 1) < 1e-12)
  }

  /// Shares ½, ¼, ¼: entropy 1.5 ln 2, so 2^1.5; and 1 / (¼ + 1/16 + 1/16).
  @Test func `unequal eigenvalues by the formulas`() {
    #expect(abs(spectrum([4, 2, 2]).effectiveRank - 2.8284271247461903) < 1e-12)
    #expect(abs(spectrum([4, 2, 2]).participationRatio - 8.0 / 3) < 1e-12)
    #expect(spectrum([4, 2, 2]).cumulativeShares == [0.5, 0.75, 1])
  }

  @Test func `no variance at all is no division by zero`() {
    #expect(spectrum([0, 0]).shares == [0, 0])
    #expect(spectrum([0, 0]).participationRatio == 0)
  }
}

private func record(_ epoch: Int) -> EpochRecord {
  EpochRecord(
    epoch: epoch, learningRate: 0.1, lambda: 0.25, trainLoss: 1.5, trainError: 40, testLoss: 1.25, testError: 37.5,
    seconds: 2, imagesPerSecond: 1000)
}

private struct Heights: Measure, Equatable {
  static let name = "heights"
  static let schemaVersion = 2
  var values: [Double]
  var table: CSVTable {
    var table = CSVTable(header: ["height"])
    for value in values { table.append([value]) }
    return table
  }
}

@Suite("A study’s rule says of which epochs the test error counts")
struct EpochRuleTests {
  private func records(_ test: [Double], validation: [Double?]) -> [EpochRecord] {
    zip(test, validation).enumerated().map { index, errors in
      var record = record(index + 1)
      (record.testError, record.validationError) = errors
      return record
    }
  }

  @Test func `each rule by hand`() {
    let test = [90.0, 40, 30, 20, 10, 11, 12, 13, 14, 15, 16, 17]
    let validation = [80.0, 50, 9, 30, 9, 31, 32, 33, 34, 35, 36, 37]
    let all = records(test, validation: validation)
    #expect(Study.EpochRule.last.testError(of: all) == 17)
    #expect(Study.EpochRule.meanOfLast10.testError(of: all) == 15.8)
    // Never the best on test images, which is 10; of two equal epochs the first.
    #expect(Study.EpochRule.bestOnValidation.testError(of: all) == 30)
  }

  @Test func `what is missing is nil`() {
    let few = records([3, 2], validation: [1, nil])
    #expect(Study.EpochRule.meanOfLast10.testError(of: few) == nil)
    #expect(Study.EpochRule.bestOnValidation.testError(of: few) == nil)
    for rule in Study.EpochRule.allCases { #expect(rule.testError(of: []) == nil) }
  }

  @Test func `validation errors have columns where there are some`() {
    #expect(!EpochRecord.table([record(1)]).header.contains("validation_error"))
    let table = EpochRecord.table(records([3, 2], validation: [1, nil]))
    #expect(table.text.split(separator: "\n")[1].hasSuffix(",1000.0,,1.0"), "\(table.text)")
    #expect(table.text.split(separator: "\n")[2].hasSuffix(",1000.0,,"), "\(table.text)")
  }

  @Test func `memory has a column where it was measured`() {
    #expect(!EpochRecord.table([record(1)]).header.contains("peak_memory"))
    var measured = record(2)
    measured.peakMemory = 1 << 30
    let table = EpochRecord.table([record(1), measured])
    #expect(table.header.last == "peak_memory")
    #expect(table.rows.map(\.last) == ["", "1073741824"])
  }
}

@Suite("A run folder gives back what was put in")
struct RunFolderTests {
  @Test func `measures, each in a file of its own with its version and a table`() throws {
    try withFolder { folder in
      #expect(try folder.read(Heights.self) == nil)
      try folder.write(Heights(values: [0.1, 3]))
      #expect(try folder.read(Heights.self) == Heights(values: [0.1, 3]))
      #expect(
        try String(
          contentsOf: folder.measure("heights").deletingPathExtension().appendingPathExtension("csv"), encoding: .utf8)
          == "height\n0.1\n3.0\n")
      try WholeFile.write(#"{"schemaVersion": 1, "values": {"heights": 7}}"#, to: folder.measure("heights"))
      #expect(throws: FileError.self) { try folder.read(Heights.self) }
    }
  }

  private func withFolder(_ body: (RunFolder) throws -> Void) throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("isda-results-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: url) }
    try body(RunFolder(url))
  }

  @Test func `metrics as lines, table and events`() throws {
    try withFolder { folder in
      #expect(try folder.metrics().isEmpty)
      try folder.write(metrics: [record(1), record(2)], started: Date(timeIntervalSince1970: 1000))
      #expect(try folder.metrics() == [record(1), record(2)])
      let table = try String(contentsOf: folder.metricsTable, encoding: .utf8).split(separator: "\n")
      #expect(table.count == 3)
      #expect(table[0].hasPrefix("epoch,learning_rate,lambda,train_loss,train_error,test_loss,test_error"))
      #expect(table[2] == "2,0.1,0.25,1.5,40.0,1.25,37.5,2.0,1000.0")
      try Data("{\"epoch\": 1".utf8).write(to: folder.metricsFile)
      #expect(throws: FileError.self) { try folder.metrics() }
    }
  }

  @Test func `collapse by epoch, where it was recorded`() throws {
    func measures(_ images: Int) -> CollapseMeasures {
      CollapseMeasures(
        images: images, nc1: 0.1, traceRatio: 0.2, cdnv: 0.3, frameError: 0.4, equinorm: 0.5, equiangularity: 0.6,
        dualityError: 0.7, nearestMeanAgreement: 0.8, visibleShare: 0.9, withinTrace: 1, meanDistance: 1.1,
        weightDistance: 1.2, term: 1.3, alignment: 1.4, marginVariance: 1.5)
    }
    var second = record(2)
    second.collapse = EpochCollapse(train: measures(3), test: measures(10))
    try withFolder { folder in
      // A line as versions before this one wrote it, and one of this version.
      try folder.write(metrics: [record(1), second], started: Date(timeIntervalSince1970: 1000))
      let lines = try String(contentsOf: folder.metricsFile, encoding: .utf8).split(separator: "\n")
      #expect(!lines[0].contains("collapse") && lines[1].contains("\"visibleShare\":0.9"))
      #expect(try folder.metrics() == [record(1), second])
      let table = EpochRecord.table([record(1), second])
      #expect(
        table.header.count == 9 + 2 * 15 && table.header[9] == "train_nc1" && table.header[38] == "test_margin_variance"
      )
      #expect(table.rows[0][9...].allSatisfy { $0.isEmpty })
      #expect(table.rows[1][9...].map { $0 } == (measures(3).columnValues + measures(10).columnValues).map { "\($0)" })
    }
  }

  @Test func `a folder that is not there, or holds no run, is said to be so`() throws {
    try withFolder { folder in
      #expect {
        try folder.configuration()
      } throws: { "\($0)".contains("not found; expected a run folder") }
      try JSONFile.write(["schemaVersion": 1], to: folder.report)
      #expect {
        try folder.directionsReport()
      } throws: { "\($0)".contains("no key \"") }
    }
  }

  @Test func `records from when there was only the processor are read, and mean what they meant`() throws {
    try withFolder { folder in
      func without(_ keys: [String], _ url: URL) throws {
        var values = try #require(
          try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
        for key in keys { #expect(values.removeValue(forKey: key) != nil, "\(key)") }
        try JSONSerialization.data(withJSONObject: values).write(to: url)
      }
      let configuration = RunConfiguration(
        images: DatasetChoice(name: "portraits"), network: "resnet8", loss: .ce, epochs: 3, device: .cuda)
      try JSONFile.write(configuration, to: folder.configurationFile)
      #expect(try folder.configuration() == configuration)
      try without(["device"], folder.configurationFile)
      #expect(try folder.configuration().device == .auto)

      func environment(_ device: String, gpu: String?) -> RunEnvironment {
        RunEnvironment(
          libtorch: "2.13.0", vectorInstructions: "AVX2", threads: 2, device: device, gpu: gpu, precision: "float32")
      }
      let (onProcessor, onGPU) = (environment("cpu", gpu: nil), environment("cuda", gpu: "NVIDIA H100"))
      try JSONFile.write(onProcessor, to: folder.environmentFile)
      try without(["device"], folder.environmentFile)
      let old = try JSONFile.read(RunEnvironment.self, from: folder.environmentFile)
      #expect(old.device == nil && old.numerics == onProcessor.numerics)
      #expect(onGPU.numerics.hasSuffix("2 threads, on NVIDIA H100") && onProcessor.numerics.hasSuffix("on cpu"))
    }
  }

  @Test func `full checkpoints are found by step, kept by step, and no artifacts`() throws {
    try withFolder { folder in
      #expect(folder.fullCheckpoints.isEmpty)
      for name in ["step-9", "step-10", "step-x", "last", "step-100"] {
        try WholeFile.write(name, to: folder.url.appendingPathComponent("checkpoints/\(name).safetensors"))
      }
      #expect(folder.fullCheckpoints.map(\.step) == [100, 10, 9])
      #expect(try folder.fullCheckpoints.map { try String(contentsOf: $0.file, encoding: .utf8) }.last == "step-9")
      try folder.writeArtifacts()
      let list = try JSONFile.read([Artifact].self, from: folder.artifacts)
      #expect(list.map(\.path) == ["checkpoints/last.safetensors", "checkpoints/step-x.safetensors"])
      try folder.removeFullCheckpoints(except: [10, 8])
      #expect(folder.fullCheckpoints.map(\.step) == [10])
      #expect(FileManager.default.fileExists(atPath: folder.checkpoint.path))
    }
  }

  @Test func `a run is finished when its epochs are done and nothing is left to do`() throws {
    try withFolder { folder in
      #expect(!folder.isFinished)
      try JSONFile.write(
        RunConfiguration(images: DatasetChoice(name: "portraits"), network: "resnet8", loss: .ce, epochs: 3),
        to: folder.configurationFile)
      #expect(folder.holdsRun && !folder.isFinished)
      for (epochs, isFinished) in [(2, false), (3, true)] {
        let state = RunState(epochsDone: epochs, step: 9, interrupted: false, classNames: [], mean: [], deviation: [])
        try JSONFile.write(state, to: folder.stateFile)
        #expect(folder.isFinished == isFinished)
      }
      try WholeFile.write("", to: folder.fullCheckpoint(step: 9))
      #expect(!folder.isFinished)
    }
  }

  @Test func `one at a time works in a folder, and begins by removing what the dead left half-written`() throws {
    try withFolder { folder in
      let remains = [".config.json.1.partial", "checkpoints/.step-3.safetensors.1.partial", "features/.x.1.partial"]
      for name in remains + ["checkpoints/step-3.safetensors", ".hidden"] {
        try WholeFile.write(name, to: folder.url.appendingPathComponent(name))
      }
      try folder.exclusively {
        for name in remains {
          #expect(!FileManager.default.fileExists(atPath: folder.url.appendingPathComponent(name).path))
        }
        #expect(folder.fullCheckpoints.map(\.step) == [3])
        #expect(FileManager.default.fileExists(atPath: folder.url.appendingPathComponent(".hidden").path))
        #expect(throws: FileError.busy(path: folder.url.path, holder: Int(getpid()))) { try folder.exclusively {} }
      }
      #expect(try folder.exclusively { 1 } == 1)
    }
  }

  @Test func `artifacts list every file with its digest, and clearing takes all of them away`() throws {
    try withFolder { folder in
      try folder.write(metrics: [record(1)], started: Date())
      try WholeFile.write("abc", to: folder.checkpoint)
      try folder.writeArtifacts()
      let list = try JSONFile.read([Artifact].self, from: folder.artifacts)
      #expect(list.map(\.path).contains("metrics.csv"))
      let checkpoint = try #require(list.first { $0.path == "checkpoints/last.safetensors" })
      // FIPS 180-2, appendix B.1.
      #expect(checkpoint.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
      #expect((checkpoint.kind, checkpoint.bytes) == ("checkpoints", 3))
      try folder.clear()
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    }
  }

  @Test func `artifacts that nobody says have changed keep their digests, and new ones are listed`() throws {
    try withFolder { folder in
      try WholeFile.makeFolder(folder.url)
      let files = ["features.npy", "new.txt", "notes.txt"].map(folder.url.appendingPathComponent)
      func sizes() throws -> [Int] {
        let list = try JSONFile.read([Artifact].self, from: folder.artifacts)
        #expect(list.map(\.path) == files.map(\.lastPathComponent))
        return list.map(\.bytes)
      }
      for file in [files[0], files[2]] { try WholeFile.write("abc", to: file) }
      try folder.writeArtifacts()
      for file in files { try WholeFile.write("", to: file) }
      try folder.writeArtifacts(changed: [files[2]])
      // The features were damaged behind the list's back, which a comparison with it shall show.
      #expect(try sizes() == [3, 0, 0])
      try WholeFile.write("no list", to: folder.artifacts)
      try folder.writeArtifacts(changed: [])
      #expect(try sizes() == [0, 0, 0])
    }
  }
}

@Suite("Events are framed as TensorBoard reads them")
struct TensorBoardEventsTests {
  /// From RFC 3720, B.4: CRC-32C of 32 zero bytes is 8A9136AA.
  @Test func `checksums are masked CRC-32C`() {
    let crc: UInt32 = 0x8A91_36AA
    let masked = (crc >> 15 | crc << 17) &+ 0xA282_EAD8
    #expect(TensorBoardEvents.maskedChecksum(Data(count: 32)) == masked)
  }

  @Test func `records follow each other without gaps and hold their scalars`() throws {
    let file = TensorBoardEvents.file([record(1), record(2)], started: Date(timeIntervalSince1970: 1000))
    var position = 0
    var payloads: [Data] = []
    func number(_ start: Int, _ count: Int) -> UInt64 {
      file[start..<start + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    while position < file.count {
      let length = Int(number(position, 8))
      #expect(UInt32(number(position + 8, 4)) == TensorBoardEvents.maskedChecksum(file[position..<position + 8]))
      let payload = file[position + 12..<position + 12 + length]
      #expect(UInt32(number(position + 12 + length, 4)) == TensorBoardEvents.maskedChecksum(payload))
      payloads.append(Data(payload))
      position += 16 + length
    }
    #expect(position == file.count)
    #expect(payloads.count == 3)
    #expect(payloads[0].range(of: Data("brain.Event:2".utf8)) != nil)
    // Tag "test/error" (field 1, ten bytes), then field 2, a 32-bit float: 37.5.
    let scalar = Data([0x0A, 10]) + Data("test/error".utf8) + Data([0x15, 0x00, 0x00, 0x16, 0x42])
    #expect(payloads[2].range(of: scalar) != nil)
  }
}
