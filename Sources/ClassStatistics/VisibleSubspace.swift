//  What of the feature space a linear classifier can see. Logits of one image differ from each other only through
//  (w_j − w_c)ᵀa, so whatever is orthogonal to all w_j − w_c changes no prediction and no loss, ISDA's included.

public import Torch

/// An orthonormal basis of span{w_j − w_c : j ≠ c}, as rows: r×A with r ≤ min(C − 1, A).
///
/// The span is the same for every class c: each w_j − w_c is a difference of two rows of W − w̄, and w_j − w̄ is the mean
/// of w_j − w_c over c. Directions along which the rows of W − w̄ are a millionth as long as along their longest, which
/// is what float32 leaves of none, are left out. Cost O(C²A + C³).
/// - Parameter weight: W, C×A, float64.
public func classifierSpan(weight: Tensor) -> Tensor {
  let centered = weight - weight.mean([0], keepingDimensions: true)
  // Twice, because dividing by short lengths magnifies rounding; the second time all lengths are 1.
  return orthonormalized(orthonormalized(centered))
}

/// Unit rows along the principal axes of the given rows, none for axes shorter than 10⁻⁶ of the longest.
private func orthonormalized(_ rows: Tensor) -> Tensor {
  let (squares, axes) = rows.matmul(rows.transposed).symmetricEigen()
  let lengths = squares.clamped(below: 0).squareRoot.array(of: Double.self)
  let longest = lengths.first ?? 0
  let kept = lengths.prefix { $0 > 1e-6 * longest }
  guard !kept.isEmpty else { return rows.slice(0..<0) }
  let scales = Tensor(kept.map { 1 / $0 }, shape: [kept.count, 1])
  return axes.slice(0..<kept.count).matmul(rows) * scales
}

/// tr(P Σ_c) for the projector P on the span of the rows of `basis`, and tr(Σ_c): the variance of a class that its
/// classifier sees, and all of it. Their ratio is the class's ISDA-visible share; variance without direction would
/// have r/A.
/// - Parameters:
///   - covariance: Σ_c, A×A.
///   - basis: r×A, orthonormal rows, as `classifierSpan` makes them.
public func visibleVariance(of covariance: Tensor, in basis: Tensor) -> (visible: Double, total: Double) {
  let places = Tensor.range(covariance.shape[0])
  let diagonal = places.unsqueezed(0).equals(places.unsqueezed(1)).to(covariance.elementType) * covariance
  return ((basis.matmul(covariance) * basis).sum().item(), diagonal.sum().item())
}
