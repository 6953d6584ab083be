//  Whether a recipe trains as PyTorch would train it: both sides begin with the same weights, see the same batches, and
//  their losses are compared step by step. For networks that cannot be trained to the end on a processor this is what
//  can be known.

import ArgumentParser
import Foundation
import Images
import Networks
import Raster
import Results
import Storage
import Studies
import Torch
import Training

struct CurvesCommand: ParsableCommand {
  enum Precision: String, ExpressibleByArgument, CaseIterable {
    case float32, bfloat16

    var ofRun: RunConfiguration.Precision { self == .float32 ? .float32 : .bfloat16 }
  }

  static let configuration = CommandConfiguration(
    commandName: "curves",
    abstract: "Train published recipes for some steps beside their PyTorch twins, and compare the losses of each step.",
    discussion: """
      Examples, from the package's root:
        Benchmarks/.build/release/isda-bench curves cifar100/resnet110-isda --data cifar-100-binary
        Benchmarks/.build/release/isda-bench curves cifar10/resnet32-isda --data cifar-10-batches-bin --steps 200 \\
          --epochs 20 --precision bfloat16
        Benchmarks/.build/release/isda-bench curves imagenet/resnet50-isda --data cifar-100-binary --batch 8

      Rounding grows into another trajectory within a few steps, whoever computes it, and the faster the larger the
      learning rate. How far is as far as PyTorch is from itself: beside its float32 stands the same with its images laid
      out otherwise in memory (channels last), or in bfloat16 where this side is. With --learning-rate 0.0001 both sides
      of float32 stay within 0.1 % of each other for 20 steps. Networks for ImageNet see CIFAR-100's images, enlarged.
      The result is written to Benchmarks/results/curves-<date>.json.
      """)

  @Argument(help: "Names of recipes, as `isda recipes --quick` lists them.")
  var recipes: [String]

  @Option(
    help: "The folder of the CIFAR files: CIFAR-10 for recipes of CIFAR-10, CIFAR-100 for all others.",
    completion: .directory)
  var data: String

  @Option(help: "Pixels in place of each one, across and down, in recipes for ImageNet: 2 gives images of 64×64.")
  var enlargement = 2

  @Option(help: "How many seeds, from 0 on; a row for each.")
  var seeds: UInt64 = 1

  @Option(help: "Steps of training.")
  var steps = 20

  @Option(help: "Epochs that the steps are divided into, so that λ moves.")
  var epochs = 4

  @Option(help: "Images of a step, if not as many as the recipe has.")
  var batch: Int?

  @Option(help: "The learning rate at the beginning, if not the recipe's.")
  var learningRate: Double?

  @Option(help: "float32 or bfloat16.")
  var precision = Precision.float32

  @OptionGroup var sides: SideOptions

  func validate() throws {
    guard epochs > 0, steps >= epochs, steps.isMultiple(of: epochs) else {
      throw ValidationError("--steps \(steps) --epochs \(epochs): expected a multiple of the epochs")
    }
    if let batch, !(2...4096).contains(batch) { throw ValidationError("--batch is \(batch); expected 2 to 4096") }
    guard (1...7).contains(enlargement) else {
      throw ValidationError("--enlargement is \(enlargement); expected 1 to 7, which gives 224×224")
    }
    guard (1...1000).contains(seeds) else { throw ValidationError("--seeds is \(seeds); expected 1 to 1000") }
  }

  func run() throws {
    let scripts = try sides.scripts()
    let threads = sides.threadCount
    Library.threads = threads
    var report = CurveReport(
      environment: RunEnvironment(
        libtorch: Library.version, vectorInstructions: Library.processorCapability, threads: threads,
        device: Device.cpu.rawValue, gpu: nil, precision: precision.rawValue))
    let file = scripts.folder.appendingPathComponent("results/curves-\(report.environment.started.stamp).json")
    let published = try PublishedRecipe.all(networks: Architecture.allCases.map(\.name))
    let chosen = try recipes.map { name in
      guard let recipe = published.first(where: { $0.name == name }) else {
        throw ValidationError("no recipe \(name); `isda recipes --quick` lists them")
      }
      return recipe
    }
    var failed = false
    for recipe in chosen {
      for seed in 0..<seeds {
        do {
          let curves = try curves(of: recipe, seed: seed, threads: threads, scripts: scripts)
          report.rows.append(curves)
          write(curves.cells.joined(separator: "  "))
          try JSONFile.write(report, to: file)
        } catch let error as TrainingError {
          // The others are still to be compared.
          write("\(recipe.name), seed \(seed): \(error)")
          failed = true
        }
      }
    }
    if !report.rows.isEmpty { write("\n\(report.markdown)\n\n\(file.relativePath)") }
    if failed { throw ExitCode.failure }
  }

  private func curves(
    of recipe: PublishedRecipe, seed: UInt64, threads: Int, scripts: PythonScripts
  ) throws -> CurveReport.Row {
    var configuration = recipe.configuration
    configuration.seed = seed
    (configuration.epochs, configuration.threads, configuration.device) = (epochs, threads, .cpu)
    (configuration.precision, configuration.batch) = (precision.ofRun, batch ?? configuration.batch)
    configuration.learningRate = learningRate ?? configuration.learningRate
    let files = URL(fileURLWithPath: data, isDirectory: true)
    let whole = try configuration.images.name == "cifar10" ? Dataset.cifar10(in: files) : Dataset.cifar100(in: files)
    func images(_ set: ImageSet, _ rows: [Int]) -> ImageSet {
      let small = set.subset(rows)
      return configuration.images.name == "folder" ? small.enlarged(by: enlargement) : small
    }
    let dataset = Dataset(
      name: whole.name, classNames: whole.classNames,
      train: images(whole.train, Array(0..<configuration.batch * (steps / epochs))), test: images(whole.test, [0]),
      normalization: whole.normalization)

    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("isda-curves-\(getpid())")
    defer { try? FileManager.default.removeItem(at: folder) }
    let training = try SharedTraining(configuration, dataset: dataset, folder: folder)
    let own = try training.train()
    func twin(_ precision: Precision, _ layout: String) throws -> [Double] {
      try scripts.answer(
        "curve.py",
        [folder.path, "--threads", "\(threads)", "--precision", precision.rawValue, "--layout", layout])
    }
    return CurveReport.Row(
      recipe: recipe.name, network: configuration.network, seed: seed, size: dataset.train.width,
      batch: configuration.batch, epochs: epochs,
      learningRate: configuration.learningRate, precision: precision.rawValue, own: own,
      twin: try twin(.float32, "contiguous"), otherTwin: try twin(precision, "channels-last"))
  }
}

extension ImageSet {
  /// Each pixel as a block of `factor × factor`.
  fileprivate func enlarged(by factor: Int) -> ImageSet {
    ImageSet(
      width: width * factor, height: height * factor,
      pixels: labels.indices.flatMap { image($0).enlarged(by: factor).pixels }, labels: labels)
  }
}
