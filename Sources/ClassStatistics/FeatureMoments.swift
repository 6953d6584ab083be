//  The mean and covariance of every class of features that lie in memory. A covariance is made when it is asked for: all
//  of those of 1000 classes of 2048 features would take 34 GB, the features that they come from a hundredth of it.

public import Torch

/// Counts n_c, means μ_c and covariances Σ_c (divisor n_c) of N rows of A features in C classes, in float64.
public struct FeatureMoments {
  public let classCount: Int
  public let featureCount: Int
  /// n_c.
  public let counts: [Double]
  /// μ, C×A; zero for a class without rows.
  public let means: Tensor
  private let features: Tensor
  private let rowsByClass: RowsByClass
  /// Where the rows of each class stand in `rowsByClass.order`.
  private let places: [Range<Int>]

  /// One pass over the features, a class at a time, so that not all of them are in float64 at once.
  /// - Parameters:
  ///   - features: N×A, float32 or float64; kept, not copied.
  ///   - labels: the class of each row, 0 ..< C.
  public init(features: Tensor, labels: [Int], classCount: Int) {
    let featureCount = features.shape[1]
    rowsByClass = RowsByClass(labels, classCount: classCount)
    var places = [Range<Int>](repeating: 0..<0, count: classCount)
    for group in rowsByClass.present { places[group.label] = group.rows }
    (self.places, self.features) = (places, features)
    (self.classCount, self.featureCount) = (classCount, featureCount)
    counts = places.map { Double($0.count) }
    means = .zeros([classCount, featureCount], .float64)
    for group in rowsByClass.present {
      means.select(group.label).assign(moments(group.label, form: .diagonal).means.select(0))
    }
  }

  /// Σ_c, A×A; zero for a class without rows. 2·n·A² operations each time.
  public func covariance(_ label: Int) -> Tensor { moments(label, form: .full).covariances.dense(0) }

  /// Σ_W = Σ_c n_c Σ_c / N, A×A. 2·N·A² operations.
  public var withinClasses: Tensor {
    let sum = Tensor.zeros([featureCount, featureCount], .float64)
    for group in rowsByClass.present {
      let centered = centered(group.label)
      sum.addProduct(centered.transposed, centered, scale: 1 / Double(rowsByClass.order.count))
    }
    return sum
  }

  /// The rows of a class in their order, n×A, float64.
  public func rows(_ label: Int) -> Tensor {
    features.rows(Tensor(rowsByClass.order[places[label]].map(Int64.init))).to(.float64)
  }

  /// The rows of a class less their mean, n×A.
  public func centered(_ label: Int) -> Tensor { rows(label) - means.select(label) }

  /// tr Σ_c, 0 for a class without rows. O(n·A).
  public func totalVariance(_ label: Int) -> Double {
    guard counts[label] > 0 else { return 0 }
    let centered = centered(label)
    return (centered * centered).sum().item(Double.self) / counts[label]
  }

  /// uᵀ Σ_c u for each row u of K×A; zeros for a class without rows. O(n·A·K).
  public func variances(along directions: Tensor, of label: Int) -> [Double] {
    guard counts[label] > 0 else { return Array(repeating: 0, count: directions.shape[0]) }
    let scores = centered(label).matmul(directions.transposed)
    return (scores * scores).mean([0]).array()
  }

  /// Rows distributed as N(0, Σ_c): sums of the class's centred rows with weights from N(0, 1/n). O(count·n·A).
  /// - Precondition: the class has rows.
  public func draws(_ count: Int, of label: Int, from generator: RandomGenerator) -> Tensor {
    let centered = centered(label)
    return generator.normal([count, centered.shape[0]], .float64).matmul(centered) * (1 / counts[label].squareRoot())
  }

  /// For each feature, in the order of the features, which of the classes has the nearest mean. O(N·K·A) for K classes.
  func nearestMean(among classes: [Int]) -> [Int] {
    let chosen = means.rows(Tensor(classes.map(Int64.init)))
    // |a − μ|² = |a|² − 2 (aᵀμ − |μ|²/2), and |a|² is the same for all means.
    let offsets = (chosen * chosen).sum([1]) * 0.5
    return rowBlocks(features.shape[0]).flatMap { block in
      (features.slice(block).to(.float64).matmul(chosen.transposed) - offsets).argmax(dimension: 1)
        .array(of: Int64.self).map { classes[Int($0)] }
    }
  }

  private func moments(_ label: Int, form: ClassMoments.Form) -> ClassMoments {
    let moments = ClassMoments(classCount: 1, featureCount: featureCount, form: form, elementType: .float64)
    let rows = rows(label)
    if rows.shape[0] > 0 { moments.update(features: rows, labels: Array(repeating: 0, count: rows.shape[0])) }
    return moments
  }
}
