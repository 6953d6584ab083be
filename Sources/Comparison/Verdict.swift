//  What the numbers allow to be said, in one of four words, with the sentence that explains it. The rule is fixed before
//  any number is seen, so that nobody chooses the test that likes the result.

/// How an arm compares with the baseline on a measure of which less is better.
public struct Verdict: Codable, Sendable, Equatable {
  public enum Word: String, Codable, Sendable {
    /// The arms differ, and the arm has less.
    case better
    /// The arms differ, and the arm has more.
    case worse
    /// If they differ, then by less than the tolerance.
    case equivalent
    /// Neither can be said.
    case undecided
  }

  public var word: Word
  public var sentence: String

  /// Of both decisions: that arms differ, and that they do not differ by the tolerance.
  public static let level = 0.05

  /// Equivalent where the difference is shown to be too small to matter, also if it is shown not to be 0; else better or
  /// worse where it is shown not to be 0; else undecided. Where the arms are alike, better or worse is said in at most 5 %
  /// of all studies; where they differ by the tolerance or more, equivalent in at most 5 %.
  /// - Parameters:
  ///   - differencePValue: of the primary test, corrected for the number of comparisons: exact sign-flip where runs are
  ///     paired, Welch where they are not. Nil where there are too few runs for a test.
  ///   - equivalencePValue: of TOST, corrected likewise.
  static func word(difference: Double, differencePValue: Double?, equivalencePValue: Double?) -> Word {
    if let equivalencePValue, equivalencePValue <= level { return .equivalent }
    guard let differencePValue, differencePValue <= level, difference != 0 else { return .undecided }
    return difference < 0 ? .better : .worse
  }
}

/// How numbers are written in sentences.
enum Wording {
  static func pValue(_ value: Double) -> String { value < 0.0001 ? "p < 0.0001" : "p = \(Format.pValue(value))" }

  static func interval(_ interval: Interval) -> String {
    "\(Format.signed(interval.lower)) to \(Format.signed(interval.upper))"
  }
}
