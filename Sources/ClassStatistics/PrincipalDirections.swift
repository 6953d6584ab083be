//  The directions along which the features of one class vary most.

public import Torch

/// Eigenvalues and eigenvectors of a covariance matrix.
public struct PrincipalDirections {
  /// λ_k, falling; negative rounding errors are set to 0. A numbers.
  public let variances: Tensor
  /// u_k as rows of unit length, A×A. An eigenvector's sign is arbitrary; here the component of largest
  /// magnitude (the first of equals) is positive.
  public let directions: Tensor

  /// - Parameter covariance: A×A, symmetric, finite. Decomposed in float64; cost O(A³).
  public init(covariance: Tensor) {
    let (values, vectors) = covariance.to(.float64).symmetricEigen()
    variances = values.clamped(below: 0)
    let size = vectors.shape[0]
    let components = vectors.array(of: Double.self)
    let signs = (0..<size).map { row -> Double in
      let vector = components[row * size..<(row + 1) * size]
      return (vector.max { abs($0) < abs($1) } ?? 1) < 0 ? -1 : 1
    }
    directions = vectors * Tensor(signs, shape: [size, 1])
  }
}
