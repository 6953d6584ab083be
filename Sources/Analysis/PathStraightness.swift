//  How straight the path is that an image takes as a change grows, in features and in pixels: a network that linearises
//  the change bends the path less than pixels do.

internal import Foundation
internal import Results
internal import Torch

/// Numbers of each path; NaN where a path has none.
struct PathMeasures {
  /// Mean angle between consecutive steps, degrees: arccos(⟨v_t, v_{t+1}⟩ / (|v_t| |v_{t+1}|)), steps of no length
  /// left out.
  private(set) var curvature: [Double] = []
  /// |x_T − x_0| / Σ|v_t|.
  private(set) var ratio: [Double] = []
  /// Share of the first principal component in the variance of the points of the path.
  private(set) var collinearity: [Double] = []

  init() {}

  /// Appends paths.
  /// - Parameter points: the places of all paths at one strength after the other, each N×A in float64.
  mutating func append(_ points: [Tensor]) {
    guard let start = points.first else { return }
    let count = points.count
    let first: [Double] = (start * start).sum([1]).array()
    // Products of all pairs of points, seen from the first one, N×T×T: everything else follows from them.
    let offsets = Tensor.concatenated(points.map { ($0 - start).unsqueezed(1) }, dimension: 1)
    let products = offsets.matmul(offsets.permuted([0, 2, 1]))
    let values: [Double] = products.array()
    collinearity += Self.firstShares(of: products)

    for (path, scale) in first.enumerated() {
      func product(_ a: Int, _ b: Int) -> Double { values[(path * count + a) * count + b] }
      /// ⟨x_{a+1} − x_a, x_{b+1} − x_b⟩
      func steps(_ a: Int, _ b: Int) -> Double {
        product(a + 1, b + 1) - product(a + 1, b) - product(a, b + 1) + product(a, b)
      }
      let moved = (0..<count).reduce(0) { $0 + product($1, $1) }
      // Rounding of float32 features is no movement.
      guard count > 2, moved > 1e-10 * scale else {
        curvature.append(.nan)
        ratio.append(.nan)
        collinearity[curvature.count - 1] = .nan
        continue
      }
      let lengths = (0..<count - 1).map { max(steps($0, $0), 0).squareRoot() }
      let angles = (0..<count - 2).compactMap { t -> Double? in
        let scale = lengths[t] * lengths[t + 1]
        guard scale > 1e-10 * moved else { return nil }
        return acos(min(max(steps(t, t + 1) / scale, -1), 1)) * 180 / .pi
      }
      curvature.append(angles.isEmpty ? .nan : angles.reduce(0, +) / Double(angles.count))
      ratio.append(min(product(count - 1, count - 1).squareRoot() / lengths.reduce(0, +), 1))
    }
  }

  /// The largest eigenvalue over the trace, of each of N centred T×T matrices: squaring a matrix again and again leaves
  /// the projector on its first eigenvector.
  private static func firstShares(of products: Tensor) -> [Double] {
    let count = products.shape[1]
    let identity = Tensor((0..<count * count).map { $0 % (count + 1) == 0 ? 1.0 : 0 }, shape: [count, count])
    let centering = identity - 1 / Double(count)
    func normalized(_ matrices: Tensor) -> Tensor {
      matrices / (matrices * identity).sum([1, 2], keepingDimensions: true)
    }
    let matrices = normalized(centering.matmul(products).matmul(centering))
    var power = matrices
    for _ in 0..<30 { power = normalized(power.matmul(power)) }
    return (matrices * power).sum([1, 2]).array()
  }
}

extension EquivarianceLadder.Straightness {
  /// Means over the paths that have the numbers; nil if none has.
  init?(_ paths: PathMeasures, resampling: Resampling) {
    guard let curvature = resampling.mean(paths.curvature), let ratio = resampling.mean(paths.ratio),
      let collinearity = resampling.mean(paths.collinearity)
    else { return nil }
    self.init(curvature: curvature, ratio: ratio, collinearity: collinearity)
  }
}

extension Resampling {
  /// The mean of the numbers that are not NaN.
  func mean(_ values: [Double]) -> Estimate? {
    let pairs = values.flatMap { value -> [Double] in value.isNaN ? [0, 0] : [value, 1] }
    let drawn: [Double] = sums(Tensor(pairs, shape: [values.count, 2])).array()
    let draws = (0..<drawn.count / 2).map { draw -> Double in drawn[2 * draw] / drawn[2 * draw + 1] }
    let defined = values.filter { !$0.isNaN }
    return .init(defined.reduce(0, +) / Double(defined.count), over: draws)
  }
}
