//  What the analysis of one run found: every class's spectrum, and what lies along its leading directions.
//  Plain values, saved as `directions/report.json`; the vectors themselves lie beside it as safetensors.

/// One image of a data set, by its place.
public struct ImageReference: Codable, Sendable, Hashable {
  public enum Split: String, Codable, Sendable { case train, test }
  public var split: Split
  /// Row in the split, from 0.
  public var row: Int

  public init(_ split: Split, _ row: Int) {
    (self.split, self.row) = (split, row)
  }
}

/// The result of `isda analyze`.
public struct DirectionsReport: Codable, Sendable {
  /// Raised when a field changes its meaning or goes away.
  public static let schemaVersion = 3

  public var schemaVersion = DirectionsReport.schemaVersion
  public var classNames: [String]
  /// How the covariances were estimated: `biased` (divisor n), `unbiased` or `ledoit-wolf`.
  public var covariance: String
  /// One for each class, in the order of `classNames`.
  public var spectra: [Spectrum]
  public var extremes: [Extremes]
  public var map: FeatureMap
  /// Only where the data set knows factors of its images.
  public var factors: FactorCorrelations?

  public init(
    classNames: [String], covariance: String = "biased", spectra: [Spectrum], extremes: [Extremes],
    map: FeatureMap, factors: FactorCorrelations?
  ) {
    self.classNames = classNames
    self.covariance = covariance
    self.spectra = spectra
    self.extremes = extremes
    self.map = map
    self.factors = factors
  }
}

/// Eigenvalues of one class's feature covariance.
public struct Spectrum: Codable, Sendable {
  public var classIndex: Int
  /// Training images of the class, which the covariance comes from.
  public var count: Int
  /// ρ, the share of the covariance that was replaced by a multiple of the identity; 0 unless it was shrunk.
  public var shrinkage: Double
  /// λ_k, falling; feature units squared.
  public var eigenvalues: [Double]
  /// Variance of the test images of this class along each of the same directions, u_kᵀ Σ_test u_k.
  public var heldOutVariances: [Double]

  public init(
    classIndex: Int, count: Int, shrinkage: Double = 0, eigenvalues: [Double], heldOutVariances: [Double]
  ) {
    self.classIndex = classIndex
    self.count = count
    self.shrinkage = shrinkage
    self.eigenvalues = eigenvalues
    self.heldOutVariances = heldOutVariances
  }

  /// λ_k / Σλ.
  public var shares: [Double] {
    let total = eigenvalues.reduce(0, +)
    return eigenvalues.map { total > 0 ? $0 / total : 0 }
  }

  /// Σ_{i ≤ k} λ_i / Σλ.
  public var cumulativeShares: [Double] {
    var sum = 0.0
    return shares.map {
      sum += $0
      return sum
    }
  }
}

/// The images of a class that lie farthest out on each of its leading directions.
public struct Extremes: Codable, Sendable {
  public struct Entry: Codable, Sendable {
    public var image: ImageReference
    public var predicted: Int
    /// ⟨feature − class mean, u⟩ / σ.
    public var projection: Double

    public init(image: ImageReference, predicted: Int, projection: Double) {
      self.image = image
      self.predicted = predicted
      self.projection = projection
    }
  }

  public struct Row: Codable, Sendable {
    /// From 1.
    public var direction: Int
    public var share: Double
    /// Farthest out first.
    public var lowest: [Entry]
    public var highest: [Entry]

    public init(direction: Int, share: Double, lowest: [Entry], highest: [Entry]) {
      self.direction = direction
      self.share = share
      self.lowest = lowest
      self.highest = highest
    }
  }

  public var classIndex: Int
  public var rows: [Row]

  public init(classIndex: Int, rows: [Row]) {
    self.classIndex = classIndex
    self.rows = rows
  }
}

/// The test features on their first two principal components.
public struct FeatureMap: Codable, Sendable {
  public struct Entry: Codable, Sendable {
    public var image: ImageReference
    public var label: Int
    public var predicted: Int
    public var x: Double
    public var y: Double

    public init(image: ImageReference, label: Int, predicted: Int, x: Double, y: Double) {
      self.image = image
      self.label = label
      self.predicted = predicted
      self.x = x
      self.y = y
    }
  }

  public var entries: [Entry]
  /// Share of the variance of all test features on the two components.
  public var shares: [Double]

  public init(entries: [Entry], shares: [Double]) {
    self.entries = entries
    self.shares = shares
  }
}

/// Pearson correlation of every leading direction's projections with every factor, on test images.
public struct FactorCorrelations: Codable, Sendable {
  public struct Class: Codable, Sendable {
    public var classIndex: Int
    public var count: Int
    /// `values[direction][factor]`; nil where the factor does not vary within the class.
    public var values: [[Double?]]
    /// The ends of the 95 % interval of each value, percentiles over images drawn with replacement; they cover which
    /// images of the class were tested, not how the direction was found. nil in reports of earlier versions.
    public var lower: [[Double?]]?
    public var upper: [[Double?]]?
    /// The |r| that the largest of all this class's values exceeds in 5 % of random pairings of images and
    /// factors: below it a value cannot be told from chance.
    public var chanceLevel: Double

    public init(
      classIndex: Int, count: Int, values: [[Double?]], lower: [[Double?]]? = nil, upper: [[Double?]]? = nil,
      chanceLevel: Double
    ) {
      self.classIndex = classIndex
      self.count = count
      self.values = values
      (self.lower, self.upper) = (lower, upper)
      self.chanceLevel = chanceLevel
    }
  }

  public var factorNames: [String]
  public var classes: [Class]

  public init(factorNames: [String], classes: [Class]) {
    self.factorNames = factorNames
    self.classes = classes
  }
}
