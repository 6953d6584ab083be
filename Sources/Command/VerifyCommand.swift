//  `isda data verify`: what a folder holds, and what is wrong with it.

import ArgumentParser
import Foundation
import Images
import Storage

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Say what data set a folder holds, and everything that is wrong with it.",
    discussion: """
      Example:
        isda data verify data/cifar100

      Knows the files of CIFAR-10, CIFAR-100, MNIST and Fashion-MNIST and folders of PNG and JPEG images, of which it \
      decodes every one. Leaves with 65 if something is wrong.
      """)

  @Argument(help: "The folder.", completion: .directory)
  var folder: String

  @OptionGroup var output: OutputOptions

  func run() throws {
    let console = Console(quiet: output.quiet)
    StopSignal.listen()
    let inspection = try DatasetInspection(of: URL(fileURLWithPath: folder, isDirectory: true)) { done, count in
      try StopSignal.throwIfRequested()
      console.progress(Double(done) / Double(count), "looking at \(count - done) of \(count) new images")
    }
    console.closeLine()
    switch output.format {
    case .json: print(JSONFile.encode(inspection))
    case .text:
      for holding in inspection.holds {
        let images = ["train", "validation", "test"].compactMap { name in
          holding.images[name].map { "\($0) \(name)" }
        }
        let size = holding.size.map { " of \($0) × \($0)" } ?? ""
        print(
          "\(folder): \(holding.dataset), \(holding.classes) classes, \(images.joined(separator: ", ")) images\(size)")
      }
      for remark in inspection.remarks { print(remark) }
      for problem in inspection.problems { print("wrong: \(problem)") }
    }
    guard inspection.problems.isEmpty else {
      throw FileError.malformed(
        path: folder, found: "\(inspection.problems.count) problems", expected: "a data set without any")
    }
  }
}
