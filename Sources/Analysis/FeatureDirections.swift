//  Where directions come from, other than the spectrum of a class: differences of means, weights, rotations, chance. Each
//  is a unit vector made of plain features, and nothing where what it is made of has no length.

internal import ClassStatistics
internal import Foundation
public import Torch

/// Recipes for directions in feature space. Vectors are 1×A, float64 and of unit length; nil stands for a direction that
/// does not exist, such as the difference of equal means.
public enum FeatureDirections {
  /// v / |v|.
  public static func unit(_ vector: Tensor) -> Tensor? {
    let exact = vector.to(.float64).reshaped([1, vector.count])
    let length: Double = (exact * exact).sum().squareRoot.item()
    return length > 0 && length.isFinite ? exact * (1 / length) : nil
  }

  /// Attribute difference: mean of the features (n×A) with an attribute minus mean of those without.
  public static func attribute(with: Tensor, without: Tensor) -> Tensor? {
    guard with.shape[0] > 0, without.shape[0] > 0 else { return nil }
    return unit(with.to(.float64).mean([0]) - without.to(.float64).mean([0]))
  }

  /// The same among the k nearest to an anchor that have the attribute and the k nearest that have not, so that what
  /// else differs between the two groups is alike (Deep Feature Interpolation; Upchurch et al. 2017, section 3).
  /// - Parameters:
  ///   - features: N×A.
  ///   - has: for each of them whether it has the attribute; nil leaves it out.
  ///   - anchor: 1×A; a feature at the same place counts like any other.
  public static func localAttribute(
    features: Tensor, has: [Bool?], anchor: Tensor, neighbours k: Int
  ) -> Tensor? {
    let distances: [Double] = features.to(.float64).distances(to: anchor.to(.float64)).array()
    func nearest(_ wanted: Bool) -> Tensor {
      let rows = has.indices.filter { has[$0] == wanted }.sorted { (distances[$0], $0) < (distances[$1], $1) }
      return features.rows(Tensor(rows.prefix(k).map(Int64.init)))
    }
    return attribute(with: nearest(true), without: nearest(false))
  }

  /// One direction with another projected out: (I − vvᵀ) u.
  public static func conditional(_ direction: Tensor, without other: Tensor) -> Tensor? {
    guard let u = unit(direction), let v = unit(other) else { return nil }
    let rest = u - u.matmul(v.transposed) * v
    // What rounding leaves of parallel vectors is no direction.
    guard (rest * rest).sum().item(Double.self) > 1e-20 else { return nil }
    // Once more, because what is left may be short.
    return unit(rest).flatMap { unit($0 - $0.matmul(v.transposed) * v) }
  }

  /// From class c to class j as the last layer sees it: w_j − w_c of W, C×A.
  public static func weights(_ weight: Tensor, from c: Int, to j: Int) -> Tensor? {
    unit(weight.select(j) - weight.select(c))
  }

  /// What a change of the images does to their features: the mean of φ(T x) − φ(x).
  /// - Parameters: n×A each, row for row of the same images.
  public static func shift(from before: Tensor, to after: Tensor) -> Tensor? {
    precondition(before.shape == after.shape, "features \(before.shape) before and \(after.shape) after")
    return before.shape[0] > 0 ? unit((after.to(.float64) - before.to(.float64)).mean([0])) : nil
  }

  /// A direction drawn evenly from the span of orthonormal rows, K×A.
  public static func random(in span: Tensor, _ generator: RandomGenerator) -> Tensor? {
    span.shape[0] > 0 ? unit(generator.normal([1, span.shape[0]], .float64).matmul(span)) : nil
  }

  /// Eigenvectors of Σ_W = Σ_c n_c Σ_c / n, the pooled covariance within classes.
  static func withinClasses(_ moments: FeatureMoments) -> PrincipalDirections {
    PrincipalDirections(covariance: moments.withinClasses)
  }

  /// Eigenvectors of Σ_B = Σ_c n_c (μ_c − μ)(μ_c − μ)ᵀ / n, the covariance of the class means; at most C − 1 count.
  static func betweenClasses(_ moments: FeatureMoments) -> PrincipalDirections {
    let total = max(moments.counts.reduce(0, +), 1)
    let shares = Tensor(moments.counts.map { $0 / total }, shape: [moments.counts.count, 1])
    let means = moments.means
    let centered = (means - (means * shares).sum([0], keepingDimensions: true)) * shares.squareRoot
    return PrincipalDirections(covariance: centered.transposed.matmul(centered))
  }
}

/// Rotates K orthonormal rows of length A so that each is made of few components (Kaiser 1958).
///
/// The rotation R maximises Σ_k [Σ_a v_ka⁴ − (Σ_a v_ka²)² / A] for V = R U, without Kaiser's normalisation of columns.
/// Pairs of rows are turned by the angle that is best for both until no angle is above 10⁻⁹ (at most 500 rounds). Rows
/// come out by falling Σ_a v⁴, the component of largest magnitude positive.
/// - Parameter basis: K×A, orthonormal rows.
/// - Returns: K×A, float64, spanning the same.
/// - Complexity: O(K² A) a round.
public func varimax(_ basis: Tensor) -> Tensor {
  let (count, width) = (basis.shape[0], basis.shape[1])
  let flat: [Double] = basis.array()
  var rows = (0..<count).map { Array(flat[$0 * width..<($0 + 1) * width]) }
  var largest = Double.infinity
  for _ in 0..<500 where largest > 1e-9 {
    largest = 0
    for i in 0..<count {
      for j in i + 1..<max(count, i + 1) {
        let angle = bestAngle(rows[i], rows[j])
        guard abs(angle) > 1e-15 else { continue }
        largest = max(largest, abs(angle))
        let (c, s) = (cos(angle), sin(angle))
        for a in 0..<width {
          let (x, y) = (rows[i][a], rows[j][a])
          (rows[i][a], rows[j][a]) = (c * x + s * y, c * y - s * x)
        }
      }
    }
  }
  func simplicity(_ row: [Double]) -> Double { row.reduce(0) { $0 + $1 * $1 * $1 * $1 } }
  rows = rows.sorted { simplicity($0) > simplicity($1) }.map { row in
    (row.max { abs($0) < abs($1) } ?? 1) < 0 ? row.map { -$0 } : row
  }
  return Tensor(rows.flatMap { $0 }, shape: [count, width])
}

/// Kaiser's angle for two orthonormal rows x and y: tan 4φ = D/C with u = x² − y², v = 2xy, C = Σ(u² − v²) and D = 2Σuv;
/// the signs of both choose the quadrant of the maximum. The terms that Kaiser subtracts hold Σu and Σv, which are 0 for
/// rows of equal length that are orthogonal, and stay so when they are turned.
private func bestAngle(_ x: [Double], _ y: [Double]) -> Double {
  var (c, d) = (0.0, 0.0)
  for i in x.indices {
    let (u, v) = (x[i] * x[i] - y[i] * y[i], 2 * x[i] * y[i])
    c += u * u - v * v
    d += 2 * u * v
  }
  return atan2(d, c) / 4
}
