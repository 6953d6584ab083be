//  What an attribute does to features in each class, as one vector, and how alike these vectors are: if features are
//  linearised, the same attribute is the same vector everywhere.

public import Results
internal import Torch

/// Whether each attribute moves features the same way in every class, on the images given.
///
/// The difference vector of attribute s in class c is its regression slope, v_c = Σ (s−s̄)(a−ā) / Σ (s−s̄)², which for
/// a yes or no is the mean feature of those with it less that of those without. Over the n classes in which s varies
/// (of a binary attribute: twice each value at least), with e_c = v_c/|v_c|:
///
/// - parallelism score (Bernardi et al. 2020), the mean cosine of two of them: (nR² − 1)/(n − 1), R = |Σ e_c|/n;
/// - shared shift: (n|v̄|² − mean|v|²) / ((n − 1) mean|v|²), 1 if all are equal, 0 in expectation if they have nothing
///   in common; beyond noise: with Σ|v|² less its sampling noise Σ tr(residual)/((n_c − 2) Σ(s−s̄)²), unless more than
///   half of it is noise;
/// - interaction share of a ~ class + s + class × s: SS_× / (SS_s + SS_×), each less the residual mean square times its
///   degrees of freedom, with SS_s + SS_× = Σ_c S_c|v_c|² and SS_s = |Σ S_c v_c|²/Σ S_c, S_c = Σ (s−s̄)²;
/// - variance share: SS_s over the sum of squares within classes.
///
/// Intervals: value ± 1.96 standard deviations over resamples of the images within classes, which bend noisy vectors
/// further apart, so that percentiles would lie too low; they say nothing about other classes. Chance: the 95th
/// percentile over random pairings of images and attribute values within classes.
///
/// Cost: O((resamples + permutations) N A F); memory O((resamples + n_c) A F).
/// - Returns: one for each attribute, nil where it varies in fewer than two classes; and the cosines of the attributes'
///   mean vectors Σ S_c v_c / Σ S_c.
public func differenceVectors(
  of set: AttributedFeatures, resamples: Int = 200, permutations: Int = 199, seed: UInt64 = 0
) -> (consistencies: [AttributeMeasures.Consistency?], cosines: [[Double?]]) {
  let columns = AttributeColumn.all(set, set)
  return differenceVectors(
    of: set, columns: columns, resamples: Resamples(labels: set.labels, count: resamples, seed: seed),
    permutations: permutations, seed: seed)
}

func differenceVectors(
  of set: AttributedFeatures, columns: [AttributeColumn], resamples: Resamples, permutations: Int, seed: UInt64
) -> (consistencies: [AttributeMeasures.Consistency?], cosines: [[Double?]]) {
  let shape = (width: set.features.shape[1], attributes: columns.count)
  var observed = VectorSums(draws: 1, width: shape.width, attributes: shape.attributes)
  var resampled = VectorSums(draws: resamples.weights.count, width: shape.width, attributes: shape.attributes)
  var permuted = VectorSums(draws: permutations, width: shape.width, attributes: shape.attributes)
  for (label, rows) in set.rowsByClass where rows.count > 3 {
    let part = ClassPart(set.rows(rows), columns: columns)
    observed.add(part.slopes(weights: .ones([1, rows.count], .float64)), of: part)
    resampled.add(part.slopes(weights: resamples.tensor(rows)), of: part)
    let generator = RandomGenerator(seed: seed, "attribute permutations", label)
    let orders = (0..<permutations).map { _ in generator.permutation(rows.count) }
    permuted.add(part.slopes(orders: orders), of: part)
  }
  let (values, draws, null) = (observed.measures, resampled.measures, permuted.measures)
  let consistencies = columns.indices.map { attribute -> AttributeMeasures.Consistency? in
    let value = values[0][attribute]
    guard value.classes > 1 else { return nil }
    func score(_ measure: KeyPath<VectorSums.Measures, Double?>, chance: Bool) -> AttributeMeasures.Score? {
      guard let value = value[keyPath: measure] else { return nil }
      let chance = chance ? quantile(0.95, ofSorted: null.compactMap { $0[attribute][keyPath: measure] }.sorted()) : nil
      return .init(value, spread: draws.compactMap { $0[attribute][keyPath: measure] }, chance: chance)
    }
    guard let parallelism = score(\.parallelism, chance: permutations > 0),
      let sharedShift = score(\.sharedShift, chance: permutations > 0)
    else { return nil }
    return AttributeMeasures.Consistency(
      classes: value.classes, parallelism: parallelism, sharedShift: sharedShift,
      sharedShiftBeyondNoise: value.sharedShiftBeyondNoise, interactionShare: score(\.interactionShare, chance: false),
      varianceShare: value.varianceShare)
  }
  return (consistencies, observed.cosines)
}

/// The images of one class, features and attributes less their means.
private struct ClassPart {
  let count: Int
  let features: Tensor
  let attributes: Tensor
  /// Σ (s−s̄)² of each attribute.
  let spreads: [Double]
  let varies: [Bool]

  init(_ set: AttributedFeatures, columns: [AttributeColumn]) {
    count = set.count
    features = set.features - set.features.mean([0], keepingDimensions: true)
    attributes = set.table - set.table.mean([0], keepingDimensions: true)
    spreads = (attributes * attributes).sum([0]).array()
    varies = columns.map { column in
      let values = set.column(column.index)
      let positives = values.count { $0 == column.positive }
      return column.kind == .binary ? min(positives, values.count - positives) > 1 : Set(values).count > 2
    }
  }

  /// For each draw b and attribute f: Σ (s−s̄)(a−ā) (B×A×F), Σ (s−s̄)² (B×F) and Σ |a−ā|² (B×1).
  struct Slopes {
    let products: Tensor
    let spreads: Tensor
    let total: Tensor
  }

  /// With image i counting weights[b][i] times.
  func slopes(weights: Tensor) -> Slopes {
    let (draws, width, count) = (weights.shape[0], features.shape[1], attributes.shape[1])
    let pairs = (features.unsqueezed(2) * attributes.unsqueezed(1)).reshaped([self.count, width * count])
    let (sums, features) = (weights.matmul(attributes), weights.matmul(features))
    let size = Double(self.count)
    return Slopes(
      products: weights.matmul(pairs).reshaped([draws, width, count])
        - features.unsqueezed(2) * sums.unsqueezed(1) * (1 / size),
      spreads: weights.matmul(attributes * attributes) - sums * sums * (1 / size),
      total: weights.matmul((self.features * self.features).sum([1], keepingDimensions: true))
        - (features * features).sum([1], keepingDimensions: true) * (1 / size))
  }

  /// With the attributes of other images of the class.
  func slopes(orders: [Tensor]) -> Slopes {
    guard !orders.isEmpty else { return slopes(weights: .ones([0, count], .float64)) }
    let (draws, width) = (orders.count, attributes.shape[1])
    let shuffled = attributes.rows(.concatenated(orders)).reshaped([draws, count, width])
    let ones = Tensor.ones([draws, 1], .float64)
    return Slopes(
      products: features.transposed.matmul(shuffled),
      spreads: ones * Tensor(spreads, shape: [1, width]),
      total: ones * (features * features).sum().reshaped([1, 1]))
  }
}

/// Sums over classes from which the measures follow, for every draw.
private struct VectorSums {
  struct Measures {
    var classes: Int
    var parallelism: Double?
    var sharedShift: Double?
    var sharedShiftBeyondNoise: Double?
    var interactionShare: Double?
    var varianceShare: Double
  }

  private let draws: Int
  private let attributes: Int
  private var classes: [Int]
  private var freedom: [Double]
  /// Σ e_c, Σ v_c and Σ S_c v_c, B×A×F each.
  private let units, vectors, weighted: Tensor
  /// Σ |v_c|², the sampling noise in it, Σ S_c |v_c|², Σ S_c, residuals and totals, B×F each.
  private let squares, noise, separate, spreads, residuals, totals: Tensor

  init(draws: Int, width: Int, attributes: Int) {
    (self.draws, self.attributes) = (draws, attributes)
    classes = [Int](repeating: 0, count: attributes)
    freedom = [Double](repeating: 0, count: attributes)
    func vector() -> Tensor { .zeros([draws, width, attributes], .float64) }
    func number() -> Tensor { .zeros([draws, attributes], .float64) }
    (units, vectors, weighted) = (vector(), vector(), vector())
    (squares, noise, separate, spreads, residuals, totals) = (
      number(), number(), number(), number(), number(), number()
    )
  }

  mutating func add(_ slopes: ClassPart.Slopes, of part: ClassPart) {
    // A draw in which the attribute does not vary has no vector.
    let inverses = slopes.spreads.array(of: Double.self).enumerated().map { place, spread in
      let attribute = place % attributes
      return part.varies[attribute] && spread > 1e-9 * part.spreads[attribute] ? 1 / spread : 0
    }
    let inverse = Tensor(inverses, shape: [draws, attributes])
    let present = Tensor(part.varies.map { $0 ? 1.0 : 0 }, shape: [1, attributes])
    let vector = slopes.products * inverse.unsqueezed(1)
    let squared = (vector * vector).sum([1])
    let explained = slopes.spreads * squared
    let residual = (slopes.total - explained) * present
    units.add(vector / squared.clamped(below: .leastNormalMagnitude).squareRoot.unsqueezed(1))
    vectors.add(vector)
    weighted.add(vector * slopes.spreads.unsqueezed(1))
    squares.add(squared)
    noise.add(residual * inverse * (1 / Double(part.count - 2)))
    separate.add(explained)
    spreads.add(slopes.spreads * present)
    residuals.add(residual)
    totals.add(slopes.total * present)
    for (attribute, varies) in part.varies.enumerated() where varies {
      classes[attribute] += 1
      freedom[attribute] += Double(part.count - 2)
    }
  }

  /// By draw and attribute.
  var measures: [[Measures]] {
    func lengths(_ sums: Tensor) -> [Double] { (sums * sums).sum([1]).array() }
    let (units, vectors, weighted) = (lengths(units), lengths(vectors), lengths(weighted))
    let (squares, noise, separate) = (
      squares.array(of: Double.self), noise.array(of: Double.self), separate.array(of: Double.self)
    )
    let (spreads, residuals, totals) = (
      spreads.array(of: Double.self), residuals.array(of: Double.self), totals.array(of: Double.self)
    )
    return (0..<draws).map { draw in
      (0..<attributes).map { attribute in
        let i = draw * attributes + attribute
        let n = Double(classes[attribute])
        var result = Measures(classes: classes[attribute], varianceShare: 0)
        guard n > 1, squares[i] > 0, spreads[i] > 0 else { return result }
        result.parallelism = (units[i] / n - 1) / (n - 1)
        let shared = (vectors[i] - squares[i]) / (n - 1)
        result.sharedShift = shared / squares[i]
        if squares[i] > 2 * noise[i] { result.sharedShiftBeyondNoise = shared / (squares[i] - noise[i]) }
        let main = weighted[i] / spreads[i]
        let meanSquare = residuals[i] / freedom[attribute]
        let (beyondMain, beyondInteraction) = (
          max(main - meanSquare, 0), max(separate[i] - main - (n - 1) * meanSquare, 0)
        )
        if beyondMain + beyondInteraction > 0 {
          result.interactionShare = beyondInteraction / (beyondMain + beyondInteraction)
        }
        result.varianceShare = totals[i] > 0 ? main / totals[i] : 0
        return result
      }
    }
  }

  /// Of the attributes' mean vectors, in the first draw.
  var cosines: [[Double?]] {
    let sums = weighted.select(0)
    let lengths = (sums * sums).sum([0], keepingDimensions: true).squareRoot
    let known = zip(lengths.array(of: Double.self), classes).map { $0 > 0 && $1 > 0 }
    let scales = zip(lengths.array(of: Double.self), known).map { $1 ? 1 / $0 : 0 }
    let units = sums * Tensor(scales, shape: [1, attributes])
    let values: [Double] = units.transposed.matmul(units).array()
    return (0..<attributes).map { row in
      (0..<attributes).map { known[row] && known[$0] ? values[row * attributes + $0] : nil }
    }
  }
}
