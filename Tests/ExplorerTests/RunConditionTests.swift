import Foundation
import Results
import Storage
import Testing

@testable import Explorer

@Suite("A run folder says what it is ready for, or what to run")
struct RunConditionTests {
  private let folder: RunFolder

  init() {
    folder = RunFolder(
      FileManager.default.temporaryDirectory.appendingPathComponent("explorer \(UUID().uuidString)"))
  }

  private func clean() { try? FileManager.default.removeItem(at: folder.url) }

  /// As a training leaves it.
  private func train(epochsDone: Int = 2) throws {
    let configuration = RunConfiguration(
      images: DatasetChoice(name: "portraits"), network: "resnet8", loss: .ce, epochs: 2)
    try JSONFile.write(configuration, to: folder.configurationFile)
    try JSONFile.write(
      RunState(epochsDone: epochsDone, step: 1, interrupted: false, classNames: [], mean: [], deviation: []),
      to: folder.stateFile)
  }

  /// As an analysis leaves it, as far as can be seen without reading the arrays.
  private func analyse(report: Int = DirectionsReport.schemaVersion, catalogue: Int = 1) throws {
    try WholeFile.write("{\"map\": {}, \"schemaVersion\" : \(report)}", to: folder.report)
    try WholeFile.write("{\"schemaVersion\": \(catalogue)}", to: folder.catalogueFile)
    for file in [folder.directions, folder.features(.test)] { try WholeFile.write("x", to: file) }
  }

  private func condition() -> RunCondition { RunCondition(of: folder) }

  @Test func `from nothing to an analysis`() throws {
    defer { clean() }
    #expect(condition().state == .missing)
    #expect(condition().command?.hasPrefix("isda train ") == true)
    try WholeFile.makeFolder(folder.url)
    #expect(condition().state == .missing)
    try train(epochsDone: 1)
    #expect(condition().state == .unfinished)
    #expect(condition().message?.contains("1 epochs") == true)
    #expect(condition().command?.hasPrefix("isda train --resume '") == true)
    try train()
    #expect(condition().state == .unanalysed)
    #expect(condition().command == "isda analyze '\(folder.url.relativePath)'")
    try analyse()
    #expect(condition() == RunCondition(.loading))
  }

  @Test func `half an analysis, an old one, a newer one and a broken run`() throws {
    defer { clean() }
    try train()
    try analyse()
    try FileManager.default.removeItem(at: folder.catalogueFile)
    #expect(condition().state == .unanalysed && condition().message?.contains("catalogue.json") == true)
    try analyse(report: DirectionsReport.schemaVersion - 1)
    #expect(condition().state == .unanalysed && condition().command?.hasPrefix("isda analyze") == true)
    try analyse(report: DirectionsReport.schemaVersion + 1)
    #expect(condition().state == .newer && condition().command == nil)
    try analyse(catalogue: 99)
    #expect(condition().state == .newer && condition().message?.contains("99") == true)
    try analyse()
    try WholeFile.write("{\"version\": \"99.0.0\"}", to: folder.environmentFile)
    #expect(condition().state == .newer && condition().message?.contains("99.0.0") == true)
    try WholeFile.write("{\"version\": \"\(RunEnvironment.toolVersion)\"}", to: folder.environmentFile)
    #expect(condition().state == .loading)
    try WholeFile.write("{\"dataset\": 7", to: folder.configurationFile)
    #expect(condition().state == .damaged && condition().message?.contains("config.json") == true)
  }

  @Test func `versions are compared as numbers`() {
    #expect(RunCondition.isLater("0.10.0", than: "0.9.1") && !RunCondition.isLater("0.9.1", than: "0.10.0"))
    #expect(!RunCondition.isLater("1.0", than: "1.0.0") && RunCondition.isLater("1.0.1", than: "1.0"))
  }

  @Test func `paths are words of a shell`() {
    #expect("runs/isda-s0".quotedForShell == "runs/isda-s0")
    #expect("it's $HOME".quotedForShell == "'it'\\''s $HOME'" && "".quotedForShell == "''")
  }
}
