//  The ratios as bars: those that should be large together, those that should be small benchmark by benchmark, because
//  their sizes have nothing in common. Axes are logarithmic, because a half and a double are equally far from one; a
//  line runs from quartile to quartile, and a mark stands at the target.

import Canvas
import Foundation

struct RatioChart {
  static let heading = "Speed beside PyTorch"

  let report: Report

  private struct Bar {
    let row: Report.Row
    let ratio: Report.Ratio
    var label: String { "\(row.benchmark) \(row.row)" }
    var operands: String { "\(ratio.numerator) ÷ \(ratio.denominator)" }
    var extremes: [Double] {
      [ratio.spread.lowerQuartile, ratio.spread.upperQuartile] + (ratio.target.map { [$0.bound] } ?? [])
    }
  }

  private static let (margin, plotWidth, barPitch, barHeight) = (28.0, 380.0, 22.0, 11.0)
  private static let (title, strong) = (Font(16, .semibold), Font(11.5, .semibold))
  private static let (label, small) = (Font(10.5), Font(9.5))
  private static let (ink, secondary, grid) = (Color(0x1D1D1F), Color(0x5E5E63), Color(0xE7E7EA))
  private static let (reached, missed, neutral) = (Palette.okabeIto[0], Palette.okabeIto[1], Color(0x9A9AA0))

  func drawing() -> Drawing {
    let bars = report.rows.flatMap { row in row.ratios.map { Bar(row: row, ratio: $0) } }
    let groups = self.groups(of: bars)
    let ruler = TextRuler()
    let labelWidth = ruler.width(ofWidest: bars.map(\.label), font: Self.label) + 12
    let operandWidth = ruler.width(ofWidest: bars.map(\.operands), font: Self.label) + 14
    let left = Self.margin + labelWidth + operandWidth
    let width = left + Self.plotWidth + 130 + Self.margin
    let notes = ruler.lines(
      of: report.circumstances + ". Bars are medians of the ratios round by round, lines reach from quartile to "
        + "quartile, black marks are targets.", font: Self.small, width: width - 2 * Self.margin)
    let height =
      Self.margin + 34 + groups.reduce(0) { $0 + 62 + Double($1.bars.count) * Self.barPitch }
      + Double(notes.count) * 13 + Self.margin

    return Drawing(width: width, height: height) { canvas in
      var y = Self.margin
      canvas.text(Self.heading, at: Point(Self.margin, y), font: Self.title, color: Self.ink, vertical: .top)
      y += 34
      for (heading, bars) in groups {
        canvas.text(heading, at: Point(Self.margin, y), font: Self.strong, color: Self.ink, vertical: .top)
        y += 24
        draw(bars, on: canvas, left: left, top: y, operandsAt: Self.margin + labelWidth)
        y += Double(bars.count) * Self.barPitch + 38
      }
      for line in notes {
        canvas.text(line, at: Point(Self.margin, y), font: Self.small, color: Self.secondary, vertical: .top)
        y += 13
      }
    }
  }

  private func groups(of bars: [Bar]) -> [(heading: String, bars: [Bar])] {
    func having(_ direction: Target.Direction?, _ benchmark: String? = nil) -> [Bar] {
      bars.filter { $0.ratio.target?.direction == direction && [$0.row.benchmark, nil].contains(benchmark) }
    }
    let small = benchmarks.map { ("To be small: \($0.name)", having(.atMost, $0.name)) }
    let all =
      [("To be large: how many times as long the other side takes", having(.atLeast))] + small
      + [("For information", having(nil))]
    return all.filter { !$0.1.isEmpty }
  }

  private func draw(_ bars: [Bar], on canvas: Canvas, left: Double, top: Double, operandsAt: Double) {
    let axis = LogarithmicAxis(covering: bars.flatMap(\.extremes))
    let bottom = top + Double(bars.count) * Self.barPitch
    func across(_ value: Double) -> Double { left + axis.fraction(value) * Self.plotWidth }

    for tick in axis.ticks {
      canvas.move(across(tick), top)
      canvas.line(across(tick), bottom)
      canvas.stroke(tick == 1 ? Self.neutral : Self.grid, width: 0.75)
      canvas.text(
        significant(tick), at: Point(across(tick), bottom + 5), font: Self.small, color: Self.secondary,
        horizontal: .center, vertical: .top)
    }
    for (index, bar) in bars.enumerated() {
      let middle = top + (Double(index) + 0.5) * Self.barPitch
      let color = bar.ratio.isReached.map { $0 ? Self.reached : Self.missed } ?? Self.neutral
      canvas.text(bar.label, at: Point(Self.margin, middle), font: Self.label, color: Self.ink, vertical: .middle)
      canvas.text(
        bar.operands, at: Point(operandsAt, middle), font: Self.label, color: Self.secondary, vertical: .middle)

      // A bar on a logarithmic axis has no zero to stand on; it begins at 1, where both sides are equal.
      let (from, to) = (across(1), across(bar.ratio.spread.median))
      canvas.rectangle(
        Rectangle(
          x: min(from, to), y: middle - Self.barHeight / 2, width: max(abs(to - from), 1), height: Self.barHeight))
      canvas.fill(color.opacity(0.75))
      canvas.move(across(bar.ratio.spread.lowerQuartile), middle)
      canvas.line(across(bar.ratio.spread.upperQuartile), middle)
      canvas.stroke(Self.ink, width: 1.5)
      if let target = bar.ratio.target {
        canvas.move(across(target.bound), middle - 8)
        canvas.line(across(target.bound), middle + 8)
        canvas.stroke(Self.ink, width: 2.5)
      }
      let value = significant(bar.ratio.spread.median) + "×"
      canvas.text(
        value + (bar.ratio.target.map { "  (\($0.text))" } ?? ""), at: Point(left + Self.plotWidth + 14, middle),
        font: Self.label, color: color == Self.missed ? Self.missed : Self.ink, vertical: .middle)
    }
  }
}

/// From a round number to a round number, 1 always among them.
private struct LogarithmicAxis {
  let ticks: [Double]

  init(covering values: [Double]) {
    let positive = values.filter { $0.isFinite && $0 > 0 } + [1]
    let (least, greatest) = (positive.min() ?? 1, positive.max() ?? 1)
    // Finer marks where all values are close together.
    let multiples: [Double] =
      switch greatest / least {
      case ..<1.08: [1, 1.01, 1.02, 1.05, 9.5, 9.8, 9.9]
      case ..<1.6: [1, 1.1, 1.2, 1.5, 2, 5, 7, 8, 9]
      case ..<100: [1, 2, 5]
      default: [1]
      }
    let exponents = Int(log10(least).rounded(.down)) - 1...Int(log10(greatest).rounded(.up)) + 1
    let candidates = exponents.flatMap { exponent in multiples.map { $0 * pow(10, Double(exponent)) } }
    let lower = candidates.last { $0 <= least * 1.0001 } ?? least
    let upper = candidates.first { $0 >= greatest * 0.9999 && $0 > lower } ?? greatest
    ticks = candidates.filter { $0 >= lower && $0 <= upper }
  }

  /// 0 at the first tick, 1 at the last.
  func fraction(_ value: Double) -> Double {
    guard let lower = ticks.first, let upper = ticks.last, value > 0 else { return 0 }
    return min(max(log(value / lower) / log(upper / lower), 0), 1)
  }
}
