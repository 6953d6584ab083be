//  A walk through features: how it is asked for, what was found, and what can be wrong with the question. It knows
//  features and unit directions only, so that other programs can walk through features of their own.

public import Results
public import Torch

/// How to walk.
public struct WalkOptions: Sendable {
  public var query = WalkQuery.axis
  /// t: where images are looked for, in standard deviations; 0 is the anchor itself.
  public var steps: [Double] = [-3, -2, -1, 0, 1, 2, 3]
  /// β of the axis query: what it costs to lie off the axis. 0 sorts by projection, much is nearly a local walk.
  public var offAxisWeight = 1.0
  /// Divides squared distances by what is usual around each image, so that hubs do not fill the grid; off if nil.
  public var hubness: Hubness?

  public init() {}
}

/// What was found along some directions.
public struct FeatureWalk: Sendable, Equatable {
  public struct Cell: Sendable, Equatable {
    /// t, as asked for.
    public let step: Double
    /// The row of the features that was found.
    public let row: Int
    /// ⟨a − a₀, u⟩ / σ.
    public let achievedStep: Double
    /// |(I − uuᵀ)(a − a₀)| / σ.
    public let offAxis: Double
  }

  public struct Row: Sendable, Equatable {
    public let sigma: Double
    /// In the order of the steps asked for; fewer if there were not enough features.
    public let cells: [Cell]

    /// τ-b of wanted and achieved steps; nil where either does not vary.
    public var kendallTau: Double? { Analysis.kendallTau(cells.map { ($0.step, $0.achievedStep) }) }
  }

  /// One for each direction.
  public let rows: [Row]
  /// Different rows among the first choices of all cells, over the cells.
  public let distinctShare: Double
}

/// What is wrong with the arguments of a walk.
public enum WalkError: Error, Equatable, CustomStringConvertible {
  case shape(of: String, found: [Int], expected: String)
  case notFinite(String)
  case notUnit(direction: Int, length: Double)
  case noSuchAnchor(Int, count: Int)

  public var description: String {
    switch self {
    case .shape(let what, let found, let expected): "\(what): found shape \(found); expected \(expected)"
    case .notFinite(let what): "\(what): found a number that is not finite; expected finite ones"
    case .notUnit(let direction, let length):
      "direction \(direction): found length \(length); expected a unit vector"
    case .noSuchAnchor(let anchor, let count): "anchor \(anchor): expected a row from 0 to \(count - 1)"
    }
  }
}

/// Walks from one feature along several directions, and finds a real one near every step; see `WalkSearch.walk`.
/// - Parameters:
///   - features: N×A, any floating type; float64 is searched in float64, others in float32.
///   - directions: R×A, rows of unit length.
///   - sigmas: σ of each direction; the standard deviation of all features along it if nil.
///   - anchor: the row of `features` that the walk starts from.
/// - Throws: `WalkError` for shapes that do not fit, numbers that are not finite, directions whose length is off by more
///   than 10⁻⁴, and an anchor that is not there.
public func walk(
  through features: Tensor, along directions: Tensor, sigmas: [Double]? = nil, from anchor: Int,
  options: WalkOptions = WalkOptions()
) throws(WalkError) -> FeatureWalk {
  try WalkSearch(through: features, hubness: options.hubness).walk(
    along: directions, sigmas: sigmas, from: anchor, options: options)
}

/// Kendall's τ-b = (P − Q) / √((P + Q + X)(P + Q + Y)) for P pairs in the same order, Q in opposite order, and X and Y
/// tied in one of the two only; nil where one does not vary. O(n²).
func kendallTau(_ pairs: [(Double, Double)]) -> Double? {
  var (same, opposite, tiedX, tiedY) = (0.0, 0.0, 0.0, 0.0)
  for i in pairs.indices {
    for j in 0..<i {
      let (x, y) = (pairs[i].0 - pairs[j].0, pairs[i].1 - pairs[j].1)
      switch (x == 0, y == 0) {
      case (true, true): break
      case (true, false): tiedX += 1
      case (false, true): tiedY += 1
      case (false, false): if (x > 0) == (y > 0) { same += 1 } else { opposite += 1 }
      }
    }
  }
  let scale = ((same + opposite + tiedX) * (same + opposite + tiedY)).squareRoot()
  return scale > 0 ? (same - opposite) / scale : nil
}
