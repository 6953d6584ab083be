//  A move of the hand and what it shows: a strip of real images, its control, and the classes along the way.

public import Results

/// Where the hand is.
public struct WalkQuestion: Sendable, Equatable {
  /// In σ, of every direction.
  public static let positions = -6.0...6.0
  public static let mostDirections = 4
  /// Images of a strip.
  public static let length = 9

  public struct Direction: Sendable, Equatable {
    public let id: String
    public let position: Double

    public init(id: String, position: Double) { (self.id, self.position) = (id, position) }
  }

  /// A row of the test images.
  public var anchor: Int
  /// The first is the active one; each once.
  public var directions: [Direction]
  public var query = WalkQuery.axis
  /// Between the images of the strip, in σ.
  public var spacing = 0.5
  public var hasControl = true

  public init(anchor: Int, directions: [Direction]) { (self.anchor, self.directions) = (anchor, directions) }

  /// The steps of the strip along the active direction, rising, the hand in the middle. Those next to 0 are 0, so that
  /// rounding does not hide the anchor.
  public var steps: [Double] {
    let half = Self.length / 2
    return (-half...half).map { place in
      let step = (directions.first?.position ?? 0) + Double(place) * spacing
      return abs(step) < 1e-9 ? 0 : step
    }
  }
}

/// A direction as it lies in the catalogue, or turned around: its id, with a minus before it.
public struct OrientedDirection: Sendable, Equatable, CustomStringConvertible {
  public let id: String
  public let isTurned: Bool

  public init(id: String, isTurned: Bool = false) { (self.id, self.isTurned) = (id, isTurned) }

  /// nil for an empty text.
  public init?(_ text: String) {
    let isTurned = text.hasPrefix("-")
    self.init(id: String(isTurned ? text.dropFirst() : text[...]), isTurned: isTurned)
    if id.isEmpty { return nil }
  }

  public var description: String { isTurned ? "-\(id)" : id }
}

/// The same walk in another run.
public struct WalkCompanion: Sendable, Equatable {
  public let run: Int
  /// For each direction of the walk the one that takes its place, nil for one that nothing does. Empty: those of the same
  /// ids.
  public let partners: [OrientedDirection?]

  public init(run: Int, partners: [OrientedDirection?]) { (self.run, self.partners) = (run, partners) }
}

public struct WalkAnswer: Encodable, Sendable {
  public struct Direction: Encodable, Sendable {
    public let id: String
    public let position, sigma: Double

    public init(id: String, position: Double, sigma: Double) {
      (self.id, self.position, self.sigma) = (id, position, sigma)
    }
  }

  public struct Cell: Encodable, Sendable, Equatable {
    public let step: Double
    public let row, label, predicted: Int
    public let confidence: Double
    public let achieved, offAxis: Double

    public init(
      step: Double, row: Int, label: Int, predicted: Int, confidence: Double, achieved: Double, offAxis: Double
    ) {
      (self.step, self.row, self.label, self.predicted) = (step, row, label, predicted)
      (self.confidence, self.achieved, self.offAxis) = (confidence, achieved, offAxis)
    }
  }

  public struct Control: Encodable, Sendable {
    public let title: String
    public let strip: [Cell]

    public init(title: String, strip: [Cell]) { (self.title, self.strip) = (title, strip) }
  }

  public struct Hand: Encodable, Sendable {
    public let predicted: Int
    public let confidence: Double

    public init(predicted: Int, confidence: Double) { (self.predicted, self.confidence) = (predicted, confidence) }
  }

  public struct Chart: Encodable, Sendable {
    public struct Change: Encodable, Sendable, Equatable {
      public let step: Double
      public let from, to: Int

      public init(step: Double, from: Int, to: Int) { (self.step, self.from, self.to) = (step, from, to) }
    }

    public let steps: [Double]
    public let classes: [Int]
    public let probabilities: [[Double]]
    public let changes: [Change]

    public init(steps: [Double], classes: [Int], probabilities: [[Double]], changes: [Change]) {
      (self.steps, self.classes, self.probabilities, self.changes) = (steps, classes, probabilities, changes)
    }
  }

  public let run: Int
  public let anchor: Int
  public let query: WalkQuery
  public let spacing: Double
  public let directions: [Direction]
  public let strip: [Cell]
  @Nullable public var control: Control?
  @Nullable public var tau: Double?
  public let hand: Hand
  public let chart: Chart
  public let command: String

  public init(
    run: Int, question: WalkQuestion, sigmas: [Double], strip: [Cell], control: Control?, tau: Double?, hand: Hand,
    chart: Chart, command: String
  ) {
    (self.run, anchor, query, spacing) = (run, question.anchor, question.query, question.spacing)
    directions = zip(question.directions, sigmas).map {
      Direction(id: $0.id, position: $0.position, sigma: $1)
    }
    (self.strip, self.hand, self.chart, self.command) = (strip, hand, chart, command)
    (self.control, self.tau) = (control, tau)
  }
}
