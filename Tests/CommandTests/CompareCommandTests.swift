import Foundation
import Results
import Storage
import Testing

/// A finished run with logits that are made up: image i is wrong where `isWrong` says so.
@discardableResult
private func run(
  _ folder: String, loss: RunConfiguration.Loss, seed: UInt64, epochs: Int = 3, images: Int = 60,
  epochsDone: Int? = nil, learningRate: Double = 0.1, classes: [String] = ["cat", "dog", "fox"],
  device: RunConfiguration.DeviceChoice = .auto, held share: Double? = nil, digest: String? = nil,
  augmentation: RunConfiguration.Augmentation = .standard,
  label: (Int) -> Int = { $0 % 3 }, logit: Float = 2,
  isWrong: (Int) -> Bool
) throws -> RunFolder {
  let run = RunFolder(URL(fileURLWithPath: folder, isDirectory: true))
  let configuration = RunConfiguration(
    images: DatasetChoice(name: "portraits", trainCount: 30, testCount: images, validationShare: share),
    network: "resnet8", loss: loss, epochs: epochs, seed: seed, learningRate: learningRate, augmentation: augmentation,
    device: device)
  try JSONFile.write(configuration, to: run.configurationFile)
  try JSONFile.write(
    RunState(
      epochsDone: epochsDone ?? epochs, step: 9, interrupted: false, classNames: classes, mean: [0, 0, 0],
      deviation: [1, 1, 1]), to: run.stateFile)
  if let digest {
    try WholeFile.write(
      #"{"name": "portraits", "train": {"sha256": "5eed"}, "test": {"sha256": "\#(digest)"}}"#, to: run.dataFile)
  }
  var logits: [Float] = []
  for image in 0..<images {
    let shown = isWrong(image) ? (label(image) + 1) % 3 : label(image)
    // Confidence falls with the image's number.
    for index in 0..<3 { logits.append(index == shown ? logit + 1 / Float(image + 1) : 0) }
  }
  try Safetensors(arrays: [
    "logits": StoredArray(logits, shape: [images, 3]),
    "labels": StoredArray((0..<images).map { Int64(label($0)) }, shape: [images]),
  ]).write(to: run.predictions)
  return run
}

@Suite("isda compare says which arm is better, or what cannot be compared", .timeLimit(.minutes(20)))
struct CompareCommandTests {
  private struct Report: Decodable {
    struct Arm: Decodable { let name: String, mean: Double }
    struct Verdict: Decodable { let word: String, sentence: String }
    struct Error: Decodable { let difference: Double, isPaired: Bool, seeds: [UInt64], signFlip: Counted? }
    struct Counted: Decodable { let pValue: Double }
    struct Setting: Decodable { let setting: String, baseline: String, arm: String }
    struct Flip: Decodable { let image: Int }
    struct Pair: Decodable { let pValue: Double, rightToWrong: [Flip], wrongToRight: [Flip] }
    struct Class: Decodable { let name: String, difference: Double }
    struct Comparison: Decodable {
      let arm: String, error: Error, verdict: Verdict, settings: [Setting], pairs: [Pair], classes: [Class]
      let leftOut: [String]
    }
    let arms: [Arm], comparisons: [Comparison], notes: [String]
  }

  @Test func `six pairs of runs: better, with every file, and the same bytes again`() throws {
    try withFolder { folder in
      for seed in 0..<6 as Range<UInt64> {
        // The baseline has 20 + seed images wrong, the arm 10.
        // Where they were trained makes no arm.
        let device = seed < 3 ? RunConfiguration.DeviceChoice.cpu : .cuda
        try run("\(folder)/runs/ce-s\(seed)", loss: .ce, seed: seed, device: device) { $0 < 20 + Int(seed) }
        try run("\(folder)/runs/isda-s\(seed)", loss: .isda, seed: seed) { $0 >= 50 }
      }
      // The whole folder, or each run: the same.
      let outcome = try Outcome("compare", "\(folder)/runs", "--format", "json", "--out", "\(folder)/out", "--quiet")
      #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
      let report = try JSONFile.decode(Report.self, from: Data(outcome.output.utf8))
      #expect(report.arms.map(\.name) == ["cross-entropy", "ISDA λ₀=0.5"])
      let comparison = try #require(report.comparisons.first)
      let baseline = 37.5  // 22.5 of 60 images
      #expect(abs(report.arms[0].mean - baseline) < 1e-9)
      #expect(abs(comparison.error.difference - (100.0 / 6 - baseline)) < 1e-9)
      #expect(comparison.error.isPaired && comparison.error.seeds == [0, 1, 2, 3, 4, 5])
      #expect(comparison.error.signFlip?.pValue == 2.0 / 64)
      #expect(comparison.verdict.word == "better" && comparison.verdict.sentence.contains("p = 0.031"))
      #expect(comparison.settings.map(\.setting) == ["covariance", "lambda", "lambdaSchedule", "loss", "retention"])
      #expect(comparison.settings.first { $0.setting == "loss" }?.arm == "isda")
      // The most confident first, which are those with the smallest number.
      #expect(comparison.pairs[1].rightToWrong.map(\.image) == Array(50..<60))
      #expect(comparison.pairs[1].wrongToRight.map(\.image) == Array(0..<21))
      #expect(comparison.classes.map(\.name) == ["cat", "dog", "fox"])

      let all = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/out")
      // The page and the figures name the command that made them, which may be another one.
      let files = all.filter { $0 != "report.html" && $0 != "figures" }
      #expect(all.count == files.count + 2 && files.count == 1 + 9 * 3 + 3)
      let page = try String(contentsOfFile: "\(folder)/out/report.html", encoding: .utf8)
      #expect(page.contains("cross-entropy: <strong>better</strong>") && page.contains("prefers-color-scheme: dark"))
      // Nothing that it would have to load, and nothing that runs.
      for marker in ["<script", "src=\"http", "href=\"http", "srcset=\"http", "url("] {
        #expect(!page.contains(marker))
      }
      let figures = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/out/figures")
      #expect(
        Set(figures.filter { $0.hasSuffix(".csv") })
          == ["paired-runs.csv", "reliability.csv", "flips.csv", "classes-isda-lambda-0-5.csv"])
      #expect(figures.count == 4 * 4)
      let pairs = try String(contentsOfFile: "\(folder)/out/figures/paired-runs.csv", encoding: .utf8)
      #expect(pairs.split(separator: "\n").count == 1 + 6)
      func contents() throws -> [Data] {
        try files.sorted().map { try Data(contentsOf: URL(fileURLWithPath: "\(folder)/out/\($0)")) }
      }
      let first = try contents()
      #expect(first[try #require(files.sorted().firstIndex(of: "comparison.json"))] == Data(outcome.output.utf8))
      let flips = try String(contentsOfFile: "\(folder)/out/flips.csv", encoding: .utf8).split(separator: "\n")
      #expect(flips.count == 1 + 6 * 10 + 6 * 20 + 15)
      #expect(flips[1].hasPrefix("ISDA λ₀=0.5,0,right to wrong,50,fox,fox,"))
      let latex = try String(contentsOfFile: "\(folder)/out/tests.tex", encoding: .utf8)
      #expect(latex.contains("ISDA $\\lambda$$_0$=0.5 & 0.031") && latex.contains("\\bottomrule"))
      #expect(try String(contentsOfFile: "\(folder)/out/tests.md", encoding: .utf8).contains("| ISDA λ₀=0.5 | 0.031 |"))

      let runs = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/runs").sorted()
      let again = try Outcome(
        Outcome.isda, ["compare"] + runs.map { "\(folder)/runs/\($0)" } + ["--out", "\(folder)/out", "--quiet"])
      #expect(again.code == 0 && again.output.hasPrefix("ISDA λ₀=0.5: better. "), "\(again.errors)")
      #expect(try contents() == first)
    }
  }

  @Test func `one pair, seeds that differ, seeds without partner, arms that differ elsewhere`() throws {
    try withFolder { folder in
      func compare(_ arguments: String...) throws -> Report {
        let outcome = try Outcome(Outcome.isda, ["compare"] + arguments + ["--format", "json", "--quiet"])
        #expect(outcome.code == 0, "\(outcome.errors)")
        return try JSONFile.decode(Report.self, from: Data(outcome.output.utf8))
      }
      let (a, b, c, d) = ("\(folder)/a", "\(folder)/b", "\(folder)/c", "\(folder)/d")
      try run(a, loss: .ce, seed: 1) { $0 < 9 }
      try run(b, loss: .isda, seed: 1) { $0 < 3 }
      try run(c, loss: .isda, seed: 2) { $0 < 4 }
      try run(d, loss: .ce, seed: 1, learningRate: 0.2) { $0 < 30 }

      let one = try compare(a, b)
      #expect(one.comparisons[0].verdict.word == "undecided" && one.comparisons[0].error.isPaired)
      #expect(one.comparisons[0].pairs[0].pValue == 2.0 / 64)
      let unpaired = try compare(a, c)
      #expect(!unpaired.comparisons[0].error.isPaired && unpaired.comparisons[0].pairs.count == 1)
      #expect(unpaired.notes.contains { $0.contains("share no seed") })
      let partly = try compare(a, b, c)
      #expect(partly.comparisons[0].error.seeds == [1])
      #expect(partly.comparisons[0].leftOut.count == 1 && partly.comparisons[0].leftOut[0].hasSuffix("/c"))
      let rates = try compare(a, d, "--baseline", "cross-entropy, learningRate=0.2")
      #expect(rates.arms.map(\.name) == ["cross-entropy, learningRate=0.2", "cross-entropy, learningRate=0.1"])
      #expect(rates.comparisons[0].settings.map(\.setting) == ["learningRate"])

      let unknown = try Outcome("compare", a, b, "--baseline", "ISDA")
      #expect(unknown.code == 64 && unknown.errorLines == 1 && unknown.errors.contains("\"ISDA λ₀=0.5\""))
      let alone = try Outcome("compare", a)
      #expect(alone.code == 64 && alone.errors.contains("all runs belong to one arm, cross-entropy"))
      for arguments in [["compare"], ["compare", a, "--summary", "t.csv"], ["compare", a, b, "--tolerance", "0"]] {
        let outcome = try Outcome(Outcome.isda, arguments)
        #expect(outcome.code == 64 && outcome.errorLines == 1, "\(outcome.errors)")
      }
    }
  }

  @Test func `arms are named by what sets them apart`() throws {
    try withFolder { folder in
      func names() throws -> [String] {
        let outcome = try Outcome("compare", "\(folder)/runs", "--format", "json", "--quiet")
        return try JSONFile.decode(Report.self, from: Data(outcome.output.utf8)).arms.map(\.name)
      }
      try run("\(folder)/runs/a", loss: .ce, seed: 0, augmentation: .none) { $0 < 9 }
      try run("\(folder)/runs/b", loss: .isda, seed: 0, augmentation: .none) { $0 < 8 }
      #expect(try names() == ["cross-entropy", "ISDA λ₀=0.5"])
      try run("\(folder)/runs/c", loss: .isda, seed: 0) { $0 < 7 }
      #expect(try names() == ["cross-entropy, no augmentation", "ISDA λ₀=0.5, no augmentation", "ISDA λ₀=0.5"])
    }
  }

  @Test func `what cannot be compared is refused, and the difference named`() throws {
    try withFolder { folder in
      let first = "\(folder)/first"
      try run(first, loss: .ce, seed: 0, digest: "ab12") { $0 < 9 }
      func refused(_ found: String, code: Int32 = 65, _ make: (String) throws -> Void) throws {
        let other = "\(folder)/\(UUID().uuidString)"
        try make(other)
        let outcome = try Outcome("compare", first, other, "--quiet")
        #expect(outcome.code == code && outcome.errorLines == 1 && outcome.output.isEmpty, "\(outcome.errors)")
        #expect(outcome.errors.contains(found) && outcome.errors.contains(other), "\(outcome.errors)")
      }
      try refused("found epochs 5; expected 3") { try run($0, loss: .isda, seed: 0, epochs: 5) { _ in true } }
      try refused("found number of test images 30; expected 60") {
        try run($0, loss: .isda, seed: 0, images: 30) { _ in true }
      }
      try refused("found share held out for validation 0.25; expected none") {
        try run($0, loss: .isda, seed: 0, held: 0.25) { _ in true }
      }
      try refused("found test images of SHA-256 cd34; expected ab12") {
        try run($0, loss: .isda, seed: 0, digest: "cd34") { _ in true }
      }
      // What is not known is no reason, and neither is the same.
      for digest in ["ab12", nil] {
        let other = "\(folder)/alike-\(digest ?? "unknown")"
        try run(other, loss: .isda, seed: 0, digest: digest) { _ in true }
        #expect(try Outcome("compare", first, other, "--quiet").code == 0)
      }
      try refused("found classes cat, dog, elk; expected cat, dog, fox") {
        try run($0, loss: .isda, seed: 0, classes: ["cat", "dog", "elk"]) { _ in true }
      }
      try refused("found label 1 for test image 0; expected 0") {
        try run($0, loss: .isda, seed: 0, label: { ($0 + 1) % 3 }) { _ in true }
      }
      try refused("cross-entropy with seed 0, as in") { try run($0, loss: .ce, seed: 0) { _ in true } }
      try refused("found a run after 2 of 3 epochs") { try run($0, loss: .isda, seed: 0, epochsDone: 2) { _ in true } }
      try refused("found logit nan for image 0") { try run($0, loss: .isda, seed: 0, logit: .nan) { _ in true } }
      try refused("found logits [60, 3] as F32 and labels [60] as I64; expected logits [images, 2]") {
        try run($0, loss: .isda, seed: 0, classes: ["cat", "dog"]) { _ in true }
      }
      try refused("a run folder", code: 66) { _ in }
    }
  }

  @Test func `a printed table is tested cell by cell; what is wrong in it is named by line`() throws {
    try withFolder { folder in
      let table = URL(fileURLWithPath: "\(folder)/table.csv")
      let header = "setting,baseline_mean,baseline_deviation,baseline_runs,arm_mean,arm_deviation,arm_runs\n"
      try WholeFile.write(header + "A,7,0.1,5,6,0.1,5\nB,7,0.1,5,7.01,0.1,5\n", to: table)
      let outcome = try Outcome("compare", "--summary", table.path, "--tolerance", "0.3", "--out", "\(folder)/out")
      #expect(outcome.code == 0 && outcome.output.contains("1 of 2 cells differ at 5 %, 1 after Holm"))
      let lines = outcome.output.split(separator: "\n")
      #expect(lines.contains { $0.hasPrefix("A ") && $0.hasSuffix(" better") })
      #expect(lines.contains { $0.hasPrefix("B ") && $0.hasSuffix(" equivalent") })
      #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder)/out").count == 4)

      for (text, found) in [
        ("A,7,0.1,5,6,0.1,1\n", "arm_runs \"1\" in line 2"),
        ("\nA,7,x,5,6,0.1,5\n", "baseline_deviation \"x\" in line 3"),
        ("A,7,0.1,5,6,-1,5\n", "arm_deviation \"-1\" in line 2"), ("", "no row"),
      ] {
        try WholeFile.write(header + text, to: table)
        let outcome = try Outcome("compare", "--summary", table.path)
        #expect(outcome.code == 65 && outcome.errorLines == 1 && outcome.errors.contains(found), "\(outcome.errors)")
      }
      try WholeFile.write("setting,baseline_mean\n", to: table)
      #expect(try Outcome("compare", "--summary", table.path).errors.contains("no column \"baseline_deviation\""))
    }
  }
}
