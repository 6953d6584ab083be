//  What the server says, as values that become the JSON of docs/EXPLORER.md. A static file holds the same.

public import Foundation
public import Results

/// A value or `null`. Swift leaves the keys of missing values out; the page wants to see what there could be.
@propertyWrapper
public struct Nullable<Value: Encodable & Sendable>: Encodable, Sendable {
  public var wrappedValue: Value?

  public init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
  }
}

/// Many numbers as base64 of their little-endian bytes.
public struct Column: Encodable, Sendable {
  public let type: String
  public let base64: String

  public init(_ values: [Float]) {
    (type, base64) = ("f32", values.withUnsafeBytes { Data($0) }.base64EncodedString())
  }

  public init(_ values: [UInt32]) {
    (type, base64) = ("u32", values.withUnsafeBytes { Data($0) }.base64EncodedString())
  }

  public init(_ values: [UInt16]) {
    (type, base64) = ("u16", values.withUnsafeBytes { Data($0) }.base64EncodedString())
  }
}

/// A number, and an interval around it.
public struct Interval: Encodable, Sendable, Equatable {
  @Nullable public var value: Double?
  @Nullable public var lower: Double?
  @Nullable public var upper: Double?

  public init(_ value: Double, _ lower: Double, _ upper: Double) {
    func finite(_ number: Double) -> Double? { number.isFinite ? number : nil }
    (self.value, self.lower, self.upper) = (finite(value), finite(lower), finite(upper))
  }

  public static func == (a: Interval, b: Interval) -> Bool {
    (a.value, a.lower, a.upper) == (b.value, b.lower, b.upper)
  }
}

// MARK: - Session

public struct SessionAnswer: Encodable, Sendable {
  public struct Images: Encodable, Sendable {
    public let count, width, height: Int

    public init(count: Int, width: Int, height: Int) {
      (self.count, self.width, self.height) = (count, width, height)
    }
  }

  public struct Sprites: Encodable, Sendable {
    public let small, full: SpriteLayout

    public init(of images: Images) {
      (small, full) = (SpriteLayout(.small, of: images), SpriteLayout(.full, of: images))
    }
  }

  public struct Limits: Encodable, Sendable {
    public let position = WalkQuestion.positions.upperBound
    public let directions = WalkQuestion.mostDirections
    public let group = 50_000
    public let note = DirectionEntry.longestNote
    public let name = DirectionEntry.longestName
  }

  public struct Run: Encodable, Sendable {
    public var run: Int
    public var name: String
    @Nullable public var title: String?
    @Nullable public var dataset: String?
    @Nullable public var network: String?
    public var state: RunCondition.State
    @Nullable public var message: String?
    @Nullable public var command: String?
    @Nullable public var progress: Double?
    @Nullable public var accuracy: Double?
    @Nullable public var features: Int?
    public var maps: [MapKind] = []
    public var factors: [String] = []
    @Nullable public var revision: String?

    public init(run: Int, name: String, condition: RunCondition) {
      (self.run, self.name, state) = (run, name, condition.state)
      (message, command) = (condition.message, condition.command)
    }
  }

  public let version = RunEnvironment.toolVersion
  @Nullable public var classes: [String]?
  @Nullable public var images: Images?
  @Nullable public var sprites: Sprites?
  public let limits = Limits()
  public var readOnly = false
  public var runs: [Run]

  public init(classes: [String]?, images: Images?, runs: [Run]) {
    (self.runs, self.classes, self.images) = (runs, classes, images)
    sprites = images.map(Sprites.init(of:))
  }
}

public enum MapKind: String, Codable, Sendable, CaseIterable {
  case pca, tsne
}

// MARK: - Features

public struct MapAnswer: Encodable, Sendable {
  public struct Bounds: Encodable, Sendable {
    public let minX, maxX, minY, maxY: Double
  }

  public let kind: MapKind
  public let count: Int
  public let rows: Column
  public let x, y: Column
  public let labels, predicted: Column
  public let confidence: Column
  public let bounds: Bounds
  @Nullable public var shares: [Double]?

  /// - Parameter confidences: of all test images, by row.
  public init(_ kind: MapKind, entries: [FeatureMap.Entry], shares: [Double]?, confidences: [Float]) {
    (self.kind, count) = (kind, entries.count)
    rows = Column(entries.map { UInt32($0.image.row) })
    (x, y) = (Column(entries.map { Float($0.x) }), Column(entries.map { Float($0.y) }))
    labels = Column(entries.map { UInt16($0.label) })
    predicted = Column(entries.map { UInt16($0.predicted) })
    confidence = Column(entries.map { confidences[$0.image.row] })
    bounds = Bounds(
      minX: entries.map(\.x).min() ?? 0, maxX: entries.map(\.x).max() ?? 0, minY: entries.map(\.y).min() ?? 0,
      maxY: entries.map(\.y).max() ?? 0)
    self.shares = shares
  }
}

public struct ImageAnswer: Encodable, Sendable {
  public struct Probability: Encodable, Sendable {
    public let classIndex: Int
    public let value: Double

    enum CodingKeys: String, CodingKey {
      case classIndex = "class"
      case value
    }

    public init(classIndex: Int, value: Double) { (self.classIndex, self.value) = (classIndex, value) }
  }

  public let row, label, predicted: Int
  public let confidence: Double
  public let probabilities: [Probability]
  @Nullable public var factors: [String: Double]?

  /// - Parameter probabilities: of every class.
  public init(row: Int, label: Int, probabilities: [Double], factors: [String: Double]?) {
    let order = probabilities.indices.sorted { (-probabilities[$0], $0) < (-probabilities[$1], $1) }
    (self.row, self.label, predicted) = (row, label, order.first ?? 0)
    confidence = order.first.map { probabilities[$0] } ?? 0
    self.probabilities = order.prefix(5).map { Probability(classIndex: $0, value: probabilities[$0]) }
    self.factors = factors
  }
}

public struct ClassAnswer: Encodable, Sendable {
  public var classIndex: Int
  public var images, recognised: Int
  public var anchors: [Int]
  public var revision: String
  public var directions: [DirectionAnswer]

  enum CodingKeys: String, CodingKey {
    case classIndex = "class"
    case images, recognised, anchors, revision, directions
  }

  public init(
    classIndex: Int, images: Int, recognised: Int, anchors: [Int], revision: String, directions: [DirectionAnswer]
  ) {
    (self.classIndex, self.images, self.recognised) = (classIndex, images, recognised)
    (self.anchors, self.revision, self.directions) = (anchors, revision, directions)
  }
}

public struct MatchesAnswer: Encodable, Sendable {
  public struct Pair: Encodable, Sendable {
    public let first, second: String
    public let sign: Int
    public let correlation: Double
    public let found: Bool

    public init(first: String, second: String, correlation: Double, found: Bool) {
      (self.first, self.second, self.correlation, self.found) = (first, second, correlation, found)
      sign = correlation < 0 ? -1 : 1
    }
  }

  public let classIndex: Int
  public let chanceLevel: Double
  public let pairs: [Pair]

  enum CodingKeys: String, CodingKey {
    case classIndex = "class"
    case chanceLevel, pairs
  }

  public init(classIndex: Int, chanceLevel: Double, pairs: [Pair]) {
    (self.classIndex, self.chanceLevel, self.pairs) = (classIndex, chanceLevel, pairs)
  }
}

// MARK: - Changes and files

public struct ChangeAnswer: Encodable, Sendable {
  public let revision: String
  @Nullable public var direction: DirectionAnswer?

  public init(revision: String, direction: DirectionAnswer?) {
    (self.revision, self.direction) = (revision, direction)
  }
}

public struct ImportAnswer: Encodable, Sendable {
  public let revision: String
  public let ids: [String]

  public init(revision: String, ids: [String]) { (self.revision, self.ids) = (revision, ids) }
}

/// Files by name, out and in.
public struct FileList: Codable, Sendable {
  public struct File: Codable, Sendable {
    public let name: String
    public let base64: String

    public init(name: String, data: Data) { (self.name, base64) = (name, data.base64EncodedString()) }
  }

  public let files: [File]

  public init(_ files: [File]) { self.files = files }
}

public struct CommandAnswer: Encodable, Sendable {
  public let command: String

  public init(command: String) { self.command = command }
}

/// A file to take away.
public struct FigureFile: Sendable {
  public let name: String
  public let type: String
  public let data: Data

  public init(name: String, type: String, data: Data) { (self.name, self.type, self.data) = (name, type, data) }
}
