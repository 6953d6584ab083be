//  The images of one class around their mean: what everything that is said of its leading directions is computed from.

public import Torch

/// n rows of A features, their exact first and second moments, and their leading principal directions.
public struct ClassSample {
  /// n.
  public let count: Int
  /// μ, 1×A, float64.
  public let mean: Tensor
  /// x_i − μ, n×A, float32.
  public let centered: Tensor
  /// |x_i − μ|², n numbers, float64.
  public let squares: Tensor
  /// tr Σ, with divisor n.
  public let totalVariance: Double
  /// λ_k and u_k of the biased covariance: K of them, float64.
  public let principal: PrincipalDirections
  /// ⟨x_i − μ, u_k⟩, n×K, float64.
  public let scores: Tensor

  /// λ_k, falling.
  public let variances: [Double]

  /// Moments, directions and scores are computed in float64, from a few rows at a time, so beside the rows in float32
  /// little memory is needed. Cost as of `PrincipalDirections(rows:mean:limit:)`.
  /// - Parameters:
  ///   - rows: n×A, float32 or float64, finite.
  ///   - directions: K, at most so many.
  public init(_ rows: Tensor, directions: Int) {
    let (count, width) = (rows.shape[0], rows.shape[1])
    let blocks = rowBlocks(count)
    let sum = Tensor.zeros([1, width], .float64)
    for block in blocks { sum.add(rows.slice(block).to(.float64).sum([0], keepingDimensions: true)) }
    let mean = sum * (1 / Double(max(count, 1)))
    let principal = PrincipalDirections(rows: rows, mean: mean, limit: directions)
    var (centered, squares, scores): ([Tensor], [Tensor], [Tensor]) = ([], [], [])
    for block in blocks {
      let part = rows.slice(block).to(.float64) - mean
      centered.append(part.to(.float32))
      squares.append((part * part).sum([1]))
      scores.append(part.matmul(principal.directions.transposed))
    }
    self.count = count
    self.mean = mean
    self.principal = principal
    self.centered = blocks.isEmpty ? .zeros([0, width]) : .concatenated(centered)
    self.squares = blocks.isEmpty ? .zeros([0], .float64) : .concatenated(squares)
    self.scores = blocks.isEmpty ? .zeros([0, 0], .float64) : .concatenated(scores)
    totalVariance = count > 0 ? self.squares.sum().item() / Double(count) : 0
    variances = principal.variances.array()
  }

  /// The same rows with fewer directions.
  public func leading(_ directions: Int) -> ClassSample {
    ClassSample(of: self, leading: min(directions, variances.count))
  }

  private init(of other: ClassSample, leading: Int) {
    (count, mean, centered) = (other.count, other.mean, other.centered)
    (squares, totalVariance) = (other.squares, other.totalVariance)
    principal = other.principal.leading(leading)
    scores = other.scores.slice(0..<leading, dimension: 1)
    variances = Array(other.variances.prefix(leading))
  }

  /// E s⁴/(E s²)² − 3 for the scores s on each direction: 0 for a Gaussian, which ISDA's augmentation is.
  public var excessKurtosis: [Double] {
    let squares = scores * scores
    let (second, fourth): ([Double], [Double]) = (squares.mean([0]).array(), (squares * squares).mean([0]).array())
    return zip(second, fourth).map { $0 > 0 ? $1 / ($0 * $0) - 3 : 0 }
  }
}
