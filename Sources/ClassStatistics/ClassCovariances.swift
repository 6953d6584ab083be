//  The covariance of every class in the form that it is kept in. One sum covers all forms, so that whoever uses a
//  covariance (the loss, the draws, the analysis) is written once.

public import Torch

/// Σ_c = M_c + F_cᵀ F_c + diag(d_c) for C classes of A-dimensional features. A part that a form does not have is nil;
/// a first extent of 1 stands for one that all classes share.
public struct ClassCovariances {
  /// M: C×A×A, or 1×A×A.
  public let matrix: Tensor?
  /// F: C×R×A, the rows of a class orthogonal to each other, longest first.
  public let factors: Tensor?
  /// d: C×A, or 1×A.
  public let diagonal: Tensor?

  public init(matrix: Tensor? = nil, factors: Tensor? = nil, diagonal: Tensor? = nil) {
    precondition(matrix != nil || factors != nil || diagonal != nil, "a covariance without parts")
    (self.matrix, self.factors, self.diagonal) = (matrix, factors, diagonal)
  }

  /// Σ_c as a matrix, A×A.
  public func dense(_ label: Int) -> Tensor {
    var parts: [Tensor] = []
    if let matrix { parts.append(Self.part(matrix, label)) }
    if let factors { parts.append(factors.select(label).transposed.matmul(factors.select(label))) }
    if let diagonal {
      let values = Self.part(diagonal, label)
      let places = Tensor.range(values.shape[0], on: values.device)
      parts.append(places.unsqueezed(0).equals(places.unsqueezed(1)).to(values.elementType) * values)
    }
    return parts.dropFirst().reduce(parts[0], +)
  }

  /// Rows distributed as N(0, Σ_c), on the device of Σ. A symmetric root of M_c costs O(A³), the other parts O(A·R).
  public func draws(_ count: Int, of label: Int, from generator: RandomGenerator) -> Tensor {
    func normal(_ extent: Int, beside part: Tensor) -> Tensor {
      generator.normal([count, extent], part.elementType).to(part.device)
    }
    var parts: [Tensor] = []
    if let matrix {
      let covariance = Self.part(matrix, label)
      let (variances, directions) = covariance.symmetricEigen()
      // The symmetric one, because it does not depend on the signs of eigenvectors, which devices choose for themselves.
      let scaled = directions * variances.clamped(below: 0).squareRoot.unsqueezed(1)
      let root = directions.transposed.matmul(scaled)
      parts.append(normal(root.shape[0], beside: root).matmul(root))
    }
    if let factors {
      let rows = factors.select(label)
      parts.append(normal(rows.shape[0], beside: rows).matmul(rows))
    }
    if let diagonal {
      let variances = Self.part(diagonal, label)
      parts.append(normal(variances.shape[0], beside: variances) * variances.squareRoot)
    }
    return parts.dropFirst().reduce(parts[0], +)
  }

  /// Whether no number of Σ_c is infinite or NaN. Waits for the device.
  public func isFinite(_ label: Int) -> Bool {
    [matrix, factors, diagonal].allSatisfy { part in part.map { Self.part($0, label).isFinite } ?? true }
  }

  private static func part(_ tensor: Tensor, _ label: Int) -> Tensor {
    tensor.select(tensor.shape[0] == 1 ? 0 : label)
  }
}
