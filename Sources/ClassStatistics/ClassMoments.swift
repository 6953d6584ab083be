//  The mean and covariance of every class's features, kept online. The same estimator serves the ISDA loss
//  inside a training step and the analysis afterwards: fed in any number of pieces, it ends at the one-shot
//  covariance of everything it has seen.

public import Torch

/// Counts, means μ_c and covariances Σ_c of A-dimensional features for C classes.
///
/// For a class with m rows in a batch and n seen before, with w = m/(m+n), batch mean μ' and biased batch
/// covariance S':  Σ ← (1−w) Σ + w S' + w(1−w)(μ−μ')(μ−μ')ᵀ,  μ ← (1−w) μ + w μ',  n ← n + m  (Wang et al. 2019,
/// section 3.2). Covariances are biased (divisor n). Only the classes present in a batch are touched, in place:
/// 2·N·A² operations a batch of N rows, C·A² numbers of memory.
public final class ClassMoments {
  public let classCount: Int
  public let featureCount: Int
  /// n_c, rows seen of each class.
  public private(set) var counts: [Int]
  /// μ, C×A; zero for a class that has not been seen.
  public let means: Tensor
  /// Σ, C×A×A; zero for a class that has not been seen.
  public let covariances: Tensor

  public init(classCount: Int, featureCount: Int, elementType: ElementType = .float32) {
    self.classCount = classCount
    self.featureCount = featureCount
    counts = Array(repeating: 0, count: classCount)
    means = .zeros([classCount, featureCount], elementType)
    covariances = .zeros([classCount, featureCount, featureCount], elementType)
  }

  /// Takes in a batch.
  /// - Parameters:
  ///   - features: N×A, of this estimator's element type; gradients are not followed.
  ///   - labels: the class of each row, 0 ..< C.
  public func update(features: Tensor, labels: [Int]) {
    precondition(features.shape == [labels.count, featureCount], "features \(features.shape), \(labels.count) labels")
    withoutGradients {
      let groups = RowsByClass(labels, classCount: classCount)
      let sorted = features.detached.rows(groups.order)
      for group in groups.present {
        let seen = counts[group.label] + group.rows.count
        let weight = Double(group.rows.count) / Double(seen)
        let rows = sorted.slice(group.rows)
        let batchMean = rows.mean([0], keepingDimensions: true)
        let centered = rows - batchMean
        let mean = means.slice(group.label..<group.label + 1)
        let shift = mean - batchMean
        let covariance = covariances.select(group.label)
        covariance.addProduct(
          centered.transposed, centered, keep: 1 - weight, scale: weight / Double(group.rows.count))
        covariance.addProduct(shift.transposed, shift, scale: weight * (1 - weight))
        mean.add(shift, scale: -weight)
        counts[group.label] = seen
      }
    }
  }

  /// Goes on from what another estimator of this shape has seen.
  public func restore(counts: [Int], means: Tensor, covariances: Tensor) {
    precondition(counts.count == classCount, "\(counts.count) counts of \(classCount) classes")
    self.counts = counts
    self.means.assign(means)
    self.covariances.assign(covariances)
  }
}
