//  A recipe to a study: settings that all arms share, arms with settings of their own, and a list wherever a setting has
//  several values, which makes an arm of each combination.

public import Foundation
public import Results
public import Storage
internal import Yams

/// What a recipe asks for, read from YAML:
///
///     name: portraits
///     dataset: portraits          # settings have the names that they have in config.json
///     network: [resnet8, resnet20]
///     epochs: 30
///     seeds: 0..19                # or [0, 1, 2]
///     arms:
///       ce: {loss: ce}
///       isda: {loss: isda, lambda: [0.25, 0.5]}
///     analysis:
///       epochs: last
///       tolerance: 0.1
public struct Recipe {
  public let study: Study
  /// The file, byte for byte.
  public let contents: Data

  /// - Parameter networks: the names of those that there are.
  /// - Throws: `FileError` naming the file, the line and the key at fault, and what was expected.
  public init(contentsOf url: URL, networks: [String]) throws(FileError) {
    contents = try WholeFile.read(url, expected: "a recipe in YAML")
    guard let text = String(data: contents, encoding: .utf8) else {
      throw .malformed(path: url.path, found: "text that is not UTF-8", expected: "a recipe in YAML")
    }
    study = try RecipeReader(
      file: RecipeFile(path: url.path), settings: RunSetting.all(networks: networks).filter { $0.key != "seed" }
    )
    .study(text, digest: contents.sha256)
  }
}

/// One reading of a recipe.
private struct RecipeReader {
  let file: RecipeFile
  /// All but the seed: a study has several.
  let settings: [RunSetting]

  /// The values that a setting takes, in the order of the file.
  private typealias Values = (key: String, words: [String], node: Node)

  /// What runs must have in common to be compared.
  private static let common = [
    "dataset", "data", "trainCount", "testCount", "size", "validationShare", "testShare", "evaluateOn", "broken",
    "epochs",
  ]

  func study(_ text: String, digest: String) throws(FileError) -> Study {
    let own = ["name", "seeds", "arms", "analysis"]
    var (shared, nodes): ([Values], [String: Node]) = ([], [:])
    for (key, node) in try file.entries(file.mapping(text), known: own + settings.map(\.key), of: "at the top") {
      guard let setting = settings.first(where: { $0.key == key }) else {
        nodes[key] = node
        continue
      }
      let words = try file.words(key, node, expected: setting.expected)
      guard words.count == 1 || !Self.common.contains(key) else {
        throw file.fault(key, node, expected: "one value; runs that differ in this cannot be compared")
      }
      shared.append((key, words, node))
    }
    func needed(_ key: String, _ expected: String) throws(FileError) -> Node {
      guard let node = nodes[key] else {
        throw .malformed(path: file.path, found: "no key \"\(key)\"", expected: expected)
      }
      return node
    }
    let nameNode = try needed("name", "a name of letters, digits, . _ and -")
    let name = try file.word("name", nameNode, expected: "a name")
    guard name.wholeMatch(of: Self.nameForm) != nil else {
      throw file.fault("name", nameNode, expected: "letters, digits, . _ and -, a letter or digit first")
    }
    let seeds = try seeds(needed("seeds", "a range such as 0..9, or a list"))
    let (analysis, baseline) = try analysis(nodes["analysis"])
    let armsNode = try needed("arms", "names with settings, such as ce: {loss: ce}")
    guard let mapping = armsNode.mapping, !mapping.isEmpty else {
      throw file.fault("arms", armsNode, expected: "names with settings, such as ce: {loss: ce}")
    }
    var expanded: [Expanded] = []
    for (arm, node) in try file.entries(mapping, known: nil, of: "in arms") {
      expanded += try expand(arm, node, shared: shared, seed: seeds[0])
    }
    let arms = try pair(expanded, baseline: baseline, in: armsNode)
    if let epochs = arms.first?.configuration.epochs, epochs < analysis.epochs.count {
      throw .malformed(
        path: file.path, found: "\(analysis.epochs.rawValue) of \(epochs) epochs",
        expected: "at least \(analysis.epochs.count) epochs, or the last epoch")
    }
    // Folders may have validation images of their own.
    if analysis.epochs == .bestOnValidation,
      let arm = arms.first(where: {
        $0.configuration.images.evaluateOn == .validation
          || $0.configuration.images.validationShare == nil
            && $0.configuration.images.name != DatasetName.folder.rawValue
      })
    {
      throw .malformed(
        path: file.path, found: "\(analysis.epochs.rawValue) and nothing to choose by in arm \(arm.name)",
        expected: "a validationShare, and evaluateOn: test")
    }
    return Study(name: name, recipe: digest, analysis: analysis, arms: arms, seeds: seeds)
  }

  private static var nameForm: Regex<Substring> { /[A-Za-z0-9][A-Za-z0-9._-]*/ }

  private func seeds(_ node: Node) throws(FileError) -> [UInt64] {
    let expected = "a range such as 0..9, or a list of different whole numbers from 0, at most 10000 of them"
    let seeds: [UInt64]
    if case .scalar(let scalar) = node, let match = scalar.string.wholeMatch(of: /(\d+)\.\.(\d+)/),
      let first = UInt64(match.1), let last = UInt64(match.2), first <= last, last - first < 10_000
    {
      seeds = Array(first...last)
    } else {
      let words = try file.words("seeds", node, expected: expected)
      seeds = words.compactMap { UInt64($0) }
      guard seeds.count == words.count, Set(seeds).count == seeds.count, seeds.count <= 10_000 else {
        throw file.fault("seeds", node, expected: expected)
      }
    }
    return seeds
  }

  private func analysis(_ node: Node?) throws(FileError) -> (Study.Analysis, baseline: String?) {
    var (analysis, baseline) = (Study.Analysis(), String?.none)
    guard let node else { return (analysis, nil) }
    guard let mapping = node.mapping else { throw file.fault("analysis", node, expected: "keys and values") }
    let known = ["baseline", "epochs", "metric", "seed", "test", "tolerance"]
    for (key, value) in try file.entries(mapping, known: known, of: "in analysis") {
      let word = try file.word("analysis.\(key)", value, expected: "one value")
      func choice<Choice: RawRepresentable & CaseIterable>(_: Choice.Type) throws(FileError) -> Choice
      where Choice.RawValue == String {
        guard let choice = Choice(rawValue: word) else {
          let names = Choice.allCases.map(\.rawValue).joined(separator: " or ")
          throw file.fault("analysis.\(key)", value, expected: names)
        }
        return choice
      }
      switch key {
      case "metric": analysis.metric = try choice(Study.Analysis.Metric.self)
      case "test": analysis.test = try choice(Study.Analysis.Test.self)
      case "epochs": analysis.epochs = try choice(Study.EpochRule.self)
      case "tolerance":
        guard let tolerance = Double(word), tolerance > 0, tolerance.isFinite else {
          throw file.fault("analysis.tolerance", value, expected: "a number of points above 0")
        }
        analysis.tolerance = tolerance
      case "seed":
        guard let seed = UInt64(word) else {
          throw file.fault("analysis.seed", value, expected: "a whole number from 0")
        }
        analysis.seed = seed
      default: baseline = word
      }
    }
    return (analysis, baseline)
  }

  // MARK: Arms

  /// An arm of one combination of values.
  private struct Expanded {
    /// As the recipe calls it.
    let base: String
    let name: String
    let configuration: RunConfiguration
    /// Those of its values that the recipe lists for all arms.
    let sharedChoices: [String: String]
    let hasOwnChoices: Bool
  }

  private func expand(_ name: String, _ node: Node, shared: [Values], seed: UInt64) throws(FileError) -> [Expanded] {
    guard name.wholeMatch(of: Self.nameForm) != nil else {
      throw .malformed(
        path: file.path, found: "arm \"\(name)\"\(RecipeFile.line(node))",
        expected: "a name of letters, digits, . _ and -, a letter or digit first")
    }
    guard let mapping = node.mapping else {
      throw file.fault("arms.\(name)", node, expected: "settings, such as {loss: isda, lambda: 0.5}")
    }
    let own = settings.map(\.key).filter { !Self.common.contains($0) }
    var values = shared
    var ownKeys: Set<String> = []
    for (key, node) in try file.entries(mapping, known: own, of: "in arm \(name)") {
      let words = try file.words("\(name).\(key)", node, expected: settings.first { $0.key == key }?.expected ?? "")
      values.removeAll { $0.key == key }
      values.append((key, words, node))
      ownKeys.insert(key)
    }
    for key in ["dataset", "network", "loss", "epochs"] where !values.contains(where: { $0.key == key }) {
      throw .malformed(path: file.path, found: "no \(key) for arm \(name)", expected: "\(key) at the top or in the arm")
    }
    var combinations: [[(key: String, word: String, node: Node)]] = [[]]
    for value in values {
      combinations = combinations.flatMap { start in value.words.map { start + [(value.key, $0, value.node)] } }
      guard combinations.count <= 1000 else {
        throw file.fault("arms.\(name)", node, expected: "lists of at most 1000 combinations")
      }
    }
    let varying = values.filter { $0.words.count > 1 }.map(\.key)
    var arms: [Expanded] = []
    for combination in combinations {
      let suffix = combination.filter { varying.contains($0.key) }.map { choice in
        "-" + choice.key + choice.word.filter { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
      }
      arms.append(
        Expanded(
          base: name, name: name + suffix.joined(),
          configuration: try configuration(combination, arm: name, seed: seed),
          sharedChoices: Dictionary(
            uniqueKeysWithValues: combination.filter { varying.contains($0.key) && !ownKeys.contains($0.key) }
              .map { ($0.key, $0.word) }), hasOwnChoices: varying.contains(where: ownKeys.contains)))
    }
    return arms
  }

  private func configuration(
    _ choices: [(key: String, word: String, node: Node)], arm: String, seed: UInt64
  ) throws(FileError) -> RunConfiguration {
    // One thread a run: as many runs side by side as there are cores train more images a second than one run on all.
    var result = RunConfiguration(
      images: DatasetChoice(name: ""), network: "", loss: .ce, epochs: 1, seed: seed, threads: 1)
    for choice in choices {
      guard let setting = settings.first(where: { $0.key == choice.key }) else { continue }
      guard setting.set(&result, choice.word) else {
        // Of a list, the value at fault.
        throw .malformed(
          path: file.path, found: "\(choice.key) \"\(choice.word)\"\(RecipeFile.line(choice.node))",
          expected: setting.expected)
      }
    }
    // Only now it is known how many epochs there are.
    if !choices.contains(where: { $0.key == "augmentation" }) { result.augmentation = .standard }
    result.augmentation = result.augmentation.resolved(epochs: result.epochs)
    if result.images.name == DatasetName.portraits.rawValue {
      result.images.trainCount = result.images.trainCount ?? 2000
      result.images.testCount = result.images.testCount ?? 2000
    }
    if result.images.name == DatasetName.folder.rawValue && result.images.size == nil {
      throw .malformed(
        path: file.path, found: "dataset folder without size, arm \(arm)", expected: "size, the width of its images")
    }
    if let fault = result.fault {
      let line = choices.first { $0.key == fault.key }.map { RecipeFile.line($0.node) } ?? ""
      throw .malformed(
        path: file.path, found: "\(fault.key) \(fault.value)\(line), arm \(arm)", expected: fault.expected)
    }
    return result
  }

  /// Finds each arm's baseline: the arm of that name with the same values where the recipe lists some for all arms.
  private func pair(_ arms: [Expanded], baseline name: String?, in node: Node) throws(FileError) -> [Study.Arm] {
    func fault(_ found: String, _ expected: String) -> FileError {
      .malformed(path: file.path, found: found, expected: expected)
    }
    for (index, arm) in arms.enumerated() {
      for other in arms[..<index] {
        guard other.name != arm.name else { throw fault("two arms \(arm.name)", "different names") }
        guard other.configuration.armSettings != arm.configuration.armSettings else {
          throw fault(
            "arms \(other.name) and \(arm.name) of one configuration",
            "arms that differ; cross-entropy has no λ and no covariances")
        }
      }
    }
    let plain = Set(arms.filter { $0.configuration.loss == .ce }.map(\.base))
    guard let base = name ?? (plain.count == 1 ? plain.first : nil) else {
      throw fault(
        "\(plain.isEmpty ? "no arm" : "several arms") with loss ce and no analysis.baseline",
        "analysis: {baseline: ARM}, the arm that others are compared with")
    }
    let baselines = arms.filter { $0.base == base }
    guard let first = baselines.first else {
      throw fault(
        "analysis.baseline \"\(base)\"", "one of \(Set(arms.map(\.base)).sorted().joined(separator: ", "))")
    }
    guard !first.hasOwnChoices else {
      throw fault("a list of values in arm \(base)", "one value of each setting, since others are compared with it")
    }
    guard arms.contains(where: { $0.base != base }) else {
      throw fault("no arm but \(base)", "at least one arm to compare with it")
    }
    var result: [Study.Arm] = []
    for arm in arms {
      guard arm.base != base else {
        result.append(Study.Arm(name: arm.name, baseline: nil, configuration: arm.configuration))
        continue
      }
      let partners = baselines.filter { candidate in
        candidate.sharedChoices.allSatisfy { arm.sharedChoices[$0.key] == $0.value }
      }
      guard partners.count == 1 else {
        throw fault(
          "arm \(arm.name) with no arm \(base) of the same \(first.sharedChoices.keys.sorted().joined(separator: ", "))",
          "a list for all arms, or one value for all")
      }
      result.append(Study.Arm(name: arm.name, baseline: partners[0].name, configuration: arm.configuration))
    }
    return result
  }
}
