//  A test of directions with people: strips of images without a word on them, a sheet to say what changes along each, and
//  a key that nobody who answers should see. Whether a direction means something is decided by whether people who do not
//  know which strips are controls see more in the others, and see the same.

public import Foundation
public import Storage

/// What each strip of a blind test was: the key.
public struct BlindKey: Codable, Sendable {
  public static let schemaVersion = 1

  public struct Strip: Codable, Sendable {
    /// As the strip and the sheet are numbered, from 1.
    public var number: Int
    public var classIndex: Int
    public var kind: Walk.Kind
    /// Shown from its positive end to its negative one.
    public var isMirrored: Bool
    /// The known factor that correlates most with the direction, where it is above chance; nil if none is or for controls.
    public var factor: String?

    public init(number: Int, classIndex: Int, kind: Walk.Kind, isMirrored: Bool, factor: String?) {
      (self.number, self.classIndex, self.kind) = (number, classIndex, kind)
      (self.isMirrored, self.factor) = (isMirrored, factor)
    }
  }

  public var schemaVersion = BlindKey.schemaVersion
  public var run: String
  public var seed: UInt64
  public var classNames: [String]
  /// What could be answered; empty if any word could.
  public var attributes: [String]
  public var strips: [Strip]

  public init(run: String, seed: UInt64, classNames: [String], attributes: [String], strips: [Strip]) {
    (self.run, self.seed, self.classNames) = (run, seed, classNames)
    (self.attributes, self.strips) = (attributes, strips)
  }
}

/// One filled-in sheet: an answer for each strip that was looked at.
public struct BlindSheet: Sendable, Equatable {
  public struct Answer: Sendable, Equatable {
    public let strip: Int
    /// 0, nothing changes from end to end, to 4, one thing changes clearly.
    public let clarity: Int
    /// What changes; empty if nothing was named.
    public let attribute: String

    public init(strip: Int, clarity: Int, attribute: String) {
      (self.strip, self.clarity, self.attribute) = (strip, clarity, attribute)
    }
  }

  public static let header = ["strip", "clarity", "attribute"]

  public let answers: [Answer]

  /// Reads a sheet; strips without clarity were not looked at and are left out.
  /// - Throws: `FileError` naming the line at fault.
  public init(contentsOf file: URL, strips: Set<Int>) throws(FileError) {
    let expected = "the columns strip, clarity (0 to 4) and attribute"
    let text = String(decoding: try WholeFile.read(file, expected: expected), as: UTF8.self)
    let lines = text.split(whereSeparator: \.isNewline).map(Self.cells)
    guard let header = lines.first, header.map({ $0.lowercased() }) == Self.header else {
      throw .malformed(path: file.path, found: "the header \(lines.first ?? [])", expected: expected)
    }
    var answers: [Answer] = []
    for (index, cells) in lines.enumerated().dropFirst() {
      func malformed(_ found: String, _ expected: String) -> FileError {
        .malformed(path: file.path, found: "line \(index + 1): \(found)", expected: expected)
      }
      guard cells.count == 3 else { throw malformed("\(cells.count) cells", expected) }
      guard let strip = Int(cells[0]), strips.contains(strip) else {
        throw malformed("strip \"\(cells[0])\"", "a strip of the key")
      }
      guard !cells[1].isEmpty else { continue }
      guard let clarity = Int(cells[1]), (0...4).contains(clarity) else {
        throw malformed("clarity \"\(cells[1])\"", "a whole number from 0 to 4")
      }
      guard !answers.contains(where: { $0.strip == strip }) else {
        throw malformed("strip \(strip) again", "each once")
      }
      answers.append(Answer(strip: strip, clarity: clarity, attribute: cells[2].lowercased()))
    }
    self.answers = answers
  }

  /// The cells of a line, quotes undone, spaces around them gone.
  private static func cells(_ line: Substring) -> [String] {
    var (cells, cell, isQuoted) = ([String](), "", false)
    var rest = line[...]
    while let character = rest.popFirst() {
      switch (character, isQuoted) {
      case ("\"", true) where rest.first == "\"":
        rest.removeFirst()
        cell.append("\"")
      case ("\"", _): isQuoted.toggle()
      case (",", false):
        cells.append(cell)
        cell = ""
      default: cell.append(character)
      }
    }
    return (cells + [cell]).map { $0.trimmingCharacters(in: .whitespaces) }
  }
}

/// What the answers say.
public struct BlindScore: Codable, Sendable, Equatable {
  public var raters: Int
  public var answers: Int
  /// Mean clarity of directions, and of controls; nil without answers.
  public var directionClarity: Double?
  public var controlClarity: Double?
  /// The share of pairs of a direction and a control in which the direction is the clearer one, a tie counting half:
  /// 0.5 is chance.
  public var clearer: Double?
  /// How often that share is at least as large when strips are called directions and controls at random.
  public var clearerChance: Double?
  /// The share of pairs of raters that name the same attribute for a strip, for directions and for controls.
  public var directionAgreement: Double?
  public var controlAgreement: Double?
  /// Of the answers for directions whose factor is known, the share that names it; the same when the factors are dealt
  /// to these strips at random, and how often that share is then at least as large.
  public var factorHits: Double?
  public var factorHitsByChance: Double?
  public var factorChance: Double?

  public init(
    raters: Int, answers: Int, directionClarity: Double?, controlClarity: Double?, clearer: Double?,
    clearerChance: Double?, directionAgreement: Double?, controlAgreement: Double?, factorHits: Double?,
    factorHitsByChance: Double?, factorChance: Double?
  ) {
    (self.raters, self.answers, self.directionClarity) = (raters, answers, directionClarity)
    (self.controlClarity, self.clearer, self.clearerChance) = (controlClarity, clearer, clearerChance)
    (self.directionAgreement, self.controlAgreement) = (directionAgreement, controlAgreement)
    (self.factorHits, self.factorHitsByChance, self.factorChance) = (factorHits, factorHitsByChance, factorChance)
  }
}
