//  `isda study export`: a finished study without its weights, small enough to commit.

import ArgumentParser
import Foundation
import Results
import Storage

struct StudyExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Copy what a finished study is judged by: recipe, metrics and logits, without weights.",
    discussion: """
      Example:
        isda study export runs/portraits --out docs/studies/portraits

      Logits become half-precision numbers: `isda compare` finds the same errors, verdicts and tests of the copy, and
      measures of calibration that agree to about three digits.
      """)

  @Argument(help: "The folder of a finished study.", completion: .directory)
  var study: String

  @Option(help: "The folder to copy into.", completion: .directory)
  var out: String

  @Option(help: "How to print the result: text or json.")
  var format = OutputFormat.text

  @OptionGroup var output: QuietOption

  private struct Result: Encodable {
    let out: String
    let runs: Int
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
    let bytes = try source.export(to: target)
    let runs = try source.study().runs.count
    switch format {
    case .text: print("\(out): \(counted(runs, "run")), \(readable(bytes: bytes))")
    case .json: print(JSONFile.encode(Result(out: out, runs: runs, bytes: bytes)))
    }
  }
}
