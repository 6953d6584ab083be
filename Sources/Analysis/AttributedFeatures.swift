//  Features beside known attributes: what every measure with attributes starts from, whether the features come from a
//  network of this package or from elsewhere.

public import Images
internal import Results
public import Torch

/// Features of some images, their classes, and a number for each of their attributes.
public struct AttributedFeatures {
  /// N×A, float64.
  public let features: Tensor
  /// The class of each image.
  public let labels: [Int]
  public let attributes: FactorTable

  /// - Precondition: as many labels and rows of attributes as features.
  public init(features: Tensor, labels: [Int], attributes: FactorTable) {
    precondition(features.shape[0] == labels.count && labels.count == attributes.values.count)
    (self.features, self.labels, self.attributes) = (features.to(.float64), labels, attributes)
  }

  public var count: Int { labels.count }

  /// The attributes of every image, N×F.
  var table: Tensor {
    Tensor(attributes.values.flatMap { $0 }, shape: [count, attributes.names.count])
  }

  /// One attribute of every image.
  func column(_ attribute: Int) -> [Double] { attributes.values.map { $0[attribute] } }

  /// These rows, in this order.
  func rows(_ rows: [Int]) -> AttributedFeatures {
    AttributedFeatures(
      features: features.rows(Tensor(rows.map(Int64.init))), labels: rows.map { labels[$0] },
      attributes: FactorTable(names: attributes.names, values: rows.map { attributes.values[$0] }))
  }

  /// The rows of every class that is here.
  var rowsByClass: [(label: Int, rows: [Int])] {
    Dictionary(grouping: labels.indices) { labels[$0] }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Every other image of every class, and the rest.
  var halves: (AttributedFeatures, AttributedFeatures) {
    let parts = rowsByClass.flatMap { $0.rows.enumerated() }
    return (
      rows(parts.filter { $0.offset.isMultiple(of: 2) }.map(\.element).sorted()),
      rows(parts.filter { !$0.offset.isMultiple(of: 2) }.map(\.element).sorted())
    )
  }
}

/// An attribute with its kind, seen over all images that are there.
struct AttributeColumn {
  let index: Int
  let name: String
  let kind: AttributeMeasures.Kind
  /// The value that counts as yes, if the attribute is binary.
  let positive: Double
  let varies: Bool

  static func all(_ fit: AttributedFeatures, _ evaluation: AttributedFeatures) -> [AttributeColumn] {
    fit.attributes.names.enumerated().map { index, name in
      var distinct: Set<Double> = []
      for value in fit.column(index) + evaluation.column(index) where distinct.count < 3 { distinct.insert(value) }
      return AttributeColumn(
        index: index, name: name, kind: distinct.count == 2 ? .binary : .continuous, positive: distinct.max() ?? 0,
        varies: distinct.count > 1)
    }
  }
}

/// (x − mean) / deviation column by column, by the moments of the rows that it was made from (divisor n); a column
/// that does not vary becomes 0.
struct Standardization {
  let mean: Tensor
  let scale: Tensor

  init(_ rows: Tensor) {
    mean = rows.mean([0], keepingDimensions: true)
    let centered = rows - mean
    let deviations: [Double] = (centered * centered).mean([0]).squareRoot.array()
    let magnitudes: [Double] = mean.array()
    // What is left of a constant column is rounding of its size.
    let scales = zip(deviations, magnitudes).map { $0 > 1e-12 * max(1, abs($1)) ? 1 / $0 : 0 }
    scale = Tensor(scales, shape: [1, scales.count])
  }

  func callAsFunction(_ rows: Tensor) -> Tensor { (rows - mean) * scale }
}
