import Foundation
import Raster
import Results
import Storage
import Testing

@Suite("Folders of images go all the way, or are refused in one line", .serialized, .timeLimit(.minutes(10)))
struct DataCommandTests {
  private func render(_ folder: String, size: Int, train: Int, test: Int) throws {
    let outcome = try Outcome(
      "data", "render", "--out", folder, "--size", "\(size)", "--train-count", "\(train)", "--test-count", "\(test)",
      "--quiet")
    #expect(outcome.code == 0, "\(outcome.errors)")
  }

  private func train(_ folder: String, _ run: String, _ options: String...) throws -> Outcome {
    try Outcome(
      Outcome.isda,
      [
        "train", "--dataset", "folder", "--data", folder, "--network", "resnet8", "--loss", "isda", "--epochs", "2",
        "--batch", "20", "--precision", "float32", "--device", "cpu", "--threads", "1", "--quiet", "--out", run,
      ] + options)
  }

  @Test func `small pictures: trained, evaluated, analysed with their attributes, drawn`() throws {
    try withFolder { root in
      let (folder, run) = (root + "/images", root + "/run")
      try render(folder, size: 32, train: 60, test: 30)
      let trained = try train(folder, run)
      #expect(trained.code == 0 && trained.errors.isEmpty, "\(trained.errors)")
      let record = try JSONFile.read(Record.self, from: URL(fileURLWithPath: run + "/data.json"))
      #expect(record.classNames == record.classNames.sorted() && record.classNames.count == 10)
      #expect(record.train.ofEachClass == Array(repeating: 6, count: 10) && record.test.images == 30)
      let configuration = try RunFolder(URL(fileURLWithPath: run)).configuration()
      #expect(configuration.images.size == 32 && configuration.images.fault == nil)

      let evaluated = try Outcome(
        "evaluate", "--dataset", "folder", "--data", folder, "--run", run, "--device", "cpu", "--quiet", "--format",
        "text")
      #expect(evaluated.code == 0 && evaluated.output.hasSuffix("of 30 images wrong\n"), "\(evaluated.errors)")
      #expect(try Outcome("analyze", run, "--device", "cpu", "--quiet").code == 0)
      let report = try RunFolder(URL(fileURLWithPath: run)).directionsReport()
      #expect(
        report.factors?.factorNames.contains { $0.hasPrefix("fur") } == true, "\(report.factors?.factorNames ?? [])")
      let drawn = try Outcome("figures", run, "--classes", "cat", "--out", root + "/figures", "--quiet")
      #expect(drawn.code == 0, "\(drawn.errors)")

      // A broken file: fatal, or left out and counted.
      let broken = folder + "/train/cat/broken.png"
      try WholeFile.write("no picture", to: URL(fileURLWithPath: broken))
      let refused = try train(folder, root + "/refused")
      #expect(refused.code == 65 && refused.errorLines == 1, "\(refused.errors)")
      #expect(refused.errors.contains("\(broken): found bytes of neither"), "\(refused.errors)")
      let verified = try Outcome("data", "verify", folder, "--quiet")
      #expect(verified.code == 65 && verified.output.contains("wrong: \(broken): does not decode"))
      let skipped = try train(
        folder, root + "/skipped", "--broken", "skip", "--evaluate-on", "validation",
        "--validation-share", "0.2")
      // No row of the table is about the broken file, and none needs to be.
      #expect(skipped.code == 0 && skipped.errors.contains("were left out: 1\n"), "\(skipped.errors)")
      let held = try JSONFile.read(Record.self, from: URL(fileURLWithPath: root + "/skipped/data.json"))
      #expect(held.train.images == 50 && held.test.images == 10 && held.test == held.validation)
    }
  }

  @Test func `larger pictures: decoded on the way, stopped and gone on with to the same bytes`() throws {
    try withFolder { root in
      let folder = root + "/images"
      try render(folder, size: 100, train: 40, test: 20)
      let whole = try train(folder, root + "/whole", "--size", "72")
      #expect(whole.code == 0 && whole.errors.isEmpty, "\(whole.errors)")
      let again = try train(folder, root + "/again", "--size", "72")
      #expect(again.code == 0, "\(again.errors)")
      func weights(_ run: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: "\(root)/\(run)/checkpoints/last.safetensors"))
      }
      #expect(try weights("whole") == weights("again"))
      #expect(try Outcome("analyze", root + "/whole", "--device", "cpu", "--quiet").code == 0)
      // The pictures are others now.
      let file = try #require(try FileManager.default.contentsOfDirectory(atPath: folder + "/train/cat").min())
      try WholeFile.write(
        Image(width: 100, height: 100, pixels: Array(repeating: 9, count: 30_000)).png(),
        to: URL(fileURLWithPath: "\(folder)/train/cat/\(file)"))
      let other = try train(folder, root + "/other", "--size", "72")
      #expect(other.code == 0)
      #expect(try weights("whole") != weights("other"))
    }
  }

  @Test func `what cannot be asked of a data set is 64 and one line`() throws {
    for (options, words) in [
      (["--dataset", "cifar100"], "--dataset cifar100 needs --data DIR, the folder that holds train.bin"),
      (["--dataset", "cifar100", "--data", "x", "--train-count", "150"], "a multiple of 100, the number of classes"),
      (["--dataset", "mnist", "--data", "x", "--size", "64"], "--size is 64; expected nothing: mnist has a size"),
      (["--dataset", "portraits", "--evaluate-on", "validation"], "portraits has no validation images"),
      (["--dataset", "folder", "--data", "x", "--test-share", "1"], "--test-share is 1.0; expected more than 0"),
      (["--dataset", "cifar10", "--data", "x", "--broken", "skip"], "only image folders can skip files"),
    ] {
      let outcome = try Outcome(
        Outcome.isda, ["train"] + options + ["--network", "resnet8", "--loss", "ce", "--epochs", "1", "--out", "x"])
      #expect(outcome.code == 64 && outcome.errorLines == 1, "\(outcome.errors)")
      #expect(outcome.errors.contains(words), "\(outcome.errors)")
    }
  }

  @Test func `a download from nowhere is 69 and one line`() throws {
    try withFolder { folder in
      let outcome = try Outcome("data", "fetch", "mnist", "--out", folder, "--mirror", "http://127.0.0.1:1/", "--quiet")
      #expect(outcome.code == 69 && outcome.errorLines == 1, "\(outcome.errors)")
      #expect(outcome.errors.contains("train-images-idx3-ubyte.gz"), "\(outcome.errors)")
      let nowhere = try Outcome("data", "verify", folder + "/none", "--quiet")
      #expect(nowhere.code == 66 && nowhere.errorLines == 1, "\(nowhere.errors)")
    }
  }

  /// `data.json`.
  private struct Record: Decodable {
    struct Split: Decodable, Equatable {
      let images: Int
      let ofEachClass: [Int]
      let sha256: String
    }
    let classNames: [String]
    let train: Split
    let validation: Split?
    let test: Split
  }
}
