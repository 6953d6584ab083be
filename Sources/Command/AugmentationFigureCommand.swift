//  `isda figures augmentation`: what training does to its images, as a contact sheet.

import ArgumentParser
import Figures
import Foundation
import Images
import Raster
import Results
import Storage
import Torch
import Training

struct AugmentationFigureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "augmentation",
    abstract: "Draw training images as an augmentation shows them, as PNG, SVG, PDF and CSV.",
    discussion: """
      Examples:
        isda figures augmentation --dataset portraits --out pictures
        isda figures augmentation --dataset portraits \\
          --augmentation crop,flip,cutout:8 --out pictures

      Without --augmentation there is a row for every part that there is; with it, a row for each of eight epochs.
      """)

  @OptionGroup var images: DatasetOptions

  @Option(help: ArgumentHelp("As for `isda train`; if not given, every part by itself.", valueName: "parts"))
  var augmentation: RunConfiguration.Augmentation?

  @Option(help: "What is done follows from it.")
  var seed: UInt64 = 0

  @Option(help: "The folder to draw into.", completion: .directory, transform: nonEmptyPath)
  var out: String

  @OptionGroup var form: FigureFormOptions

  @OptionGroup var output: OutputOptions

  func validate() throws { _ = try required("--dataset", images.dataset) }

  /// Every part, at a strength that shows what it does.
  private static let parts = [
    "crop:4", "crop:4:zero", "flip", "translate:4", "rotate:15", "jitter:0.4:30", "cutout:16", "autoaugment:cifar10",
    "autoaugment:imagenet", "randaugment:2:10", "mixup:1:1", "cutmix:1:1",
  ]
  private static let (columns, epochs) = (10, 8)

  func run() throws {
    let console = Console(quiet: output.quiet)
    let dataset = try images.load(console, for: nil)
    console.closeLine()
    let sheet = AugmentedImages(dataset, count: Self.columns, seed: seed)
    let rows: [AugmentationSheet.Row]
    if let augmentation {
      // A run of many epochs, whose crops are the published ones.
      rows = (0..<Self.epochs).map { sheet.row("epoch \($0 + 1)", augmentation.resolved(epochs: 160), epoch: $0) }
    } else {
      rows = Self.parts.compactMap { part in
        RunConfiguration.Augmentation(rawValue: part).map { sheet.row(part, $0, epoch: 0) }
      }
    }
    let what = augmentation.map { $0.resolved(epochs: 160).rawValue } ?? "every part by itself"
    let figure = form.form.arranging {
      AugmentationSheet(
        originals: sheet.originals, rows: rows, classNames: dataset.classNames,
        setting: "\(dataset.name), \(what), seed \(seed)"
      ).figure()
    }
    let folder = URL(fileURLWithPath: out, isDirectory: true)
    let files = try figure.write(to: folder, form: form.form, provenance: provenance(dataset, into: folder))
    switch output.format {
    case .text: print(files[0].relativePath)
    case .json: print(JSONFile.encode([files[0].relativePath]))
    }
  }

  private func provenance(_ dataset: Dataset, into folder: URL) -> Provenance {
    var command = ["isda figures augmentation --dataset \(dataset.name)"]
    if let data = images.data { command.append("--data \(data)") }
    if let count = images.trainCount { command.append("--train-count \(count)") }
    if let augmentation { command.append("--augmentation \(augmentation.rawValue)") }
    if seed != 0 { command.append("--seed \(seed)") }
    return Provenance(
      software: "isda \(RunEnvironment.toolVersion)",
      command: (command + form.form.arguments + ["--out \(folder.relativePath)"]).joined(separator: " "),
      data: "\(dataset.name) sha256 \(dataset.sha256)")
  }
}

/// A few training images, of all classes in turn, and what augmentations make of them.
private struct AugmentedImages {
  let originals: [AugmentationSheet.Original]
  private let set: ImageSet
  private let fill: [UInt8]
  private let seed: UInt64

  init(_ dataset: Dataset, count: Int, seed: UInt64) {
    let train = dataset.train
    let byClass = Dictionary(grouping: 0..<train.count) { train.labels[$0] }
    let classes = byClass.keys.sorted()
    var rows: [Int] = []
    for place in 0..<count where !classes.isEmpty {
      let ofClass = byClass[classes[place % classes.count]] ?? []
      if place / classes.count < ofClass.count { rows.append(ofClass[place / classes.count]) }
    }
    originals = rows.map { .init(image: train.image($0), row: $0, label: Int(train.labels[$0])) }
    // Each image as a class of its own, so that a batch says which ones it holds.
    let subset = train.subset(rows)
    set = ImageSet(
      width: train.width, height: train.height, pixels: subset.pixels, labels: Array(rows.indices))
    fill = dataset.normalization.meanColor
    self.seed = seed
  }

  func row(_ name: String, _ choice: RunConfiguration.Augmentation, epoch: Int) -> AugmentationSheet.Row {
    // Bytes as they are: a mean of 0 and a deviation of one grey level.
    let batches = Batches(
      set, size: set.count, normalization: Normalization(mean: [0, 0, 0], deviation: [1 / 255, 1 / 255, 1 / 255]),
      augmentation: Augmentation(choice, fill: fill))
    var cells = originals.map { AugmentationSheet.Cell(image: $0.image) }
    for batch in batches.shuffled(seed: seed, epoch: epoch) {
      let pixels = (batch.images.permuted([0, 2, 3, 1]) + 0.5).to(.uint8).array(of: UInt8.self)
      let size = pixels.count / batch.classes.count
      for (place, column) in batch.classes.enumerated() {
        cells[column] = AugmentationSheet.Cell(
          image: Image(
            width: set.width, height: set.height, pixels: Array(pixels[place * size..<(place + 1) * size])),
          partner: batch.mixture.map { ($0.classes[place], $0.share) })
      }
    }
    return AugmentationSheet.Row(name: name, cells: cells)
  }
}
