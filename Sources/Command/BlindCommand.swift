//  `isda directions blind` and `score`: ask people what changes along strips that say nothing of themselves, and count.

import Analysis
import ArgumentParser
import Figures
import Foundation
import Images
import Results
import Storage

struct BlindCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "blind", abstract: "Write unlabelled strips of walks, a sheet to fill in, and a key to keep back.",
    discussion: """
      Example:
        isda directions blind runs/isda-s0 --classes cat,dog --out blind \\
          --key blind-key.json

      OUT/strip-001.png and so on show lines of walks, directions and controls mixed, some from right to left; \
      OUT/instructions.txt says what to do and OUT/sheet.csv is filled in, a copy for each person. Keep the key away \
      from them, and give it with the sheets to `isda directions score`.
      """)

  @OptionGroup var source: RunArgument

  @Option(help: "The folder of strips to make.", completion: .directory, transform: nonEmptyPath)
  var out: String

  @Option(help: "Where to write the key, outside of the folder of strips.", completion: .file(extensions: ["json"]))
  var key: String

  @Option(help: "Classes with commas between; all if not given.")
  var classes: String?

  @Option(help: "How an image is found: axis or local.")
  var query = WalkQuery.axis

  @Option(help: "The order of strips follows from it.")
  var seed: UInt64 = 0

  @OptionGroup var images: MovedDataOption

  @OptionGroup var output: OutputOptions

  func validate() throws {
    let folder = URL(fileURLWithPath: out, isDirectory: true).standardizedFileURL.path + "/"
    guard !URL(fileURLWithPath: key).standardizedFileURL.path.hasPrefix(folder) else {
      throw ValidationError("--key is \(key), in the folder of strips; expected a place that people do not see")
    }
  }

  func run() throws {
    let console = Console(quiet: output.quiet)
    let report = try source.folder.directionsReport()
    guard let walks = try source.folder.read(Walks.self) else {
      throw FileError.missing(
        path: source.folder.measure(Walks.name).path, expected: "the result of `isda analyze \(source.run)`")
    }
    let wanted = try chosenClasses(classes, among: report.classNames)
    let shown = walks.walks.filter { $0.query == query && wanted?.contains(report.classNames[$0.classIndex]) ?? true }
    let test = BlindTest(
      shown, factors: report.factors, classNames: report.classNames, run: source.folder.name, seed: seed)
    let dataset = try loadDataset(of: source.folder, data: images.data, console)
    let folder = URL(fileURLWithPath: out, isDirectory: true)
    for (strip, images) in zip(test.key.strips, test.images) {
      let picture = BlindStrip(number: strip.number, shown: images) { dataset.test.image($0.row) }
      try WholeFile.write(picture.png(), to: folder.appendingPathComponent(picture.fileName))
      console.progress(Double(strip.number) / Double(test.images.count), "strip \(strip.number)")
    }
    var sheet = CSVTable(header: BlindSheet.header)
    for strip in test.key.strips { sheet.append([strip.number, "", ""]) }
    try sheet.write(to: folder.appendingPathComponent("sheet.csv"))
    try WholeFile.write(test.instructions, to: folder.appendingPathComponent("instructions.txt"))
    try JSONFile.write(test.key, to: URL(fileURLWithPath: key))
    console.closeLine()
    switch output.format {
    case .text: print("\(out): \(test.images.count) strips; the key is \(key)")
    case .json: print(JSONFile.encode(["folder": out, "key": key, "strips": "\(test.images.count)"]))
    }
  }
}

struct ScoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score", abstract: "Score the sheets of a blind test.",
    discussion: """
      Example:
        isda directions score blind-key.json anna.csv ben.csv

      Says whether people saw more along directions than along controls, whether they named the same, and, where the \
      data set knows its factors, whether they named the factor that the direction follows.
      """)

  @Argument(help: "The key.", completion: .file(extensions: ["json"]))
  var key: String

  @Argument(help: "Sheets, one a person.", completion: .file(extensions: ["csv"]))
  var sheets: [String]

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard !sheets.isEmpty else { throw ValidationError("name at least one sheet") }
    let files = sheets.map { URL(fileURLWithPath: $0).resolvingSymlinksInPath() }
    if let place = files.indices.first(where: { files[..<$0].contains(files[$0]) }) {
      throw ValidationError("\(sheets[place]) is named twice; expected a sheet of each person")
    }
  }

  func run() throws {
    let file = URL(fileURLWithPath: key)
    let key = try JSONFile.read(BlindKey.self, from: file)
    guard key.schemaVersion == BlindKey.schemaVersion else {
      throw FileError.malformed(
        path: file.path, found: "schema version \(key.schemaVersion)", expected: "version \(BlindKey.schemaVersion)")
    }
    let numbers = Set(key.strips.map(\.number))
    let score = BlindScore(
      try sheets.map { try BlindSheet(contentsOf: URL(fileURLWithPath: $0), strips: numbers) }, key: key)
    switch output.format {
    case .json: print(JSONFile.encode(score))
    case .text:
      func number(_ value: Double?) -> String { value.map { fixed($0, 2) } ?? "–" }
      func chance(_ value: Double?) -> String { value.map { fixed($0, 4) } ?? "–" }
      print(
        columns([
          ["\(score.raters) sheets, \(score.answers) answers", "directions", "controls"],
          ["clarity, 0 to 4", number(score.directionClarity), number(score.controlClarity)],
          ["agreement on what changes", number(score.directionAgreement), number(score.controlAgreement)],
        ]))
      print(
        "directions clearer than controls: \(number(score.clearer)), 0.5 by chance, p = \(chance(score.clearerChance))")
      if score.factorHits != nil {
        print(
          "known factor named: \(number(score.factorHits)), \(number(score.factorHitsByChance)) by chance, "
            + "p = \(chance(score.factorChance))")
      }
    }
  }
}
