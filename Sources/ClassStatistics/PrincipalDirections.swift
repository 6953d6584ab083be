//  The directions along which the features of one class vary most.

public import Torch

/// Eigenvalues and eigenvectors of a covariance matrix.
public struct PrincipalDirections {
  /// λ_k, falling; negative rounding errors are set to 0. A numbers, or the leading ones.
  public let variances: Tensor
  /// u_k as rows of unit length, A×A, or the leading ones. An eigenvector's sign is arbitrary; here the component of
  /// largest magnitude (the first of equals) is positive.
  public let directions: Tensor

  /// - Parameter covariance: A×A, symmetric, finite. Decomposed in float64; cost O(A³).
  public init(covariance: Tensor) {
    let (values, vectors) = covariance.to(.float64).symmetricEigen()
    variances = values.clamped(below: 0)
    directions = PrincipalDirections.signed(vectors)
  }

  /// The leading directions of n rows around their mean, of the biased covariance XᵀX/n.
  ///
  /// With fewer rows than dimensions they come from the n×n Gram matrix XXᵀ/n, whose eigenvalues are the same and whose
  /// eigenvectors s_k give u_k = Xᵀs_k / |Xᵀs_k|. Rows are taken to float64 a few at a time, so beside the smaller of the two
  /// squares little memory is needed. Cost O(n·A·m + m³) for m = min(n, A).
  /// - Parameters:
  ///   - rows: n×A, of any floating type, finite.
  ///   - mean: μ, 1×A, float64.
  ///   - limit: at most so many. Directions without variance (10⁻¹² of the largest and below) are left out.
  public init(rows: Tensor, mean: Tensor, limit: Int) {
    let (count, width) = (rows.shape[0], rows.shape[1])
    let byRows = count < width
    let square = Tensor.zeros(byRows ? [count, count] : [width, width], .float64)
    if byRows {
      let centered = rows.to(.float64) - mean
      square.addProduct(centered, centered.transposed, keep: 0, scale: 1 / Double(max(count, 1)))
    } else {
      for block in rowBlocks(count) {
        let centered = rows.slice(block).to(.float64) - mean
        square.addProduct(centered.transposed, centered, scale: 1 / Double(count))
      }
    }
    let (values, vectors) = square.symmetricEigen()
    let numbers = values.array(of: Double.self)
    let kept = numbers.prefix(limit).prefix { $0 > 1e-12 * (numbers.first ?? 0) }.count
    variances = values.slice(0..<kept)
    var leading = vectors.slice(0..<kept)
    if byRows {
      leading = leading.matmul(rows.to(.float64) - mean)
      leading = leading / (leading * leading).sum([1], keepingDimensions: true).squareRoot
    }
    directions = PrincipalDirections.signed(leading)
  }

  /// The first `count` of them.
  public func leading(_ count: Int) -> PrincipalDirections {
    PrincipalDirections(variances: variances.slice(0..<count), directions: directions.slice(0..<count))
  }

  /// At most the first `count`, in memory of their own, so that the others' can be given back.
  public func copy(leading count: Int) -> PrincipalDirections {
    let rows = Tensor((0..<min(count, directions.shape[0])).map(Int64.init))
    return PrincipalDirections(variances: variances.rows(rows), directions: directions.rows(rows))
  }

  private init(variances: Tensor, directions: Tensor) {
    (self.variances, self.directions) = (variances, directions)
  }

  /// Rows with the component of largest magnitude positive.
  private static func signed(_ vectors: Tensor) -> Tensor {
    let (count, width) = (vectors.shape[0], vectors.shape[1])
    let components = vectors.array(of: Double.self)
    let signs = (0..<count).map { row -> Double in
      let vector = components[row * width..<(row + 1) * width]
      return (vector.max { abs($0) < abs($1) } ?? 1) < 0 ? -1 : 1
    }
    return vectors * Tensor(signs, shape: [count, 1])
  }
}

/// 0 ..< count in pieces that are small beside the whole and large enough for products of matrices.
func rowBlocks(_ count: Int) -> [Range<Int>] {
  stride(from: 0, to: count, by: 2048).map { $0..<min($0 + 2048, count) }
}
