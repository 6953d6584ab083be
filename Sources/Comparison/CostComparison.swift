//  What an arm costs in time, from what the runs recorded of themselves.

internal import Foundation
internal import Results

/// Training time of a run.
public struct RunCost: Codable, Sendable, Equatable {
  /// Mean over epochs; the first one, in which λ = 0 and the machine warms up, is left out where there are more.
  public var secondsPerEpoch: Double
  public var imagesPerSecond: Double

  public init(secondsPerEpoch: Double, imagesPerSecond: Double) {
    (self.secondsPerEpoch, self.imagesPerSecond) = (secondsPerEpoch, imagesPerSecond)
  }

  /// Nil for no epoch, and for times that are not positive numbers.
  init?(_ records: [EpochRecord]) {
    let counted = records.count > 1 ? records.dropFirst() : records[...]
    let seconds = counted.map(\.seconds)
    guard !seconds.isEmpty, seconds.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
    secondsPerEpoch = seconds.mean
    imagesPerSecond = counted.map { $0.imagesPerSecond * $0.seconds }.reduce(0, +) / seconds.reduce(0, +)
  }
}

/// Time of an arm beside the baseline's.
public struct CostComparison: Codable, Sendable {
  /// Means over runs.
  public var baseline: RunCost
  public var arm: RunCost
  /// Geometric mean of seconds per epoch, arm ÷ baseline.
  public var ratio: Double
  /// 95 %, the t interval of the logarithms; nil for a single run in an arm.
  public var interval: Interval?

  /// Nil where the cost of any run is unknown.
  init?(arm: [RunCost?], baseline: [RunCost?], isPaired: Bool) {
    let (mine, other) = (arm.compactMap(\.self), baseline.compactMap(\.self))
    guard !mine.isEmpty, !other.isEmpty, mine.count == arm.count, other.count == baseline.count else { return nil }
    func mean(_ costs: [RunCost]) -> RunCost {
      RunCost(
        secondsPerEpoch: costs.map(\.secondsPerEpoch).mean, imagesPerSecond: costs.map(\.imagesPerSecond).mean)
    }
    (self.arm, self.baseline) = (mean(mine), mean(other))
    let (a, b) = (mine.map { log($0.secondsPerEpoch) }, other.map { log($0.secondsPerEpoch) })
    ratio = exp(a.mean - b.mean)
    guard min(a.count, b.count) > 1 else { return }
    let known =
      isPaired
      ? MeanDifference(paired: zip(a, b).map { $0 - $1 })
      : MeanDifference(arm: SummaryStatistics(a), baseline: SummaryStatistics(b))
    let logarithms = known.interval(level: 1 - Verdict.level)
    interval = Interval(lower: exp(logarithms.lower), upper: exp(logarithms.upper))
  }
}
