//  `isda recipes`: the published experiments, what came of them, and what they would take here.

import ArgumentParser
import Foundation
import Images
import Networks
import Results
import Storage
import Studies

struct RecipesCommand: ComputesOnAllCores {
  static let configuration = CommandConfiguration(
    commandName: "recipes",
    abstract: "List the published experiments, which `isda train --recipe` runs, and the time that they take here.",
    discussion: """
      Examples:
        isda recipes --quick
        isda recipes cifar10/resnet
        isda train --recipe cifar100/resnet110-isda --data cifar-100-binary \\
          --out runs/resnet110-isda-s0

      Errors are those published for the test images, in percent, with the deviation over five runs where there were \
      five. Time comes from a few steps of each network on images of noise, trained here and now in small batches, so it is \
      a rough number; with loss and augmentation it changes by a few per cent.
      """)

  @Argument(help: "List only names that contain this.")
  var part = ""

  @Flag(help: "Do not measure: no time.")
  var quick = false

  @OptionGroup var output: OutputOptions

  func run() throws {
    let console = Console(quiet: output.quiet)
    StopSignal.listen()
    let recipes = try allPublishedRecipes().filter { part.isEmpty || $0.name.contains(part) }
    guard !recipes.isEmpty else {
      throw ValidationError("no recipe's name contains \"\(part)\"; `isda recipes --quick` lists all")
    }
    let seconds = quick ? [:] : try measure(recipes, console)
    let rows = recipes.map { recipe in
      RecipeRow(
        name: recipe.name, network: recipe.configuration.network, epochs: recipe.configuration.epochs,
        batch: recipe.configuration.batch, error: recipe.error, deviation: recipe.deviation,
        seconds: seconds[recipe.configuration.network].map { $0 * Double(recipe.configuration.epochs) })
    }
    switch output.format {
    case .json: print(JSONFile.encode(rows))
    case .text: for line in RecipeRow.lines(rows) { print(line) }
    }
  }

  /// Seconds an epoch, by network: beside it loss, classes and augmentation hardly count.
  private func measure(_ recipes: [PublishedRecipe], _ console: Console) throws -> [String: Double] {
    var seconds: [String: Double] = [:]
    for (index, recipe) in recipes.enumerated() where seconds[recipe.configuration.network] == nil {
      console.progress(Double(index) / Double(recipes.count), "a few steps of \(recipe.name)")
      let set = recipe.configuration.images.name
      let isLarge = set == "folder"
      // Enough for BatchNorm, few enough for networks that take seconds an image.
      let batch = isLarge ? 2 : 8
      var configuration = recipe.configuration
      configuration.batch = batch
      let classCount = isLarge ? 1000 : set == "cifar100" ? 100 : 10
      let images = Dataset.noise(
        count: 3 * batch, side: isLarge ? 224 : 32, classCount: classCount, normalization: Self.normalization)
      let time = try EpochTime(configuration, images: images, from: URL(fileURLWithPath: recipe.name))
      seconds[recipe.configuration.network] =
        isLarge ? time.seconds(train: 1_281_167, test: 50_000) : time.seconds(train: 50_000, test: 10_000)
    }
    console.closeLine()
    return seconds
  }

  private static let normalization = Normalization(mean: [0.5, 0.5, 0.5], deviation: [0.25, 0.25, 0.25])
}

extension Dataset {
  /// Images of noise: how long a network takes does not depend on what they show.
  fileprivate static func noise(count: Int, side: Int, classCount: Int, normalization: Normalization) -> Dataset {
    var generator = SystemRandomNumberGenerator()
    let pixels = (0..<count * side * side * 3).map { _ in UInt8.random(in: 0...255, using: &generator) }
    let set = ImageSet(
      width: side, height: side, pixels: pixels, labels: (0..<count).map { $0 % classCount })
    return Dataset(
      name: "noise", classNames: (0..<classCount).map { "\($0)" }, train: set, test: set, normalization: normalization)
  }
}

private struct RecipeRow: Encodable {
  let name: String
  let network: String
  let epochs: Int
  let batch: Int
  let error: Double
  let deviation: Double?
  /// Of the whole run; nil if not measured.
  let seconds: Double?

  static func lines(_ rows: [RecipeRow]) -> [String] {
    let table =
      [["recipe", "epochs", "batch", "published error", "time here"]]
      + rows.map { row in
        [
          row.name, "\(row.epochs)", "\(row.batch)",
          fixed(row.error, row.deviation == nil && row.error >= 20 ? 1 : 2)
            + (row.deviation.map { " ± \(fixed($0, 2))" } ?? ""), row.seconds.map { readable(seconds: $0) } ?? "–",
        ]
      }
    let widths = table[0].indices.map { column in table.map { $0[column].count }.max() ?? 0 }
    return table.map { cells in
      zip(cells, widths).enumerated().map { column, cell in
        let space = String(repeating: " ", count: cell.1 - cell.0.count)
        return column == 0 ? cell.0 + space : space + cell.0
      }.joined(separator: "  ")
    }
  }
}

/// The published experiments.
func allPublishedRecipes() throws -> [PublishedRecipe] {
  try PublishedRecipe.all(networks: Architecture.allCases.map(\.name))
}

/// - Throws: `ValidationError` for a name that none has, with those that are close.
func publishedRecipe(_ name: String) throws -> PublishedRecipe {
  let all = try allPublishedRecipes()
  guard let recipe = all.first(where: { $0.name == name }) else {
    let row = name.split(separator: "/").last.map(String.init) ?? name
    let close = all.map(\.name).filter { $0.contains(row.split(separator: "-").first ?? "") }
    throw ValidationError(
      "--recipe is \(name); expected one of those that `isda recipes --quick` lists"
        + (close.isEmpty ? "" : ", such as \(close.prefix(3).joined(separator: ", "))"))
  }
  return recipe
}
