//  A direction of the list with all that was measured of it, from the catalogue and the measures of a run.

internal import Foundation
public import Results
internal import Storage

public struct DirectionAnswer: Encodable, Sendable {
  public let id: String
  public let kind: DirectionEntry.Kind
  @Nullable public var classIndex: Int?
  public let title: String
  @Nullable public var name: String?
  @Nullable public var note: String?
  public let sigma: Double
  public let lower, upper: Double
  public let version: String
  public let mine: Bool
  @Nullable public var rank: Int?
  @Nullable public var share: Interval?
  @Nullable public var verdict: String?
  @Nullable public var pValue: Double?
  @Nullable public var stability: Interval?
  @Nullable public var group: [Int]?
  @Nullable public var visibleShare: Double?
  @Nullable public var margin: Interval?
  @Nullable public var survivors: Interval?

  enum CodingKeys: String, CodingKey {
    case classIndex = "class"
    case id, kind, title, name, note, sigma, lower, upper, version, mine, rank, share, verdict, pValue, stability
    case group, visibleShare, margin, survivors
  }

  /// - Parameters:
  ///   - visibleShare: what the classifier sees of the direction.
  ///   - significance: of the run, if it was measured.
  ///   - margins: likewise.
  public init(
    _ entry: DirectionEntry, visibleShare: Double?, significance: DirectionSignificance?, margins: MarginBudgets?
  ) {
    (id, kind, title, sigma) = (entry.id, entry.kind, entry.title, entry.sigma)
    (lower, upper, version, mine) = (entry.lower, entry.upper, entry.version, entry.kind.isMadeByPeople)
    (classIndex, name, note) = (entry.classIndex, entry.name, entry.note)
    self.visibleShare = visibleShare
    guard let rank = entry.rank, let classIndex = entry.classIndex else { return }
    self.rank = rank
    let measured = significance?.classes.first { $0.classIndex == classIndex }?.directions
    if let measured, measured.indices.contains(rank - 1) {
      let direction = measured[rank - 1]
      share = Interval(direction.share, direction.shareInterval.lower, direction.shareInterval.upper)
      verdict = direction.standsOut ? "stands-out" : "noise"
      pValue = direction.pValue
      stability = direction.cosine.map {
        Interval($0, direction.cosineRange?.lower ?? $0, direction.cosineRange?.upper ?? $0)
      }
      group = [direction.firstOfGroup, direction.lastOfGroup]
    }
    let budgets = margins?.classes.first { $0.classIndex == classIndex }?.directions
    if let budget = budgets?.first(where: { $0.direction == rank }) {
      let (median, kept) = (budget.either.median, budget.survivors)
      margin = Interval(median.value, median.lower, median.upper)
      survivors = Interval(kept.value, kept.lower, kept.upper)
    }
  }
}

extension DirectionEntry.Kind {
  /// Made or brought by people, and so theirs to delete.
  public var isMadeByPeople: Bool { self == .own || self == .imported }
}

extension DirectionEntry {
  /// The place of a principal direction among those of its class, from 1.
  public var rank: Int? {
    kind == .principal ? id.split(separator: ".").last.flatMap { Int($0) } : nil
  }

  /// Changes with whatever people can change of it.
  public var version: String {
    let parts = [name ?? "", note ?? "", "\(lower)", "\(upper)"]
    return String(Data(parts.joined(separator: "\u{0}").utf8).sha256.prefix(16))
  }
}
