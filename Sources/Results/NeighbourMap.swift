//  The test images on a plane where neighbours stay neighbours: `measures/map.json`.

public import Storage

/// A t-SNE map (van der Maaten and Hinton 2008) of the test features. Near means alike; how far apart groups lie, how
/// large they are and how dense means nothing, and the axes have no unit.
public struct NeighbourMap: Measure {
  public static let name = "map"
  public static let schemaVersion = 1

  /// Where each image lies; all test images, or 10,000 of them at even distances.
  public var entries: [FeatureMap.Entry]
  /// How many neighbours of an image count, roughly: exp of the entropy of p_{j|i}.
  public var perplexity: Double
  public var iterations: Int
  /// KL(P‖Q) in nats at the end: what was minimised.
  public var divergence: Double

  public init(entries: [FeatureMap.Entry], perplexity: Double, iterations: Int, divergence: Double) {
    (self.entries, self.perplexity, self.iterations) = (entries, perplexity, iterations)
    self.divergence = divergence
  }

  public var table: CSVTable {
    var table = CSVTable(header: ["split", "row", "label", "predicted", "x", "y"])
    for e in entries { table.append([e.image.split.rawValue, e.image.row, e.label, e.predicted, e.x, e.y]) }
    return table
  }
}
