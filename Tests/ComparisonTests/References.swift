import Foundation
import Testing

/// What Scripts/reference/comparison.py computed.
struct References: Decodable {
  struct Function: Decodable {
    let function: String
    let arguments: [Double]
    let value: [Double]
  }
  struct Resampled: Decodable {
    let resamples: Int
    let seed: UInt64
    let purpose: String
    let percentile: [Double]
    let BCa: [Double]
  }
  struct Paired: Decodable, CustomTestStringConvertible {
    let name: String
    let baseline, arm: [Double]
    let tolerance, mean, deviation, interquartileMean, difference, differenceDeviation: Double
    let signFlip, wilcoxon, pairedT, tost, welch, welchFreedom, welchTOST: Double
    let signFlipInterval: [Double]?
    let interval95, interval90, welchInterval: [Double]
    let probabilityOfImprovement, cliffsDelta, pairedEffect, detectable: Double
    let runsNeeded: Int?
    let meanBootstrap, welchBootstrap: Resampled
    var testDescription: String { name }
  }
  struct McNemar: Decodable {
    let onlyFirst, onlySecond: Int
    let pValue: Double
  }
  struct Holm: Decodable { let pValues, adjusted: [Double] }
  struct Binned: Decodable { let value, expectedIfCalibrated: Double }
  struct Scores: Decodable {
    let negativeLogLikelihood, brier: Double
    let equalWidth, equalMass, classwise: Binned
    let reliabilityCounts: [Int]
    let reliabilityAccuracy: [Double]
  }
  struct Calibrated: Decodable {
    let logits: [Double]
    let labels: [Int]
    let classCount: Int
    let asTrained, scaled: Scores
    let temperatures: [Double]
  }
  struct Components: Decodable {
    let values: [[Double]]
    let seed, image, interaction, testSetShare, testSetShareBetweenRuns, seedPValue: Double
  }
  struct Crossed: Decodable {
    let isPaired: Bool
    let labels: [Int]
    let arm, baseline: [[UInt8]]
    let classCount, resamples: Int
    let overall: [Double]
    let classes: [[Double]]
  }
  struct Cell: Decodable {
    let name: String
    let pValue, freedom, adjusted: Double
    let interval: [Double]
  }
  struct Cost: Decodable {
    let isPaired: Bool
    let arm, baseline: [Double]
    let ratio: Double
    let interval: [Double]?
  }
  struct Planned: Decodable {
    let pairs, comparisons, fewestPairs: Int
    let deviation, smallestPValue: Double
    let detectable, detectableAfterHolm: Double?
  }

  let distributions: [Function]
  let paired: [Paired]
  let mcNemar: [McNemar]
  let holm: [Holm]
  let calibration: [Calibrated]
  let components: [Components]
  let crossed: [Crossed]
  let published: [Cell]
  let cost: [Cost]
  let planned: [Planned]

  static let all: References = {
    guard let url = Bundle.module.url(forResource: "Fixtures/comparison", withExtension: "json"),
      let data = try? Data(contentsOf: url)
    else { fatalError("no Fixtures/comparison.json") }
    do {
      return try JSONDecoder().decode(References.self, from: data)
    } catch {
      fatalError("Fixtures/comparison.json: \(error)")
    }
  }()
}

/// |value − reference| over the larger of 1 and |reference|.
func error(_ value: Double?, _ reference: Double) -> Double {
  guard let value, value.isFinite else { return .infinity }
  return abs(value - reference) / max(1, abs(reference))
}

func error(_ value: [Double], _ reference: [Double]) -> Double {
  guard value.count == reference.count else { return .infinity }
  return zip(value, reference).map { error($0, $1) }.max() ?? 0
}
