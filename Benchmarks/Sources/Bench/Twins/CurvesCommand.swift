//  Whether a recipe trains as PyTorch would train it, as a whole: both sides begin with the same weights, see the same
//  batches, and go their own ways, and their losses are compared.

import ArgumentParser
import Foundation

struct CurvesCommand: ParsableCommand {
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
      of float32 stay within 0.1 % of each other for 20 steps. What no chaos blurs is what `isda-bench steps` compares.
      Networks for ImageNet see CIFAR-100's images, enlarged. The result is written to
      Benchmarks/results/curves-<date>.json.
      """)

  @OptionGroup var recipes: RecipeOptions
  @OptionGroup var sides: SideOptions

  func run() throws {
    try recipes.compareAll(as: "curves", sides: sides) { training, scripts, threads in
      let own = try training.train()
      func twin(_ precision: RecipeOptions.Precision, _ layout: String) throws -> [Double] {
        try scripts.answer(
          "curve.py",
          [training.folder.path, "--threads", "\(threads)", "--precision", precision.rawValue, "--layout", layout])
      }
      return Curves(
        own: own, twin: try twin(.float32, "contiguous"), otherTwin: try twin(recipes.precision, "channels-last"))
    }
  }
}
