//  ISDA's bound against what it bounds, for the images and the weights of a finished run.

internal import ClassStatistics
internal import ISDA
internal import Results
internal import Torch

extension BoundReport {
  /// λ of the points: the published ones and up to four times the larger.
  static let lambdas = [0, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2]

  /// Both splits, with Σ of the training images. At most 100,000/C images of a split, drawn from the seed, with 32 draws
  /// of both signs each.
  init(of run: RunFeatures, seed: UInt64) {
    var points: [Point] = []
    for (split, images) in [(ImageReference.Split.train, run.train), (.test, run.test)] {
      let limit = max(1, 100_000 / run.classNames.count)
      let all = RandomGenerator(seed: seed, "bound images", split.rawValue).permutation(images.labels.count)
      let rows = all.array(of: Int64.self).prefix(limit).filter {
        run.trainMoments.counts[images.labels[Int($0)]] > 0
      }.sorted()
      guard !rows.isEmpty else { continue }
      let labels = rows.map { images.labels[Int($0)] }
      let logits = images.features(at: rows.map(Int.init)).linear(run.weight, run.bias)
      let losses = augmentedLosses(
        logits, weight: run.weight, labels: labels, covariance: run.trainMoments.covariance,
        lambdas: Self.lambdas, generator: RandomGenerator(seed: seed, "bound draws", split.rawValue))
      let groups = RowsByClass(labels, classCount: run.classNames.count)
      for loss in losses {
        let values = Values(loss)
        points.append(values.point(Array(labels.indices), split: split, classIndex: nil))
        for group in groups.present {
          points.append(values.point(Array(groups.order[group.rows]), split: split, classIndex: group.label))
        }
      }
    }
    self.init(classNames: run.classNames, points: points)
  }

  /// The losses of all images at one λ on the host.
  private struct Values {
    let lambda: Double
    let crossEntropy, expectation, bound, standardError: [Double]

    init(_ losses: AugmentedLosses) {
      lambda = losses.lambda
      (crossEntropy, expectation) = (losses.crossEntropy.array(), losses.expectation.array())
      (bound, standardError) = (losses.bound.array(), losses.standardError.array())
    }

    func point(_ rows: [Int], split: ImageReference.Split, classIndex: Int?) -> Point {
      func mean(_ values: [Double]) -> Double { rows.reduce(0) { $0 + values[$1] } / Double(rows.count) }
      let effects = rows.map { expectation[$0] - crossEntropy[$0] }
      let gaps = rows.map { bound[$0] - expectation[$0] }
      return Point(
        split: split, classIndex: classIndex, lambda: lambda, images: rows.count, crossEntropy: mean(crossEntropy),
        expectation: mean(expectation), bound: mean(bound),
        standardError: rows.reduce(0) { $0 + standardError[$1] * standardError[$1] }.squareRoot() / Double(rows.count),
        effect: Intervals.mean(effects), gap: Intervals.mean(gaps),
        gapOverEffect: Intervals.ratio(gaps, to: lambda > 0 ? effects : effects.map { _ in 0 }),
        violations: rows.count { expectation[$0] - 5 * standardError[$0] > bound[$0] + 1e-10 })
    }
  }
}
