//  What figures say: their tables hold the numbers, their marks follow from the data.

import Canvas
import Foundation
import Raster
import Results
import Storage
import Testing

@testable import Figures

@Suite("The numbers of a figure")
struct ContentTests {
  @Test("are all in its table: curves")
  func curves() {
    let table = Examples.curves.figure().table
    #expect(table.rows.count == 120)
    let record = Examples.records(seed: 2, final: 7.3)[59]
    #expect(
      table.rows[119] == [
        "1", "ISDA λ₀=0.5", "60", "\(record.trainError)", "\(record.testError)", "\(record.trainLoss)",
        "\(record.testLoss)",
      ])
  }

  @Test("are all in its table: spectra")
  func spectra() {
    let spectrum = Spectrum(classIndex: 1, count: 4, eigenvalues: [3, 1], heldOutVariances: [2.5])
    let table = SpectrumFigure([spectrum], classNames: ["a", "b"], run: "").figure().table
    #expect(
      table.rows.map { Array($0.prefix(6)) } == [
        ["b", "1", "3.0", "0.75", "0.75", "2.5"], ["b", "2", "1.0", "0.25", "1.0", ""],
      ])
  }

  @Test("are all in its table: walks")
  func walks() {
    let walk = Examples.walk()
    let table = Example.walk.figure.table
    #expect(table.rows.count == walk.rows.reduce(0) { $0 + $1.cells.count })
    let cell = walk.rows[1].cells[0]
    #expect(table.rows[7][1] == "2")
    #expect(table.rows[7][6] == "\(cell.achievedStep)")
    #expect(table.rows[7][9] == "\(cell.image.row)")
    #expect(table.rows.last?[1] == "random")
  }

  @Test("are all in its table: extremes, maps, factors")
  func others() {
    #expect(Example.extremes.figure.table.rows.count == 5 * 14)
    #expect(Example.extremes.figure.table.rows[0][5] == "-3.1")
    #expect(Example.maps.figure.table.rows.count == 3000)
    let factors = Example.factors.figure.table
    #expect(factors.rows.count == 8 * 5 * 12)
    #expect(factors.rows.contains { $0[3] == "mouth_open" && $0[4].isEmpty })
  }

  @Test("are all in its table, and each panel says how many directions stand out: scree")
  func scree() {
    let measures = Examples.significance(classes: 2, directions: 20)
    let figure = ScreeFigure(measures, run: "").figure()
    #expect(figure.table.rows.count == 40)
    let direction = measures.classes[1].directions[2]
    #expect(
      figure.table.rows[22].prefix(6) == [
        "class number 1", "500", "64", "3", "\(direction.eigenvalue)", "\(direction.eigenvalueInterval.lower)",
      ])
    #expect(Set(figure.table.rows.map { $0[14] }).isSubset(of: ["stands out", "noise"]))
    let texts = figure.drawing.layout().texts.map(\.text)
    for group in measures.classes { #expect(texts.contains("\(group.significantCount) of 20 stand out")) }
  }

  @Test("below the chance level are not written in the cells")
  func chanceIsNotWritten() {
    let correlations = FactorCorrelations(
      factorNames: ["a", "b", "c"],
      classes: [.init(classIndex: 0, count: 9, values: [[0.31, -0.29, nil]], chanceLevel: 0.3)])
    let texts = FactorHeatMap(correlations, classNames: ["x"], run: "").figure().drawing.layout().texts.map(\.text)
    #expect(texts.contains("+0.31"))
    #expect(!texts.contains("−0.29"))
    #expect(texts.contains("chance 0.30"))
  }

  @Test("of a walk are said under each cell, with the class where it is another")
  func remarks() {
    let image = ImageReference(.test, 0)
    func cell(_ step: Double, _ row: Int, label: Int, predicted: Int) -> Walk.Cell {
      .init(
        step: step, image: .init(.test, row), label: label, predicted: predicted, achievedStep: step * 0.5,
        distance: 1)
    }
    let walk = Walk(
      classIndex: 0, anchor: image,
      rows: [
        .init(
          kind: .principal(1), share: 0.5, heldOutShare: 0.25, sigma: 2,
          cells: [
            cell(-1, 1, label: 0, predicted: 2), cell(0, 0, label: 0, predicted: 0), cell(1, 2, label: 1, predicted: 0),
          ])
      ])
    let figure = WalkGrid(walk, classNames: ["a", "b", "c"], run: "r") { Examples.image($0) }.figure(prefix: "p")
    let texts = figure.drawing.layout().texts.map(\.text)
    #expect(figure.name == "p-walk-a")
    for text in ["−0.5", "→ c", "+0.5", "b", "50.0 % of variance", "held out 25.0 %", "σ = 2.00", "−1σ", "anchor"] {
      #expect(texts.contains(text), "no “\(text)”")
    }
    #expect(figure.drawing.layout().images.count == 3)
  }

  @Test("of images on a map are the caption’s, and thumbnails lie apart")
  func thumbnails() throws {
    let layout = Example.maps.figure.drawing.layout()
    for (i, image) in layout.images.enumerated() {
      for other in layout.images[..<i] { #expect(!overlap(image, other)) }
    }
    let caption = try #require(layout.texts.first { $0.text.hasPrefix("Shown as images") }).text
    let counts = caption.split(separator: " ").compactMap { Int($0) }
    #expect(counts.first.map { $0 > 30 && $0 < layout.images.count } == true)
    #expect(caption.contains("of 1,500"))
  }

  @Test(
    "of images are drawn in whole multiples of their pixels", arguments: [(32, 64.0), (28, 56), (48, 48), (64, 64)])
  func wholeMultiples(side: Int, expected: Double) {
    #expect(ImageScale(64, for: Examples.image(.init(.test, 0), side: side)).side == expected)
  }

  @Test("that name files are plain")
  func names() {
    #expect(figureName(prefix: "", "walk", "Sea lion / 1") == "walk-sea-lion-1")
    #expect(figureName(prefix: "isda_s0", "factors") == "isda_s0-factors")
  }
}

@Suite("Numbers on axes")
struct TicksTests {
  @Test("are round and within the bounds")
  func linear() {
    #expect(Ticks.linear(from: 0, to: 60, about: 5).map(\.label) == ["0", "20", "40", "60"])
    #expect(Ticks.linear(from: -1, to: 1, about: 4).map(\.label) == ["−1.0", "−0.5", "0.0", "0.5", "1.0"])
    #expect(Ticks.linear(from: 0, to: 3, about: 6, wholeNumbers: true).map(\.label) == ["0", "1", "2", "3"])
    #expect(Ticks.linear(from: 1, to: 1, about: 4).isEmpty)
    #expect(Ticks.linear(from: 0, to: .nan, about: 4).isEmpty)
  }

  @Test("of logarithms are powers of ten, with twos and fives where there is room")
  func logarithmic() {
    #expect(Ticks.logarithmic(from: 1, to: 64, about: 6).map(\.label) == ["1", "2", "5", "10", "20", "50"])
    #expect(Ticks.logarithmic(from: 0.001, to: 10, about: 6).map(\.label) == ["10⁻³", "10⁻²", "10⁻¹", "10⁰", "10¹"])
    #expect(Ticks.logarithmic(from: 0.05, to: 2, about: 6).map(\.label) == ["0.05", "0.1", "0.2", "0.5", "1", "2"])
    #expect(Ticks.logarithmic(from: 1e-12, to: 1, about: 4).count <= 5)
  }

  @Test("have places; what has none is skipped")
  func fractions() {
    let axis = Axis(.logarithmic, from: 1, to: 100)
    #expect(axis.fraction(10).map { abs($0 - 0.5) < 1e-12 } == true)
    #expect(axis.fraction(0) == nil && axis.fraction(-1) == nil && axis.fraction(.nan) == nil)
    #expect(Axis(.linear, from: 0, to: 4).fraction(1) == 0.25)
    #expect(Axis(.linear, from: 0, to: 4).fraction(.infinity) == nil)
    #expect(Axis.fromZero(covering: [3, 57, .nan]).upper == 60)
  }

  @Test("are written as readers want them")
  func texts() {
    #expect(decimal(-0.001, 2, signed: true) == "0.00")
    #expect(decimal(-1.25, 1) == "−1.2" || decimal(-1.25, 1) == "−1.3")
    #expect(decimal(2, 0, signed: true) == "+2")
    #expect(percent(0.3125) == "31.2 %")
    #expect(percent(0.0043) == "0.43 %")
    #expect(percent(1) == "100 %")
    #expect(compact(0.00000312) == "3.1×10⁻⁶")
    #expect(compact(123.4) == "123")
    #expect(grouped(10_000) == "10,000" && grouped(999) == "999" && grouped(1_234_567) == "1,234,567")
  }

  @Test("beside lines are moved apart in their order")
  func spreading() {
    #expect(spread([10, 11, 50], gap: 5, from: 0, to: 100) == [10, 15, 50])
    #expect(spread([99, 98], gap: 5, from: 0, to: 100) == [100, 95])
    #expect(spread([], gap: 5, from: 0, to: 100).isEmpty)
  }
}
