//  What `curves` and `steps` ask for: published recipes, cut down to a few steps that a processor can do, on real images.

import ArgumentParser
import Foundation
import Images
import Networks
import Raster
import Results
import Studies

struct RecipeOptions: ParsableArguments {
  enum Precision: String, ExpressibleByArgument, CaseIterable {
    case float32, bfloat16

    var ofRun: RunConfiguration.Precision { self == .float32 ? .float32 : .bfloat16 }
  }

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

  func configuration(of recipe: PublishedRecipe, seed: UInt64, threads: Int) -> RunConfiguration {
    var configuration = recipe.configuration
    configuration.seed = seed
    (configuration.epochs, configuration.threads, configuration.device) = (epochs, threads, .cpu)
    (configuration.precision, configuration.batch) = (precision.ofRun, batch ?? configuration.batch)
    configuration.learningRate = learningRate ?? configuration.learningRate
    return configuration
  }

  func dataset(for configuration: RunConfiguration) throws -> Dataset {
    let files = URL(fileURLWithPath: data, isDirectory: true)
    let whole = try configuration.images.name == "cifar10" ? Dataset.cifar10(in: files) : Dataset.cifar100(in: files)
    func images(_ set: ImageSet, _ rows: [Int]) -> ImageSet {
      let small = set.subset(rows)
      return configuration.images.name == "folder" ? small.enlarged(by: enlargement) : small
    }
    return Dataset(
      name: whole.name, classNames: whole.classNames,
      train: images(whole.train, Array(0..<configuration.batch * (steps / epochs))), test: images(whole.test, [0]),
      normalization: whole.normalization)
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
