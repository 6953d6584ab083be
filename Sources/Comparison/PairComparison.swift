//  Two runs, image by image: which ones changed sides between them, and whether so many more one way than the other can be
//  chance. This says something about these two networks, and nothing about other seeds.

/// A run of the baseline and one of the arm on the same images, of the same seed where runs are paired.
public struct PairComparison: Codable, Sendable {
  /// Of the run of the arm.
  public var seed: UInt64
  public var baselineSeed: UInt64
  public var bothRight: Int
  public var bothWrong: Int
  /// Exact McNemar.
  public var pValue: Double
  /// Images that the baseline has right and the arm wrong, and the other way round; where the arm is most confident first.
  public var rightToWrong: [Flip]
  public var wrongToRight: [Flip]

  /// An image on which exactly one of two runs is right.
  public struct Flip: Codable, Sendable, Equatable {
    /// Its place among the test images, from 0.
    public var image: Int
    public var label: Int
    public var baselinePrediction: Int
    public var baselineConfidence: Double
    public var armPrediction: Int
    public var armConfidence: Double
  }

  init(arm: ScoredRun, baseline: ScoredRun) {
    (seed, baselineSeed) = (arm.seed, baseline.seed)
    var (right, wrong) = (0, 0)
    var (lost, won): ([Flip], [Flip]) = ([], [])
    for (image, label) in arm.labels.enumerated() {
      let (mine, other) = (arm.predictions[image], baseline.predictions[image])
      switch (other == label, mine == label) {
      case (true, true): right += 1
      case (false, false): wrong += 1
      case (let wasRight, _):
        let flip = Flip(
          image: image, label: label, baselinePrediction: other, baselineConfidence: baseline.confidences[image],
          armPrediction: mine, armConfidence: arm.confidences[image])
        if wasRight { lost.append(flip) } else { won.append(flip) }
      }
    }
    func confidentFirst(_ flips: [Flip]) -> [Flip] {
      flips.sorted { ($1.armConfidence, $0.image) < ($0.armConfidence, $1.image) }
    }
    (bothRight, bothWrong) = (right, wrong)
    (rightToWrong, wrongToRight) = (confidentFirst(lost), confidentFirst(won))
    pValue = ExactTests.mcNemar(onlyFirst: lost.count, onlySecond: won.count)
  }
}
