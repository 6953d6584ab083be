//  Comparison where only a printed table is left: mean, deviation and count of runs of both arms in each cell. Nothing is
//  paired and nothing can be resampled, so it is Welch's test cell by cell, and Holm over the cells.

public import Foundation
public import Storage

/// What a table of published results supports, cell by cell. Less is better, as for errors.
public struct SummaryComparison: Codable, Sendable {
  /// One network on one data set.
  public struct Cell: Codable, Sendable {
    public var name: String
    public var baseline: SummaryStatistics
    public var arm: SummaryStatistics
    /// Arm − baseline.
    public var difference: Double
    /// 95 %, Welch's, for this cell alone.
    public var interval: Interval
    public var degreesOfFreedom: Double
    public var pValue: Double
    /// After Holm over the cells.
    public var adjustedPValue: Double
    public var equivalencePValue: Double
    public var adjustedEquivalencePValue: Double
    public var verdict: Verdict.Word
  }

  public static let schemaVersion = 1
  public var schemaVersion = SummaryComparison.schemaVersion
  public var tolerance: Double
  public var cells: [Cell]

  /// Cells whose means differ at 5 % taken alone, and after Holm.
  public var significant: Int { cells.count { $0.pValue <= Verdict.level } }
  public var significantAfterHolm: Int { cells.count { $0.adjustedPValue <= Verdict.level } }

  static let columns = [
    "setting", "baseline_mean", "baseline_deviation", "baseline_runs", "arm_mean", "arm_deviation", "arm_runs",
  ]

  public init(_ rows: [(name: String, baseline: SummaryStatistics, arm: SummaryStatistics)], tolerance: Double) {
    let known = rows.map { MeanDifference(arm: $0.arm, baseline: $0.baseline) }
    let (raw, tost) = (known.map(\.pValue), known.map { $0.equivalencePValue(tolerance: tolerance) })
    let (adjusted, adjustedTOST) = (holm(raw), holm(tost))
    self.tolerance = tolerance
    cells = rows.indices.map { index in
      Cell(
        name: rows[index].name, baseline: rows[index].baseline, arm: rows[index].arm,
        difference: known[index].difference, interval: known[index].interval(level: 1 - Verdict.level),
        degreesOfFreedom: known[index].freedom, pValue: raw[index], adjustedPValue: adjusted[index],
        equivalencePValue: tost[index], adjustedEquivalencePValue: adjustedTOST[index],
        verdict: Verdict.word(
          difference: known[index].difference, differencePValue: adjusted[index],
          equivalencePValue: adjustedTOST[index]))
    }
  }

  /// Reads a table with the columns `setting`, `baseline_mean`, `baseline_deviation`, `baseline_runs`, `arm_mean`,
  /// `arm_deviation` and `arm_runs`, in any order and beside others.
  /// - Throws: `FileError` naming the line and the value at fault.
  public init(contentsOf url: URL, tolerance: Double) throws(FileError) {
    let expected = "a table with the columns \(Self.columns.joined(separator: ", "))"
    let (table, lines) = try CSVTable.read(url, expected: expected)
    var places: [Int] = []
    for column in Self.columns {
      guard let place = table.header.firstIndex(of: column) else {
        throw .malformed(path: url.path, found: "no column \"\(column)\"", expected: expected)
      }
      places.append(place)
    }
    guard !table.rows.isEmpty else { throw .malformed(path: url.path, found: "no row", expected: expected) }
    func statistics(_ row: [String], line: Int, from first: Int) throws(FileError) -> SummaryStatistics {
      func number(_ offset: Int, _ expected: String, _ holds: (Double) -> Bool) throws(FileError) -> Double {
        let text = row[places[first + offset]]
        guard let value = Double(text), value.isFinite, holds(value) else {
          throw .malformed(
            path: url.path, found: "\(Self.columns[first + offset]) \"\(text)\" in line \(line)", expected: expected)
        }
        return value
      }
      return SummaryStatistics(
        mean: try number(0, "a number") { _ in true },
        deviation: try number(1, "a deviation from 0 up") { $0 >= 0 },
        count: Int(
          try number(2, "a whole number of runs from 2 to 1000000") {
            $0 >= 2 && $0 <= 1_000_000 && $0 == $0.rounded()
          }))
    }
    var rows: [(name: String, baseline: SummaryStatistics, arm: SummaryStatistics)] = []
    for (row, line) in zip(table.rows, lines) {
      rows.append(
        (row[places[0]], try statistics(row, line: line, from: 1), try statistics(row, line: line, from: 4)))
    }
    self.init(rows, tolerance: tolerance)
  }
}
