//  `isda study plan`: what a study takes, and what it can show, before anything starts.

import ArgumentParser
import Comparison
import Foundation
import Images
import Networks
import Results
import Storage
import Studies
import Torch
import Training

struct StudyPlanCommand: ComputesOnAllCores {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Say how many runs a recipe makes, what time and disk they take, and what difference they can show.",
    discussion: """
      Examples:
        isda study plan docs/studies/portraits/recipe.yaml
        isda study plan recipe.yaml --quick --deviation 0.4 --format json

      Time comes from two short epochs of each arm, trained here and now, one run alone; arms that differ in λ₀ alone \
      take equally long. Runs side by side slow each other, so it is more a lower bound. The difference that can be \
      shown rests on an assumed deviation of the runs of an arm: 0.2 points, about what the published CIFAR tables \
      have, is not true of other data and networks.
      """)

  @OptionGroup var recipe: RecipeOptions

  @Flag(help: "Do not measure: no time.")
  var quick = false

  @Option(help: "The assumed standard deviation of the test error over the runs of an arm, in percent points.")
  var deviation = 0.2

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard deviation > 0, deviation.isFinite else {
      throw ValidationError("--deviation is \(deviation); expected a number above 0")
    }
  }

  func run() throws {
    let console = Console(quiet: output.quiet)
    StopSignal.listen()
    let study = try recipe.read().study
    let plan = try StudyPlan(
      study, jobs: recipe.jobs(for: study), deviation: deviation,
      seconds: quick ? nil : measure(study, console))
    switch output.format {
    case .json: print(JSONFile.encode(plan))
    case .text: for line in plan.lines { print(line) }
    }
  }

  /// Seconds of an epoch with everything that belongs to it, by arm.
  private func measure(_ study: Study, _ console: Console) throws -> [String: Double] {
    guard let first = study.arms.first?.configuration else { return [:] }
    var choice = first.images
    choice.data = recipe.data ?? first.images.data
    let dataset = try loadDataset(choice, configurationFile: recipe.url, console)
    // How strong the term is does not change what it takes to compute; how it is kept does.
    let works = study.arms.map { arm in
      var settings = arm.configuration.armSettings
      settings["lambda"] = nil
      return settings
    }
    var seconds: [[String: String]: Double] = [:]
    for (index, (arm, work)) in zip(study.arms, works).enumerated() where seconds[work] == nil {
      console.progress(Double(index) / Double(works.count), "two short epochs of \(arm.name)")
      let few = Dataset(
        name: dataset.name, classNames: dataset.classNames,
        train: dataset.train.subset(Array(0..<min(dataset.train.count, 12 * arm.configuration.batch))),
        test: dataset.test.subset(Array(0..<min(dataset.test.count, 500))), normalization: dataset.normalization)
      seconds[work] = try EpochTime(arm.configuration, images: few, from: recipe.url)
        .seconds(train: dataset.train.count, test: dataset.test.count)
    }
    console.closeLine()
    return Dictionary(uniqueKeysWithValues: zip(study.arms, works).map { ($0.name, seconds[$1] ?? 0) })
  }
}

/// What a study takes and can show.
struct StudyPlan: Encodable {
  let name: String
  let arms: [String]
  let seeds: Int
  let runs: Int
  let epochs: Int
  let jobs: Int
  /// Of the whole study, with `jobs` runs side by side that do not slow each other; nil if not measured.
  let seconds: Double?
  /// By arm.
  let secondsPerEpoch: [String: Double]?
  /// When all is finished, and while runs are at work.
  let bytes: Int
  let bytesAtWork: Int
  let power: PlannedComparison
  let tolerance: Double

  init(_ study: Study, jobs: Int, deviation: Double, seconds perEpoch: [String: Double]?) {
    name = study.name
    arms = study.arms.map(\.name)
    seeds = study.seeds.count
    runs = study.runs.count
    epochs = study.runs.reduce(0) { $0 + $1.configuration.epochs }
    self.jobs = jobs
    secondsPerEpoch = perEpoch
    seconds = perEpoch.map { perEpoch in
      study.arms.reduce(0) { $0 + Double($1.configuration.epochs * study.seeds.count) * (perEpoch[$1.name] ?? 0) }
        / Double(jobs)
    }
    let sizes = study.arms.map { Self.sizes($0.configuration) }
    bytes = study.seeds.count * sizes.reduce(0) { $0 + $1.finished }
    bytesAtWork = bytes + jobs * (sizes.map(\.checkpoints).max() ?? 0)
    power = PlannedComparison(
      pairs: study.seeds.count, comparisons: study.arms.count { $0.baseline != nil }, deviation: deviation)
    tolerance = study.analysis.tolerance
  }

  /// Bytes that a run leaves, and those of its three checkpoints while one of them is being written.
  private static func sizes(_ configuration: RunConfiguration) -> (finished: Int, checkpoints: Int) {
    guard let architecture = Architecture(name: configuration.network) else { return (0, 0) }
    // Portraits have ten; how many a folder has is not known before it is read, and ten are assumed.
    let classCount = DatasetName(rawValue: configuration.images.name)?.published?.classes ?? 10
    let network = architecture.network(classCount: classCount, seed: 0)
    let weights = (network.store.parameters + network.store.buffers)
      .reduce(0) { $0 + $1.tensor.count * $1.tensor.elementType.size }
    let features = network.featureCount
    let moments = configuration.loss.usesCovariances ? 4 * classCount * features * (features + 1) : 0
    let predictions = (configuration.images.testCount ?? 10_000) * (4 * classCount + 8)
    // Three tables of metrics with their measures of collapse.
    let records = 3_000 * configuration.epochs
    return (weights + moments + predictions + records, 3 * (2 * weights + moments + records))
  }

  var lines: [String] {
    var lines = [
      "\(name): \(counted(arms.count, "arm")) × \(counted(seeds, "seed")) = \(counted(runs, "run")), \(epochs) epochs",
      "arms: " + arms.joined(separator: ", "),
    ]
    if let seconds, let secondsPerEpoch {
      let each = arms.map { "\($0) \(fixed(secondsPerEpoch[$0] ?? 0, 2)) s" }
      lines.append(
        "time: about \(readable(seconds: seconds)) with \(counted(jobs, "run")) at a time (an epoch of "
          + "\(each.joined(separator: ", ")), measured here with one run alone)")
    } else {
      lines.append("time: not measured (--quick)")
    }
    lines.append("disk: \(readable(bytes: bytes)), \(readable(bytes: bytesAtWork)) while runs are at work")
    lines.append(contentsOf: powerLines)
    return lines
  }

  private var powerLines: [String] {
    let p = power
    if p.pairs < 6 {
      return [
        "power: none. With \(counted(p.pairs, "pair")) the sign-flip test cannot go below p = \(p.smallestPValue): no "
          + "difference, however large, can be significant with fewer than 6"
      ]
    }
    guard let alone = p.detectable else { return [] }
    var text =
      "power: if runs of an arm deviate by \(fixed(p.deviation / 2.0.squareRoot(), 2)) points, a true difference of "
      + "\(fixed(alone, 2)) points is found in 80 % of such studies"
    if p.comparisons > 1 {
      text +=
        p.detectableAfterHolm.map { " (\(fixed($0, 2)) where Holm counts all \(p.comparisons) comparisons)" }
        ?? " (where Holm counts all \(p.comparisons) comparisons nothing is, with fewer than \(p.fewestPairs) seeds)"
    }
    return [text, "      a difference within ±\(tolerance) points counts as too small to matter"]
  }
}

/// A size as people read it.
func readable(bytes: Int) -> String {
  let value = Double(bytes)
  return switch value {
  case ..<1e6: "\(fixed(value / 1e3, 0)) kB"
  case ..<1e9: "\(fixed(value / 1e6, value < 1e7 ? 1 : 0)) MB"
  default: "\(fixed(value / 1e9, 1)) GB"
  }
}
