import Foundation
import Portraits
import Raster
import Storage
import Testing
import Torch

@Suite("The command answers, or says in one line what is wrong", .serialized, .timeLimit(.minutes(20)))
struct CommandTests {
  private static let verbs = [
    ["demo"], ["data", "fetch"], ["data", "verify"], ["data", "render"], ["train"], ["evaluate"], ["analyze"],
    ["figures", "run"], ["figures", "augmentation"], ["directions", "list"], ["recipes"],
    ["directions", "show"], ["directions", "name"], ["directions", "add"], ["directions", "export"],
    ["directions", "import"], ["directions", "blind"], ["directions", "score"], ["study", "run"], ["study", "plan"],
    ["study", "export"], ["compare"],
  ]

  @Test(arguments: verbs)
  func `every verb has help with an example`(verb: [String]) throws {
    let outcome = try Outcome(Outcome.isda, verb + ["--help"])
    #expect(outcome.code == 0)
    #expect(outcome.output.contains("Example"))
    #expect(outcome.output.contains("isda \(verb.joined(separator: " "))"))
    #expect(outcome.output.contains("--quiet") && outcome.output.contains("--format"))
  }

  @Test(arguments: verbs + [[], ["data"], ["figures"], ["directions"], ["study"]])
  func `help fills 80 columns, and its examples can be copied`(verb: [String]) throws {
    let help = try Outcome(Outcome.isda, verb + ["--help"]).output
    let overview = help.components(separatedBy: "\nUSAGE:")[0].components(separatedBy: "\n")
    #expect(overview.count > 2)
    for (line, next) in zip(overview, overview.dropFirst())
    where !line.isEmpty && !line.hasSuffix(":") && !next.isEmpty && !next.hasPrefix(" ") {
      let word = next.prefix { $0 != " " }
      #expect(!line.hasPrefix(" "), "a command is broken before \(word)")
      #expect(line.count + 1 + word.count >= 80, "a paragraph is broken before \(word)")
    }
  }

  @Test func `wrong usage is 64 and one line`() throws {
    for outcome in [
      try Outcome("train"), try Outcome("nonsense"), try Outcome("figures", "--out", "x"),
      try Outcome(
        "train", "--dataset", "cifar10", "--network", "resnet20", "--loss", "ce", "--epochs", "1", "--out", "x"),
      try Outcome(
        "train", "--dataset", "portraits", "--network", "resnet9", "--loss", "ce", "--epochs", "1", "--out", "x"),
      try Outcome(
        "train", "--dataset", "portraits", "--network", "resnet8", "--loss", "ce", "--epochs", "0", "--out", "x"),
      try Outcome("evaluate", "--dataset", "portraits"),
      try Outcome("figures", "x", "--out", "y", "--width", "85"),
      try Outcome("figures", "x", "--out", "y", "--all", "--classes", "cat"),
      try Outcome("figures", "x", "--out", "y", "--width", "3mm"),
      try Outcome("figures", "x", "--out", "y", "--theme", "grey"),
      try Outcome("figures", "augmentation", "--out", "y"),
      try Outcome("figures", "a/run", "b/run", "--out", "y"),
      try Outcome("figures", "x", "--out", ""),
      try Outcome(
        "train", "--dataset", "portraits", "--network", "resnet8", "--loss", "ce", "--epochs", "1", "--out", ""),
      try Outcome("train", "--recipe", "cifar10/resnet110-isda", "--out", "x"),
      try Outcome("directions", "name", "x", "y", "a\nb"),
      try Outcome("directions", "name", "x", "y", String(repeating: "n", count: 101)),
      try Outcome("directions", "name", "x", "y", "--note", "\u{1B}[31m"),
      try Outcome("directions", "score", "key.json", "a.csv", "./a.csv"),
      try Outcome("explore", "x", "--host", "nobody.invalid", "--no-open"),
      try Outcome("figures", "augmentation", "--dataset", "portraits", "--augmentation", "crops", "--out", "y"),
      try Outcome(
        "train", "--dataset", "portraits", "--network", "resnet8", "--loss", "isda", "--augmentation", "mixup",
        "--epochs", "1", "--out", "x"),
    ] {
      #expect(outcome.code == 64, "\(outcome.errors)")
      #expect(outcome.errorLines == 1 && outcome.output.isEmpty, "\(outcome.errors)")
    }
  }

  @Test func `a device that is not there is 64, and the one that computed is noted`() throws {
    try withFolder { folder in
      let options = [
        "--dataset", "portraits", "--train-count", "20", "--test-count", "10", "--network", "resnet8", "--loss", "ce",
        "--epochs", "1", "--batch", "10", "--quiet", "--out", folder + "/run",
      ]
      let unknown = try Outcome(Outcome.isda, ["train", "--device", "gpu"] + options)
      #expect(unknown.code == 64 && unknown.errors.contains("--device"))
      let trained = try Outcome(Outcome.isda, ["train", "--device", "cpu"] + options)
      #expect(trained.code == 0, "\(trained.errors)")
      func json(_ name: String) throws -> [String: Any] {
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/run/\(name)"))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      }
      #expect(try json("config.json")["device"] as? String == "cpu")
      #expect(try json("env.json")["device"] as? String == "cpu")

      guard !Device.cuda.isAvailable else { return }
      for verb in [
        ["train"] + options + ["--overwrite"], ["evaluate", "--dataset", "portraits", "--run", folder + "/run"],
        ["analyze", folder + "/run"], ["demo", "--out", folder + "/demo"],
      ] {
        let refused = try Outcome(Outcome.isda, verb + ["--device", "cuda"])
        #expect(refused.code == 64 && refused.errorLines == 1 && refused.output.isEmpty, "\(refused.errors)")
        #expect(
          refused.errors
            == "isda: --device is cuda, but libtorch \(Library.version) is built without CUDA; expected auto or cpu\n")
      }
      // A run that began on a GPU and goes on where there is none.
      let configuration = URL(fileURLWithPath: folder + "/run/config.json")
      let text = try String(contentsOf: configuration, encoding: .utf8)
      try WholeFile.write(text.replacingOccurrences(of: "\"cpu\"", with: "\"cuda\""), to: configuration)
      try FileManager.default.removeItem(atPath: folder + "/run/state.json")
      let resumed = try Outcome("train", "--resume", folder + "/run", "--quiet")
      #expect(resumed.code == 65 && resumed.errorLines == 1, "\(resumed.errors)")
      #expect(resumed.errors.contains("config.json: found device cuda, but libtorch"), "\(resumed.errors)")
    }
  }

  @Test func `missing files are 66, bad ones 65, each named`() throws {
    try withFolder { folder in
      let missing = try Outcome(
        "evaluate", "--dataset", "cifar10", "--data", folder, "--network", "resnet20", "--weights", "w", "--quiet")
      #expect(missing.code == 66 && missing.errorLines == 1)
      #expect(missing.errors.contains("data_batch_1.bin"))

      #expect(try Outcome("analyze", folder + "/none", "--quiet").code == 66)
      #expect(try Outcome("figures", folder + "/none", "--out", folder + "/out", "--quiet").code == 66)
      let unexplored = try Outcome("explore", folder + "/none", "--static", folder + "/page.html", "--quiet")
      #expect(unexplored.code == 66 && unexplored.errorLines == 1 && unexplored.errors.contains("/none: not found"))

      let weights = URL(fileURLWithPath: folder + "/w.safetensors")
      try WholeFile.write("not a network", to: weights)
      let bad = try Outcome(
        "evaluate", "--dataset", "portraits", "--test-count", "10", "--train-count", "10", "--network", "resnet8",
        "--weights", weights.path, "--quiet")
      #expect(bad.code == 65 && bad.errorLines == 1)
      #expect(bad.errors.contains("w.safetensors"))
    }
  }

  @Test func `a contact sheet of every augmentation, and of one by epoch`() throws {
    try withFolder { folder in
      let options = ["--dataset", "portraits", "--train-count", "30", "--test-count", "10", "--dpi", "96", "--quiet"]
      for (name, more) in [("all", []), ("one", ["--augmentation", "crop:4,flip,cutmix:1:1", "--theme", "dark"])] {
        let outcome = try Outcome(
          Outcome.isda, ["figures", "augmentation", "--out", "\(folder)/\(name)"] + options + more)
        #expect(outcome.code == 0 && outcome.output.hasSuffix("\(name)/augmentation.png\n"), "\(outcome.errors)")
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(name)").sorted()
        #expect(files == ["csv", "pdf", "png", "svg"].map { "augmentation.\($0)" })
      }
      func table(_ name: String) throws -> [[Substring]] {
        try String(contentsOfFile: "\(folder)/\(name)/augmentation.csv", encoding: .utf8).split(separator: "\n")
          .dropFirst().map { $0.split(separator: ",", omittingEmptySubsequences: false) }
      }
      let all = try table("all")
      #expect(all.count == 12 * 10 && Set(all.map { $0[0] }).count == 12)
      // Every part changes some image, and only mixing has partners.
      for part in Set(all.map { $0[0] }) {
        let rows = all.filter { $0[0] == part }
        #expect(rows.contains { (Double($0[3]) ?? 0) > 0 }, "\(part)")
        #expect(rows.allSatisfy { $0[5].isEmpty != (part.hasPrefix("mixup") || part.hasPrefix("cutmix")) }, "\(part)")
      }
      let one = try table("one")
      #expect(Set(one.map { $0[0] }) == Set((1...8).map { "epoch \($0)" }))
      #expect(one.allSatisfy { !$0[5].isEmpty })
    }
  }

  @Test func `the whole way, small: train, evaluate, analyze, figures twice`() throws {
    try withFolder { folder in
      for loss in ["ce", "isda"] {
        let outcome = try Outcome(
          "train", "--dataset", "portraits", "--train-count", "60", "--test-count", "80", "--network", "resnet8",
          "--loss", loss, "--epochs", "2", "--batch", "20", "--threads", "1", "--out", "\(folder)/\(loss)", "--format",
          "json", "--quiet")
        #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
        #expect(outcome.output.contains("\"error\""))
        #expect(try Outcome("analyze", "\(folder)/\(loss)", "--quiet").code == 0)
      }
      // Attributes that someone noted; a mistake in them is found before anything is computed.
      let noted = "\(folder)/noted.csv"
      try WholeFile.write("bright\n" + String(repeating: "1\n", count: 79), to: URL(fileURLWithPath: noted))
      let refused = try Outcome("analyze", "\(folder)/ce", "--attributes", noted, "--quiet")
      #expect(refused.code == 65 && refused.errorLines == 1)
      #expect(refused.errors.contains("noted.csv: found 79 rows; expected 80"), "\(refused.errors)")
      #expect(try Outcome("analyze", "\(folder)/ce", "--attributes", "\(folder)/none.csv", "--quiet").code == 66)
      let rows = (0..<80).map { "\($0 % 3),\($0 % 2 == 0 ? "day" : "night")\n" }.joined()
      try WholeFile.write("third,time\n" + rows, to: URL(fileURLWithPath: noted))
      #expect(try Outcome("analyze", "\(folder)/ce", "--attributes", noted, "--quiet").code == 0)
      let measures = try String(contentsOfFile: "\(folder)/ce/measures/attributes.csv", encoding: .utf8)
      #expect(measures.contains("linear_probe,time=night,binary,") && !measures.contains("sunglasses"))
      // A run is not replaced unless asked.
      #expect(
        try Outcome(
          "train", "--dataset", "portraits", "--network", "resnet8", "--loss", "ce", "--epochs", "1", "--out",
          "\(folder)/ce"
        ).code == 73)

      let evaluation = try Outcome(
        "evaluate", "--dataset", "portraits", "--train-count", "60", "--test-count", "80", "--run", "\(folder)/ce",
        "--quiet")
      struct Result: Decodable {
        let error: Double
        let count: Int
      }
      let result = try JSONDecoder().decode(Result.self, from: Data(evaluation.output.utf8))
      let csv = try String(contentsOfFile: "\(folder)/ce/metrics.csv", encoding: .utf8)
      #expect(result.count == 80)
      #expect(csv.split(separator: "\n").last?.split(separator: ",")[6] == "\(result.error)")

      func draw() throws -> [String: Data] {
        let outcome = try Outcome(
          "figures", "\(folder)/ce", "\(folder)/isda", "--classes", "cat,lion", "--dpi", "96", "--gallery", "--out",
          "\(folder)/figures", "--quiet")
        #expect(outcome.code == 0, "\(outcome.errors)")
        #expect(outcome.output.hasSuffix("index.html\n"))
        let files = try FileManager.default.subpathsOfDirectory(atPath: "\(folder)/figures").filter {
          $0.contains(".")
        }
        return try Dictionary(
          uniqueKeysWithValues: files.map {
            ($0, try Data(contentsOf: URL(fileURLWithPath: "\(folder)/figures/\($0)")))
          })
      }
      let first = try draw()
      // Curves, two maps, collapse, likeness, matches and two walks beside each other once; spectrum, scree, stability,
      // bound, margins, preservation of either split, factors, statistics, ladder, paths, attributes, two extremes, two
      // slabs and two walks by either query for each run; in four forms, and in dark for the gallery. The gallery, and
      // what was measured between the runs.
      let figures = 8 + 2 * 20
      #expect(first.count == figures * (4 + 1) + 1 + 2, "\(first.keys.sorted())")
      #expect(try draw() == first)
      let page = String(decoding: first["index.html"] ?? Data(), as: UTF8.self)
      for name in first.keys where !name.hasPrefix("measures/") && name != "index.html" {
        #expect(page.contains("\"\(name)\""), "no link to \(name)")
      }

      // In print, dark, dated.
      let narrow = try Outcome(
        "figures", "\(folder)/ce", "--classes", "cat", "--width", "single", "--theme", "dark", "--dpi", "96", "--out",
        "\(folder)/narrow")
      #expect(narrow.code == 0, "\(narrow.errors)")
      #expect(narrow.errors.contains("figures stay wider than 85 mm"))
      let curves = try Image(png: URL(fileURLWithPath: "\(folder)/narrow/training-curves.png"))
      #expect(curves.width == 322 && curves[1, 1] == (22, 22, 22))
      try directions(of: folder)
      try savedFeatures(of: folder)
    }
  }

  /// With the features of a run, what is found is what the run's own analysis found.
  private func savedFeatures(of folder: String) throws {
    let (run, out) = ("\(folder)/isda", "\(folder)/theirs")
    func analyze(_ changes: [String: String]) throws -> Outcome {
      var options = [
        "--features": "\(run)/features/train.safetensors", "--test-features": "\(run)/features/test.safetensors",
        "--classifier": "\(run)/checkpoints/last.safetensors", "--dataset": "portraits", "--train-count": "60",
        "--test-count": "80", "--network-name": "borrowed",
      ]
      options.merge(changes) { $1 }
      return try Outcome(
        Outcome.isda, ["analyze", out, "--quiet"] + options.filter { $0.value != "" }.flatMap { [$0.key, $0.value] })
    }
    let outcome = try analyze([:])
    #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    for name in ["directions/report.json", "measures/significance.json", "measures/walks.json", "measures/bound.json"] {
      let (own, theirs) = (URL(fileURLWithPath: "\(run)/\(name)"), URL(fileURLWithPath: "\(out)/\(name)"))
      #expect(try Data(contentsOf: own) == Data(contentsOf: theirs), "\(name)")
    }
    #expect(!FileManager.default.fileExists(atPath: "\(out)/measures/equivariance.json"))
    let drawn = try Outcome(
      "figures", out, run, "--classes", "cat", "--dpi", "96", "--out", "\(folder)/beside", "--quiet")
    #expect(drawn.code == 0, "\(drawn.errors)")
    #expect(
      try String(contentsOfFile: "\(folder)/beside/measures/similarity.json", encoding: .utf8).contains("borrowed"))
    #expect(FileManager.default.fileExists(atPath: "\(folder)/beside/theirs-spectrum.svg"))

    // The same numbers in NumPy's format; then other rows, other images, no classifier, a run that is not to be lost.
    let stored = try Safetensors(contentsOf: URL(fileURLWithPath: "\(run)/features/test.safetensors"))
    let features = try #require(stored.arrays["features"])
    let description = "{'descr': '<f4', 'fortran_order': False, 'shape': (80, 64), }"
    let header = description.padding(toLength: 117, withPad: " ", startingAt: 0) + "\n"
    let bytes = Data([0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0]) + Data(header.utf8) + features.bytes
    try WholeFile.write(bytes, to: URL(fileURLWithPath: "\(folder)/test.npy"))
    let report = try Data(contentsOf: URL(fileURLWithPath: "\(out)/directions/report.json"))
    #expect(try analyze(["--test-features": "\(folder)/test.npy"]).code == 0)
    #expect(try Data(contentsOf: URL(fileURLWithPath: "\(out)/directions/report.json")) == report)
    var shuffled = stored
    shuffled.arrays["labels"] = stored.arrays["labels"].map { labels in
      StoredArray(.int64, shape: labels.shape, bytes: labels.bytes.suffix(8) + labels.bytes.dropLast(8))
    }
    try shuffled.write(to: URL(fileURLWithPath: "\(folder)/shuffled.safetensors"))
    for (changes, code, message) in [
      (["--test-features": "\(folder)/shuffled.safetensors"], 65, "rows in the data set's order"),
      (["--test-count": "81"], 65, "found features of shape [80, 64]; expected 81 rows"),
      (["--features": "\(folder)/none.npy"], 66, "none.npy"),
      (["--classifier": "\(run)/features/test.safetensors"], 65, "one weight of shape [10, 64]"),
      (["--classifier": ""], 64, "--classifier is missing"),
      (["--features": "", "--test-features": "", "--classifier": "", "--network-name": ""], 64, "without --features"),
    ] {
      let refused = try analyze(changes)
      #expect(refused.code == code && refused.errorLines == 1 && refused.errors.contains(message), "\(refused.errors)")
    }
    let kept = try Outcome(
      "analyze", run, "--features", "\(folder)/test.npy", "--test-features", "\(folder)/test.npy", "--classifier",
      "\(run)/checkpoints/last.safetensors", "--dataset", "portraits", "--train-count", "80", "--test-count", "80")
    #expect(kept.code == 73 && kept.errors.contains("it holds a run that was trained here"), "\(kept.errors)")
  }

  private struct Listed: Decodable { let id: String, kind: String, name: String? }

  private func listed(_ id: String, of run: String) throws -> Listed? {
    let list = try Outcome("directions", "list", run, "--format", "json")
    return try JSONDecoder().decode([Listed].self, from: Data(list.output.utf8)).first { $0.id == id }
  }

  private struct Step: Equatable { let row: String, achieved: Double }

  /// One step along the first pooled direction, of both runs.
  private func stepBeside(_ folder: String, _ step: String, _ partner: [String] = []) throws -> [Step] {
    let out = "\(folder)/partner\(partner.count)"
    let outcome = try Outcome(
      Outcome.isda,
      [
        "directions", "show", "\(folder)/ce", "within.1", "--beside", "\(folder)/isda", "--steps", step, "--out", out,
        "--quiet",
      ] + partner)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let table = try CSVTable.read(URL(fileURLWithPath: "\(out)/within-1.csv"), expected: "a walk").table
    // One image along the direction, one along each control.
    return try [table.rows[0], table.rows[3]].map { row in
      let cells = Dictionary(uniqueKeysWithValues: zip(table.header, row))
      let achieved = try #require(cells["achieved_step"].flatMap { Double($0) })
      return Step(row: try #require(cells["row"]), achieved: achieved)
    }
  }

  /// The verbs of `directions` on the two runs.
  private func directions(of folder: String) throws {
    let (ce, isda) = ("\(folder)/ce", "\(folder)/isda")
    let list = try Outcome("directions", "list", ce, "--class", "cat", "--kind", "principal")
    #expect(list.code == 0 && list.output.split(separator: "\n").count == 6, "\(list.errors)")

    let named = try Outcome(
      "directions", "name", ce, "cat.principal.1", "sunglasses, dark", "--note", "so it seems", "--range", "-2,2.5")
    #expect(named.output == "cat.principal.1: sunglasses, dark, -2.0 to 2.5 σ; so it seems\n", "\(named.errors)")
    let json = try Outcome("directions", "list", ce, "--format", "json").output
    #expect(json.contains("\"sunglasses, dark\""))
    #expect(try Outcome("directions", "name", ce, "cat.principal.99", "x").code == 64)

    let added = try Outcome("directions", "add", isda, "--factor", "hat", "--near", "3", "--neighbours", "5")
    #expect(added.code == 0 && added.output.hasPrefix("attribute.hat.near.3:"), "\(added.errors)")
    #expect(try Outcome("directions", "add", isda, "--factor", "beard").code == 64)

    let exported = try Outcome("directions", "export", ce, "cat.principal.1", "--out", "\(folder)/d.json")
    #expect(exported.code == 0 && exported.output.split(separator: "\n").count == 2, "\(exported.errors)")
    // Back in the run that it came from it is what it was, by the name that it has in the file.
    #expect(try Outcome("directions", "name", ce, "cat.principal.1", "").code == 0)
    #expect(try Outcome("directions", "import", ce, "\(folder)/d.json").output == "cat.principal.1\n")
    let back = try #require(try listed("cat.principal.1", of: ce))
    #expect(back.kind == "principal" && back.name == "sunglasses, dark")
    let imported = try Outcome("directions", "import", isda, "\(folder)/d.json")
    #expect(try listed("cat.principal.1", of: isda)?.kind == "imported")
    #expect(imported.output == "cat.principal.1\n", "\(imported.errors)")
    // A vector that is not of unit length is refused, by name, and nothing is changed.
    let vectors = URL(
      fileURLWithPath: String(exported.output.split(separator: "\n")[1]), relativeTo: URL(fileURLWithPath: "."))
    let before = try Outcome("directions", "list", isda, "--format", "json").output
    try Safetensors(arrays: [
      "cat.principal.1": StoredArray([Float](repeating: 1, count: 64), shape: [64])
    ]).write(to: vectors)
    let refused = try Outcome("directions", "import", isda, "\(folder)/d.json")
    #expect(refused.code == 65 && refused.errorLines == 1)
    #expect(refused.errors.contains("\"cat.principal.1\" with length 8"), "\(refused.errors)")
    #expect(try Outcome("directions", "list", isda, "--format", "json").output == before)

    let shown = try Outcome(
      "directions", "show", ce, "cat.principal.1", "within.1", "--beside", isda, "--query", "local", "--anchor", "12",
      "--steps", "-2,-1,0,1,2", "--transposed", "--out", "\(folder)/shown", "--dpi", "96", "--quiet")
    #expect(shown.code == 0 && shown.errors.isEmpty, "\(shown.errors)")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: "\(folder)/shown").sorted()
        == ["csv", "pdf", "png", "svg"].map { "cat-principal-1-within-1.\($0)" })
    #expect(try Outcome("directions", "show", ce, "within.1", "--anchor", "80", "--out", folder, "--quiet").code == 64)
    // Beside it a partner that points the other way: the image of the opposite step, and it lies on the other side.
    let turned = try stepBeside(folder, "2", ["--partner", "-within.1"])
    let (opposite, same) = (try stepBeside(folder, "-2"), try stepBeside(folder, "2"))
    #expect(turned[1].row == opposite[1].row && turned[1].achieved != 0)
    #expect(abs(turned[1].achieved + opposite[1].achieved) < 1e-9 && turned[0] == same[0])
    let unpaired = try Outcome(
      "directions", "show", ce, "within.1", "--partner", "within.1", "--out", folder, "--quiet")
    #expect(unpaired.code == 64 && unpaired.errors.contains("--partner without --beside"), "\(unpaired.errors)")

    let blind = try Outcome(
      "directions", "blind", ce, "--classes", "cat", "--out", "\(folder)/blind", "--key", "\(folder)/key.json",
      "--quiet")
    #expect(blind.code == 0 && blind.errors.isEmpty, "\(blind.errors)")
    let strips = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/blind").sorted()
    #expect(strips == ["instructions.txt", "sheet.csv"] + (1...8).map { "strip-00\($0).png" })
    let sheet = try String(contentsOfFile: "\(folder)/blind/sheet.csv", encoding: .utf8)
    try WholeFile.write(
      sheet.replacingOccurrences(of: ",,", with: ",3,hat"), to: URL(fileURLWithPath: "\(folder)/filled.csv"))
    let score = try Outcome("directions", "score", "\(folder)/key.json", "\(folder)/filled.csv")
    #expect(score.code == 0 && score.output.contains("1 sheets, 8 answers"), "\(score.errors)")
    #expect(try Outcome("directions", "blind", ce, "--out", folder, "--key", "\(folder)/key.json").code == 64)
  }

  @Test func `data render writes the pictures in order, whole, and their factors`() throws {
    try withFolder { folder in
      // More than one block of those that are drawn in parallel.
      let outcome = try Outcome(
        "data", "render", "--out", folder, "--train-count", "600", "--test-count", "10", "--seed", "3", "--quiet")
      #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
      let table = try String(contentsOfFile: "\(folder)/train/metadata.csv", encoding: .utf8).split(separator: "\n")
      #expect(table[0] == Substring((["file_name", "label"] + Factors.columnNames).joined(separator: ",")))
      #expect(table.count == 601)
      for (index, row) in table.dropFirst().enumerated() {
        let portrait = Portrait(seed: 3, index: index)
        let (label, number) = (portrait.animal.name, String(format: "%05d", index))
        let cells = ["\(label)/\(number).png", label] + portrait.factors.columns.map(\.description)
        #expect(row.split(separator: ",").map(String.init) == cells)
        // The same bytes as one thread makes, so those of any number of threads.
        let file = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/train/\(cells[0])"))
        #expect(file == portrait.image().png(), "\(cells[0])")
      }
      let files = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.contains(".") }
      #expect(files.count == 600 + 10 + 2)
      #expect(files.contains("test/lion/00009.png"))
    }
  }

  @Test func `Ctrl-C ends data render with whole pictures and 130`() throws {
    try withFolder { folder in
      let outcome = try Outcome(
        "data", "render", "--out", folder, "--train-count", "1000000", "--test-count", "0", "--size", "64", "--quiet",
        interruptAfter: 6)
      #expect(outcome.code == 130 && outcome.output.isEmpty, "\(outcome.errors)")
      #expect(outcome.errors == "isda: stopped\n")
      let files = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.contains(".") }
      #expect(!files.isEmpty && files.count < 1_000_000 && files.allSatisfy { $0.hasSuffix(".png") })
      for file in files { _ = try Image(png: URL(fileURLWithPath: "\(folder)/\(file)")) }
    }
  }

  @Test func `data render that cannot write is 73 and one line`() throws {
    try withFolder { folder in
      try WholeFile.write("in the way", to: URL(fileURLWithPath: "\(folder)/train"))
      let outcome = try Outcome("data", "render", "--out", folder, "--test-count", "0", "--quiet")
      #expect(outcome.code == 73 && outcome.errorLines == 1, "\(outcome.errors)")
      #expect(outcome.errors.contains("\(folder)/train") && outcome.errors.contains(": cannot be written: "))

      // Among images of before the new ones would be no data set.
      let small = ["data", "render", "--out", folder + "/new", "--train-count", "0", "--test-count", "4", "--quiet"]
      #expect(try Outcome(Outcome.isda, small).code == 0)
      let again = try Outcome(Outcome.isda, small + ["--seed", "1"])
      #expect(again.code == 73 && again.errorLines == 1 && again.output.isEmpty, "\(again.errors)")
      #expect(again.errors.contains("new/test: cannot be written: it holds files already"), "\(again.errors)")
    }
  }

  @Test func `Ctrl-C leaves a usable run and 130`() throws {
    try withFolder { folder in
      let run = folder + "/run"
      let outcome = try Outcome(
        "train", "--dataset", "portraits", "--train-count", "400", "--test-count", "20", "--network", "resnet20",
        "--loss", "isda", "--epochs", "1000", "--batch", "20", "--threads", "1", "--out", run, interruptAfter: 6)
      #expect(outcome.code == 130, "\(outcome.errors)")
      #expect(outcome.errors.split(separator: "\n").last?.hasPrefix("isda: stopped in epoch") == true)
      let evaluation = try Outcome(
        "evaluate", "--dataset", "portraits", "--train-count", "10", "--test-count", "20", "--run", run, "--quiet")
      #expect(evaluation.code == 0, "\(evaluation.errors)")
      // Also where no epoch was finished.
      #expect(try Outcome("analyze", run, "--quiet").code == 0)
      #expect(try Outcome("figures", run, "--classes", "cat", "--out", folder + "/figures", "--quiet").code == 0)
    }
  }
}
