//  Whether a recipe trains as PyTorch would train it, step by step: before each one the twin is given this side's weights,
//  so that nothing grows, and any learning rate and any number of steps can be compared.

import ArgumentParser
import Foundation

struct StepsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "steps",
    abstract: "Train published recipes for some steps, and compare each with the same step in float64 in PyTorch.",
    discussion: """
      Examples, from the package's root:
        Benchmarks/.build/release/isda-bench steps cifar100/resnet110-isda --data cifar-100-binary
        Benchmarks/.build/release/isda-bench steps imagenet/resnet50-isda --data cifar-100-binary --batch 8 --steps 200 \\
          --epochs 20

      Before each step the reference, PyTorch in float64 with the published form of ISDA, has this side's weights; its
      momentum and its covariances are its own, from all steps before. Compared are the loss, and what the step adds to
      the weights. Beside the error stands that of PyTorch in the precision of this side: ReLUs that rounding puts on
      their other side cost either about 0.1 % of an update. The result is written to
      Benchmarks/results/steps-<date>.json.
      """)

  @OptionGroup var recipes: RecipeOptions
  @OptionGroup var sides: SideOptions

  func run() throws {
    try recipes.compareAll(as: "steps", sides: sides) { training, scripts, threads in
      let weights = training.folder.appendingPathComponent("after.safetensors")
      let twin = try WorkerProcess(
        executable: scripts.python,
        arguments: [
          scripts.file("steps.py").path, training.folder.path, "--threads", "\(threads)", "--precision",
          recipes.precision.rawValue,
        ], environment: ProcessInfo.processInfo.environment)
      var steps = Steps()
      try training.train { loss in
        try training.writeWeights(to: weights)
        let answer = try JSONDecoder().decode(
          Steps.Answer.self, from: Data(try twin.ask("step \(loss)", for: "answer").utf8))
        steps.losses.append(loss)
        steps.reference.append(answer.loss)
        steps.own.append(answer.own)
        steps.twin.append(answer.twin)
      }
      return steps
    }
  }
}
