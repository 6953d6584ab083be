//  `isda study export`: a study without its weights, small enough to commit.

import ArgumentParser
import Foundation
import Results
import Storage

struct StudyExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Copy what a study is judged by: recipe, metrics and logits, without weights.",
    discussion: """
      Example:
        isda study export runs/portraits --out docs/studies/portraits

      Logits become half-precision numbers: `isda compare` finds the same errors, verdicts and tests of the copy, and \
      measures of calibration that agree to about three digits. Of an unfinished study the finished runs are copied; \
      `isda study` on a copy of that folder makes the others.
      """)

  @Argument(help: "The folder of a study.", completion: .directory)
  var study: String

  @Option(help: "The folder to copy into.", completion: .directory, transform: nonEmptyPath)
  var out: String

  @OptionGroup var output: OutputOptions

  private struct Result: Encodable {
    let out: String
    let runs: Int
    let unfinishedRuns: Int
    let bytes: Int
  }

  func run() throws {
    let source = StudyFolder(URL(fileURLWithPath: study, isDirectory: true))
    let target = StudyFolder(URL(fileURLWithPath: out, isDirectory: true))
    guard source.url.standardizedFileURL != target.url.standardizedFileURL else {
      throw ValidationError("--out is the study itself; expected another folder")
    }
    if target.holdsStudy, try target.study() != source.study() {
      throw FileError.unwritable(path: target.url.path, reason: "it holds another study")
    }
    let copied = try source.export(to: target)
    let unfinished = try source.study().runs.count - copied.runs
    switch output.format {
    case .text:
      let rest = unfinished > 0 ? "; \(unfinished) not finished" : ""
      print("\(out): \(counted(copied.runs, "run")), \(readable(bytes: copied.bytes))\(rest)")
    case .json:
      print(JSONFile.encode(Result(out: out, runs: copied.runs, unfinishedRuns: unfinished, bytes: copied.bytes)))
    }
  }
}
