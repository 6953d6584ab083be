//  The factors are what the table says: in their ranges, independent, and visible.

import Foundation
import Portraits
import Testing

@Suite("Factors vary inside every class, and independently")
struct FactorsTests {
  private static let count = 6_000
  private static let portraits = (0..<count).map { Portrait(seed: 11, index: $0) }
  private static let ranges: [String: ClosedRange<Double>] = [
    "scene hue": -1...1, "tilt": -30...30, "size": 0.75...1.15, "x": -0.18...0.18, "y": -0.18...0.18, "gaze x": -1...1,
    "gaze y": -1...1, "smile": -1...1, "light": -1...1, "fur colour": 0...1,
  ]

  @Test("have one name for each column, all different")
  func names() {
    #expect(Factors.columnNames.count == Factors().columns.count)
    #expect(Set(Factors.columnNames).count == Factors.columnNames.count)
  }

  @Test("stand in the columns that bear their names")
  func columns() throws {
    let factors = Factors(
      sunglasses: true, hat: false, scene: .room, sceneHue: 0.1, tilt: 2, size: 0.9, x: 0.03, y: 0.04, gazeX: 0.5,
      gazeY: 0.6, smile: 0.7, light: 0.8, furColour: 0.95, occluded: true)
    let row = Dictionary(zip(Factors.columnNames, factors.columns)) { first, _ in first }
    #expect(
      row == [
        "sunglasses": 1, "hat": 0, "sky": 0, "forest": 0, "room": 1, "night": 0, "scene hue": 0.1, "tilt": 2,
        "size": 0.9, "x": 0.03, "y": 0.04, "gaze x": 0.5, "gaze y": 0.6, "smile": 0.7, "light": 0.8,
        "fur colour": 0.95, "occluded": 1,
      ])
  }

  @Test("fill their documented ranges", arguments: Factors.columnNames.indices)
  func ranges(column: Int) {
    let values = Self.portraits.map { $0.factors.columns[column] }
    let range = Self.ranges[Factors.columnNames[column]] ?? 0...1
    let width = range.upperBound - range.lowerBound
    let (least, most) = (values.min() ?? .nan, values.max() ?? .nan)
    #expect(least >= range.lowerBound && least < range.lowerBound + 0.01 * width)
    #expect(most <= range.upperBound && most > range.upperBound - 0.01 * width)
  }

  @Test("have the same mean in each class", arguments: Factors.columnNames.indices)
  func independentOfClass(column: Int) {
    let all = Self.portraits.map { $0.factors.columns[column] }
    let (mean, deviation) = moments(all)
    for animal in Animal.allCases {
      let values = Self.portraits.filter { $0.animal == animal }.map { $0.factors.columns[column] }
      // Four standard errors of the mean: 1 in 16,000 for each of 180 checks of fixed numbers.
      #expect(abs(moments(values).mean - mean) < 4 * deviation / Double(values.count).squareRoot(), "\(animal)")
    }
  }

  @Test("are not correlated with each other")
  func independentOfEachOther() {
    let columns = Factors.columnNames.indices.map { column in Self.portraits.map { $0.factors.columns[column] } }
    let scenes = Set(Scene.allCases.map(\.name))
    for (first, name) in Factors.columnNames.enumerated() {
      for (second, other) in Factors.columnNames.enumerated().dropFirst(first + 1) {
        // The four columns of the scene exclude each other.
        if scenes.contains(name) && scenes.contains(other) { continue }
        let (a, b) = (moments(columns[first]), moments(columns[second]))
        let covariance = zip(columns[first], columns[second]).reduce(0) { $0 + ($1.0 - a.mean) * ($1.1 - b.mean) }
        let correlation = covariance / Double(Self.count) / (a.deviation * b.deviation)
        #expect(abs(correlation) < 4 / Double(Self.count).squareRoot(), "\(name) and \(other)")
      }
    }
  }

  private func moments(_ values: [Double]) -> (mean: Double, deviation: Double) {
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    return (mean, variance.squareRoot())
  }
}

@Suite("Each factor is visible")
struct VisibilityTests {
  /// A name, and the change that makes the factor something else.
  struct Change: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let apply: @Sendable (inout Factors) -> Void

    init(_ name: String, _ apply: @escaping @Sendable (inout Factors) -> Void) {
      (testDescription, self.apply) = (name, apply)
    }
  }

  static let changes = [
    Change("sunglasses") { $0.sunglasses = true }, Change("hat") { $0.hat = true },
    Change("scene: sky") { $0.scene = .sky }, Change("scene: forest") { $0.scene = .forest },
    Change("scene: night") { $0.scene = .night }, Change("scene hue") { $0.sceneHue = 0.8 },
    Change("tilt") { $0.tilt = 25 }, Change("size") { $0.size = 0.75 }, Change("x") { $0.x = 0.15 },
    Change("y") { $0.y = -0.15 }, Change("gaze x") { $0.gazeX = 1 }, Change("gaze y") { $0.gazeY = 1 },
    Change("smile") { $0.smile = -0.8 }, Change("light") { $0.light = -0.8 },
    Change("fur colour") { $0.furColour = 1 }, Change("occluded") { $0.occluded = true },
  ]

  @Test("when it alone is changed, on every animal", arguments: changes)
  func visible(change: Change) {
    for animal in Animal.allCases {
      let before = Portrait(animal: animal, factors: Factors(scene: .room))
      var after = before
      change.apply(&after.factors)
      let difference = meanDifference(before.image(), after.image())
      // The eyes are the smallest thing that changes.
      #expect(difference > 0.15, "\(animal): \(difference)")
    }
  }

  @Test("except the gaze behind sunglasses")
  func hidden() {
    var portrait = Portrait(animal: .cat, factors: Factors(sunglasses: true))
    let before = portrait.image()
    portrait.factors.gazeX = -1
    #expect(portrait.image() == before)
  }
}
