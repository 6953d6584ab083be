//  The way of `curves` and `steps` through their recipes, seed by seed.

import ArgumentParser
import Foundation
import Images
import Networks
import Results
import Storage
import Studies
import Torch
import Training

extension RecipeOptions {
  /// Trains every recipe with every seed, and leaves a row of each in `results/<verb>-<date>.json`. A recipe that diverges
  /// has none, and the others go on.
  /// - Parameter compare: trains, and says beside what. What it is given is in a folder that goes when it returns.
  func compareAll<Findings: TwinFindings>(
    as verb: String, sides: SideOptions,
    _ compare: (_ training: SharedTraining, _ scripts: PythonScripts, _ threads: Int) throws -> Findings
  ) throws {
    let scripts = try sides.scripts()
    let threads = sides.threadCount
    Library.threads = threads
    var report = TwinReport<Findings>(
      environment: Machine.environment(threads: threads, precision: precision.rawValue))
    let file = scripts.folder.appendingPathComponent("results/\(verb)-\(report.environment.started.stamp).json")
    let published = try PublishedRecipe.all(networks: Architecture.allCases.map(\.name))
    let chosen = try recipes.map { name in
      guard let recipe = published.first(where: { $0.name == name }) else {
        throw ValidationError("no recipe \(name); `isda recipes --quick` lists them")
      }
      return recipe
    }
    var failed = false
    for recipe in chosen {
      let dataset = try dataset(for: configuration(of: recipe, seed: 0, threads: threads))
      for seed in 0..<seeds {
        do {
          let configuration = configuration(of: recipe, seed: seed, threads: threads)
          let folder = FileManager.default.temporaryDirectory.appendingPathComponent("isda-\(verb)-\(getpid())")
          defer { try? FileManager.default.removeItem(at: folder) }
          let training = try SharedTraining(configuration, dataset: dataset, folder: folder)
          let row = TwinReport<Findings>.Row(
            training: TrainingInShort(configuration, of: recipe.name, size: dataset.train.width),
            findings: try compare(training, scripts, threads))
          report.rows.append(row)
          write(row.cells.joined(separator: "  "))
          try JSONFile.write(report, to: file)
        } catch let error as TrainingError {
          write("\(recipe.name), seed \(seed): \(error)")
          failed = true
        }
      }
    }
    if !report.rows.isEmpty { write("\n\(report.markdown)\n\n\(file.relativePath)") }
    if failed { throw ExitCode.failure }
  }
}
