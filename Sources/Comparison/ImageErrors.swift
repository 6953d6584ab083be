//  Which test images which runs have wrong, as one matrix of seeds by images. Its rows scatter because of seeds, its
//  columns because the test set is finite, and from both together follows what a study on other images would show.

internal import Randomness
internal import Results

/// The wrong images of the runs of one arm.
struct ImageErrors {
  /// [runs][images]: 1 where the run is wrong.
  let wrong: [[UInt8]]

  var imageCount: Int { wrong.first?.count ?? 0 }
}

/// Where the variance of a mean over seeds and images comes from, as fractions of 1 squared: the two-way random model
/// x_si = μ + seed_s + image_i + interaction_si, by mean squares (Searle, Casella, McCulloch: Variance components, 1992,
/// chapter 4). Negative estimates are reported as 0.
public struct VarianceComponents: Codable, Sendable, Equatable {
  /// σ²_seed: what would be left between seeds on endlessly many images.
  public var seed: Double
  /// σ²_image: how images differ for all seeds alike.
  public var image: Double
  /// σ²_interaction: which images a seed happens to have wrong.
  public var interaction: Double
  /// Var(mean) = σ²_seed/n + σ²_image/N + σ²_interaction/(nN): the part of it that is there only because the test set is
  /// finite, the last two terms.
  public var testSetShare: Double
  /// The part of the variance *between runs* that is only the finite test set, (σ²_interaction/N)/(σ²_seed +
  /// σ²_interaction/N) (Jordan, Calibrated chaos: variance between runs of neural network training is harmless and
  /// inevitable, 2023).
  public var testSetShareBetweenRuns: Double
  /// Of the F test that seeds do not differ beyond what a finite test set makes of them.
  public var seedPValue: Double

  /// - Parameter values: [seeds][images].
  /// - Returns: nil for fewer than two seeds or images, and where no value differs from another.
  init?(_ values: [[Double]]) {
    guard let images = values.first?.count, values.count > 1, images > 1 else { return nil }
    let (n, m) = (Double(values.count), Double(images))
    var columns = [Double](repeating: 0, count: images)
    var (rowSquares, squares, total) = (0.0, 0.0, 0.0)
    for row in values {
      var sum = 0.0
      for (index, value) in row.enumerated() {
        columns[index] += value
        sum += value
        squares += value * value
      }
      rowSquares += sum * sum
      total += sum
    }
    let correction = total * total / (n * m)
    let seeds = rowSquares / m - correction
    let columnSquares = columns.reduce(0) { $0 + $1 * $1 }
    let image = columnSquares / n - correction
    let rest = squares - correction - seeds - image
    let (seedSquare, imageSquare) = (max(0, seeds) / (n - 1), max(0, image) / (m - 1))
    let restSquare = max(0, rest) / ((n - 1) * (m - 1))
    guard squares - correction > 1e-12 * squares else { return nil }
    interaction = restSquare
    seed = max(0, (seedSquare - restSquare) / m)
    self.image = max(0, (imageSquare - restSquare) / n)
    let finite = self.image / m + interaction / (n * m)
    testSetShare = finite + seed > 0 ? finite / (finite + seed / n) : 0
    testSetShareBetweenRuns = interaction + seed > 0 ? (interaction / m) / (interaction / m + seed) : 0
    seedPValue =
      restSquare > 0
      ? FisherF(freedomAbove: n - 1, freedomBelow: (n - 1) * (m - 1)).upperTail(seedSquare / restSquare)
      : seedSquare > 0 ? 0 : 1
  }
}

/// The crossed bootstrap of a difference in error: seeds and images are drawn again at the same time, images within their
/// classes (Owen, The pigeonhole bootstrap, 2007). What it leaves out is nothing but the training images, which all runs
/// share. It counts the interaction of seeds and images three times, which makes intervals wider than need be, and of the
/// variance of n seeds it sees (n − 1)/n, as every bootstrap does, which makes them narrower where seeds are few.
struct CrossedBootstrap {
  static let resamples = 2_000

  /// 95 %, of the difference in error over all images, in percent points.
  let overall: Interval
  /// The same for the images of each class; nil for a class without images.
  let classes: [Interval?]

  /// Costs resamples × (images + images that any run has wrong × runs).
  /// - Parameter isPaired: draws the same seeds for both arms.
  init(
    arm: ImageErrors, baseline: ImageErrors, isPaired: Bool, labels: [Int], classCount: Int,
    resamples: Int = CrossedBootstrap.resamples, generator: inout SplitMix64
  ) {
    var rows = [[Int]](repeating: [], count: classCount)
    for (image, label) in labels.enumerated() { rows[label].append(image) }
    // For each image that some run has wrong: which ones. Other images change no sum, whatever their weight, nor do those
    // that the same seeds of both arms have wrong.
    let (runs, armCount) = (arm.wrong + baseline.wrong, arm.wrong.count)
    let cases: [[(place: Int, runs: [Int])]] = rows.map { members in
      members.enumerated().compactMap { place, image in
        let wrong = runs.indices.filter { runs[$0][image] == 1 }
        let (first, second) = (wrong.filter { $0 < armCount }, wrong.filter { $0 >= armCount })
        return wrong.isEmpty || (isPaired && first == second.map { $0 - armCount }) ? nil : (place, wrong)
      }
    }

    var (all, byClass) = ([Double](), [[Double]](repeating: [], count: classCount))
    var seedWeights = [Double](repeating: 0, count: runs.count)
    var imageWeights = [Int32](repeating: 0, count: rows.map(\.count).max() ?? 0)
    for _ in 0..<resamples {
      for index in seedWeights.indices { seedWeights[index] = 0 }
      for _ in 0..<armCount {
        let drawn = generator.below(armCount)
        seedWeights[drawn] += 100 / Double(armCount)
        if isPaired { seedWeights[armCount + drawn] -= 100 / Double(armCount) }
      }
      if !isPaired {
        let count = baseline.wrong.count
        for _ in 0..<count { seedWeights[armCount + generator.below(count)] -= 100 / Double(count) }
      }
      var total = 0.0
      for (label, members) in rows.enumerated() where !members.isEmpty {
        for index in members.indices { imageWeights[index] = 0 }
        for _ in members { imageWeights[generator.below(members.count)] += 1 }
        var sum = 0.0
        for (place, wrong) in cases[label] where imageWeights[place] > 0 {
          var difference = 0.0
          for run in wrong { difference += seedWeights[run] }
          sum += Double(imageWeights[place]) * difference
        }
        total += sum
        byClass[label].append(sum / Double(members.count))
      }
      all.append(total / Double(labels.count))
    }
    func middle(_ values: [Double]) -> Interval {
      let sorted = values.sorted()
      return Interval(lower: quantile(0.025, ofSorted: sorted), upper: quantile(0.975, ofSorted: sorted))
    }
    overall = middle(all)
    classes = byClass.map { $0.isEmpty ? nil : middle($0) }
  }
}
