//  `isda data fetch`: a published data set from where its authors keep it.

public import ArgumentParser
import Foundation
public import Images
import Storage

extension PublishedDataset: ExpressibleByArgument {}

struct FetchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch",
    abstract: "Download a published data set, check it, and unpack it.",
    discussion: """
      Examples:
        isda data fetch cifar100 --out data/cifar100
        isda train --dataset cifar100 --data data/cifar100 --network resnet20 \\
          --loss isda --epochs 12 --out runs/isda-s0

      A download that was cut off goes on where it ended. Every file has to have the MD5 that was published with it. \
      What is there already is not fetched again.
      """)

  @Argument(help: "cifar10, cifar100, mnist or fashion-mnist.")
  var name: PublishedDataset

  @Option(help: "The folder to put it in.", completion: .directory, transform: nonEmptyPath)
  var out: String

  @Option(help: "Another address that has the same files, up to the last slash.")
  var mirror: String?

  @OptionGroup var output: OutputOptions

  func run() throws {
    let console = Console(quiet: output.quiet)
    StopSignal.listen()
    let start = ContinuousClock.now
    var first: Int?
    let dataset = try name.fetch(into: URL(fileURLWithPath: out, isDirectory: true), mirror: mirror) {
      file, done, all in
      try StopSignal.throwIfRequested()
      let begun = first ?? done
      first = min(begun, done)
      let rate = Double(max(0, done - begun)) / max((ContinuousClock.now - start) / .seconds(1), 0.1)
      console.progress(
        Double(done) / Double(max(all, 1)),
        "\(file): \(fixed(Double(done) / 1e6, 1)) of \(fixed(Double(all) / 1e6, 1)) MB, \(fixed(rate / 1e6, 1)) MB/s")
    }
    console.closeLine()
    switch output.format {
    case .text:
      print(
        "\(out): \(name.rawValue), \(dataset.train.count) training and \(dataset.test.count) test images, "
          + "MD5 as published (\(name.digestSource))")
    case .json:
      print(
        JSONFile.encode(
          FetchResult(dataset: name.rawValue, folder: out, train: dataset.train.count, test: dataset.test.count)))
    }
  }
}

private struct FetchResult: Encodable {
  let dataset: String
  let folder: String
  let train: Int
  let test: Int
}
