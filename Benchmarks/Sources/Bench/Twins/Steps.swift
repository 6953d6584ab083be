//  Every step of a training beside the same step in float64, from the weights that the training had before it: its loss,
//  and where it led the weights.

import Foundation
import Results

struct Steps: Codable {
  /// One side's step beside the reference's. Both keep their own momentum and covariances, from all steps before.
  struct Error: Codable {
    /// |loss − reference's| / |reference's|.
    let loss: Double
    /// ‖Δ − Δ_r‖ / ‖Δ_r‖, Δ what the step adds to the parameters.
    let update: Double
    /// ⟨Δ, Δ_r⟩ / ‖Δ_r‖² − 1: by how much the step is too long in the direction where it should lead.
    let excess: Double
  }

  /// What `pytorch/steps.py` answers to a step.
  struct Answer: Codable {
    /// The reference's loss.
    let loss: Double
    let own, twin: Error
  }

  /// The loss of each step as this package reports it.
  var losses: [Double] = []
  /// The loss of each step in float64.
  var reference: [Double] = []
  /// This package's, and PyTorch's in the same precision.
  var own: [Error] = [], twin: [Error] = []
}

extension Steps: TwinFindings {
  /// Each error is that of this package, then PyTorch's.
  static let titles = [
    "steps", "first loss", "last loss", "loss apart, at most", "PyTorch's", "update apart, median", "PyTorch's",
    "update apart, at most", "PyTorch's", "too long, mean", "PyTorch's",
  ]

  var cells: [String] {
    func both(_ number: ([Error]) -> Double) -> [String] { [own, twin].map { short(number($0)) } }
    return ["\(losses.count)", significant(reference.first ?? .nan), significant(reference.last ?? .nan)]
      + both { $0.map(\.loss).max() ?? .nan }
      + both { Spread($0.map(\.update))?.median ?? .nan }
      + both { $0.map(\.update).max() ?? .nan }
      + both { $0.map(\.excess).reduce(0, +) / Double($0.count) }
  }
}
