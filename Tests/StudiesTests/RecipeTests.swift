import Foundation
import Results
import Storage
import Testing

@testable import Studies

func withFolder(_ body: (URL) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("isda-studies-\(UUID().uuidString)")
  defer { try? FileManager.default.removeItem(at: folder) }
  try WholeFile.makeFolder(folder)
  try body(folder)
}

/// What a recipe of this text says.
func study(_ text: String) throws -> Study {
  var result: Study?
  try withFolder { folder in
    let url = folder.appendingPathComponent("recipe.yaml")
    try WholeFile.write(text, to: url)
    result = try Recipe(contentsOf: url, networks: ["resnet8", "resnet20"]).study
  }
  return try #require(result)
}

let plain = """
  name: small
  dataset: portraits
  network: resnet8
  epochs: 12
  seeds: [3, 1]
  arms:
    ce: {loss: ce}
    isda: {loss: isda, lambda: 0.25}

  """

@Suite("A recipe is a study, or a line that says what is wrong")
struct RecipeTests {
  @Test func `arms over seeds, with defaults, seeds outermost`() throws {
    let small = try study(plain)
    #expect(small.name == "small" && small.analysis == Study.Analysis())
    #expect(small.runs.map(\.name) == ["ce-s3", "isda-s3", "ce-s1", "isda-s1"])
    #expect(small.arms.map(\.baseline) == [nil, "ce"])
    let last = try #require(small.runs.last).configuration
    #expect(
      last
        == RunConfiguration(
          images: DatasetChoice(name: "portraits", trainCount: 2000, testCount: 2000), network: "resnet8", loss: .isda,
          lambda: 0.25,
          epochs: 12, seed: 1, augmentation: .init(crop: .init(padding: 2), flips: true), threads: 1))
    #expect(small.recipe == Data(plain.utf8).sha256)
  }

  @Test func `every setting and the analysis come through`() throws {
    let full = try study(
      """
      name: full
      dataset: cifar10
      data: /somewhere
      trainCount: 5000
      network: resnet20
      epochs: 30
      batch: 64
      learningRate: 0.05
      momentum: 0.8
      weightDecay: 1e-4
      schedule: step
      augmentation: crop:3
      precision: float32
      threads: 2
      seeds: 5..7
      arms:
        one: {loss: isda, lambda: 1, lambdaSchedule: step, covariance: "lowrank:8", retention: 0.99}
        two: {loss: "explicit:4"}
      analysis: {baseline: two, epochs: mean-of-last-10, metric: error, test: sign-flip, tolerance: 0.3, seed: 9}
      """)
    #expect(full.seeds == [5, 6, 7] && full.arms.map(\.baseline) == ["two", nil])
    #expect(full.analysis == Study.Analysis(epochs: .meanOfLast10, tolerance: 0.3, seed: 9))
    #expect(
      full.arms[0].configuration
        == RunConfiguration(
          images: DatasetChoice(name: "cifar10", data: "/somewhere", trainCount: 5000), network: "resnet20",
          loss: .isda, lambda: 1,
          lambdaSchedule: .step, covariance: .lowRank(8), retention: 0.99, epochs: 30, batch: 64, seed: 5,
          learningRate: 0.05, momentum: 0.8, weightDecay: 1e-4, schedule: .step,
          augmentation: .init(crop: .init(padding: 3)), precision: .float32, threads: 2))
    #expect(full.arms[1].configuration.loss == .explicit(draws: 4))
  }

  @Test func `a list makes an arm of each combination, beside the baseline of the same shared values`() throws {
    let text = plain.replacingOccurrences(of: "network: resnet8", with: "network: [resnet8, resnet20]")
      .replacingOccurrences(of: "lambda: 0.25}", with: "lambda: [0.25, 0.5], covariance: [full, \"lowrank:8\"]}")
    let grid = try study(text)
    #expect(grid.arms.count == 2 + 8)
    let arm = try #require(grid.arms.first { $0.name == "isda-networkresnet20-lambda0.5-covariancelowrank8" })
    #expect(arm.baseline == "ce-networkresnet20" && arm.configuration.covariance == .lowRank(8))
    #expect(arm.configuration.network == "resnet20" && arm.configuration.lambda == 0.5)
    #expect(Set(grid.runs.map(\.name)).count == 20)
  }

  @Test func `augmentations are arms, with the crops of as many epochs`() throws {
    let text = plain.replacingOccurrences(
      of: "isda: {loss: isda, lambda: 0.25}",
      with:
        "isda: {loss: isda, augmentation: [none, \"crop,flip,cutout:8\"]}\n  own: {loss: focal, augmentation: autoaugment}"
    )
    let arms = try study(text).arms
    #expect(
      arms.map(\.configuration.augmentation.rawValue)
        == ["crop:2,flip", "none", "crop:2,flip,cutout:8", "autoaugment:cifar10"])
    #expect(arms.map(\.name) == ["ce", "isda-augmentationnone", "isda-augmentationcropflipcutout8", "own"])
    #expect(arms[3].configuration.loss == .focal(2))
  }

  @Test(
    "what is wrong is named with its line",
    arguments: [
      ("epochs: 12", "epochs: ten", "epochs \"ten\" in line 4; expected a whole number"),
      ("epochs: 12", "epochs: 0", "epochs 0 in line 4, arm ce; expected 1 to 1000000"),
      ("epochs: 12", "epochs: [1, 2]", "epochs: a list of 2 in line 4; expected one value"),
      ("epochs: 12", "epoch: 12", "key \"epoch\" in line 4 at the top; expected one of name, seeds"),
      ("epochs: 12\n", "", "no epochs for arm ce"),
      ("lambda: 0.25", "lamda: 0.25", "key \"lamda\" in line 8 in arm isda"),
      ("lambda: 0.25", "lambda: -1", "lambda -1.0 in line 8, arm isda; expected 0 or more"),
      ("lambda: 0.25", "augmentation: crops", "augmentation \"crops\" in line 8; expected none, crop"),
      ("lambda: 0.25", "augmentation: crop,flip", "key \"flip\" in line 8 in arm isda"),
      ("lambda: 0.25", "augmentation: mixup", "augmentation mixup:1:1 in line 8, arm isda; expected a probability"),
      ("lambda: 0.25", "augment: true", "key \"augment\" in line 8 in arm isda"),
      ("lambda: 0.25", "epochs: 3", "key \"epochs\" in line 8 in arm isda"),
      ("resnet8", "resnet9", "network \"resnet9\" in line 3; expected resnet8, resnet20"),
      ("[3, 1]", "[3, 3]", "seeds: a list of 2 in line 5"), ("[3, 1]", "4..2", "seeds: \"4..2\" in line 5"),
      ("[3, 1]", "[]", "seeds: a list of 0 in line 5"), ("seeds: [3, 1]\n", "", "no key \"seeds\""),
      ("name: small", "name: a/b", "name: \"a/b\" in line 1"),
      ("{loss: isda, lambda: 0.25}", "{loss: ce}", "arms ce and isda of one configuration"),
      ("{loss: ce}", "{loss: isda}", "no arm with loss ce and no analysis.baseline"),
      ("{loss: ce}", "{loss: ce, batch: [8, 16]}", "a list of values in arm ce"),
      ("  isda: {loss: isda, lambda: 0.25}\n", "", "no arm but ce"),
      ("  ce: {loss: ce}", "  ce: nothing", "arms.ce: \"nothing\" in line 7; expected settings"),
      ("  isda:", "  ce:", "key \"ce\" more than once"),
      ("portraits", "portraits\ntestCount: x", "testCount \"x\" in line 3"), ("name: small", "name: [", "in line"),
      ("name: small", "name: small\nanalysis: {epochs: best}", "analysis.epochs: \"best\" in line 2; expected last or"),
      ("name: small", "name: small\nanalysis: {tolerance: 0}", "analysis.tolerance: \"0\" in line 2"),
      ("name: small", "name: small\nanalysis: {baseline: no}", "analysis.baseline \"no\"; expected one of ce, isda"),
      ("name: small", "name: small\nanalysis: {level: 0.1}", "key \"level\" in line 2 in analysis"),
      ("epochs: 12", "epochs: 9\nanalysis: {epochs: mean-of-last-10}", "mean-of-last-10 of 9 epochs"),
      ("epochs: 12", "epochs: 9\nanalysis: {epochs: best-on-validation}", "nothing to choose by in arm ce"),
      (
        "epochs: 12", "epochs: 9\nvalidationShare: 0.1\nevaluateOn: validation\nanalysis: {epochs: best-on-validation}",
        "nothing to choose by in arm ce"
      ),
      (
        "dataset: portraits", "dataset: cifar10\ntrainCount: 55",
        "trainCount 55 in line 3, arm ce; expected 10 to 50000"
      ),
    ])
  func faults(_ old: String, _ new: String, _ found: String) throws {
    let text = plain.replacingOccurrences(of: old, with: new)
    try #require(text != plain)
    let error = try #require(throws: FileError.self) { try study(text) }
    #expect("\(error)".contains(found) && "\(error)".contains("recipe.yaml: found "), "\(error)")
  }

  @Test func `frozen once: the same goes on, anything else is refused with what differs`() throws {
    try withFolder { folder in
      let place = StudyFolder(folder.appendingPathComponent("study"))
      let url = folder.appendingPathComponent("recipe.yaml")
      func freeze(_ text: String) throws {
        try WholeFile.write(text, to: url)
        try place.freeze(Recipe(contentsOf: url, networks: ["resnet8"]), from: url)
      }
      try freeze(plain)
      try freeze(plain)
      #expect(try place.study() == study(plain))
      try place.requireFrozenRecipe(place.study())
      for (old, new, found) in [
        ("name: small", "name: small\nanalysis: {tolerance: 0.2}", "analysis.tolerance 0.2; expected 0.1"),
        ("[3, 1]", "[3, 1, 4]", "seeds.count 3; expected 2"),
        ("0.25", "0.5", "arms[1].configuration.lambda 0.5; expected 0.25"),
        ("name: small", "name: small # the same", "means the same in other words"),
      ] {
        let error = #expect(throws: FileError.self) {
          try freeze(plain.replacingOccurrences(of: old, with: new))
        }
        #expect("\(try #require(error))".contains(found), "\(String(describing: error))")
      }
      #expect(try place.study() == study(plain))
      try WholeFile.write("name: other", to: place.recipeFile)
      #expect(throws: FileError.self) { try place.requireFrozenRecipe(place.study()) }

      let other = StudyFolder(folder.appendingPathComponent("other"))
      try WholeFile.makeFolder(other.runsFolder)
      #expect(throws: FileError.self) { try other.freeze(Recipe(contentsOf: url, networks: []), from: url) }
    }
  }
}
