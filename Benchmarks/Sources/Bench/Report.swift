//  What a run of the benchmarks leaves: every round's time, on what machine, and what follows from it.

import Foundation
import Results

struct Report: Codable {
  struct Measurement: Codable {
    let side: String
    let quantity: Side.Quantity
    /// One value a round: seconds for one repetition, or bytes.
    var values: [Double] = []
    /// Of the libtorch that it ran.
    var libtorch: String?
    /// Why there are no values, if there are none.
    var failure: String?
  }

  struct Ratio: Codable {
    let numerator, denominator: String
    /// Of the ratios round by round, because what slows a machine down for a while slows both sides of a round.
    let spread: Spread
    let target: Target?
    /// By the median.
    let isReached: Bool?
  }

  struct Row: Codable {
    let benchmark, row, unit: String
    /// How many images a repetition takes in.
    let images: Int?
    var measurements: [Measurement]
    var ratios: [Ratio] = []

    subscript(side: String) -> Measurement? { measurements.first { $0.side == side && !$0.values.isEmpty } }
  }

  var schemaVersion = 2
  let environment: RunEnvironment
  let physicalCores: Int
  let waiting: String
  let rounds: Int
  /// Short rounds and small sets: shows that everything runs, and its numbers say little.
  let isQuick: Bool
  var rows: [Row] = []
}

extension Report.Row {
  /// A side's median time or memory, and its images a second.
  func median(of side: String) -> String {
    guard let measurement = self[side], let median = Spread(measurement.values)?.median else { return "–" }
    let text = readable(median, measurement.quantity)
    guard let images, measurement.quantity != .bytes else { return text }
    return "\(text), \(significant((Double(images) / median).rounded())) images/s"
  }

  /// The ratio that a claim speaks of; nil if a side has no numbers.
  func ratio(_ claim: Claim) -> Report.Ratio? {
    func median(_ measurement: Report.Measurement) -> Double { Spread(measurement.values)?.median ?? .infinity }
    let numerators = claim.numerators.compactMap { self[$0] }
    guard let denominator = self[claim.denominator], let numerator = numerators.min(by: { median($0) < median($1) }),
      let spread = Spread(zip(numerator.values, denominator.values).map { $0 / $1 })
    else { return nil }
    return Report.Ratio(
      numerator: numerator.side, denominator: denominator.side, spread: spread, target: claim.target,
      isReached: claim.target.map { $0.isReached(by: spread.median) })
  }
}

extension Report {
  /// The table that the README shows.
  var markdown: String {
    var lines = [
      "| benchmark | ratio | median | quartiles | target | reached |", "|---|---|---:|---:|---:|---|",
    ]
    for row in rows {
      for ratio in row.ratios {
        let operands = [ratio.numerator, ratio.denominator].map { side in
          "\(side) (\(row.median(of: side)))"
        }
        lines.append(
          "| \(row.benchmark) \(row.row) | \(operands.joined(separator: " ÷ ")) | \(significant(ratio.spread.median)) "
            + "| \(significant(ratio.spread.lowerQuartile)) – \(significant(ratio.spread.upperQuartile)) "
            + "| \(ratio.target?.text ?? "") | \(ratio.isReached.map { $0 ? "yes" : "no" } ?? "") |")
      }
      for measurement in row.measurements {
        guard let failure = measurement.failure else { continue }
        lines.append("| \(row.benchmark) \(row.row) | \(measurement.side): \(failure) | | | | |")
      }
    }
    return lines.joined(separator: "\n")
  }

  /// Machine, versions and how it was run, in one line.
  var circumstances: String {
    // Without what PyTorch adds for the build, as in 2.13.0+cpu.
    let versions = rows.flatMap(\.measurements).compactMap { $0.libtorch?.prefix { $0 != "+" } }
    let threads = environment.threads == 1 ? "1 thread" : "\(environment.threads) threads"
    return "\(environment.processor), \(environment.vectorInstructions), \(threads) on "
      + "\(physicalCores) cores; libtorch "
      + Set(versions).sorted().joined(separator: " and ") + "; \(environment.precision) training; \(rounds) rounds"
      + (isQuick ? " (quick)" : "") + "; \(environment.started.formatted(.iso8601))"
      + (environment.gitCommit.map { "; commit \($0.prefix(7))" } ?? "")
  }
}

extension Target {
  /// `≥ 20`.
  var text: String { (direction == .atLeast ? "≥ " : "≤ ") + significant(bound) }
}

/// A number with a unit that fits.
func readable(_ value: Double, _ quantity: Side.Quantity) -> String {
  let units: [(Double, String)] =
    switch quantity {
    case .seconds, .median, .tail: [(1, "s"), (1e-3, "ms"), (1e-6, "µs")]
    case .bytes: [(1e9, "GB"), (1e6, "MB"), (1e3, "kB")]
    }
  let (scale, unit) = units.first { value >= $0.0 } ?? units[units.count - 1]
  return "\(significant(value / scale)) \(unit)"
}

/// Three digits, and no more behind the point than they need.
func significant(_ value: Double) -> String {
  guard value.isFinite, value != 0 else { return value == 0 ? "0" : "–" }
  let digits = max(0, 2 - Int(log10(abs(value)).rounded(.down)))
  let text = String(format: "%.\(digits)f", value)
  guard text.contains(".") else { return text }
  return String(text.reversed().drop { $0 == "0" }.drop { $0 == "." }.reversed())
}
