//  Made-up results for the figures of a comparison.

import Results

@testable import Figures

extension Examples {
  /// Test errors of one arm, a seed's luck shared with the other arms.
  static func errors(_ mean: Double, runs: Int, seed: UInt64) -> [Double] {
    var (luck, own) = (Noise(3), Noise(seed))
    return (0..<runs).map { _ in ((mean + 0.3 * luck.normal() + 0.12 * own.normal()) * 100).rounded() / 100 }
  }

  static func pairedRuns(arms: Int = 3, runs: Int = 10) -> PairedRunsFigure {
    let words = ["better", "undecided", "worse"]
    return PairedRunsFigure(
      (0..<arms).map { index in
        let shift = -0.35 + 0.3 * Double(index)
        return .init(
          arm: "ISDA λ₀=\(0.25 * Double(index + 1))", baseline: "cross-entropy",
          baselineErrors: errors(22.4, runs: runs, seed: 1),
          armErrors: errors(22.4 + shift, runs: runs, seed: UInt64(index + 2)), isPaired: true,
          verdict: words[index % 3], difference: Estimate(shift, from: shift - 0.2, to: shift + 0.2))
      }, setting: "resnet20 on cifar10, 5000 training images")
  }

  static func forest(classes: Int = 10) -> ForestFigure {
    var noise = Noise(17)
    return ForestFigure(
      (0..<classes).map { index in
        let value = 0.8 * noise.normal()
        return .init(
          name: classes == 10 ? classNames[index] : "class number \(index)",
          difference: Estimate(value, from: value - 0.7, to: value + 0.9), standsOut: abs(value) > 1)
      }, arm: "ISDA λ₀=0.5", baseline: "cross-entropy")
  }

  static func reliability(runs: Int = 2, bins: Int = 15) -> ReliabilityFigure {
    ReliabilityFigure(
      (0..<runs).map { run in
        .init(
          run: run == 0 ? "cross-entropy, seed 0" : "ISDA λ₀=\(0.25 * Double(run)), seed 0",
          bins: (0..<bins).map { bin in
            let confidence = (Double(bin) + 0.5) / Double(bins)
            let accuracy = confidence - (run == 0 ? 0.12 : 0.05) * confidence * (1 - confidence) * 4
            return .init(
              lower: Double(bin) / Double(bins), upper: Double(bin + 1) / Double(bins), count: 40 + bin * bin * bin,
              confidence: confidence,
              accuracy: Estimate(accuracy, from: max(0, accuracy - 0.06), to: min(1, accuracy + 0.05)))
          }, error: run == 0 ? 0.081 : 0.034, expectedError: 0.009)
      }, setting: "resnet20 on cifar10")
  }

  static func sensitivity(values: [String] = ["0", "0.25", "0.5", "1"], runs: Int = 10) -> SensitivityFigure {
    SensitivityFigure(
      "λ₀",
      columns: values.enumerated().map { index, label in
        let mean = 22.4 - 0.3 * Double(index) + 0.12 * Double(index * index)
        return .init(
          label: label, errors: errors(mean, runs: runs, seed: UInt64(index + 1)),
          mean: Estimate(mean, from: mean - 0.22, to: mean + 0.22))
      }, setting: "resnet20 on cifar10")
  }

  static func flips(rightToWrong: Int = 20, wrongToRight: Int = 30, side: Int = 32) -> FlipFigure {
    func flips(_ count: Int, _ isLost: Bool) -> [FlipFigure.Flip] {
      (0..<count).map { index in
        let (label, other) = (index % 10, (index + 3) % 10)
        return .init(
          image: 10 * index + label, label: label, baselinePrediction: isLost ? label : other,
          armPrediction: isLost ? other : label, confidence: 0.99 - 0.01 * Double(index))
      }
    }
    return FlipFigure(
      rightToWrong: flips(rightToWrong, true), wrongToRight: flips(wrongToRight, false), classNames: classNames,
      pair: "ISDA λ₀=0.5 beside cross-entropy, seed 0"
    ) { image($0, side: side) }
  }
}
