//  The learning rate, step by step.

internal import Foundation
public import Results

/// The rate of each step of a run.
public struct LearningRate: Sendable {
  let initial: Double
  let schedule: RunConfiguration.Schedule
  let epochs: Int
  let stepsPerEpoch: Int

  public init(initial: Double, schedule: RunConfiguration.Schedule, epochs: Int, stepsPerEpoch: Int) {
    (self.initial, self.schedule, self.epochs, self.stepsPerEpoch) = (initial, schedule, epochs, stepsPerEpoch)
  }

  /// The rate of a step counted from 0 over the whole run.
  public func rate(step: Int) -> Double {
    switch schedule {
    case .cosine:
      return initial * 0.5 * (1 + cos(.pi * Double(step) / Double(epochs * stepsPerEpoch)))
    case .step:
      let epoch = step / stepsPerEpoch
      let decays = [epochs / 2, epochs * 3 / 4].count { $0 > 0 && epoch >= $0 }
      return initial * pow(0.1, Double(decays))
    case .steps(let starts, let factor):
      let epoch = step / stepsPerEpoch + 1
      return initial * pow(factor, Double(starts.count { epoch >= $0 }))
    }
  }
}
