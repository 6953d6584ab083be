//  Scores a blind test: do people see more along directions than along controls, do they see the same, and is it what the
//  direction is known to follow? Chance is what the same answers give when strips are dealt anew.

public import Results
internal import Torch

extension BlindScore {
  /// - Parameters:
  ///   - draws: random dealings; probabilities are (1 + those at least as large) / (1 + draws), one-sided.
  ///   - seed: the same one gives the same probabilities.
  public init(_ sheets: [BlindSheet], key: BlindKey, draws: Int = 9999, seed: UInt64 = 0) {
    let strips = Dictionary(key.strips.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
    let answers = sheets.flatMap(\.answers)
    let shown = strips.keys.sorted().filter { number in answers.contains { $0.strip == number } }
    // Strips are what is dealt, not answers: those of several people for one strip belong together.
    let clarity = shown.map { number in
      let given = answers.filter { $0.strip == number }.map { Double($0.clarity) }
      return given.reduce(0, +) / Double(given.count)
    }
    let isDirection = shown.map { strips[$0]?.kind.isControl == false }
    let generator = RandomGenerator(seed: seed, "blind score")
    func order() -> [Int] { generator.permutation(shown.count).array(of: Int64.self).map(Int.init) }

    let clearer = Self.clearer(clarity, isDirection)
    let clearerChance = clearer.map { observed in
      Self.chance(draws) { (Self.clearer(clarity, order().map { isDirection[$0] }) ?? 0) >= observed - 1e-12 }
    }

    let known = answers.filter { strips[$0.strip]?.factor != nil }
    let places = Set(known.map(\.strip)).sorted()
    let factors = places.map { (strips[$0]?.factor ?? "").lowercased() }
    func hits(_ dealt: [String]) -> Double? {
      let factor = Dictionary(zip(places, dealt), uniquingKeysWith: { first, _ in first })
      return known.isEmpty ? nil : Double(known.count { factor[$0.strip] == $0.attribute }) / Double(known.count)
    }
    let factorHits = hits(factors)
    var (sum, atLeast) = (0.0, 0)
    if let factorHits {
      for _ in 0..<draws {
        let dealt = generator.permutation(places.count).array(of: Int64.self).map { factors[Int($0)] }
        let value = hits(dealt) ?? 0
        sum += value
        if value >= factorHits - 1e-12 { atLeast += 1 }
      }
    }

    self.init(
      raters: sheets.count, answers: answers.count,
      directionClarity: Self.mean(zip(clarity, isDirection).filter { $0.1 }.map { $0.0 }),
      controlClarity: Self.mean(zip(clarity, isDirection).filter { !$0.1 }.map { $0.0 }),
      clearer: clearer, clearerChance: clearerChance,
      directionAgreement: Self.agreement(sheets, on: zip(shown, isDirection).filter { $0.1 }.map { $0.0 }),
      controlAgreement: Self.agreement(sheets, on: zip(shown, isDirection).filter { !$0.1 }.map { $0.0 }),
      factorHits: factorHits, factorHitsByChance: factorHits.map { _ in sum / Double(max(draws, 1)) },
      factorChance: factorHits.map { _ in Double(1 + atLeast) / Double(1 + draws) })
  }

  private static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  /// P(direction > control) + P(tie)/2 over all pairs; nil without both.
  private static func clearer(_ clarity: [Double], _ isDirection: [Bool]) -> Double? {
    let groups = (zip(clarity, isDirection).filter { $0.1 }, zip(clarity, isDirection).filter { !$0.1 })
    guard !groups.0.isEmpty, !groups.1.isEmpty else { return nil }
    let wins = groups.0.reduce(0.0) { sum, direction in
      groups.1.reduce(sum) { $0 + (direction.0 > $1.0 ? 1 : direction.0 == $1.0 ? 0.5 : 0) }
    }
    return wins / Double(groups.0.count * groups.1.count)
  }

  private static func chance(_ draws: Int, _ isAtLeast: () -> Bool) -> Double {
    Double(1 + (0..<draws).count { _ in isAtLeast() }) / Double(1 + draws)
  }

  /// Over all pairs of raters who both named something for a strip.
  private static func agreement(_ sheets: [BlindSheet], on strips: [Int]) -> Double? {
    var (same, all) = (0, 0)
    for strip in strips {
      let named = sheets.compactMap { sheet in sheet.answers.first { $0.strip == strip }?.attribute }
        .filter { !$0.isEmpty }
      for i in named.indices {
        for j in 0..<i {
          all += 1
          if named[i] == named[j] { same += 1 }
        }
      }
    }
    return all > 0 ? Double(same) / Double(all) : nil
  }
}
