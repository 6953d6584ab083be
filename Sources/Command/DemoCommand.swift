//  `isda demo`: the whole way once, from images to figures, on the data set that needs nothing.

import ArgumentParser
import Foundation
import Images
import Networks
import Portraits
import Raster
import Results
import Storage
import Training

struct DemoCommand: ComputesOnAllCores {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Draw portraits, train a baseline and an ISDA run on them, and draw every figure of both.",
    discussion: """
      Example:
        isda demo --out runs/demo

      Two to three minutes on two cores. A second demo replaces the first, and no run but a demo's.
      """)

  @Option(help: "The folder to make.", completion: .directory, transform: nonEmptyPath)
  var out = "runs/demo"

  @Option(help: "Passes over the training images, for each of the two runs.")
  var epochs = 30

  @Option(help: "Seed of both runs.")
  var seed: UInt64 = 0

  @OptionGroup var device: DeviceOption

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...10_000).contains(epochs) else { throw ValidationError("--epochs is \(epochs); expected 1 to 10000") }
  }

  func run() throws {
    let console = Console(quiet: output.quiet)
    StopSignal.listen()
    let root = URL(fileURLWithPath: out, isDirectory: true)
    let (trainCount, testCount) = (DatasetOptions.defaultCount, DatasetOptions.defaultCount)
    console.say("drawing \(trainCount + testCount) portraits")
    let dataset = Dataset.portraits(trainCount: trainCount, testCount: testCount)
    let sheet = root.appendingPathComponent("portraits.png")
    try WholeFile.write(contactSheet().png(), to: sheet)

    var arms: [(folder: RunFolder, name: String, record: EpochRecord, report: DirectionsReport)] = []
    for loss in [RunConfiguration.Loss.ce, .isda] {
      let configuration = RunConfiguration(
        images: DatasetChoice(name: dataset.name, trainCount: trainCount, testCount: testCount),
        network: Architecture.resNet(.eight).name,
        loss: loss, epochs: epochs, seed: seed, device: device.device)
      let folder = RunFolder(root.appendingPathComponent("\(loss.rawValue)-s\(seed)", isDirectory: true))
      var earlier = try? folder.configuration()
      earlier?.epochs = epochs
      earlier?.device = device.device
      guard !folder.holdsRun || earlier == configuration else {
        throw FileError.unwritable(
          path: folder.url.relativePath, reason: "it holds a run that is not a demo's; give another --out")
      }
      let record = try train(
        configuration, dataset: dataset, folder: folder, beginning: .replacing, console: console)
      let report = try analyze(folder, device: device.resolved(), console: console)
      arms.append((folder, configuration.armName, record, report))
    }
    let pictures =
      [sheet]
      + (try drawFigures(
        arms.map(\.folder), into: root.appendingPathComponent("figures", isDirectory: true), gallery: true,
        console: console))

    switch output.format {
    case .json:
      print(
        JSONFile.encode(
          DemoResult(
            runs: arms.map { .init(run: $0.folder.url.relativePath, arm: $0.name, error: $0.record.testError) },
            pictures: pictures.map(\.relativePath))))
    case .text:
      print(
        columns(
          [["", "test error", "test loss", "train error", "effective rank", "images/s"]]
            + arms.map { arm in
              let ranks = arm.report.spectra.map(\.effectiveRank)
              return [
                arm.name, "\(fixed(arm.record.testError, 2)) %", fixed(arm.record.testLoss, 3),
                "\(fixed(arm.record.trainError, 2)) %", fixed(ranks.reduce(0, +) / Double(ranks.count), 1),
                fixed(arm.record.imagesPerSecond, 0),
              ]
            }))
      print("One seed of each arm says nothing about which is better; it takes several to tell.\n")
      for picture in pictures { print(picture.relativePath) }
    }
  }

  /// The first five portraits of every class with nothing in front of them, at 96 pixels, a class a column.
  private func contactSheet() -> Image {
    let (side, gap, rows) = (96, 8, 5)
    let classes = Animal.allCases.count
    let (width, height) = (classes * (side + gap) + gap, rows * (side + gap) + gap)
    var sheet = Image(width: width, height: height, pixels: [UInt8](repeating: 255, count: width * height * 3))
    for column in 0..<classes {
      let portraits = (0...).lazy.map { Portrait(seed: 0, index: column + classes * $0) }.filter {
        !$0.factors.occluded
      }
      for (row, portrait) in portraits.prefix(rows).enumerated() {
        let pixels = portrait.image(size: side).pixels
        let (left, top) = (gap + column * (side + gap), gap + row * (side + gap))
        for line in 0..<side {
          let start = ((top + line) * width + left) * 3
          sheet.pixels.replaceSubrange(start..<start + side * 3, with: pixels[line * side * 3..<(line + 1) * side * 3])
        }
      }
    }
    return sheet
  }
}

private struct DemoResult: Encodable {
  struct Run: Encodable {
    let run: String
    let arm: String
    let error: Double
  }
  let runs: [Run]
  let pictures: [String]
}
