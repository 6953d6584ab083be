//  What a comparison of trainings leaves: which trainings, and what was found of each.

import Foundation
import Results

/// What is found of one training beside its twin.
protocol TwinFindings: Codable {
  /// Over the cells.
  static var titles: [String] { get }
  var cells: [String] { get }
}

/// A training as the table names it.
struct TrainingInShort: Codable {
  let recipe, network: String
  let seed: UInt64
  /// Width and height of the images.
  let size: Int
  let batch, epochs: Int
  /// At the beginning.
  let learningRate: Double
  let precision: String

  init(_ configuration: RunConfiguration, of recipe: String, size: Int) {
    (self.recipe, network, seed) = (recipe, configuration.network, configuration.seed)
    (self.size, batch, epochs) = (size, configuration.batch, configuration.epochs)
    (learningRate, precision) = (configuration.learningRate, configuration.precision.rawValue)
  }

  static let titles = ["recipe", "seed", "size", "learning rate", "batch", "precision"]
  var cells: [String] { [recipe, "\(seed)", "\(size)", "\(learningRate)", "\(batch)", precision] }
}

struct TwinReport<Findings: TwinFindings>: Codable {
  struct Row: Codable {
    let training: TrainingInShort
    let findings: Findings

    var cells: [String] { training.cells + findings.cells }
  }

  var schemaVersion = 3
  let environment: RunEnvironment
  var rows: [Row] = []

  var markdown: String {
    let titles = TrainingInShort.titles + Findings.titles
    return ([titles, ["---"] + titles.dropFirst().map { _ in "---:" }] + rows.map(\.cells))
      .map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
  }
}

/// One digit behind the point, as `1.2e-05`.
func short(_ value: Double) -> String { String(format: "%.1e", value) }
