//  What a linear classifier takes a moving feature for: probabilities along the way, and where the class changes.

internal import Foundation

extension WalkAnswer.Chart {
  /// Most classes that are drawn.
  static let mostClasses = 6

  /// Of logits that are linear in the step t, z(t) = base + t·slope, from −6 to 6.
  public init(base: [Double], slope: [Double]) {
    let range = WalkQuestion.positions
    let steps = Array(stride(from: range.lowerBound, through: range.upperBound, by: 0.25))
    let all = steps.map { Self.softmax(base, slope, at: $0) }
    let highest = base.indices.map { index in all.map { $0[index] }.max() ?? 0 }
    let chosen = base.indices.sorted { (-highest[$0], $0) < (-highest[$1], $1) }.prefix(Self.mostClasses)
    self.init(
      steps: steps, classes: Array(chosen),
      probabilities: chosen.map { index in all.map { ($0[index] * 1e6).rounded() / 1e6 } },
      changes: Self.changes(base, slope, in: range))
  }

  /// The softmax of base + t·slope.
  static func softmax(_ base: [Double], _ slope: [Double], at step: Double) -> [Double] {
    let values = zip(base, slope).map { $0 + step * $1 }
    let largest = values.max() ?? 0
    let powers = values.map { exp($0 - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  /// Where the largest of some lines becomes another: the corners of their upper envelope. Each one is where the line that
  /// leads is first met by a steeper one.
  static func changes(_ base: [Double], _ slope: [Double], in range: ClosedRange<Double>) -> [Change] {
    func value(_ index: Int, _ step: Double) -> Double { base[index] + step * slope[index] }
    // Of lines that are equal at the beginning the steepest leads from there on.
    guard
      var leader = base.indices.max(by: {
        (value($0, range.lowerBound), slope[$0], -$0) < (value($1, range.lowerBound), slope[$1], -$1)
      })
    else { return [] }
    var changes: [Change] = []
    while true {
      let crossings = base.indices.filter { slope[$0] > slope[leader] }.map { index in
        (step: (base[leader] - base[index]) / (slope[index] - slope[leader]), index: index)
      }
      guard
        let next = crossings.min(by: { ($0.step, -slope[$0.index], $0.index) < ($1.step, -slope[$1.index], $1.index) }),
        next.step <= range.upperBound
      else { return changes }
      changes.append(Change(step: max(next.step, range.lowerBound), from: leader, to: next.index))
      leader = next.index
    }
  }
}

extension WalkAnswer.Hand {
  /// Of the same logits at one step.
  public init(base: [Double], slope: [Double], at step: Double) {
    let probabilities = WalkAnswer.Chart.softmax(base, slope, at: step)
    let best = probabilities.indices.max { (probabilities[$0], -$0) < (probabilities[$1], -$1) } ?? 0
    self.init(predicted: best, confidence: probabilities.isEmpty ? 0 : probabilities[best])
  }
}
