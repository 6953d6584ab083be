//  From walks to a blind test: which strips there are, in what order, which way round, and what people are told.

public import Results
internal import Torch

/// The strips of some walks, dealt for people who are not to know which is which.
public struct BlindTest {
  public let key: BlindKey
  /// From left to right, for each strip of the key.
  public let images: [[ImageReference]]

  /// - Parameters:
  ///   - walks: each line of each becomes a strip.
  ///   - factors: what is known of the images; then people choose among these.
  ///   - seed: order and direction of the strips follow from it.
  public init(
    _ walks: [Walk], factors: FactorCorrelations?, classNames: [String], run: String, seed: UInt64
  ) {
    let generator = RandomGenerator(seed: seed, "blind test")
    let lines = walks.flatMap { walk in walk.rows.map { (walk, $0) } }
    let order = generator.permutation(lines.count).array(of: Int64.self).map(Int.init)
    let mirrored = generator.integers(in: 0..<2, [lines.count]).array(of: Int64.self)
    var (strips, images) = ([BlindKey.Strip](), [[ImageReference]]())
    for (place, index) in order.enumerated() {
      let (walk, row) = lines[index]
      let shown = row.cells.sorted { $0.step < $1.step }.map(\.image)
      strips.append(
        BlindKey.Strip(
          number: place + 1, classIndex: walk.classIndex, kind: row.kind, isMirrored: mirrored[place] == 1,
          factor: factors.flatMap { Self.factor(of: row.kind, in: walk.classIndex, $0) }))
      images.append(mirrored[place] == 1 ? shown.reversed() : shown)
    }
    key = BlindKey(
      run: run, seed: seed, classNames: classNames, attributes: factors?.factorNames ?? [], strips: strips)
    self.images = images
  }

  /// The factor whose correlation with a principal direction is largest, if it is above chance.
  private static func factor(of kind: Walk.Kind, in classIndex: Int, _ factors: FactorCorrelations) -> String? {
    guard case .principal(let k) = kind, let known = factors.classes.first(where: { $0.classIndex == classIndex }),
      known.values.indices.contains(k - 1)
    else { return nil }
    let values = known.values[k - 1].map { abs($0 ?? 0) }
    guard let best = values.indices.max(by: { values[$0] < values[$1] }), values[best] > known.chanceLevel else {
      return nil
    }
    return factors.factorNames[best]
  }

  /// What people are told.
  public var instructions: String {
    let words =
      key.attributes.isEmpty
      ? "in a word or two, such as “background” or “pose”"
      : "as one of: " + key.attributes.joined(separator: ", ")
    return """
      Each picture strip-….png shows real images in a row. Some rows were ordered by something, others were not.

      Look at each strip from one end to the other and fill in its line of sheet.csv:

        clarity    0  nothing changes from end to end
                   1  perhaps something
                   2  something, with exceptions
                   3  one thing, with few exceptions
                   4  one thing, clearly
        attribute  what changes, \(words);
                   leave it empty if nothing does

      Do not talk about the strips before all have answered. Leave the line of a strip that you have not looked at empty.

      """
  }
}
