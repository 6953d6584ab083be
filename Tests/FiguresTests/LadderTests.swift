//  The ladder, the paths and the statistics of images: examples, what they say, and strange input.

import Canvas
import Foundation
import Raster
import Results
import Storage
import Testing

@testable import Figures

extension Examples {

  static func estimate(_ value: Double, _ spread: Double) -> Estimate {
    Estimate(value, from: value - spread, to: value + spread)
  }

  static func ladder(
    names: [String] = ["brightness", "hue", "blur", "zoom", "shift", "rotation", "noise"]
  ) -> EquivarianceLadder {
    var noise = Noise(12)
    let transforms = names.enumerated().map { index, name in
      let m0 = 0.9 - 0.13 * Double(index) * noise.uniform()
      let gain = index == 4 ? 0.002 : 0.1 * noise.uniform()
      let m1 = m0 + gain * noise.uniform()
      let rungs = EquivarianceLadder.Rungs(
        invariance: estimate(m0, 0.01), shift: estimate(m1, 0.009), linearShift: estimate((m0 + m1) / 2, 0.009),
        affine: estimate(m0 + gain, 0.008),
        linearizationIndex: index == 4 ? nil : estimate((m1 - m0) / gain, 0.05))
      func path(_ angle: Double, _ ratio: Double) -> EquivarianceLadder.Straightness {
        .init(curvature: estimate(angle, 2), ratio: estimate(ratio, 0.02), collinearity: estimate(ratio, 0.03))
      }
      let angle = 30 + 80 * noise.uniform()
      return EquivarianceLadder.Transform(
        name: name, unit: index % 2 == 1 ? "°" : index == 2 || index == 4 ? "px" : "",
        strengths: [-0.4, 0.4].map { strength in
          .init(
            strength: index % 2 == 1 || index == 2 || index == 4 ? strength * 5 : strength, rungs: rungs,
            shifts: .init(
              relativeLength: 0.3, meanCosine: 0.2 * noise.uniform(), explainedByMean: 0.1,
              visibleShare: estimate(0.4, 0.02), predictionsKept: estimate(0.9, 0.01)))
        }, pooled: rungs, features: path(angle, 0.7), pixels: path(angle * 1.2, 0.6), straightening: estimate(-9, 1))
    }
    return EquivarianceLadder(trainCount: 1000, testCount: 1000, transforms: transforms)
  }

  static func statistics(classes: Int = 6) -> ImageStatisticCorrelations {
    let names = [
      "brightness", "contrast", "saturation", "red − green", "yellow − blue", "sharpness", "vertical edges",
      "diagonal edges", "border − middle", "right − left", "asymmetry", "foreground size",
    ]
    var noise = Noise(31)
    return ImageStatisticCorrelations(
      statisticNames: names,
      classes: (0..<classes).map { index in
        let values = (0..<4).map { _ in
          names.indices.map { place -> ImageStatisticCorrelations.Correlation? in
            if index == 1 && place == 5 { return nil }
            let r =
              noise.uniform() < 0.1
              ? (0.55 + 0.4 * noise.uniform()) * (noise.uniform() < 0.5 ? -1 : 1) : 0.05 * noise.normal()
            return .init(r, from: r - 0.06, to: r + 0.06)
          }
        }
        return .init(
          classIndex: index, count: 500, values: values, chanceLevel: 0.13,
          hints: values.map { row in
            row.compactMap(\.self).first { abs($0.r) > 0.5 }.map {
              .init(
                statistic: names[0], phrase: $0.r < 0 ? "darker border than middle" : "brighter border than middle",
                correlation: $0)
            }
          })
      })
  }
}

@Suite("The figures of changed images and of statistics")
struct LadderFigureTests {
  private func texts(_ figure: Figure) -> [String] { figure.drawing.layout().texts.map(\.text) }

  private func check(_ figure: Figure, _ what: String, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(figure.drawing.image(dotsPerInch: 48).width > 100, sourceLocation: sourceLocation)
    for problem in layoutProblems(of: figure.drawing) {
      Issue.record("\(what): \(problem)", sourceLocation: sourceLocation)
    }
  }

  @Test func `hold their numbers in their tables`() {
    let ladder = Examples.ladder()
    let bars = LadderFigure(ladder, run: "r").figure().table
    #expect(bars.rows.count == 7 * 8)
    #expect(bars.rows[1][2] == "\(ladder.transforms[0].pooled.shift?.value ?? .nan)")
    let paths = PathsFigure(ladder, run: "r").figure().table
    #expect(paths.rows.count == 7 * 2 * 3)
    let curvature = ladder.transforms[0].pixels?.curvature
    let numbers = [curvature?.value, curvature?.lower, curvature?.upper].map { "\($0 ?? .nan)" }
    #expect(paths.rows[3] == ["brightness", "pixels", "curvature"] + numbers)
    let statistics = FactorHeatMap(Examples.statistics(), classNames: Examples.classNames, run: "r").figure()
    #expect(statistics.name == "statistics" && statistics.table.rows.count == 6 * 4 * 12)
    #expect(statistics.table.header[3] == "statistic")
  }

  @Test func `print the index, and say where there is none`() throws {
    let ladder = Examples.ladder()
    let texts = texts(LadderFigure(ladder, run: "r").figure())
    let index = try #require(ladder.transforms[0].pooled.linearizationIndex)
    #expect(texts.contains(decimal(index.value, 2)))
    #expect(texts.contains("[\(decimal(index.lower, 2)), \(decimal(index.upper, 2))]"))
    #expect(texts.count { $0 == "within noise" } == 1)
    for text in ["−40 … 40 %", "−2 … 2°", "−2 … 2 px"] { #expect(texts.contains(text), "no “\(text)”") }
  }

  @Test func `write hints beside their directions`() {
    let statistics = Examples.statistics()
    let figure = FactorHeatMap(statistics, classNames: Examples.classNames, run: "r").figure()
    let hints = statistics.classes.flatMap(\.hints).compactMap { $0?.text }
    let layout = figure.drawing.layout()
    #expect(hints.count > 5 && hints.allSatisfy { hint in layout.texts.contains { $0.text == hint } })
    // On the line of the row that it belongs to.
    for group in statistics.classes.prefix(1) {
      let rows = layout.texts.filter { $0.text.hasPrefix("PC ") }.prefix(group.hints.count)
      for (hint, row) in zip(group.hints, rows) {
        guard let hint else { continue }
        let places = layout.texts.filter { $0.text == hint.text }
        #expect(places.contains { abs($0.corners[2].y - row.corners[2].y) < 4 })
      }
    }
  }

  @Test func `have room for all texts`() {
    check(LadderFigure(Examples.ladder(), run: Examples.run).figure(), "ladder")
    check(PathsFigure(Examples.ladder(), run: Examples.run).figure(), "paths")
    for classes in [0, 1, 6, 100] {
      check(
        FactorHeatMap(
          Examples.statistics(classes: classes), classNames: Examples.names(classes), run: Examples.run
        ).figure(), "\(classes) classes")
    }
  }

  @Test func `are still figures of strange input`() {
    let nothing = EquivarianceLadder(trainCount: 0, testCount: 0, transforms: [])
    check(LadderFigure(nothing, run: "").figure(), "nothing")
    check(PathsFigure(nothing, run: "").figure(), "nothing")

    var odd = Examples.ladder(names: ["a change with a name that is much too long for its column", "b"])
    odd.transforms[0].pooled = .init(
      invariance: nil, shift: nil, linearShift: nil, affine: nil, linearizationIndex: nil)
    (odd.transforms[0].features, odd.transforms[0].pixels) = (nil, nil)
    odd.transforms[1].pooled.invariance = .init(-7.5, from: -12, to: -3)
    odd.transforms[1].pooled.shift = .init(.nan, from: .nan, to: .nan)
    odd.transforms[1].strengths = []
    odd.transforms[1].features?.curvature = .init(.nan, from: 0, to: 180)
    check(LadderFigure(odd, run: "r").figure(), "odd")
    check(PathsFigure(odd, run: "r").figure(), "odd")
    let many = Examples.ladder(names: (0..<14).map { "change \($0)" })
    check(LadderFigure(many, run: "r").figure(), "many")
    check(PathsFigure(many, run: "r").figure(), "many")
  }
}
