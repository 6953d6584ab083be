//  Made-up results for the figures of ISDA's premise.

import Foundation
import Results

@testable import Figures

extension Examples {
  static func bound(classes: Int = 10) -> BoundReport {
    func point(_ split: ImageReference.Split, _ classIndex: Int?, _ lambda: Double) -> BoundReport.Point {
      let noise = classIndex.map { 0.15 * sin(Double($0) * 1.7) } ?? 0
      let plain = split == .train ? 0.11 : 0.36
      let effect = lambda * (split == .train ? 0.31 : 0.27) * (1 + noise)
      let ratio = (0.12 + 0.17 * lambda) * (1 + noise)
      return BoundReport.Point(
        split: split, classIndex: classIndex, lambda: lambda, images: 10_000, crossEntropy: plain,
        expectation: plain + effect, bound: plain + effect * (1 + ratio), standardError: 1e-4,
        effect: Estimate(effect, from: effect * 0.97, to: effect * 1.03),
        gap: Estimate(effect * ratio, from: effect * ratio * 0.95, to: effect * ratio * 1.05),
        gapOverEffect: lambda > 0
          ? Estimate(ratio, from: ratio * 0.94, to: ratio * 1.06) : Estimate(.nan, from: .nan, to: .nan),
        violations: 0)
    }
    let groups: [Int?] = [nil] + (0..<classes).map { $0 }
    return BoundReport(
      classNames: names(classes),
      points: [ImageReference.Split.train, .test].flatMap { split in
        [0, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2].flatMap { lambda in groups.map { point(split, $0, lambda) } }
      })
  }

  static func margins(classes: Int = 10, directions: Int = 5) -> MarginBudgets {
    var noise = Noise(31)
    func side(_ median: Double) -> MarginBudgets.Side {
      .init(
        median: Estimate(median, from: median * 0.96, to: median * 1.05), lowerQuartile: median * 0.7,
        upperQuartile: median * 1.5)
    }
    return MarginBudgets(
      classNames: names(classes),
      classes: (0..<classes).map { index in
        .init(
          classIndex: index, images: 1000, recognised: 880 + index,
          directions: (0..<directions).map { k in
            let base = 2.5 + Double(k) * 1.6 + 1.5 * noise.uniform()
            let other = k == 3 ? Double.infinity : base * (0.8 + noise.uniform())
            let share = min(0.99, base / 9)
            return .init(
              direction: k + 1, sigma: 1 / Double(k + 1), positive: side(base), negative: side(other),
              either: side(min(base, other)), survivors: Estimate(share, from: share - 0.02, to: share + 0.02))
          })
      })
  }

  static func preservation() -> Preservation {
    let kinds: [(Preservation.Kind, Double)] = [
      (.ownDraw, 2.6), (.ownDirection(1), 2.1), (.ownDirection(2), 2.4), (.ownDirection(3), 2.5), (.otherDraw, 2.8),
      (.towardsOther, 1.2), (.isotropic, 4.6),
    ]
    let steps = [0] + (0...6).map { 0.5 * pow(2, Double($0) / 2) }
    return Preservation(
      galleries: ["test": 9000], deviations: Array(repeating: 1.4, count: 10),
      points: kinds.flatMap { kind, reach in
        Preservation.Part.allCases.flatMap { part in
          steps.map { step in
            let scale = part == .inside ? 0.8 : 1
            let kept = part == .outside ? 1 : 1 / (1 + pow(step / (reach * scale), 4))
            let near = (part == .outside ? 0.97 : 0.93) / (1 + pow(step / (reach * scale + 0.6), 4))
            let far = 1 + step * step * (kind == .isotropic ? 0.7 : part == .outside ? 0.4 : 0.2)
            return Preservation.Point(
              split: .test, kind: kind, part: part, step: step, anchors: 1000,
              predictions: Estimate(kept, from: max(0, kept - 0.025), to: min(1, kept + 0.025)),
              neighbours: Estimate(near, from: max(0, near - 0.03), to: min(1, near + 0.03)),
              distance: Estimate(far, from: far * 0.97, to: far * 1.03))
          }
        }
      })
  }

  static func measures(_ progress: Double, isTrain: Bool, isISDA: Bool) -> CollapseMeasures {
    let decay = exp(-4 * progress) + (isTrain ? 0.02 : 0.08)
    let share = 0.62 - (isISDA ? 0.2 : 0.05) * progress
    return CollapseMeasures(
      images: 1000, nc1: 4 * decay, traceRatio: 2 * decay, cdnv: 1.5 * decay, frameError: 0.2 + 0.6 * decay,
      equinorm: 0.1, equiangularity: 0.1, dualityError: 0.3 + 0.7 * decay, nearestMeanAgreement: 1 - 0.3 * decay,
      visibleShare: share, withinTrace: 1 + decay * 3, meanDistance: 2 + 2 * progress, weightDistance: 0.5 + progress,
      term: 0.4 * decay + 0.1, alignment: isISDA ? 2.1 - progress : 2.3, marginVariance: 0.5 * decay)
  }

  static func collapse(epochs: Int = 40) -> CollapseFigure {
    func run(_ name: String, isISDA: Bool) -> CollapseFigure.Run {
      var records = Self.records(seed: 3, final: 8, epochs: epochs)
      for index in records.indices {
        let progress = Double(index) / Double(max(epochs - 1, 1))
        records[index].collapse = EpochCollapse(
          train: measures(progress, isTrain: true, isISDA: isISDA),
          test: measures(progress, isTrain: false, isISDA: isISDA))
      }
      return .init(name: name, records: records, setting: "resnet20 on portraits")
    }
    return CollapseFigure([run("cross-entropy", isISDA: false), run("ISDA λ₀=0.5", isISDA: true)])
  }

  static func collapseReport() -> CollapseReport {
    CollapseReport(
      classNames: classNames, featureCount: 64, visibleDimensions: 9,
      train: measures(1, isTrain: true, isISDA: true), test: measures(1, isTrain: false, isISDA: true), classes: [])
  }
}
