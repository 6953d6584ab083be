//  Products and decompositions of matrices.

internal import CTorch

extension Tensor {
  /// The matrix product, batched over leading dimensions.
  public func matmul(_ other: Tensor) -> Tensor { .made { ct_matmul(handle, other.handle, $0) } }

  /// self ← keep · self + scale · a b, in place and in one pass.
  public func addProduct(_ a: Tensor, _ b: Tensor, keep: Double = 1, scale: Double = 1) {
    check(ct_addmm_into(handle, a.handle, b.handle, keep, scale))
  }

  /// Euclidean distances of all rows of this n×A matrix to all rows of another, m×A: n×m. O(n·m·A).
  /// - Parameter throughProduct: |a|² + |b|² − 2⟨a, b⟩, which is faster where both are large and loses the digits of
  ///   distances that are small beside the vectors; otherwise each is summed up from its differences.
  public func distances(to other: Tensor, throughProduct: Bool = false) -> Tensor {
    .made { ct_distances(handle, other.handle, throughProduct, $0) }
  }

  /// Eigenvalues, falling, and eigenvectors as rows, of a symmetric matrix A×A (the lower triangle is read).
  /// Cost O(A³). Waits for the device.
  public func symmetricEigen() -> (values: Tensor, vectors: Tensor) {
    var (values, vectors) = (ct_tensor(impl: nil), ct_tensor(impl: nil))
    check(ct_eigh(handle, &values, &vectors))
    let falling = Tensor((0..<shape[0]).reversed().map(Int64.init)).to(device)
    return (
      Tensor(owning: values).rows(falling),
      Tensor(owning: vectors).transposed.rows(falling)
    )
  }
  /// Eigenvalues, rising, of symmetric matrices A×A, batched over leading dimensions (the lower triangles are read).
  public var symmetricEigenvalues: Tensor { .made { ct_eigvalsh(handle, $0) } }
}
