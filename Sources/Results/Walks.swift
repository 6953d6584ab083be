//  Walks through the test images of a run: which image lies where along a direction, how far it truly goes, and how far
//  off. Plain values under a name of their own, so that they can be drawn again without the features.

public import Storage

/// How a walk from the anchor a₀ along the unit direction u finds the image of a cell, t standard deviations σ away.
public enum WalkQuery: String, Codable, Sendable, CaseIterable {
  /// argmin ((⟨a − a₀, u⟩ − tσ) / σ)² + β |(I − uuᵀ)(a − a₀)|² / median: the projection is to be right, and what differs
  /// beside it costs. The median is over all images; β = 1 unless stated.
  case axis
  /// argmin |a − (a₀ + tσu)|: the nearest to the moved feature, wherever its projection is.
  case local
}

/// Real images along directions through an anchor image. But for the anchor, which stands in every row where the step
/// is 0, no image is there twice.
public struct Walk: Codable, Sendable {
  public struct Cell: Codable, Sendable {
    /// t: where the cell stands, in standard deviations of the direction.
    public var step: Double
    public var image: ImageReference
    public var label: Int
    public var predicted: Int
    /// ⟨a − a₀, u⟩ / σ: how far along the direction the image truly lies.
    public var achievedStep: Double
    /// |(I − uuᵀ)(a − a₀)| / σ: how far it lies off the axis, in the same unit.
    public var offAxis: Double

    public init(
      step: Double, image: ImageReference, label: Int, predicted: Int, achievedStep: Double, offAxis: Double
    ) {
      self.step = step
      self.image = image
      self.label = label
      self.predicted = predicted
      self.achievedStep = achievedStep
      self.offAxis = offAxis
    }
  }

  /// What a row walks along.
  public enum Kind: Codable, Sendable, Equatable {
    /// The k-th principal direction of the class, from 1.
    case principal(Int)
    /// A direction of the catalogue, by what it is called.
    case named(String)
    /// Control: a random direction in the span of the class, walked as far as the first row.
    case random
    /// Control: the first principal direction of another class, walked as far as the first row.
    case otherClass(Int)
    /// Control: images of the class in random order; steps are measured along the first row's direction.
    case images

    public var isControl: Bool {
      switch self {
      case .principal, .named: false
      case .random, .otherClass, .images: true
      }
    }
  }

  public struct Row: Codable, Sendable {
    public var kind: Kind
    /// Share of the class's variance along this direction: among its training images, and held out.
    public var share: Double?
    public var heldOutShare: Double?
    /// σ: the length of one step, feature units.
    public var sigma: Double
    /// In the order of their steps; fewer than asked for where images ran out.
    public var cells: [Cell]
    /// Kendall's τ-b of wanted and achieved steps over the row with its anchor; nil where either does not vary.
    public var kendallTau: Double?

    public init(
      kind: Kind, share: Double?, heldOutShare: Double?, sigma: Double, cells: [Cell], kendallTau: Double?
    ) {
      self.kind = kind
      self.share = share
      self.heldOutShare = heldOutShare
      self.sigma = sigma
      self.cells = cells
      self.kendallTau = kendallTau
    }

    /// How many images beside the anchor belong to a class, and how many there are.
    public func purity(of classIndex: Int) -> (own: Int, all: Int) {
      let shown = cells.filter { $0.step != 0 }
      return (shown.count { $0.label == classIndex }, shown.count)
    }
  }

  public var classIndex: Int
  public var query: WalkQuery
  public var anchor: ImageReference
  public var rows: [Row]
  /// Different images among the first choices of all cells, over the cells: 1 where no image had to be passed over.
  public var distinctShare: Double

  public init(classIndex: Int, query: WalkQuery, anchor: ImageReference, rows: [Row], distinctShare: Double) {
    self.classIndex = classIndex
    self.query = query
    self.anchor = anchor
    self.rows = rows
    self.distinctShare = distinctShare
  }
}

/// The test images of a class cut into slabs along its leading directions, each around a whole number of standard
/// deviations from the class mean; the outermost ones are open.
public struct Slabs: Codable, Sendable {
  public struct Slab: Codable, Sendable {
    /// The middle, in standard deviations.
    public var step: Double
    /// Rows of the test images within.
    public var rows: [Int]

    public init(step: Double, rows: [Int]) {
      (self.step, self.rows) = (step, rows)
    }
  }

  public struct Row: Codable, Sendable {
    /// From 1.
    public var direction: Int
    public var share: Double
    public var sigma: Double
    public var slabs: [Slab]

    public init(direction: Int, share: Double, sigma: Double, slabs: [Slab]) {
      (self.direction, self.share, self.sigma, self.slabs) = (direction, share, sigma, slabs)
    }
  }

  public var classIndex: Int
  public var rows: [Row]

  public init(classIndex: Int, rows: [Row]) {
    (self.classIndex, self.rows) = (classIndex, rows)
  }
}

/// How unevenly images are others' neighbours: the k-occurrence N_i of an image is how many others have it among their k
/// nearest. Its skewness, E (N − k)³ / deviation³, is near 0 to 1 where all are alike, and large where a few hubs are
/// everywhere (Radovanović et al. 2010).
public struct HubnessRecord: Codable, Sendable, Equatable {
  /// k.
  public var neighbours: Int
  public var skewness: Double
  /// With distances divided by what is usual around the image, as the walks are searched.
  public var dampedSkewness: Double
  /// The largest N_i, and with damped distances.
  public var most: Int
  public var dampedMost: Int

  public init(neighbours: Int, skewness: Double, dampedSkewness: Double, most: Int, dampedMost: Int) {
    self.neighbours = neighbours
    self.skewness = skewness
    self.dampedSkewness = dampedSkewness
    self.most = most
    self.dampedMost = dampedMost
  }
}

/// All walks of one run: for each class with test images one by either query, and its slabs.
public struct Walks: Measure {
  public static let name = "walks"
  public static let schemaVersion = 1

  public var classNames: [String]
  public var hubness: HubnessRecord
  public var walks: [Walk]
  public var slabs: [Slabs]

  public init(classNames: [String], hubness: HubnessRecord, walks: [Walk], slabs: [Slabs]) {
    (self.classNames, self.hubness, self.walks, self.slabs) = (classNames, hubness, walks, slabs)
  }

  public var table: CSVTable {
    var table = CSVTable(header: Walk.header)
    for walk in walks { walk.append(to: &table, classNames: classNames) }
    return table
  }
}

extension Walk {
  /// The columns that `append` fills.
  public static let header = [
    "class", "query", "direction", "share", "held_out_share", "sigma", "kendall_tau", "step", "achieved_step",
    "off_axis", "split", "row", "label", "predicted",
  ]

  /// One row a cell.
  public func append(to table: inout CSVTable, classNames: [String]) {
    func name(_ index: Int) -> String { className(index, classNames) }
    func number(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
    for row in rows {
      let direction =
        switch row.kind {
        case .principal(let k): "\(k)"
        case .named(let title): title
        case .random: "random"
        case .otherClass(let index): "1 of \(name(index))"
        case .images: "random images"
        }
      for cell in row.cells {
        table.append([
          name(classIndex), query.rawValue, direction, number(row.share), number(row.heldOutShare), row.sigma,
          number(row.kendallTau), cell.step, cell.achievedStep, cell.offAxis, cell.image.split.rawValue,
          cell.image.row, name(cell.label), name(cell.predicted),
        ])
      }
    }
  }
}
