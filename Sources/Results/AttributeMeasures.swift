//  What a run's features have to do with known attributes of the images: whether an attribute can be read from them,
//  whether one direction means it in every class, and whether the directions of a class are attributes. All scores are
//  of images that nothing was fitted to.

public import Storage

/// The measures with attributes, kept as `measures/attributes.json`.
public struct AttributeMeasures: Measure, Equatable {
  public static let name = "attributes"
  public static let schemaVersion = 1

  /// A number, and how far it can be trusted.
  public struct Score: Codable, Sendable, Equatable {
    public var value: Double
    /// Ends of the 95 % interval over test images; nil where none was computed.
    public var lower: Double?
    public var upper: Double?
    /// What the measure's null exceeds in 5 % of its draws; nil where it has none.
    public var chance: Double?

    public init(_ value: Double, lower: Double? = nil, upper: Double? = nil, chance: Double? = nil) {
      (self.value, self.lower, self.upper, self.chance) = (value, lower, upper, chance)
    }
  }

  public enum Kind: String, Codable, Sendable {
    /// Two values; scored by the area under the ROC curve.
    case binary
    /// Scored by R².
    case continuous
  }

  /// How well an attribute is read from features of images that the probe has not seen.
  public struct Probe: Codable, Sendable, Equatable {
    /// Ridge regression on standardised features.
    public var linear: Score
    /// The same probe on control labels: one random value for each cell of the feature space.
    public var control: Score
    /// linear − control (Hewitt and Liang 2019).
    public var selectivity: Score
    /// The mean of the k nearest images.
    public var neighbours: Score
    /// neighbours − linear: what a line misses.
    public var linearityGap: Score
    /// The ridge penalty over the number of images.
    public var penalty: Double
    /// k.
    public var neighbourCount: Int

    public init(
      linear: Score, control: Score, selectivity: Score, neighbours: Score, linearityGap: Score, penalty: Double,
      neighbourCount: Int
    ) {
      (self.linear, self.control, self.selectivity) = (linear, control, selectivity)
      (self.neighbours, self.linearityGap) = (neighbours, linearityGap)
      (self.penalty, self.neighbourCount) = (penalty, neighbourCount)
    }
  }

  /// Whether the attribute moves features the same way in every class.
  public struct Consistency: Codable, Sendable, Equatable {
    /// Classes in which the attribute varies.
    public var classes: Int
    /// Mean cosine of the difference vectors of two classes.
    public var parallelism: Score
    /// How much of the mean squared length of the difference vectors the shift that all classes share explains.
    public var sharedShift: Score
    /// The same with the sampling noise of the vectors taken out of their lengths; nil where more than half of that is noise.
    public var sharedShiftBeyondNoise: Double?
    /// Class × attribute over attribute and class × attribute, sums of squares without noise.
    public var interactionShare: Score?
    /// The attribute's own sum of squares over that of all differences within classes.
    public var varianceShare: Double

    public init(
      classes: Int, parallelism: Score, sharedShift: Score, sharedShiftBeyondNoise: Double?, interactionShare: Score?,
      varianceShare: Double
    ) {
      (self.classes, self.parallelism, self.sharedShift) = (classes, parallelism, sharedShift)
      (self.sharedShiftBeyondNoise, self.interactionShare) = (sharedShiftBeyondNoise, interactionShare)
      self.varianceShare = varianceShare
    }
  }

  /// Probes of features and attributes less their class means.
  public struct Generalization: Codable, Sendable, Equatable {
    /// Fitted to all classes.
    public var within: Score
    /// Fitted to all classes but the image's own. Chance: every class's cloud turned at random.
    public var across: Score

    public init(within: Score, across: Score) {
      (self.within, self.across) = (within, across)
    }
  }

  /// How often the image nearest to a feature is one of its class that has the attribute, which the image that the
  /// feature is of has not.
  public struct Analogy: Codable, Sendable, Equatable {
    public struct Retrieval: Codable, Sendable, Equatable {
      /// Share of the queries whose nearest image is a target.
      public var first: Score
      /// Share with a target among the ten nearest.
      public var firstTen: Double
      /// Mean of 1 / rank of the nearest target.
      public var reciprocalRank: Double

      public init(first: Score, firstTen: Double, reciprocalRank: Double) {
        (self.first, self.firstTen, self.reciprocalRank) = (first, firstTen, reciprocalRank)
      }
    }

    public var queries: Int
    /// feature + mean difference vector.
    public var shift: Retrieval
    /// feature + a random vector of the same length.
    public var random: Retrieval
    /// The feature as it is.
    public var nothing: Retrieval

    public init(queries: Int, shift: Retrieval, random: Retrieval, nothing: Retrieval) {
      (self.queries, self.shift, self.random, self.nothing) = (queries, shift, random, nothing)
    }
  }

  public struct Attribute: Codable, Sendable, Equatable {
    public var name: String
    public var kind: Kind
    /// nil where the attribute does not vary.
    public var probe: Probe?
    /// nil where it varies in fewer than two classes.
    public var consistency: Consistency?
    public var generalization: Generalization?
    /// Only of binary attributes.
    public var analogy: Analogy?

    public init(
      name: String, kind: Kind, probe: Probe?, consistency: Consistency?, generalization: Generalization?,
      analogy: Analogy?
    ) {
      (self.name, self.kind, self.probe, self.consistency) = (name, kind, probe, consistency)
      (self.generalization, self.analogy) = (generalization, analogy)
    }
  }

  /// R² of features as a sum of one vector a class and one an attribute.
  public struct Factorization: Codable, Sendable, Equatable {
    public var classes: Score
    public var additive: Score
    /// The same after whitening.
    public var classesWhitened: Score
    public var additiveWhitened: Score

    public init(classes: Score, additive: Score, classesWhitened: Score, additiveWhitened: Score) {
      (self.classes, self.additive) = (classes, additive)
      (self.classesWhitened, self.additiveWhitened) = (classesWhitened, additiveWhitened)
    }
  }

  /// Whether the leading directions are one attribute each, and attributes one direction each.
  public struct Disentanglement: Codable, Sendable, Equatable {
    /// nil: the directions of the pooled covariance within classes.
    public var classIndex: Int?
    public var images: Int
    public var directions: Int
    /// Attributes that vary among these images.
    public var attributes: Int
    /// Chance of each: images and attributes paired anew.
    public var disentanglement: Score
    public var completeness: Score
    /// Mean R² of the attributes by ridge regression on the directions' scores.
    public var informativeness: Score
    public var mutualInformationGap: Score
    public var separatedAttributePredictability: Score
    public var modularity: Score
    /// Mean area under the ROC curve of the binary attributes; nil if there are none.
    public var explicitness: Score?

    public init(
      classIndex: Int?, images: Int, directions: Int, attributes: Int, disentanglement: Score, completeness: Score,
      informativeness: Score, mutualInformationGap: Score, separatedAttributePredictability: Score,
      modularity: Score, explicitness: Score?
    ) {
      (self.classIndex, self.images, self.directions, self.attributes) = (classIndex, images, directions, attributes)
      (self.disentanglement, self.completeness) = (disentanglement, completeness)
      (self.informativeness, self.mutualInformationGap) = (informativeness, mutualInformationGap)
      self.separatedAttributePredictability = separatedAttributePredictability
      (self.modularity, self.explicitness) = (modularity, explicitness)
    }

    /// All scores under the names of their tables.
    public var scores: [(name: String, score: Score)] {
      [
        ("disentanglement", disentanglement), ("completeness", completeness), ("informativeness", informativeness),
        ("mig", mutualInformationGap), ("sap", separatedAttributePredictability), ("modularity", modularity),
      ] + (explicitness.map { [("explicitness", $0)] } ?? [])
    }
  }

  public var classNames: [String]
  /// What probes were fitted to: training images, or half of the test images where attributes of training images are
  /// not known.
  public var fittedTo: String
  public var fittedImages: Int
  /// Images that were scored.
  public var images: Int
  public var attributes: [Attribute]
  /// Cosines of the mean difference vectors of every two attributes; nil where one has none.
  public var cosines: [[Double?]]
  public var factorization: Factorization?
  public var disentanglement: [Disentanglement]

  public init(
    classNames: [String], fittedTo: String, fittedImages: Int, images: Int, attributes: [Attribute],
    cosines: [[Double?]], factorization: Factorization?, disentanglement: [Disentanglement]
  ) {
    (self.classNames, self.fittedTo, self.fittedImages, self.images) = (classNames, fittedTo, fittedImages, images)
    (self.attributes, self.cosines) = (attributes, cosines)
    (self.factorization, self.disentanglement) = (factorization, disentanglement)
  }

  public var table: CSVTable {
    var table = CSVTable(header: ["measure", "attribute", "kind", "class", "value", "lower", "upper", "chance"])
    func append(_ measure: String, _ score: Score, of name: String = "", kind: String = "", in place: String = "") {
      table.append([
        measure, name, kind, place, score.value,
        score.lower.map { "\($0)" } ?? "", score.upper.map { "\($0)" } ?? "", score.chance.map { "\($0)" } ?? "",
      ])
    }
    for attribute in attributes {
      func add(_ measure: String, _ score: Score) {
        append(measure, score, of: attribute.name, kind: attribute.kind.rawValue)
      }
      if let probe = attribute.probe {
        add("linear_probe", probe.linear)
        add("control_probe", probe.control)
        add("selectivity", probe.selectivity)
        add("neighbour_probe", probe.neighbours)
        add("linearity_gap", probe.linearityGap)
      }
      if let generalization = attribute.generalization {
        add("within_classes", generalization.within)
        add("across_classes", generalization.across)
      }
      if let consistency = attribute.consistency {
        add("parallelism", consistency.parallelism)
        add("shared_shift", consistency.sharedShift)
        if let share = consistency.sharedShiftBeyondNoise { add("shared_shift_beyond_noise", Score(share)) }
        if let share = consistency.interactionShare { add("interaction_share", share) }
        add("variance_share", Score(consistency.varianceShare))
      }
      if let analogy = attribute.analogy {
        for (query, retrieval) in [
          ("shift", analogy.shift), ("random", analogy.random), ("nothing", analogy.nothing),
        ] {
          add("analogy_\(query)_first", retrieval.first)
          add("analogy_\(query)_first_ten", Score(retrieval.firstTen))
          add("analogy_\(query)_reciprocal_rank", Score(retrieval.reciprocalRank))
        }
      }
    }
    for (row, cosines) in cosines.enumerated() {
      for (column, cosine) in cosines.enumerated().dropFirst(row + 1) {
        guard let cosine else { continue }
        append("cosine", Score(cosine), of: "\(attributes[row].name) · \(attributes[column].name)")
      }
    }
    if let factorization {
      append("factorization_classes", factorization.classes)
      append("factorization_additive", factorization.additive)
      append("factorization_classes_whitened", factorization.classesWhitened)
      append("factorization_additive_whitened", factorization.additiveWhitened)
    }
    for result in disentanglement {
      let place = result.classIndex.map { className($0, classNames) } ?? "all"
      for (name, score) in result.scores { append(name, score, in: place) }
    }
    return table
  }
}
