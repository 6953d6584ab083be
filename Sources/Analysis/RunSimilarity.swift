//  What two networks share that saw the same images. Their feature spaces have no common basis, so nothing compares
//  axes as vectors: two runs are compared through what they say of the same images in the same order.

internal import Foundation
internal import Networks
public import Results
internal import Storage
internal import Torch

/// Compares the features of analysed runs on their test images: every pair by CKA and CCA, and the first run with each
/// other one direction by direction.
///
/// Cost for N images and A features: a product of 2·N·A² a pair and permutation, and for each class 100 assignments of
/// 16 directions; about a second a pair for 10,000 × 64.
/// - Parameter report: called before each pair with its number and the number of all.
/// - Throws: `FileError` if a run has not been analysed, or the runs are not of the same images.
public func similarity(
  of runs: [RunFolder], report: (Int, Int) throws -> Void = { _, _ in }
) throws -> RunSimilarity {
  let compared = try runs.map { try ComparedRun($0) }
  for run in compared where run.labels != compared[0].labels {
    throw FileError.malformed(
      path: run.folder.features(.test).path, found: "features of other images than those of \(runs[0].url.path)",
      expected: "runs on the same data set")
  }
  let pairs = compared.indices.flatMap { first in (first + 1..<compared.count).map { (first, $0) } }
  var result = RunSimilarity(classNames: compared[0].classNames, runs: compared.map(\.title), pairs: [], matches: [])
  for (index, (first, second)) in pairs.enumerated() {
    try report(index, pairs.count)
    let (a, b) = (compared[first], compared[second])
    let generator = RandomGenerator(seed: 0, "permuted images", first, second)
    let orders = (0..<permutations).map { _ in generator.permutation(a.labels.count) }
    result.pairs.append(
      RunSimilarity.Pair(
        first: first, second: second, differsInSeedOnly: a.differsInSeedOnly(from: b),
        cka: score(a.kernel, b.kernel, orders: orders), cca: score(a.basis, b.basis, orders: orders)))
    if first == 0 { result.matches.append(RunSimilarity.Match(second: second, classes: matches(of: a, with: b))) }
  }
  return result
}

/// Pairings of permuted images that a score is set beside.
private let permutations = 20
/// Leading directions of each class that are matched.
private let matchedDirections = 16

/// A run with all that comparisons need of it.
private struct ComparedRun {
  let folder: RunFolder
  let configuration: RunConfiguration
  let classNames: [String]
  let labels: [Int]
  /// N×A.
  let features: Tensor
  /// u_k of every class as rows, C×A×A.
  let directions: Tensor
  let kernel: LinearKernel
  let basis: LeadingBasis

  init(_ folder: RunFolder) throws(FileError) {
    self.folder = folder
    configuration = try folder.configuration()
    classNames = try folder.directionsReport().classNames
    func tensor(_ name: String, in file: URL) throws(FileError) -> Tensor {
      guard let array = try Safetensors(contentsOf: file).arrays[name], let tensor = Tensor(array) else {
        throw .malformed(path: file.path, found: "no array \"\(name)\"", expected: "what `isda analyze` leaves")
      }
      return tensor
    }
    labels = try tensor("labels", in: folder.features(.test)).array(of: Int64.self).map(Int.init)
    features = try tensor("features", in: folder.features(.test)).to(.float64)
    directions = try tensor("eigenvectors", in: folder.directions).to(.float64)
    kernel = LinearKernel(features)
    basis = LeadingBasis(features)
  }

  var title: RunSimilarity.Run {
    RunSimilarity.Run(
      name: folder.name, arm: configuration.armName, seed: configuration.isTrainedHere ? configuration.seed : nil)
  }

  func differsInSeedOnly(from other: ComparedRun) -> Bool {
    var same = other.configuration
    (same.seed, same.threads) = (configuration.seed, configuration.threads)
    return same == configuration && other.configuration.seed != configuration.seed
  }
}

/// Something of each image that can be compared with the same of another run.
protocol Likeness {
  /// From 0, nothing in common, to 1.
  func likeness(to other: Self) -> Double
  /// With its images in another order.
  func permuted(_ order: Tensor) -> Self
}

private func score<Side: Likeness>(_ a: Side, _ b: Side, orders: [Tensor]) -> RunSimilarity.Score {
  RunSimilarity.Score(value: a.likeness(to: b), permuted: orders.map { a.likeness(to: b.permuted($0)) })
}

/// The linear kernel K = X Xᵀ of features X (N×A), without its diagonal, as far as HSIC needs it: K itself, N×N, is
/// never made.
struct LinearKernel: Likeness {
  /// X, centred; the unbiased estimate does not depend on the centre, its rounding does.
  private let rows: Tensor
  /// K_ii = |x_i|².
  private let diagonal: Tensor
  /// Σ_{j≠i} K_ij.
  private let sums: Tensor

  init(_ features: Tensor) {
    let rows = features - features.mean([0], keepingDimensions: true)
    let diagonal = (rows * rows).sum([1])
    self.init(rows: rows, diagonal: diagonal, sums: rows.matmul(rows.sum([0])) - diagonal)
  }

  private init(rows: Tensor, diagonal: Tensor, sums: Tensor) {
    (self.rows, self.diagonal, self.sums) = (rows, diagonal, sums)
  }

  /// Linear CKA, HSIC(K, L) / √(HSIC(K, K) HSIC(L, L)) (Kornblith et al. 2019) with the unbiased estimates of HSIC, so
  /// that many features beside few images do not look alike. Near 0 for unrelated features, and then a little below 0
  /// as often as above; NaN for fewer than four images or features that do not vary.
  func likeness(to other: LinearKernel) -> Double {
    hsic(with: other) / (hsic(with: self) * other.hsic(with: other)).squareRoot()
  }

  /// The unbiased estimate of the Hilbert–Schmidt independence criterion (Song et al. 2012, equation 5):
  /// [tr(K̃L̃) + 1ᵀK̃1 1ᵀL̃1 / ((N−1)(N−2)) − 2/(N−2) 1ᵀK̃L̃1] / (N(N−3)), K̃ and L̃ with zeros on the diagonal.
  private func hsic(with other: LinearKernel) -> Double {
    let n = Double(rows.shape[0])
    guard n > 3 else { return .nan }
    let product = rows.transposed.matmul(other.rows)
    let trace: Double = (product * product).sum().item() - (diagonal * other.diagonal).sum().item()
    let totals: Double = sums.sum().item() * other.sums.sum().item()
    let cross: Double = (sums * other.sums).sum().item()
    return (trace + totals / ((n - 1) * (n - 2)) - 2 / (n - 2) * cross) / (n * (n - 3))
  }

  func permuted(_ order: Tensor) -> LinearKernel {
    LinearKernel(rows: rows.rows(order), diagonal: diagonal.rows(order), sums: sums.rows(order))
  }
}

/// The leading components of features that hold 99 % of their variance, each of length 1 over the images.
struct LeadingBasis: Likeness {
  /// Q, N×K with QᵀQ = 1.
  private let columns: Tensor

  init(_ features: Tensor) {
    let rows = features - features.mean([0], keepingDimensions: true)
    let (values, vectors) = rows.transposed.matmul(rows).symmetricEigen()
    let variances: [Double] = values.clamped(below: 0).array()
    let wanted = 0.99 * variances.reduce(0, +)
    var (kept, sum) = (0, 0.0)
    while kept < variances.count && sum < wanted {
      sum += variances[kept]
      kept += 1
    }
    columns = rows.matmul(vectors.slice(0..<kept).transposed) / values.slice(0..<kept).squareRoot
  }

  private init(columns: Tensor) { self.columns = columns }

  /// SVCCA (Raghu et al. 2017): the mean of the canonical correlations, which are the singular values of Q_Aᵀ Q_B; as
  /// many as the smaller basis has. NaN for features that do not vary.
  func likeness(to other: LeadingBasis) -> Double {
    let (a, b) = columns.shape[1] <= other.columns.shape[1] ? (self, other) : (other, self)
    guard a.columns.shape[1] > 0 else { return .nan }
    let product = a.columns.transposed.matmul(b.columns)
    return product.matmul(product.transposed).symmetricEigen().values.clamped(below: 0).squareRoot.mean().item()
  }

  func permuted(_ order: Tensor) -> LeadingBasis { LeadingBasis(columns: columns.rows(order)) }
}

/// For each class the leading directions of `a`, each with the one of `b` along which the class's test images have the
/// most similar scores.
private func matches(of a: ComparedRun, with b: ComparedRun) -> [RunSimilarity.ClassMatch] {
  (0..<min(a.directions.shape[0], b.directions.shape[0])).compactMap { label in
    let rows = a.labels.indices.filter { a.labels[$0] == label }
    guard rows.count > 3 else { return nil }
    let count = min(matchedDirections, a.directions.shape[1], b.directions.shape[1])
    func scores(_ run: ComparedRun) -> (leading: Tensor, total: Double) {
      let features = run.features.rows(Tensor(rows.map(Int64.init)))
      let offsets = features - features.mean([0], keepingDimensions: true)
      return (
        offsets.matmul(run.directions.select(label).slice(0..<count).transposed),
        (offsets * offsets).sum().item(Double.self) / Double(rows.count)
      )
    }
    let (first, second) = (scores(a), scores(b))
    return match(
      first.leading, second.leading, classIndex: label, totals: (first.total, second.total),
      generator: RandomGenerator(seed: 0, "permuted images of class", label))
  }
}

/// Matches the columns of two tables of scores of the same n images (n×K, centred, K of the second at least that of the
/// first) so that the sum of |r| is largest. The chance level is that of the largest matched |r| under 99 random
/// pairings of the images: its 95th value, so that in 5 % of classes without anything in common one match exceeds it.
func match(
  _ first: Tensor, _ second: Tensor, classIndex: Int, totals: (first: Double, second: Double),
  generator: RandomGenerator
) -> RunSimilarity.ClassMatch {
  let (n, k, l) = (first.shape[0], first.shape[1], second.shape[1])
  let (a, b) = (standardized(first).columns.transposed, standardized(second).columns)
  func correlations(_ table: Tensor) -> [[Double]] {
    let values: [Double] = a.matmul(table).array()
    return (0..<k).map { Array(values[$0 * l..<($0 + 1) * l]) }
  }
  func partners(_ correlations: [[Double]]) -> [Int] { assignment(maximizing: correlations.map { $0.map(abs) }) }
  let largest = (0..<99).map { _ -> Double in
    let table = correlations(b.rows(generator.permutation(n)))
    return zip(table, partners(table)).map { abs($0[$1]) }.max() ?? 0
  }.sorted()
  func variances(_ scores: Tensor) -> [Double] { (scores * scores).mean([0]).array() }
  let table = correlations(b)
  return RunSimilarity.ClassMatch(
    classIndex: classIndex, count: n, correlations: table, partners: partners(table), chanceLevel: largest[94],
    firstVariances: variances(first), secondVariances: variances(second), firstTotal: totals.first,
    secondTotal: totals.second)
}
