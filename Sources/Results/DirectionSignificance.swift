//  What the leading directions of every class are worth: how large each is and how sure, whether it is more than noise,
//  and whether other images of the class would have shown it too.

public import Storage

/// The measures of all classes' leading directions, `measures/significance.json`.
public struct DirectionSignificance: Measure, Equatable {
  public static let name = "significance"
  public static let schemaVersion = 1

  public struct Interval: Codable, Sendable, Equatable {
    public var lower: Double
    public var upper: Double

    public init(_ lower: Double, _ upper: Double) {
      (self.lower, self.upper) = (lower, upper)
    }
  }

  public struct Direction: Codable, Sendable, Equatable {
    /// λ_k of the biased covariance of the training images, feature units squared, and its 95 % bootstrap interval.
    public var eigenvalue: Double
    public var eigenvalueInterval: Interval
    /// λ_k / tr Σ.
    public var share: Double
    public var shareInterval: Interval
    /// The largest eigenvalue that chance reached in the draws that decided about this direction, and their median.
    public var noiseLevel: Double
    public var noiseMedian: Double
    /// The chance of an eigenvalue as large among noise, at most; nil for a direction after the first that failed.
    public var pValue: Double?
    /// More than noise.
    public var standsOut: Bool
    /// 0 if the images' scores along the direction are Gaussian.
    public var excessKurtosis: Double
    /// |⟨u, u'⟩| for the directions of two halves of the images: the mean, and where 90 % of the splits lie. nil if there
    /// are too few images for halves.
    public var cosine: Double?
    public var cosineRange: Interval?
    /// The directions, from 1, whose eigenvalues are too close to this one's to tell single directions apart, this one
    /// among them.
    public var firstOfGroup: Int
    public var lastOfGroup: Int
    /// |U₁ᵀU₂|²/k of the group's k directions in two halves: the mean over the splits.
    public var overlap: Double?
    /// |P u|², the share of the direction that the classifier can see; nil without a classifier.
    public var visibleShare: Double?

    public init(
      eigenvalue: Double, eigenvalueInterval: Interval, share: Double, shareInterval: Interval, noiseLevel: Double,
      noiseMedian: Double, pValue: Double?, standsOut: Bool, excessKurtosis: Double, cosine: Double?,
      cosineRange: Interval?, firstOfGroup: Int, lastOfGroup: Int, overlap: Double?, visibleShare: Double?
    ) {
      self.eigenvalue = eigenvalue
      self.eigenvalueInterval = eigenvalueInterval
      self.share = share
      self.shareInterval = shareInterval
      self.noiseLevel = noiseLevel
      self.noiseMedian = noiseMedian
      self.pValue = pValue
      self.standsOut = standsOut
      self.excessKurtosis = excessKurtosis
      self.cosine = cosine
      self.cosineRange = cosineRange
      self.firstOfGroup = firstOfGroup
      self.lastOfGroup = lastOfGroup
      self.overlap = overlap
      self.visibleShare = visibleShare
    }
  }

  public struct Class: Codable, Sendable, Equatable {
    public var classIndex: Int
    public var name: String
    /// Training images n and features A.
    public var count: Int
    public var featureCount: Int
    /// tr Σ.
    public var totalVariance: Double
    /// The Marchenko–Pastur edge of what the directions that stand out leave.
    public var marchenkoPasturEdge: Double
    /// E|cos| of random directions; a group of k of them overlaps by k/A.
    public var chanceCosine: Double
    /// Falling by eigenvalue. Those that stand out come first.
    public var directions: [Direction]

    public init(
      classIndex: Int, name: String, count: Int, featureCount: Int, totalVariance: Double, marchenkoPasturEdge: Double,
      chanceCosine: Double, directions: [Direction]
    ) {
      self.classIndex = classIndex
      self.name = name
      self.count = count
      self.featureCount = featureCount
      self.totalVariance = totalVariance
      self.marchenkoPasturEdge = marchenkoPasturEdge
      self.chanceCosine = chanceCosine
      self.directions = directions
    }

    /// How many directions stand out.
    public var significantCount: Int { directions.count(where: \.standsOut) }
  }

  /// The chance, for each class, that any direction is taken for more than noise wrongly, at most.
  public var level: Double
  /// Draws of noise of each kind, resamples of the bootstrap, and splits into halves.
  public var draws: Int
  public var resamples: Int
  public var splits: Int
  public var classes: [Class]

  public init(level: Double, draws: Int, resamples: Int, splits: Int, classes: [Class]) {
    self.level = level
    self.draws = draws
    self.resamples = resamples
    self.splits = splits
    self.classes = classes
  }

  public var table: CSVTable {
    var table = CSVTable(header: [
      "class", "images", "features", "direction", "eigenvalue", "eigenvalue_lower", "eigenvalue_upper", "share",
      "share_lower", "share_upper", "noise_level", "noise_median", "marchenko_pastur_edge", "p_value", "verdict",
      "excess_kurtosis", "cosine", "cosine_lower", "cosine_upper", "chance_cosine", "group_first", "group_last",
      "overlap", "chance_overlap", "visible_share",
    ])
    func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
    for group in classes {
      for (index, d) in group.directions.enumerated() {
        let chance = Double(d.lastOfGroup - d.firstOfGroup + 1) / Double(group.featureCount)
        table.append([
          group.name, group.count, group.featureCount, index + 1, d.eigenvalue, d.eigenvalueInterval.lower,
          d.eigenvalueInterval.upper, d.share, d.shareInterval.lower, d.shareInterval.upper, d.noiseLevel,
          d.noiseMedian, group.marchenkoPasturEdge, text(d.pValue), d.standsOut ? "stands out" : "noise",
          d.excessKurtosis, text(d.cosine), text(d.cosineRange?.lower), text(d.cosineRange?.upper), group.chanceCosine,
          d.firstOfGroup, d.lastOfGroup, text(d.overlap), chance, text(d.visibleShare),
        ])
      }
    }
    return table
  }
}
