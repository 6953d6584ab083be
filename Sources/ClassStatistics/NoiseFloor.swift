//  How much variance one direction of a class has by chance, and which directions have more. Eigenvalues always fall,
//  and the first always sticks out: only beside those of features without ties does it say anything.

public import Torch

/// A sequential test of the leading directions of one class.
///
/// *First direction.* Chance is the largest eigenvalue after the ties between features are cut, in two ways (`NoiseKind`):
/// every feature's values in random order (parallel analysis; Buja and Eyuboglu 1992), and every value with a random
/// sign (Hong, Sheng and Dobriban 2020). A direction stands out if its eigenvalue lies above all ⌈1/α⌉ − 1 draws of both.
/// If features are independent, of whatever distributions, permuting leaves their joint distribution as it is, and the
/// test has level α exactly for every n and A; if they are symmetric and share only the magnitude of each image, as under a
/// multivariate t distribution, flipping does. It is a class's level: of noise, at most the share α of classes shows
/// any direction.
///
/// *Later ones.* Accepted directions are taken out of the rows, in features and in images, and the rest is drawn anew with
/// the same two spaces taken out of each draw (Vitale et al. 2017, "projection-based"). Without the second step a draw would
/// have more dimensions to lose its variance in than the rest has, and noise would stand out. In each round every direction
/// above the bar is accepted; since what is still in the rest raises the bar, that errs on the side of noise. The first
/// direction that fails ends the test, so a class with m true directions has a false one only if direction m + 1 passes
/// its own test: α is the family-wise level of a class, for the first direction exactly, for later ones as far as the rest
/// behaves like noise of its own.
///
/// *What taking out costs.* Permuted draws lose some variance to the spaces taken out, so their eigenvalues are compared as
/// shares of what is left. That would be too little for flipped ones where one image holds most of the variance and so
/// carries much of its own mean and scores: there each row is divided by 1 − h_i, for its leverage h_i in the mean and the
/// accepted scores, which makes it the residual that it would have if it had not taken part, and each column by √(1 − h_a).
public struct NoiseFloor {
  /// For each direction, the variance that chance has reached in the round that decided about it; a direction above it
  /// stands out.
  public let levels: [Double]
  /// The median of the same draws.
  public let medians: [Double]
  /// (1 + draws that reach λ_k) / (1 + draws), the larger of the two kinds, and no less than of the direction before.
  /// nil for a direction after the first that failed, which was not tested.
  public let pValues: [Double?]
  /// The leading directions that stand out are so many.
  public let significantCount: Int

  /// Draws of each kind that a direction must lie above: ⌈1/α⌉ − 1.
  public static func draws(level: Double) -> Int { Int((1 / level - 1e-9).rounded(.up)) - 1 }

  /// Cost: for each round 2·⌈1/α⌉ draws of O(40·n·A), fewer if the first direction of the round fails; two or three
  /// rounds as a rule. Memory: two float32 copies of the rows, and one more for each thread.
  /// - Parameters:
  ///   - level: α, in 0 < α ≤ 0.5.
  ///   - generator: of the draws; the same one gives the same numbers on any number of threads.
  public init(_ sample: ClassSample, level: Double = 0.02, generator: RandomGenerator) {
    precondition(level > 0 && level <= 0.5, "level \(level); expected 0 < α ≤ 0.5")
    let variances = sample.variances
    let draws = Self.draws(level: level)
    // The same draws in every round, so that a second look at a direction is no second chance.
    let seeds = NoiseKind.allCases.map { _ in generator.integers(in: 0..<Int.max, [draws]) }
    var (levels, medians): ([Double], [Double]) = ([], [])
    var pValues: [Double?] = []
    var worst = 0.0
    var accepted = 0
    while accepted < variances.count {
      let energy = sample.totalVariance - variances[..<accepted].reduce(0, +)
      let rest = Rest(of: sample, after: accepted)
      var byKind: [[Double]] = []
      kinds: for (kind, seeds) in zip(NoiseKind.allCases, seeds) {
        byKind.append([])
        for first in stride(from: 0, to: draws, by: Self.chunk) {
          let seeds = seeds.slice(first..<min(first + Self.chunk, draws))
          byKind[byKind.count - 1] += rest.noise(kind, seeds: seeds, energy: energy)
          // Once the next direction has failed, more draws would not change it.
          if byKind.joined().contains(where: { Self.reaches($0, variances[accepted]) }) { break kinds }
        }
      }
      let sorted = byKind.joined().sorted()
      let bar = sorted.last ?? 0
      let passed = variances[accepted...].prefix { !Self.reaches(bar, $0) }.count
      // Those that passed, or the one that failed and all after it, which are not tested.
      let decided = passed > 0 ? passed : variances.count - accepted
      levels += Array(repeating: bar, count: decided)
      medians += Array(repeating: sorted[sorted.count / 2], count: decided)
      let p = byKind.map { draws in
        Double(1 + draws.count { Self.reaches($0, variances[accepted]) }) / Double(1 + draws.count)
      }.max()
      worst = max(worst, p ?? 1)
      pValues +=
        passed > 0 ? Array(repeating: worst, count: passed) : [worst] + Array(repeating: nil, count: decided - 1)
      if passed == 0 { break }
      accepted += passed
    }
    (self.levels, self.medians, self.pValues, significantCount) = (levels, medians, pValues, accepted)
  }

  /// Draws between two looks at whether the direction has failed.
  private static let chunk = 10

  /// Draws are found to about 10⁻⁴, so what is closer counts as reached: equal values (a class of two images, say) are
  /// nothing that stands out.
  private static func reaches(_ draw: Double, _ variance: Double) -> Bool { draw * 1.001 >= variance }

  /// The rows without their accepted directions.
  private struct Rest {
    /// n×A, float32.
    let rows: Tensor
    /// The accepted directions' scores and the constant 1, orthonormal, (K+1)×n.
    let scores: Tensor
    /// K×A.
    let directions: Tensor

    init(of sample: ClassSample, after accepted: Int) {
      let one = Tensor.full(1 / Double(sample.count).squareRoot(), [1, sample.count])
      directions = sample.principal.directions.slice(0..<accepted).to(.float32)
      guard accepted > 0 else {
        (rows, scores) = (sample.centered, one)
        return
      }
      let along = sample.scores.slice(0..<accepted, dimension: 1)
      let lengths = (along * along).sum([0], keepingDimensions: true).squareRoot
      scores = .concatenated([one, (along / lengths).transposed.to(.float32)])
      rows = sample.centered - along.to(.float32).matmul(directions)
    }

    /// The largest eigenvalue of each draw.
    /// - Parameter energy: the variance of the rest.
    func noise(_ kind: NoiseKind, seeds: Tensor, energy: Double) -> [Double] {
      switch kind {
      case .permuted:
        return noiseSpectra(of: rows.transposed, without: scores, directions, kind, seeds: seeds)
          .map { $0.trace > 0 ? energy * $0.largest / $0.trace : 0 }
      case .flipped:
        let free = ((scores * scores).sum([0]) * -1 + 1).clamped(below: 1e-6).unsqueezed(1)
        let seen = ((directions * directions).sum([0]) * -1 + 1).clamped(below: 1e-6).squareRoot.unsqueezed(0)
        let scaled = rows / (free * seen)
        return noiseSpectra(of: scaled.transposed, without: scores, directions, kind, seeds: seeds)
          .map { $0.largest / Double(rows.shape[0]) }
      }
    }
  }
}

/// σ²(1 + √(A/n))²: the largest eigenvalue that the covariance of n rows of A independent features of variance σ² has for
/// large n and A (Marchenko and Pastur 1967; Geman 1980). Beside `NoiseFloor` it is a yardstick, no test: it takes all
/// features for equally wide and their tails for light.
public func marchenkoPasturEdge(variance: Double, count: Int, width: Int) -> Double {
  let root = 1 + (Double(width) / Double(count)).squareRoot()
  return variance * root * root
}

extension ClassSample {
  /// The Marchenko–Pastur edge of what is left after `removed` directions: n' = n − 1 − m rows, for the mean and each direction
  /// take one, of A' = A − m features, with the variance that is left spread evenly over them. 0 if nothing is left.
  public func noiseEdge(after removed: Int) -> Double {
    let (rows, width) = (count - 1 - removed, centered.shape[1] - removed)
    guard rows > 0, width > 0 else { return 0 }
    let left = max(0, totalVariance - variances.prefix(removed).reduce(0, +))
    // Σ λ n = σ² n' A', and λ is in units of 1/n.
    let variance = left / Double(width)
    return marchenkoPasturEdge(variance: variance, count: rows, width: width)
  }
}
