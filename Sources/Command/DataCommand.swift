//  `isda data`: what can be done with a data set besides training on it.

import ArgumentParser
import Dispatch
import Foundation
import Images
import Portraits
import Raster
import Storage
import Synchronization

struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Work with data sets.",
    discussion: """
      Examples:
        isda data render --out portraits --size 128 --train-count 100 --test-count 0
        isda data fetch cifar10 --out data/cifar10
        isda data verify data/cifar10
      """,
    subcommands: [FetchCommand.self, VerifyCommand.self, RenderCommand.self])
}

struct RenderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "render",
    abstract: "Write the portraits data set as folders of PNG images.",
    discussion: """
      Example:
        isda data render --out portraits --size 128 --train-count 100 --test-count 0

      Makes OUT/train/cat/00000.png and so on, and OUT/train/metadata.csv with every image's factors; likewise test. \
      Image i of a seed is the same bytes on every machine, and at 32 pixels what `isda train` sees for seed 0.
      """)

  @Option(help: "The folder to make.", completion: .directory, transform: nonEmptyPath)
  var out: String

  @Option(help: "Every image follows from it and its number.")
  var seed: UInt64 = 0

  @Option(help: "Training images.")
  var trainCount = 2000

  @Option(help: "Test images.")
  var testCount = 2000

  @Option(help: "Width and height in pixels.")
  var size = 32

  @OptionGroup var output: OutputOptions

  func validate() throws {
    for (name, count) in [("--train-count", trainCount), ("--test-count", testCount)] {
      guard (0...1_000_000).contains(count) else {
        throw ValidationError("\(name) is \(count); expected 0 to 1000000")
      }
    }
    guard (8...1024).contains(size) else { throw ValidationError("--size is \(size); expected 8 to 1024") }
  }

  func run() throws {
    let console = Console(quiet: output.quiet)
    StopSignal.listen()
    let folder = URL(fileURLWithPath: out, isDirectory: true)
    for (split, count) in [("train", trainCount), ("test", testCount)] where count > 0 {
      let root = folder.appending(path: split, directoryHint: .isDirectory)
      // Images of before would stand among the new ones, and no table would know them.
      guard (try? FileManager.default.contentsOfDirectory(atPath: root.path))?.isEmpty != false else {
        throw FileError.unwritable(path: root.path, reason: "it holds files already; expected a new or an empty folder")
      }
    }
    try render(split: "train", from: 0, count: trainCount, into: folder, console)
    try render(split: "test", from: Dataset.firstTestPortrait, count: testCount, into: folder, console)
    console.closeLine()
    switch output.format {
    case .text: print("\(out): \(trainCount) training and \(testCount) test images of \(size) × \(size) pixels")
    case .json:
      print(JSONFile.encode(RenderResult(out: out, seed: seed, train: trainCount, test: testCount, size: size)))
    }
  }

  private func render(split: String, from: Int, count: Int, into folder: URL, _ console: Console) throws {
    var table = CSVTable(header: ["file_name", "label"] + Factors.columnNames)
    let root = folder.appending(path: split, directoryHint: .isDirectory)
    // Blocks end together, so that the table and the progress are made in order between them.
    for start in stride(from: 0, to: count, by: 128) {
      let rows = start..<min(count, start + 128)
      let portraits = rows.map { Portrait(seed: seed, index: from + $0) }
      let names = zip(rows, portraits).map { row, portrait in
        let digits = String(row)
        return "\(portrait.animal.name)/\(String(repeating: "0", count: max(0, 5 - digits.count)))\(digits).png"
      }
      try write(portraits, names, into: root)
      for (portrait, name) in zip(portraits, names) {
        table.append([name, portrait.animal.name] + portrait.factors.columns)
      }
      console.progress(Double(rows.upperBound) / Double(count), "\(split): \(rows.upperBound) of \(count) images")
    }
    if count > 0 { try table.write(to: root.appending(path: "metadata.csv", directoryHint: .notDirectory)) }
  }

  /// Draws and writes on all cores; of several failures the first one's is thrown.
  private func write(_ portraits: [Portrait], _ names: [String], into root: URL) throws {
    let failure = Mutex<(any Error)?>(nil)
    DispatchQueue.concurrentPerform(iterations: portraits.count) { [size] place in
      do {
        try StopSignal.throwIfRequested()
        guard failure.withLock({ $0 == nil }) else { return }
        let file = root.appending(path: names[place], directoryHint: .notDirectory)
        try WholeFile.write(portraits[place].image(size: size).png(), to: file, durably: false)
      } catch {
        failure.withLock { $0 = $0 ?? error }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
  }
}

private struct RenderResult: Encodable {
  let out: String
  let seed: UInt64
  let train: Int
  let test: Int
  let size: Int
}
