//  Which directions of two runs are each other's: by the scores of the images that both have seen.

internal import Analysis
public import Explorer

/// Scores of one class's images along directions by id, one row an image.
public struct DirectionScores: Sendable {
  let principal: [String]
  let principalScores: [[Double]]
  let others: [String]
  let otherScores: [[Double]]
}

/// Principal directions matched by their scores, and others by name.
public func directionMatches(
  _ a: DirectionScores, _ b: DirectionScores, classIndex: Int
) -> MatchesAnswer {
  let matched = matchedDirections(a.principalScores, b.principalScores, classIndex: classIndex)
  let chance = matched?.chanceLevel ?? 1
  var pairs = (matched?.pairs ?? []).map { pair in
    MatchesAnswer.Pair(
      first: a.principal[pair.first], second: b.principal[pair.second], correlation: pair.correlation,
      found: abs(pair.correlation) > chance)
  }
  for (i, id) in a.others.enumerated() {
    guard let j = b.others.firstIndex(of: id) else { continue }
    let (x, y) = (a.otherScores.map { $0[i] }, b.otherScores.map { $0[j] })
    let scale = (x.reduce(0) { $0 + $1 * $1 } * y.reduce(0) { $0 + $1 * $1 }).squareRoot()
    let product = zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
    pairs.append(.init(first: id, second: id, correlation: scale > 0 ? product / scale : 0, found: true))
  }
  return MatchesAnswer(classIndex: classIndex, chanceLevel: chance, pairs: pairs)
}
