//  What a run tells those who wait for it: events while it goes on, and why it ended without its last epoch.

internal import Foundation
public import Results

/// What a run tells while it goes on.
public enum TrainingEvent: Sendable {
  /// After a step, a few times a second.
  case step(StepReport)
  case evaluating(done: Int, of: Int)
  case epochEnded(EpochRecord)
  /// A stopped run goes on: in this epoch (from 1), after so many of its steps.
  case resumed(epoch: Int, step: Int)
  /// What a user should know, though the run goes on.
  case notice(String)
}

/// The state of an epoch after a step.
public struct StepReport: Sendable {
  /// From 1.
  public let epoch: Int
  public let epochs: Int
  /// Steps of this epoch that are done.
  public let step: Int
  public let steps: Int
  public let imagesPerSecond: Double
  /// Means over the epoch so far; the error in percent.
  public let loss: Double
  public let error: Double
  /// To the end of the run, at the speed so far.
  public let secondsLeft: Double
}

/// Why a run ended without its last epoch.
public enum TrainingError: Error, CustomStringConvertible {
  /// The loss, a covariance or the term that ISDA adds is no longer finite. `what` names it.
  case notFinite(what: String, epoch: Int, step: Int, className: String)
  /// Stopped on request after `step` of `epoch`; the folder holds all that the run continues from.
  case interrupted(epoch: Int, step: Int, folder: RunFolder)

  public var description: String {
    switch self {
    case .notFinite(let what, let epoch, let step, let className):
      "\(what) is not finite in epoch \(epoch), step \(step), for class \"\(className)\"; "
        + "try a smaller --learning-rate or --lambda"
    case .interrupted(let epoch, let step, let folder):
      "stopped in epoch \(epoch) after step \(step); `isda train --resume \(folder.url.relativePath)` continues"
    }
  }
}
