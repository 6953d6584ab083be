//  What features do when images change in known ways: nothing, a shift that is the same for all images, or more; and
//  how straight the path is that they take.

public import Storage

/// The equivariance ladder (after Lenc and Vedaldi 2015) and the straightness of paths (after Hénaff et al. 2019) for
/// every known change of images.
///
/// Four models say where the features φ(x) of an image go when it is changed by T with strength s. They are fitted on
/// training images and judged on test images. The second is the hypothesis that features are linearised.
public struct EquivarianceLadder: Measure, Equatable {
  public static let name = "equivariance"
  public static let schemaVersion = 1

  /// The models, each with its R² = 1 − Σ|φ(T_s x) − M(x)|² / Σ|φ(T_s x) − mean|² on test images; nil where the
  /// features do not vary.
  public struct Rungs: Codable, Sendable, Equatable {
    /// M0: φ(T_s x) = φ(x).
    public var invariance: Estimate?
    /// M1: φ(x) + v_s, the same shift for every image.
    public var shift: Estimate?
    /// M2: φ(x) + s v, a shift in proportion to the strength.
    public var linearShift: Estimate?
    /// M3: A_s φ(x) + b_s.
    public var affine: Estimate?
    /// (R²_M1 − R²_M0) / (R²_M3 − R²_M0), clipped to 0 … 1: how much of what an affine map explains beyond
    /// invariance is a mere shift. Nil where the denominator's interval reaches 10⁻⁶, so that there is nothing to
    /// explain, or no way to tell.
    public var linearizationIndex: Estimate?

    public init(
      invariance: Estimate?, shift: Estimate?, linearShift: Estimate?, affine: Estimate?, linearizationIndex: Estimate?
    ) {
      (self.invariance, self.shift, self.linearShift, self.affine) = (invariance, shift, linearShift, affine)
      self.linearizationIndex = linearizationIndex
    }
  }

  /// How the test images' features move, v_i = φ(T_s x_i) − φ(x_i).
  public struct Shifts: Codable, Sendable, Equatable {
    /// √(mean |v_i|² / mean |φ(x_i) − mean|²): how far, beside how far images lie apart.
    public var relativeLength: Double
    /// Mean of cos(v_i, v_j) over all pairs i ≠ j; nil for fewer than two images that move.
    public var meanCosine: Double?
    /// Share of mean |v_i|² that the common shift explains, debiased: (n|v̄|² − mean|v_i|²) / ((n−1) mean|v_i|²).
    public var explainedByMean: Double?
    /// Σ|P v_i|² / Σ|v_i|² for the projector P on span{w_j − w_y}: what the classifier sees of the shift. C − 1 of A
    /// dimensions of a shift in a random direction would be seen.
    public var visibleShare: Estimate?
    /// Share of images whose prediction stays.
    public var predictionsKept: Estimate

    public init(
      relativeLength: Double, meanCosine: Double?, explainedByMean: Double?, visibleShare: Estimate?,
      predictionsKept: Estimate
    ) {
      (self.relativeLength, self.meanCosine) = (relativeLength, meanCosine)
      (self.explainedByMean, self.visibleShare) = (explainedByMean, visibleShare)
      self.predictionsKept = predictionsKept
    }
  }

  public struct Strength: Codable, Sendable, Equatable {
    public var strength: Double
    public var rungs: Rungs
    public var shifts: Shifts

    public init(strength: Double, rungs: Rungs, shifts: Shifts) {
      (self.strength, self.rungs, self.shifts) = (strength, rungs, shifts)
    }
  }

  /// How straight an image's path is as the strength rises through all values and 0; means over the test images whose
  /// path moves.
  public struct Straightness: Codable, Sendable, Equatable {
    /// Mean angle between one step and the next, degrees: 0 straight, 90 as steps in random directions.
    public var curvature: Estimate
    /// Distance between the ends over the length of the path, at most 1.
    public var ratio: Estimate
    /// Share of the points' variance along their first principal component.
    public var collinearity: Estimate

    public init(curvature: Estimate, ratio: Estimate, collinearity: Estimate) {
      (self.curvature, self.ratio, self.collinearity) = (curvature, ratio, collinearity)
    }
  }

  /// Everything about one change of images.
  public struct Transform: Codable, Sendable, Equatable {
    public var name: String
    /// Of the strengths; empty where they are fractions of 1.
    public var unit: String
    /// Rising, without 0.
    public var strengths: [Strength]
    /// All strengths together: sums of squares are added before they are divided.
    public var pooled: Rungs
    /// The paths of features and of pixels; nil where none moves.
    public var features: Straightness?
    public var pixels: Straightness?
    /// Curvature of the features' path less that of the pixels', for images where both are defined: below 0 the
    /// network straightens.
    public var straightening: Estimate?

    public init(
      name: String, unit: String, strengths: [Strength], pooled: Rungs, features: Straightness?, pixels: Straightness?,
      straightening: Estimate?
    ) {
      (self.name, self.unit, self.strengths, self.pooled) = (name, unit, strengths, pooled)
      (self.features, self.pixels, self.straightening) = (features, pixels, straightening)
    }
  }

  /// Images that the models were fitted on, and judged on.
  public var trainCount: Int
  public var testCount: Int
  public var transforms: [Transform]

  public init(trainCount: Int, testCount: Int, transforms: [Transform]) {
    (self.trainCount, self.testCount, self.transforms) = (trainCount, testCount, transforms)
  }

  /// One row a number; `strength` is empty for what all strengths share.
  public var table: CSVTable {
    var table = CSVTable(header: ["transform", "unit", "strength", "quantity", "value", "lower", "upper"])
    for transform in transforms {
      func add(_ quantity: String, _ estimate: Estimate?, at strength: Double? = nil) {
        table.append([
          transform.name, transform.unit, strength.map { "\($0)" } ?? "", quantity,
          estimate.map { "\($0.value)" } ?? "",
          estimate.map { "\($0.lower)" } ?? "", estimate.map { "\($0.upper)" } ?? "",
        ])
      }
      func add(_ quantity: String, _ value: Double?, at strength: Double) {
        table.append([
          transform.name, transform.unit, "\(strength)", quantity, value.map { "\($0)" } ?? "", "", "",
        ])
      }
      func add(_ rungs: Rungs, at strength: Double? = nil) {
        add("r2_m0_invariance", rungs.invariance, at: strength)
        add("r2_m1_shift", rungs.shift, at: strength)
        add("r2_m2_linear_shift", rungs.linearShift, at: strength)
        add("r2_m3_affine", rungs.affine, at: strength)
        add("linearization_index", rungs.linearizationIndex, at: strength)
      }
      func add(_ path: Straightness?, _ space: String) {
        add("curvature_\(space)", path?.curvature)
        add("straightness_\(space)", path?.ratio)
        add("collinearity_\(space)", path?.collinearity)
      }
      for entry in transform.strengths {
        add(entry.rungs, at: entry.strength)
        add("shift_relative_length", entry.shifts.relativeLength, at: entry.strength)
        add("shift_mean_cosine", entry.shifts.meanCosine, at: entry.strength)
        add("shift_explained_by_mean", entry.shifts.explainedByMean, at: entry.strength)
        add("shift_visible_share", entry.shifts.visibleShare, at: entry.strength)
        add("predictions_kept", entry.shifts.predictionsKept, at: entry.strength)
      }
      add(transform.pooled)
      add(transform.features, "features")
      add(transform.pixels, "pixels")
      add("curvature_features_less_pixels", transform.straightening)
    }
    return table
  }
}
