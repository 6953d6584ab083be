//  How far features have collapsed onto their class means, and what is left for ISDA to move: by epoch in a run's
//  records, and by class for its end.

public import Storage

/// The measures of one set of images; `NeuralCollapse` in the target `ClassStatistics` has their formulas.
public struct CollapseMeasures: Codable, Sendable, Equatable {
  public var images: Int
  public var nc1: Double
  public var traceRatio: Double
  public var cdnv: Double
  public var frameError: Double
  public var equinorm: Double
  public var equiangularity: Double
  public var dualityError: Double
  public var nearestMeanAgreement: Double
  public var visibleShare: Double
  public var withinTrace: Double
  public var meanDistance: Double
  public var weightDistance: Double
  public var term: Double
  public var alignment: Double
  public var marginVariance: Double

  public init(
    images: Int, nc1: Double, traceRatio: Double, cdnv: Double, frameError: Double, equinorm: Double,
    equiangularity: Double, dualityError: Double, nearestMeanAgreement: Double, visibleShare: Double,
    withinTrace: Double, meanDistance: Double, weightDistance: Double, term: Double, alignment: Double,
    marginVariance: Double
  ) {
    self.images = images
    self.nc1 = nc1
    self.traceRatio = traceRatio
    self.cdnv = cdnv
    self.frameError = frameError
    self.equinorm = equinorm
    self.equiangularity = equiangularity
    self.dualityError = dualityError
    self.nearestMeanAgreement = nearestMeanAgreement
    self.visibleShare = visibleShare
    self.withinTrace = withinTrace
    self.meanDistance = meanDistance
    self.weightDistance = weightDistance
    self.term = term
    self.alignment = alignment
    self.marginVariance = marginVariance
  }

  private static let columns: [(name: String, value: @Sendable (CollapseMeasures) -> Double)] = [
    ("nc1", { $0.nc1 }), ("trace_ratio", { $0.traceRatio }), ("cdnv", { $0.cdnv }),
    ("frame_error", { $0.frameError }), ("equinorm", { $0.equinorm }), ("equiangularity", { $0.equiangularity }),
    ("duality_error", { $0.dualityError }), ("nearest_mean_agreement", { $0.nearestMeanAgreement }),
    ("visible_share", { $0.visibleShare }), ("within_trace", { $0.withinTrace }),
    ("mean_distance", { $0.meanDistance }), ("weight_distance", { $0.weightDistance }), ("term", { $0.term }),
    ("alignment", { $0.alignment }), ("margin_variance", { $0.marginVariance }),
  ]

  /// All but the count of images, as tables name them, and their values in the same order.
  public static var columnNames: [String] { columns.map(\.name) }
  public var columnValues: [Double] { Self.columns.map { $0.value(self) } }
}

/// What an epoch's record says of collapse.
public struct EpochCollapse: Codable, Sendable, Equatable {
  /// A fixed sample of the training images, unaugmented, by running statistics.
  public var train: CollapseMeasures
  /// All test images.
  public var test: CollapseMeasures

  public init(train: CollapseMeasures, test: CollapseMeasures) {
    (self.train, self.test) = (train, test)
  }
}

/// Collapse at the end of a run, over all images, and what the classifier sees of each class's variance.
public struct CollapseReport: Measure, Equatable {
  public static let name = "collapse"
  public static let schemaVersion = 2

  /// One class in one split.
  public struct Class: Codable, Sendable, Equatable {
    public var classIndex: Int
    public var split: ImageReference.Split
    public var images: Int
    /// tr Σ_c.
    public var variance: Double
    /// tr(P Σ_c)/tr(Σ_c), P the projector on span{w_j − w_c}. The interval covers other images for the same network.
    public var visibleShare: Estimate
    /// The means over j ≠ c of |μ_j − μ_c|, |w_j − w_c| and (w_j − w_c)ᵀ Σ_c (w_j − w_c).
    public var meanDistance: Double
    public var weightDistance: Double
    public var term: Double

    public init(
      classIndex: Int, split: ImageReference.Split, images: Int, variance: Double, visibleShare: Estimate,
      meanDistance: Double, weightDistance: Double, term: Double
    ) {
      (self.classIndex, self.split, self.images, self.variance) = (classIndex, split, images, variance)
      (self.visibleShare, self.meanDistance, self.weightDistance) = (visibleShare, meanDistance, weightDistance)
      self.term = term
    }
  }

  public var classNames: [String]
  /// A, and the dimension of span{w_j − w_c}: their ratio is the visible share of variance without direction.
  public var featureCount: Int
  public var visibleDimensions: Int
  public var train: CollapseMeasures
  public var test: CollapseMeasures
  public var classes: [Class]

  public init(
    classNames: [String], featureCount: Int, visibleDimensions: Int, train: CollapseMeasures, test: CollapseMeasures,
    classes: [Class]
  ) {
    (self.classNames, self.featureCount, self.visibleDimensions) = (classNames, featureCount, visibleDimensions)
    (self.train, self.test, self.classes) = (train, test, classes)
  }

  /// One row a number: of a split as a whole, or of a class.
  public var table: CSVTable {
    var table = CSVTable(header: ["split", "class", "images", "measure", "value", "low", "high"])
    for (split, measures) in [(ImageReference.Split.train, train), (.test, test)] {
      for (name, value) in zip(CollapseMeasures.columnNames, measures.columnValues) {
        table.append([split.rawValue, "all", measures.images, name, value, "", ""])
      }
    }
    for c in classes {
      let start: [any CustomStringConvertible] = [c.split.rawValue, className(c.classIndex, classNames), c.images]
      let share = c.visibleShare
      table.append(start + ["visible_share", share.value, share.lower, share.upper])
      for (name, value) in [
        ("variance", c.variance), ("mean_distance", c.meanDistance), ("weight_distance", c.weightDistance),
        ("term", c.term),
      ] {
        table.append(start + [name, value, "", ""])
      }
    }
    return table
  }
}
