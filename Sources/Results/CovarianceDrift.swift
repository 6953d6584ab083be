//  How far the covariances that the loss kept are from those of the network that came out: the online estimate never
//  forgets, so features of the first epochs are in it with their full weight.

public import Storage

/// The online covariance of each class (`checkpoints/isda.safetensors`) against the exact one of all training images
/// under the final weights.
///
/// The difference has three sources that these numbers do not tell apart: features that moved while the estimate kept
/// the old ones, augmentation of the images it saw, and normalisation by batches instead of running statistics.
public struct CovarianceDrift: Measure, Equatable {
  public static let name = "drift"
  public static let schemaVersion = 1

  public struct Class: Codable, Sendable, Equatable {
    public var classIndex: Int
    /// n_c of the estimate.
    public var count: Double
    /// |Σ_run − Σ| / |Σ|, Frobenius.
    public var relativeError: Double
    /// tr Σ_run / tr Σ.
    public var traceRatio: Double
    /// ⟨Σ_run, Σ⟩ / |Σ_run||Σ|: 1 if they differ in size alone.
    public var cosine: Double
    /// |U_runᵀ U|² / k for the k leading eigenvectors of both; a random subspace would have k/A on average.
    public var overlap: Double
    /// |μ_run − μ| / √tr Σ.
    public var meanShift: Double
    /// Σ_j q_run,cj / Σ_j q_cj, what the difference does to ISDA's term of the class under the final weights.
    public var termRatio: Double

    public init(
      classIndex: Int, count: Double, relativeError: Double, traceRatio: Double, cosine: Double, overlap: Double,
      meanShift: Double, termRatio: Double
    ) {
      (self.classIndex, self.count, self.relativeError) = (classIndex, count, relativeError)
      (self.traceRatio, self.cosine, self.overlap) = (traceRatio, cosine, overlap)
      (self.meanShift, self.termRatio) = (meanShift, termRatio)
    }
  }

  public var classNames: [String]
  public var featureCount: Int
  /// k of `overlap`.
  public var directions: Int
  public var classes: [Class]

  public init(classNames: [String], featureCount: Int, directions: Int, classes: [Class]) {
    (self.classNames, self.featureCount) = (classNames, featureCount)
    (self.directions, self.classes) = (directions, classes)
  }

  public var table: CSVTable {
    var table = CSVTable(header: [
      "class", "count", "relative_error", "trace_ratio", "cosine", "directions", "overlap", "chance_overlap",
      "mean_shift", "term_ratio",
    ])
    for c in classes {
      table.append([
        className(c.classIndex, classNames), c.count, c.relativeError, c.traceRatio, c.cosine, directions, c.overlap,
        Double(directions) / Double(featureCount), c.meanShift, c.termRatio,
      ])
    }
    return table
  }
}
