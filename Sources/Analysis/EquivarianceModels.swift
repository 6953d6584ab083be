//  Where features go when images change: four models, fitted on training images and judged on test images. Each model
//  holds the one before it as a special case, so what a step up the ladder explains belongs to that step.

internal import Results
internal import Torch

/// What is fitted to the features of training images, plain and under the strengths of one change.
struct EquivarianceModels {
  let strengths: [Double]
  /// v_s of M1, the mean shift of each strength, 1×A.
  let shifts: [Tensor]
  /// v of M2: Σ s v_s / Σ s², the least squares fit of s v to all shifts of all strengths.
  let slope: Tensor
  /// B_s = A_sᵀ − I of M3, A×A.
  let maps: [Tensor]
  private let mean: Tensor

  /// - Parameters:
  ///   - plain: φ(x) of the training images and their decomposition.
  ///   - transformed: φ(T_s x) of the same images, N×A for each strength.
  init(strengths: [Double], plain: DecomposedFeatures, transformed: [Tensor]) {
    (self.strengths, mean) = (strengths, plain.mean)
    let moves = transformed.map { $0 - plain.features }
    let shifts = moves.map { $0.mean([0], keepingDimensions: true) }
    let weighted = zip(strengths, shifts).map { $0 * $1 }
    let squares = strengths.map { $0 * $0 }.reduce(0, +)
    slope = weighted.reduce(Tensor.zeros(plain.mean.shape, .float64), +) * (1 / max(squares, .leastNormalMagnitude))
    maps = zip(moves, shifts).map { plain.ridge(onto: $0 - $1) }
    self.shifts = shifts
  }

  /// What M0 to M3 say of strength number `index`, for plain features N×A.
  func predictions(_ index: Int, for plain: Tensor) -> [Tensor] {
    let shifted = plain + shifts[index]
    return [
      plain, shifted, plain + slope * strengths[index], shifted + (plain - mean).matmul(maps[index]),
    ]
  }
}

/// Features X of training images, centred and decomposed once for all maps that are fitted on them: XᵀX = Vᵀ Λ V.
struct DecomposedFeatures {
  /// N×A.
  let features: Tensor
  /// 1×A.
  let mean: Tensor
  private let centered: Tensor
  /// V, eigenvectors as rows.
  private let directions: Tensor
  private let eigenvalues: [Double]

  /// Cost O(N A² + A³).
  init(_ features: Tensor) {
    self.features = features
    mean = features.mean([0], keepingDimensions: true)
    centered = features - mean
    let (values, vectors) = centered.transposed.matmul(centered).symmetricEigen()
    (eigenvalues, directions) = (values.array().map { max($0, 0) }, vectors)
  }

  /// The ridge regression of centred rows Y on the centred features, B = Vᵀ (Λ + α)⁻¹ V Xᵀ Y with the α, among powers of
  /// √10 times the mean eigenvalue, that generalised cross-validation prefers: least |Y − X B|² / (n − df)² with
  /// df = 1 + Σ λ_k / (λ_k + α) (Golub, Heath and Wahba 1979). α = ∞ is among them, B = 0.
  func ridge(onto rows: Tensor) -> Tensor {
    let products = directions.matmul(centered.transposed.matmul(rows))
    let strengths: [Double] = (products * products).sum([1]).array()
    let total = (rows * rows).sum().item(Double.self)
    let count = Double(rows.shape[0])
    let scale = eigenvalues.reduce(0, +) / Double(max(eigenvalues.count, 1))

    var best = (score: total / ((count - 1) * (count - 1)), penalty: Double.infinity)
    for exponent in -12...8 where scale > 0 {
      var penalty = scale
      for _ in 0..<abs(exponent) { penalty *= exponent < 0 ? 0.1.squareRoot() : 10.0.squareRoot() }
      var (residual, freedom) = (total, count - 1)
      for (value, strength) in zip(eigenvalues, strengths) {
        residual -= strength * (value + 2 * penalty) / ((value + penalty) * (value + penalty))
        freedom -= value / (value + penalty)
      }
      // With no freedom left the residual is nothing but rounding.
      guard freedom > 0.5 else { continue }
      let score = max(residual, 0) / (freedom * freedom)
      if score < best.score { best = (score, penalty) }
    }
    let factors = eigenvalues.map { 1 / ($0 + best.penalty) }
    return directions.transposed.matmul(products * Tensor(factors, shape: [factors.count, 1]))
  }
}

/// R² of the models on test images, for each strength and for all together.
struct LadderScores {
  /// Σ|φ(T_s x) − M_m(x)|² by strength and model, of all images and of each bootstrap sample.
  private let errors: (all: [Double], drawn: [[Double]])
  /// Σ|φ(T_s x) − mean|² by strength likewise, each sample about its own mean.
  private let totals: (all: [Double], drawn: [[Double]])
  /// Below this a total is rounding.
  private let least: Double
  private static let modelCount = 4

  /// - Parameters:
  ///   - plain: φ(x) of the test images, N×A.
  ///   - transformed: φ(T_s x), N×A for each strength.
  init(of models: EquivarianceModels, plain: Tensor, transformed: [Tensor], resampling: Resampling) {
    let count = Double(plain.shape[0])
    let columns = transformed.enumerated().flatMap { index, target in
      models.predictions(index, for: plain).map { Self.squares($0 - target).unsqueezed(1) }
    }
    let squares = Tensor.concatenated(columns, dimension: 1)
    errors = (squares.sum([0]).array(), Self.rows(resampling.sums(squares)))

    let centered = transformed.map { $0 - $0.mean([0], keepingDimensions: true) }
    let lengths = Tensor.concatenated(centered.map { Self.squares($0).unsqueezed(1) }, dimension: 1)
    let moves = centered.map { Self.squares(resampling.sums($0)).unsqueezed(1) * (1 / count) }
    totals = (
      lengths.sum([0]).array(), Self.rows(resampling.sums(lengths) - Tensor.concatenated(moves, dimension: 1))
    )
    least = transformed.reduce(0) { $0 + ($1 * $1).sum().item(Double.self) } * 1e-20
  }

  /// The rungs for some strengths together, by their numbers.
  func rungs(_ strengths: [Int]) -> EquivarianceLadder.Rungs {
    func r2(_ model: Int, _ errors: [Double], _ totals: [Double]) -> Double {
      let total = strengths.reduce(0) { $0 + totals[$1] }
      guard total > least else { return .nan }
      return 1 - strengths.reduce(0) { $0 + errors[$1 * Self.modelCount + model] } / total
    }
    let all = (0..<Self.modelCount).map { r2($0, errors.all, totals.all) }
    let drawn = zip(errors.drawn, totals.drawn).map { errors, totals in
      (0..<Self.modelCount).map { r2($0, errors, totals) }
    }
    func estimate(_ model: Int) -> Estimate? {
      .init(all[model], over: drawn.map { $0[model] })
    }
    return EquivarianceLadder.Rungs(
      invariance: estimate(0), shift: estimate(1), linearShift: estimate(2), affine: estimate(3),
      linearizationIndex: index(all, drawn))
  }

  /// What is to be explained must be more than this share of the variance, with its whole interval.
  private static let leastGain = 1e-6

  private func index(_ all: [Double], _ drawn: [[Double]]) -> Estimate? {
    guard let gain = Resampling.interval(drawn.map { $0[3] - $0[0] }), gain.lower > Self.leastGain,
      all[3] - all[0] > Self.leastGain
    else { return nil }
    func index(_ values: [Double]) -> Double {
      values[3] > values[0] ? min(max((values[1] - values[0]) / (values[3] - values[0]), 0), 1) : .nan
    }
    return .init(index(all), over: drawn.map(index))
  }

  /// The squared length of each row.
  private static func squares(_ rows: Tensor) -> Tensor { (rows * rows).sum([1]) }

  private static func rows(_ matrix: Tensor) -> [[Double]] {
    let (values, width) = (matrix.array(of: Double.self), matrix.shape[1])
    return (0..<matrix.shape[0]).map { Array(values[$0 * width..<($0 + 1) * width]) }
  }
}

extension Estimate {
  /// Nil if the value or all of the draws are not finite.
  init?(_ value: Double, over draws: [Double]) {
    guard value.isFinite, let interval = Resampling.interval(draws) else { return nil }
    self.init(value, from: interval.lower, to: interval.upper)
  }
}
