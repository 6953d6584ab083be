//  What becomes of a feature that is moved, as ISDA moves features: whether it is still taken for its class, and whether
//  real images lie where it comes to lie.

public import Storage

/// Predictions and nearest real images of features that were moved, by kind of move and length of step.
///
/// A step of t has the length t·√tr Σ_c for every kind of move, Σ_c the covariance of the training features of the
/// class: t = 1 is the root-mean-square distance of a class's images from their mean, and ISDA at strength λ draws
/// moves whose root-mean-square length is t = √λ.
public struct Preservation: Measure, Equatable {
  public static let name = "preservation"
  public static let schemaVersion = 2

  /// Where a feature a of class c goes.
  public enum Kind: Codable, Sendable, Hashable {
    /// A draw from N(0, Σ_c), as ISDA's.
    case ownDraw
    /// The k-th principal direction of Σ_c, from 1, with a random sign.
    case ownDirection(Int)
    /// A draw from N(0, Σ_j) of another class j.
    case otherDraw
    /// A draw from N(0, I).
    case isotropic
    /// μ_j − a for another class j.
    case towardsOther
  }

  /// What of the move is made. Each part is stretched to the full length: unstretched, the part inside would give the
  /// predictions of the whole move and the part outside would change none, whatever the move is, so nothing would be
  /// learnt of directions.
  public enum Part: String, Codable, Sendable, CaseIterable {
    case whole
    /// Its projection on span{w_j − w_c}, which is all that the loss sees.
    case inside
    /// What is orthogonal to that span.
    case outside
  }

  public struct Point: Codable, Sendable, Equatable {
    public var split: ImageReference.Split
    public var kind: Kind
    public var part: Part
    /// t.
    public var step: Double
    /// Moved features, one an image.
    public var anchors: Int
    /// The share that is still predicted as its class.
    public var predictions: Estimate
    /// The share whose nearest real image is of its class.
    public var neighbours: Estimate
    /// The geometric mean of the distance to the nearest real image over that of unmoved features of the class.
    public var distance: Estimate

    public init(
      split: ImageReference.Split, kind: Kind, part: Part, step: Double, anchors: Int, predictions: Estimate,
      neighbours: Estimate, distance: Estimate
    ) {
      (self.split, self.kind, self.part, self.step) = (split, kind, part, step)
      (self.anchors, self.predictions, self.neighbours) = (anchors, predictions, neighbours)
      self.distance = distance
    }
  }

  /// Real images that could be nearest, by split: all that no move starts from.
  public var galleries: [String: Int]
  /// √tr Σ_c of each class, in feature units.
  public var deviations: [Double]
  /// Bootstrap intervals over the moved images (percentiles, the usual distance kept): they cover other images and
  /// draws, not another network and not another gallery.
  public var points: [Point]

  public init(galleries: [String: Int], deviations: [Double], points: [Point]) {
    (self.galleries, self.deviations, self.points) = (galleries, deviations, points)
  }

  public var table: CSVTable {
    var table = CSVTable(header: [
      "split", "kind", "part", "step", "anchors", "predictions_kept", "predictions_low", "predictions_high",
      "neighbours_kept", "neighbours_low", "neighbours_high", "distance_ratio", "distance_low", "distance_high",
    ])
    for p in points {
      table.append([
        p.split.rawValue, p.kind.name, p.part.rawValue, p.step, p.anchors, p.predictions.value, p.predictions.lower,
        p.predictions.upper, p.neighbours.value, p.neighbours.lower, p.neighbours.upper, p.distance.value,
        p.distance.lower, p.distance.upper,
      ])
    }
    return table
  }
}

extension Preservation.Kind {
  /// As tables write it.
  public var name: String {
    switch self {
    case .ownDraw: "own draw"
    case .ownDirection(let k): "own direction \(k)"
    case .otherDraw: "other class's draw"
    case .isotropic: "isotropic"
    case .towardsOther: "towards other mean"
    }
  }
}
