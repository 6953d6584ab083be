//  What an arm costs in time and memory, from what the runs recorded of themselves.

internal import Foundation
internal import Results

/// Training time and memory of a run.
public struct RunCost: Codable, Sendable, Equatable {
  /// Mean over epochs; the first one, in which λ = 0 and the machine warms up, is left out where there are more.
  public var secondsPerEpoch: Double
  public var imagesPerSecond: Double
  /// The most bytes of main memory that its process held; nil for runs of older versions. Of a run that was stopped and
  /// went on, the largest of its processes.
  public var peakMemory: Double?

  public init(secondsPerEpoch: Double, imagesPerSecond: Double, peakMemory: Double? = nil) {
    (self.secondsPerEpoch, self.imagesPerSecond) = (secondsPerEpoch, imagesPerSecond)
    self.peakMemory = peakMemory
  }

  /// Nil for no epoch, and for times that are not positive numbers.
  init?(_ records: [EpochRecord]) {
    let counted = records.count > 1 ? records.dropFirst() : records[...]
    let seconds = counted.map(\.seconds)
    guard !seconds.isEmpty, seconds.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
    secondsPerEpoch = seconds.mean
    imagesPerSecond = counted.map { $0.imagesPerSecond * $0.seconds }.reduce(0, +) / seconds.reduce(0, +)
    peakMemory = records.compactMap(\.peakMemory).max().map(Double.init)
  }
}

/// Time and memory of an arm beside the baseline's. Ratios are geometric means over runs, arm ÷ baseline, their
/// intervals 95 %, the t interval of the logarithms; nil for a single run in an arm.
public struct CostComparison: Codable, Sendable {
  /// Means over runs.
  public var baseline: RunCost
  public var arm: RunCost
  /// Of seconds per epoch.
  public var ratio: Double
  public var interval: Interval?
  /// Of peak memory; nil where it is not known of every run.
  public var memoryRatio: Double?
  public var memoryInterval: Interval?

  /// Nil where the time of any run is unknown.
  init?(arm: [RunCost?], baseline: [RunCost?], isPaired: Bool) {
    let (mine, other) = (arm.compactMap(\.self), baseline.compactMap(\.self))
    guard !mine.isEmpty, !other.isEmpty, mine.count == arm.count, other.count == baseline.count else { return nil }
    (self.arm, self.baseline) = (Self.mean(mine), Self.mean(other))
    (ratio, interval) = Self.ratio(mine.map(\.secondsPerEpoch), to: other.map(\.secondsPerEpoch), isPaired)
    let (memory, otherMemory) = (mine.compactMap(\.peakMemory), other.compactMap(\.peakMemory))
    guard memory.count == mine.count, otherMemory.count == other.count else { return }
    (memoryRatio, memoryInterval) = Self.ratio(memory, to: otherMemory, isPaired)
  }

  private static func mean(_ costs: [RunCost]) -> RunCost {
    let memory = costs.compactMap(\.peakMemory)
    return RunCost(
      secondsPerEpoch: costs.map(\.secondsPerEpoch).mean, imagesPerSecond: costs.map(\.imagesPerSecond).mean,
      peakMemory: memory.count == costs.count ? memory.mean : nil)
  }

  /// Of positive numbers.
  private static func ratio(_ arm: [Double], to baseline: [Double], _ isPaired: Bool) -> (Double, Interval?) {
    let (a, b) = (arm.map { log($0) }, baseline.map { log($0) })
    let ratio = exp(a.mean - b.mean)
    guard min(a.count, b.count) > 1 else { return (ratio, nil) }
    let known =
      isPaired
      ? MeanDifference(paired: zip(a, b).map { $0 - $1 })
      : MeanDifference(arm: SummaryStatistics(a), baseline: SummaryStatistics(b))
    let logarithms = known.interval(level: 1 - Verdict.level)
    return (ratio, Interval(lower: exp(logarithms.lower), upper: exp(logarithms.upper)))
  }
}
