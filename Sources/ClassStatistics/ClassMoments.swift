//  The mean and covariance of every class's features, kept online. The same estimator serves the ISDA loss
//  inside a training step and the analysis afterwards: fed in any number of pieces, it ends at the one-shot
//  covariance of everything it has seen.

public import Torch

/// Counts n_c, means μ_c and covariances Σ_c of A-dimensional features for C classes.
///
/// For a class with m rows in a batch and n seen before, with w = m/(m+n), batch mean μ' and biased batch
/// covariance S':  Σ ← (1−w) Σ + w S' + w(1−w)(μ−μ')(μ−μ')ᵀ,  μ ← (1−w) μ + w μ',  n ← n + m  (Wang et al. 2019,
/// section 3.2). Covariances are biased (divisor n). Only the classes present in a batch are touched, in place.
///
/// What a class adds is (w/m) XᵀX for its m centred rows and one more, √(m(1−w)) (μ−μ'), so every form of the
/// covariance is moved by the same m + 1 rows X.
public final class ClassMoments {
  /// How the covariances are kept; with what a batch of N rows costs, and the numbers that are held.
  public enum Form: Sendable, Equatable {
    /// Σ_c as published for CIFAR: 2·N·A² operations, C·A² numbers.
    case full
    /// Only the variances, as published for ImageNet: 2·N·A operations, C·A numbers.
    case diagonal
    /// The R leading directions, and on the diagonal what they leave; see `LowRankUpdate`.
    case lowRank(Int)
    /// One for all classes: the mean of Σ_c weighted by n_c. 2·N·A² operations, A² numbers.
    case pooled
    /// The identity, whatever the features are.
    case identity
  }

  public let classCount: Int
  public let featureCount: Int
  public let form: Form
  /// β of `init`.
  public let retention: Double
  /// n_c, rows seen of each class; weights that shrink where old rows are forgotten.
  public private(set) var counts: [Double]
  /// μ, C×A; zero for a class that has not been seen.
  public let means: Tensor
  /// Σ; zero for a class that has not been seen (but for the identity).
  public let covariances: ClassCovariances
  /// For `lowRank`: how far each Σ_c may be from the full one at most, in the spectral norm; else zeros.
  public private(set) var errorBounds: [Double]

  /// - Parameters:
  ///   - retention: β, in 0 < β ≤ 1: a row that came k updates ago has the weight βᵏ. At 1, as published, nothing is
  ///     ever forgotten, and the features of the first epochs keep their weight.
  ///   - device: where means and covariances lie, and features must.
  public init(
    classCount: Int, featureCount: Int, form: Form = .full, retention: Double = 1,
    elementType: ElementType = .float32, device: Device = .cpu
  ) {
    precondition(retention > 0 && retention <= 1, "retention \(retention); expected 0 < β ≤ 1")
    self.classCount = classCount
    self.featureCount = featureCount
    self.form = form
    self.retention = retention
    counts = Array(repeating: 0, count: classCount)
    errorBounds = counts
    func zeros(_ shape: [Int]) -> Tensor { .zeros(shape, elementType, on: device) }
    means = zeros([classCount, featureCount])
    let square = [featureCount, featureCount]
    covariances =
      switch form {
      case .full: ClassCovariances(matrix: zeros([classCount] + square))
      case .diagonal: ClassCovariances(diagonal: zeros([classCount, featureCount]))
      case .lowRank(let rank):
        ClassCovariances(
          factors: zeros([classCount, min(rank, featureCount), featureCount]),
          diagonal: zeros([classCount, featureCount]))
      case .pooled: ClassCovariances(matrix: zeros([1] + square))
      case .identity: ClassCovariances(diagonal: .ones([1, featureCount], elementType, on: device))
      }
  }

  /// Takes in a batch.
  /// - Parameters:
  ///   - features: N×A, of this estimator's element type; gradients are not followed.
  ///   - labels: the class of each row, 0 ..< C.
  public func update(features: Tensor, labels: [Int]) {
    precondition(features.shape == [labels.count, featureCount], "features \(features.shape), \(labels.count) labels")
    guard form != .identity else { return }
    withoutGradients {
      let rowsByClass = RowsByClass(labels, classCount: classCount)
      if retention < 1 { for label in counts.indices { counts[label] *= retention } }
      let before = counts.reduce(0, +)
      let groups = rowsByClass.present.map { group in
        let added = Double(group.rows.count)
        counts[group.label] += added
        return ScatterGroup(label: group.label, rows: group.rows, weight: added / counts[group.label])
      }
      let rows = scatterRows(features.detached, order: rowsByClass.order, groups: groups, means: means)
      switch form {
      case .full:
        covariances.matrix?.addScatter(rows, groups: groups)
      case .diagonal:
        covariances.diagonal?.addScatter(rows, groups: groups)
      case .pooled:
        let total = before + Double(labels.count)
        covariances.matrix?.select(0).addProduct(rows.transposed, rows, keep: before / total, scale: 1 / total)
      case .lowRank:
        for (index, group) in groups.enumerated() {
          guard let factors = covariances.factors?.select(group.label),
            let diagonal = covariances.diagonal?.select(group.label)
          else { continue }
          let update = LowRankUpdate(
            factors: factors, diagonal: diagonal, keep: 1 - group.weight,
            rows: rows.slice(group.scatterRows(at: index)), scale: group.weight / Double(group.rows.count))
          factors.assign(update.factors)
          diagonal.assign(update.diagonal)
          errorBounds[group.label] = (1 - group.weight) * errorBounds[group.label] + update.largestCut
        }
      case .identity:
        break
      }
    }
  }

  /// Goes on from what another estimator of this shape has seen.
  public func restore(counts: [Double], means: Tensor, covariances: ClassCovariances, errorBounds: [Double]) {
    precondition(counts.count == classCount, "\(counts.count) counts of \(classCount) classes")
    (self.counts, self.errorBounds) = (counts, errorBounds)
    self.means.assign(means)
    for part in [\ClassCovariances.matrix, \.factors, \.diagonal] {
      if let values = covariances[keyPath: part] { self.covariances[keyPath: part]?.assign(values) }
    }
  }
}
