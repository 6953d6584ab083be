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
    #expect(table.rows[7][3] == "2")
    #expect(table.rows[7][9] == "\(cell.achievedStep)" && table.rows[7][10] == "\(cell.offAxis)")
    #expect(table.rows[7][12] == "\(cell.image.row)")
    #expect(table.rows.last?[3] == "random images" && table.rows.last?[4] == "")
    #expect(Example.walksBeside.figure.table.rows.count == 2 * table.rows.count)
    #expect(Example.slabs.figure.table.rows.count == 5 * 7)
  }

  @Test("of a slab are means, value by value, of images of one size")
  func means() throws {
    func image(_ values: [UInt8]) -> Image { Image(width: 1, height: 1, pixels: values) }
    #expect(Image.mean(of: [image([0, 10, 255]), image([1, 20, 255])]) == image([1, 15, 255]))
    #expect(Image.mean(of: [image([9, 9, 9]), Examples.image(.init(.test, 0))]) == image([9, 9, 9]))
    #expect(Image.mean(of: []) == nil)
  }

  @Test("of a walk name the query, and the columns are the same numbers as the rows")
  func arrangements() throws {
    func texts(_ figure: Figure) -> [String] { figure.drawing.layout().texts.map(\.text) }
    func caption(_ query: WalkQuery) -> String {
      texts(WalkGrid(Examples.walk(query: query), classNames: [], run: "") { Examples.image($0) }.figure())
        .joined(separator: " ")
    }
    #expect(caption(.axis).contains("Axis query:") && caption(.local).contains("Local walk:"))
    #expect(Example.walkColumns.figure.table == Example.walk.figure.table)
    // The positive end is on top.
    let layout = Example.walkColumns.figure.drawing.layout()
    func top(_ text: String) throws -> Double { try #require(layout.texts.first { $0.text == text }).corners[0].y }
    #expect(try top("+3σ") < top("anchor") && top("anchor") < top("−3σ"))
    // Both runs show their own images around the one anchor.
    #expect(Example.walksBeside.figure.drawing.layout().images.count == 2 * layout.images.count)
  }

  @Test("of a blind strip are its number and nothing else")
  func blind() throws {
    let strip = BlindStrip(number: 7, shown: (0..<7).map { .init(.test, $0) }) { Examples.image($0) }
    #expect(strip.fileName == "strip-007.png")
    #expect(strip.drawing.layout().texts.map(\.text) == ["7"] && strip.drawing.layout().images.count == 7)
    let png = String(decoding: strip.png(), as: UTF8.self)
    for word in ["Command", "Software", "Data", "cat"] { #expect(!png.contains(word)) }
    let none = BlindStrip(number: 1234, shown: []) { Examples.image($0) }
    #expect(none.fileName == "strip-1234.png" && none.drawing.image().width > 10)
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

  @Test("are all in its table: bounds, margins, moves, collapse")
  func premise() {
    #expect(Example.bound.figure.table.rows.count == 2 * 8 * 11)
    #expect(Example.margins.figure.table.rows.count == 10 * 5 * 3)
    #expect(Example.preservation.figure.table.rows.count == 7 * 3 * 8)
    let collapse = Example.collapse.figure.table
    #expect(collapse.rows.count == 2 * 40 * 2 && collapse.header.count == 5 + 15)
    let measures = Examples.measures(1, isTrain: false, isISDA: true)
    #expect(Array(collapse.rows[159][5...]) == measures.columnValues.map { "\($0)" })
  }

  @Test("that leave the frame of margins are written, and how many classes are drawn")
  func margins() {
    func texts(_ classes: Int) -> [String] {
      MarginFigure(Examples.margins(classes: classes), run: "").figure().drawing.layout().texts.map(\.text)
    }
    let share = Examples.margins(classes: 1).classes[0].directions[0].survivors
    #expect(
      texts(1).contains(
        "\(decimal(100 * share.value, 0)) %  [\(decimal(100 * share.lower, 0)), \(decimal(100 * share.upper, 0))]"))
    #expect(texts(100).contains { $0.contains("20 of 100 classes") })
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

  @Test("are all in its table, and what was decided is written: comparisons")
  func comparisons() {
    func texts(_ example: Example) -> [String] { example.figure.drawing.layout().texts.map(\.text) }
    let pairs = Examples.pairedRuns()
    #expect(Example.pairedRuns.figure.table.rows.count == 3 * 10)
    #expect(
      Example.pairedRuns.figure.table.rows[13] == [
        pairs.panels[1].arm, "cross-entropy", "3", "\(pairs.panels[1].baselineErrors[3])",
        "\(pairs.panels[1].armErrors[3])",
      ])
    for word in ["better", "undecided", "worse"] {
      #expect(texts(.pairedRuns).contains { $0.hasPrefix("Test error (%)") && $0.hasSuffix(word) })
    }
    #expect(texts(.pairedRuns).contains("−0.35 [−0.55, −0.15]"))
    var longNamed = pairs
    longNamed.panels[1].arm = "ISDA λ₀=0.5, lowrank:64, β=0.98"
    let lines = longNamed.figure().drawing.layout().texts.map(\.text)
    #expect(["ISDA λ₀=0.5,", "lowrank:64,", "β=0.98"].allSatisfy(lines.contains))

    let forest = Examples.forest().figure()
    #expect(forest.table.rows.count == 10)
    let places = forest.drawing.layout().texts.filter { Examples.classNames.contains($0.text) }
      .sorted { $0.corners[0].y < $1.corners[0].y }.map(\.text)
    #expect(
      places == Examples.forest().rows.sorted { $0.difference.value < $1.difference.value }.map(\.name),
      "classes that gain most come first")
    #expect(ForestFigure.init([], arm: "a", baseline: "b").figure().table.rows.isEmpty)

    #expect(Example.reliability.figure.table.rows.count == 2 * 15)
    #expect(Example.sensitivity.figure.table.rows.count == 4 * 10)
    let flips = Example.flips.figure
    #expect(flips.table.rows.count == 20 + 30)
    #expect(texts(.flips).contains("Right → wrong: 20 images") && texts(.flips).contains("Wrong → right: 30 images"))
    #expect(flips.drawing.layout().images.count == 20 + FlipFigure.mostDrawn)
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
    #expect(!texts.contains { $0.contains("95 % interval") })
  }

  @Test("have intervals in the table and said in the caption where the report has them")
  func intervals() {
    let figure = Example.factors.figure
    #expect(figure.drawing.layout().texts.contains { $0.text.contains("95 % interval") })
    for row in figure.table.rows where !row[4].isEmpty {
      guard let value = Double(row[4]), let lower = Double(row[5]), let upper = Double(row[6]) else {
        Issue.record("no interval in \(row)")
        continue
      }
      #expect(lower <= value && value <= upper)
    }
  }

  @Test("of attributes are all in its table, and those left out are counted")
  func attributes() {
    let measures = Examples.attributes(count: 40)
    let figure = AttributesFigure(measures, run: "").figure()
    let scores = measures.attributes.reduce(0) {
      $0 + ($1.probe == nil ? 0 : 3) + ($1.generalization == nil ? 0 : 2) + ($1.consistency == nil ? 0 : 1)
    }
    #expect(figure.table.rows.count == scores)
    let texts = figure.drawing.layout().texts.map(\.text)
    #expect(texts.joined(separator: " ").contains("Drawn are the 30 of 40 attributes that are read best"))
    let named = texts.filter { text in measures.attributes.contains { $0.name.replacing("_", with: " ") == text } }
    #expect(named.count == 30)
    // Best first: an attribute without a probe comes last, so with 40 it is not drawn.
    #expect(!named.contains(measures.attributes[5].name))
  }

  @Test("of a walk are said under each cell, with the class where it is another")
  func remarks() {
    let image = ImageReference(.test, 0)
    func cell(_ step: Double, _ row: Int, label: Int, predicted: Int) -> Walk.Cell {
      .init(
        step: step, image: .init(.test, row), label: label, predicted: predicted, achievedStep: step * 0.5,
        offAxis: 2.25)
    }
    let walk = Walk(
      classIndex: 0, query: .axis, anchor: image,
      rows: [
        .init(
          kind: .principal(1), share: 0.5, heldOutShare: 0.25, sigma: 2,
          cells: [
            cell(-1, 1, label: 0, predicted: 2), cell(0, 0, label: 0, predicted: 0), cell(1, 2, label: 1, predicted: 0),
          ], kendallTau: 0.9)
      ], distinctShare: 1)
    let figure = WalkGrid(walk, classNames: ["a", "b", "c"], run: "r") { Examples.image($0) }.figure(prefix: "p")
    let texts = figure.drawing.layout().texts.map(\.text)
    #expect(figure.name == "p-walk-a")
    for text in [
      "−0.5 · 2.2", "→ c", "+0.5 · 2.2", "b", "50.0 % of variance", "held out 25.0 %", "σ = 2.00", "−1σ", "anchor",
      "τ = +0.90", "1 of 2", "in class",
    ] {
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
