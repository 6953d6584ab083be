//  The two kernels that ISDA adds to a training step: what a batch adds to the moments of its classes, and the term
//  of the loss. Both visit each class where its covariance lies, and touch no other.

internal import CTorch

/// The rows of a batch that belong to one class.
public struct ScatterGroup {
  public let label: Int
  /// Where the class's rows stand in the order of row numbers given with the groups.
  public let rows: Range<Int>
  /// w = m / (m + n), the share of these rows in the class's moments after the update.
  public let weight: Double

  public init(label: Int, rows: Range<Int>, weight: Double) {
    (self.label, self.rows, self.weight) = (label, rows, weight)
  }

  /// Where this group's rows stand in what `scatterRows` makes, if it is number `index` of the groups: one more than it
  /// has, after one more for every group before.
  public func scatterRows(at index: Int) -> Range<Int> {
    rows.lowerBound + index..<rows.upperBound + index + 1
  }

  fileprivate var bridged: ct_group {
    ct_group(label: Int64(label), start: Int64(rows.lowerBound), count: Int64(rows.count), weight: weight)
  }
}

/// Moves the class means μ ← (1−w) μ + w μ' in place, and makes the rows X whose products XᵀX are m times the scatter
/// that the batch adds to each class: its m rows less their mean μ', and √(m(1−w)) (μ − μ').
/// - Parameters:
///   - features: N×A.
///   - order: row numbers, class by class.
///   - groups: each class at most once, in the order of their rows.
///   - means: μ, C×A.
/// - Returns: (N + K)×A for K groups; see `ScatterGroup.scatterRows(at:)`.
public func scatterRows(_ features: Tensor, order: [Int], groups: [ScatterGroup], means: Tensor) -> Tensor {
  .made { ct_scatter_rows(features.handle, order.int64, groups.map(\.bridged), groups.count, means.handle, $0) }
}

extension Tensor {
  /// For each group Σ_c ← (1−w) Σ_c + (w/m) XᵀX in place, if this is C×A×A; if it is C×A, only the diagonals.
  public func addScatter(_ rows: Tensor, groups: [ScatterGroup]) {
    check(ct_add_scatter(handle, rows.handle, groups.map(\.bridged), groups.count))
  }

  /// Logits z (N×C) with (λ/2)(w_j − w_c)ᵀ Σ_c (w_j − w_c) added for the class c of each row. Gradients flow to this
  /// tensor and to `weight`.
  /// - Parameters:
  ///   - weight: W, C×A.
  ///   - labels: the class of each row.
  ///   - present: the labels that occur, each once.
  ///   - matrix, factors, diagonal: the parts M (C×A×A), F (C×R×A) and d (C×A) of Σ_c = M_c + F_cᵀF_c + diag(d_c);
  ///     a first extent of 1 is one for all classes.
  public func semanticallyAugmented(
    weight: Tensor, labels: [Int], present: [Int], matrix: Tensor?, factors: Tensor?, diagonal: Tensor?, lambda: Double
  ) -> Tensor {
    let (labels, present) = (Tensor(labels.int64), Tensor(present.int64))
    return .made {
      ct_augmented_logits(
        handle, weight.handle, labels.handle, present.handle, Tensor.handle(matrix), Tensor.handle(factors),
        Tensor.handle(diagonal), lambda, $0)
    }
  }
}
