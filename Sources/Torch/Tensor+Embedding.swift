//  What a map of points needs that keeps neighbours together: who is whose neighbour, and the forces on the map.

internal import CTorch

extension Tensor {
  /// For each row of this N×A tensor its `count` nearest other rows (Euclid), nearest first, as N×count 64-bit
  /// integers, and their affinities p_{j|i} = exp(−β_i |x_i − x_j|²) / Σ over these neighbours, float64, with the β_i
  /// for which exp of the entropy of row i is `perplexity`.
  ///
  /// Cost 2·N²·A for the distances and O(N²) to select; memory 256·N.
  /// - Precondition: perplexity < count < N.
  public func neighbours(_ count: Int, perplexity: Double) -> (indices: Tensor, affinities: Tensor) {
    var (indices, affinities) = (ct_tensor(impl: nil), ct_tensor(impl: nil))
    check(ct_neighbours(handle, Int64(count), perplexity, &indices, &affinities))
    return (Tensor(owning: indices), Tensor(owning: affinities))
  }

  /// For this map of N points (N×2) the gradient of KL(e·P‖Q), 4 Σ_j (e p_ij − q_ij) w_ij (y_i − y_j), with
  /// w_ij = 1 / (1 + |y_i − y_j|²) and q_ij = w_ij / Σ w; and if asked for KL(P‖Q) itself in nats.
  ///
  /// Every pair counts. Pushing forces are summed in float32 over 512 points at a time and in float64 over these, in an
  /// order that does not depend on the number of threads. Cost about 10·N² operations; memory O(N).
  /// - Parameters:
  ///   - starts, columns, weights: P by rows: p_ij = weights[e] for j = columns[e], starts[i] ≤ e < starts[i + 1].
  ///   - exaggeration: e.
  public func embeddingGradient(
    starts: Tensor, columns: Tensor, weights: Tensor, exaggeration: Double, measuring: Bool
  ) -> (gradient: Tensor, divergence: Double?) {
    var divergence = 0.0
    let gradient = withUnsafeMutablePointer(to: &divergence) { divergence in
      Tensor.made {
        ct_embedding_gradient(
          handle, starts.handle, columns.handle, weights.handle, exaggeration, measuring ? divergence : nil, $0)
      }
    }
    return (gradient, measuring ? divergence : nil)
  }
}
