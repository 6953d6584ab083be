//  Figures of little, strange or far too much: nothing traps, and no text is in another's way.

import Canvas
import Foundation
import Raster
import Results
import Testing

@testable import Figures

@Suite("A figure of strange input is still a figure")
struct DegenerateTests {
  /// Draws in both forms and looks at the layout.
  private func check(_ figure: Figure, _ what: String, sourceLocation: SourceLocation = #_sourceLocation) {
    let image = figure.drawing.image(dotsPerInch: 48)
    #expect(image.width > 100 && image.height > 50, sourceLocation: sourceLocation)
    #expect(!figure.drawing.svg().isEmpty, sourceLocation: sourceLocation)
    for problem in layoutProblems(of: figure.drawing) {
      Issue.record("\(what): \(problem)", sourceLocation: sourceLocation)
    }
  }

  @Test("curves", arguments: [0, 1, 2, 3, 300])
  func curvesOfFewOrManyEpochs(epochs: Int) {
    let records = Examples.records(seed: 1, final: 5, epochs: epochs)
    check(TrainingCurves([.init(name: "alone", records: records)]).figure(), "\(epochs) epochs")
  }

  @Test("curves with gaps, infinities and zeros")
  func curvesWithGaps() {
    var records = Examples.records(seed: 1, final: 5, epochs: 8)
    records[2].testLoss = .nan
    records[3].trainLoss = .infinity
    records[4].testError = .nan
    records[5].trainLoss = 0
    records[7].testError = .nan
    check(TrainingCurves([.init(name: "broken", records: records)]).figure(), "gaps")
    for i in records.indices {
      (records[i].testLoss, records[i].trainLoss) = (.nan, .nan)
      (records[i].testError, records[i].trainError) = (.nan, .infinity)
    }
    check(TrainingCurves([.init(name: "nothing", records: records)]).figure(), "nothing finite")
  }

  @Test("curves of no runs and of many", arguments: [0, 6, 24])
  func curvesOfManyRuns(count: Int) {
    let runs = (0..<count).map {
      TrainingCurves.Run(
        name: "an arm with a long name \($0 % 9)", records: Examples.records(seed: UInt64($0), final: 6),
        setting: "resnet\($0) on portraits")
    }
    check(TrainingCurves(runs).figure(), "\(count) runs")
  }

  @Test(
    "spectra of no class, one and many",
    arguments: [(0, 1), (1, 1), (1, 64), (2, 2), (12, 10), (13, 10), (2, 2048), (100, 64)])
  func spectraOfAnySize(classes: Int, dimension: Int) {
    let names = (0..<classes).map { "a rather long class name \($0)" }
    check(
      SpectrumFigure(Examples.spectra(classes: classes, dimension: dimension), classNames: names, run: "").figure(),
      "\(classes) classes of \(dimension)")
  }

  @Test("spectra without variance or values")
  func spectraWithoutVariance() {
    let spectra = [
      Spectrum(classIndex: 0, count: 1, eigenvalues: [0, 0, 0], heldOutVariances: []),
      Spectrum(classIndex: 1, count: 0, eigenvalues: [], heldOutVariances: []),
      Spectrum(classIndex: 7, count: 3, eigenvalues: [1e-30, 1e-31], heldOutVariances: [.nan, 0]),
    ]
    check(SpectrumFigure(spectra, classNames: ["a"], run: "r").figure(), "mixed")
    check(SpectrumFigure(Array(spectra.prefix(1)), classNames: ["a"], run: "r").figure(), "zero")
  }

  @Test("walks without rows, without principal rows, and with strange cells")
  func strangeWalks() {
    var walk = Examples.walk()
    func figure(_ walk: Walk, side: Int = 32) -> Figure {
      WalkGrid(walk, classNames: ["only this one"], run: String(repeating: "a long description ", count: 12)) {
        Examples.image($0, side: side)
      }.figure(prefix: "x")
    }
    check(figure(walk), "names missing")
    check(figure(walk, side: 28), "28 pixels")
    check(figure(walk, side: 224), "224 pixels")
    func with(_ rows: [Walk.Row]) -> Walk {
      Walk(classIndex: 0, query: .local, anchor: walk.anchor, rows: rows, distinctShare: .nan)
    }
    check(figure(with([])), "no rows")
    check(figure(with(walk.rows.suffix(1))), "only a control")
    check(figure(with(walk.rows.suffix(3))), "only controls")
    var empty = walk.rows[0]
    empty.cells = []
    check(figure(with([empty])), "no cells")
    walk.rows = [
      .init(
        kind: .named("a direction that somebody gave a very long name"), share: .nan, heldOutShare: 0, sigma: 0,
        cells: [
          .init(
            step: 0.5, image: .init(.train, 3), label: 999, predicted: -1, achievedStep: .infinity, offAxis: .nan)
        ], kendallTau: nil)
    ]
    check(figure(walk), "one cell")
    for arrangement in [WalkGrid.Arrangement.rows, .columns] {
      for panels in [[], [walk], [Examples.walk(), walk], [with([]), with([])]] {
        let grid = WalkGrid(
          panels.map { .init($0, run: String(repeating: "long ", count: 60)) }, classNames: [], arrangement: arrangement
        ) { Examples.image($0) }
        check(grid.figure(), "\(panels.count) panels in \(arrangement)")
      }
    }
  }

  @Test("slabs without rows, without images, and of one")
  func strangeSlabs() {
    func figure(_ slabs: Slabs) -> Figure {
      SlabFigure(slabs, classNames: [], run: String(repeating: "a long description ", count: 12)) { Examples.image($0) }
        .figure()
    }
    check(figure(Slabs(classIndex: 0, rows: [])), "none")
    check(figure(Slabs(classIndex: 0, rows: [.init(direction: 1, share: .nan, sigma: 0, slabs: [])])), "no slab")
    check(
      figure(
        Slabs(
          classIndex: 1,
          rows: [
            .init(
              direction: 1, share: 1, sigma: .infinity, slabs: [.init(step: 0, rows: []), .init(step: 0.5, rows: [3])])
          ]
        )), "one image")
  }

  @Test("images of classes with long names")
  func longNames() {
    let names = (0..<10).map { "great crested newt of the kind \($0)" }
    let walk = WalkGrid(Examples.walk(), classNames: names, run: Examples.run) { Examples.image($0) }
    check(walk.figure(), "walk")
    check(
      WalkGrid([.init(Examples.walk(), run: "r")], classNames: names, arrangement: .columns) { Examples.image($0) }
        .figure(), "columns")
    check(SlabFigure(Examples.slabs(), classNames: names, run: "r") { Examples.image($0) }.figure(), "slabs")
    let extremes = ExtremesFigure(Examples.extremes(), classNames: names, run: Examples.run) { Examples.image($0) }
    check(extremes.figure(), "extremes")
    check(FactorHeatMap(Examples.factors(), classNames: names, run: Examples.run).figure(), "factors")
    check(
      FeatureMapFigure([.init(title: "r", map: Examples.map(count: 60, spread: 1))], classNames: names, setting: "") {
        Examples.image($0)
      }.figure(), "map")
  }

  @Test("extremes of no image, one, and many", arguments: [0, 1, 3, 12])
  func strangeExtremes(entries: Int) {
    for classIndex in [1, 42] {
      check(
        ExtremesFigure(
          Examples.extremes(classIndex: classIndex, directions: 2, entries: entries), classNames: Examples.classNames,
          run: Examples.run
        ) { Examples.image($0) }.figure(), "\(entries) entries")
    }
    let none = ExtremesFigure(.init(classIndex: 0, rows: []), classNames: [], run: "") { Examples.image($0) }
    check(none.figure(), "none")
  }

  @Test("maps of no image, one, the same place, and places that are not numbers")
  func strangeMaps() {
    func figure(_ maps: [FeatureMap], names: [String] = Examples.classNames) -> Figure {
      FeatureMapFigure(
        maps.enumerated().map { .init(title: "run \($0)", map: $1) }, classNames: names, setting: "s"
      ) { Examples.image($0) }.figure()
    }
    let one = FeatureMap.Entry(image: .init(.test, 0), label: 0, predicted: 0, x: 2, y: 3)
    var lost = one
    lost.x = .nan
    check(figure([]), "no panel")
    check(figure([FeatureMap(entries: [], shares: [])]), "no image")
    check(figure([FeatureMap(entries: [one], shares: [1])]), "one image")
    check(figure([FeatureMap(entries: [one, one, lost], shares: [.nan, 0])]), "one place")
    check(figure((0..<5).map { _ in Examples.map(count: 40, spread: 1) }, names: Examples.names(100)), "five panels")
  }

  @Test("maps of neighbours without numbers")
  func strangeNeighbours() {
    let map = NeighbourMap(entries: [], perplexity: .nan, iterations: 0, divergence: .nan)
    let figure = FeatureMapFigure([.init(title: "r", map: map)], classNames: ["a"], setting: "") { Examples.image($0) }
    check(figure.figure(), "no image")
  }

  @Test("likeness of one run, of two and of many", arguments: [1, 2, 3, 12])
  func strangeSimilarity(runs: Int) {
    var similarity = Examples.similarity(runs: runs)
    check(SimilarityFigure(similarity, setting: "s").figure(), "\(runs) runs")
    for index in similarity.pairs.indices {
      similarity.pairs[index].cka = .init(value: .nan, permuted: [.nan])
      similarity.pairs[index].cca = .init(value: 1, permuted: [])
    }
    similarity.runs = similarity.runs.map { .init(name: $0.name, arm: String(repeating: "long ", count: 20), seed: 0) }
    check(SimilarityFigure(similarity, setting: "s").figure(), "\(runs) runs without numbers")
  }

  @Test("matched directions of no class, one and many", arguments: [(0, 1), (1, 1), (1, 16), (3, 2), (100, 16)])
  func strangeMatches(classes: Int, directions: Int) {
    var groups = Examples.classMatches(classes: classes, directions: directions)
    func figure() -> Figure {
      MatchedDirections(
        .init(second: 1, classes: groups), first: "a", second: "b", classNames: ["a rather long name for a class"],
        setting: "s"
      ).figure(prefix: "x")
    }
    check(figure(), "\(classes) classes, \(directions) directions")
    for index in groups.indices {
      groups[index].correlations = groups[index].correlations.map { $0.map { _ in .nan } }
      groups[index].chanceLevel = .nan
      groups[index].firstTotal = 0
      groups[index].secondVariances = groups[index].secondVariances.map { _ in 0 }
    }
    check(figure(), "no numbers")
  }

  @Test(
    "scree and stability of no class, one and many", arguments: [(0, 0), (1, 1), (1, 20), (2, 3), (7, 20), (100, 20)])
  func significanceOfAnySize(classes: Int, directions: Int) {
    let measures = Examples.significance(classes: classes, directions: directions)
    check(ScreeFigure(measures, run: "").figure(), "scree of \(classes) × \(directions)")
    check(StabilityFigure(measures, run: "").figure(), "stability of \(classes) × \(directions)")
  }

  @Test("scree and stability without directions, variance, or numbers")
  func strangeSignificance() {
    var measures = Examples.significance(classes: 3, directions: 4)
    measures.classes[0].directions = []
    measures.classes[0].name = "a class name that is much longer than the panel under it"
    measures.classes[1].directions[0].eigenvalue = .nan
    measures.classes[1].directions[1].eigenvalueInterval = .init(0, .infinity)
    measures.classes[1].directions[2].noiseLevel = .nan
    measures.classes[1].marchenkoPasturEdge = .nan
    measures.classes[2].directions[0].cosine = nil
    measures.classes[2].directions[1].cosineRange = .init(.nan, 2)
    measures.classes[2].marchenkoPasturEdge = 0
    check(ScreeFigure(measures, run: "r").figure(), "scree")
    check(StabilityFigure(measures, run: "r").figure(), "stability")
  }

  @Test("factors: none, one, many classes")
  func strangeFactors() {
    func figure(_ correlations: FactorCorrelations) -> Figure {
      FactorHeatMap(correlations, classNames: ["a name that is much too long for any table of this kind"], run: "r")
        .figure()
    }
    check(figure(.init(factorNames: [], classes: [])), "none")
    let empty = FactorCorrelations.Class(classIndex: 0, count: 0, values: [[]], chanceLevel: 1)
    check(figure(.init(factorNames: [], classes: [empty])), "no factor")
    check(
      figure(
        .init(
          factorNames: ["a factor whose name is longer than any sensible name would be"],
          classes: [.init(classIndex: 0, count: 9, values: [[.nan], [nil], [2], [-1]], chanceLevel: .nan)])), "one")
    check(figure(Examples.factors(classes: 100)), "a hundred classes")
  }

  @Test("attributes: none, one, many, and scores that are not numbers or far off", arguments: [0, 1, 30, 31, 100])
  func strangeAttributes(count: Int) {
    var measures = Examples.attributes(count: count)
    check(AttributesFigure(measures, run: "").figure(), "\(count) attributes")
    for index in measures.attributes.indices {
      measures.attributes[index].name = "an attribute whose name is longer than any sensible name \(index)"
      measures.attributes[index].probe?.linear = .init(index.isMultiple(of: 2) ? -7 : .nan, lower: -9, upper: -5)
      measures.attributes[index].probe?.control = .init(.infinity, lower: .nan, upper: .nan)
      measures.attributes[index].generalization?.across = .init(-3, chance: .nan)
      measures.attributes[index].consistency?.parallelism = .init(-1, lower: -1.2, upper: 1.3, chance: 2)
    }
    check(AttributesFigure(measures, run: String(repeating: "a long run ", count: 20)).figure(), "strange scores")
  }

  @Test("bounds of one class, of a hundred, of none, and of numbers that are none")
  func strangeBounds() {
    for classes in [0, 1, 100] {
      check(BoundFigure(Examples.bound(classes: classes), trainedAt: nil, run: "").figure(), "\(classes) classes")
    }
    check(BoundFigure(.init(classNames: [], points: []), trainedAt: 0.5, run: "r").figure(), "no point")
    var broken = Examples.bound(classes: 1)
    for i in broken.points.indices {
      broken.points[i].bound = .nan
      broken.points[i].gapOverEffect = Estimate(.nan, from: .nan, to: .infinity)
      if i > 3 { broken.points[i].split = .test }
    }
    check(BoundFigure(broken, trainedAt: 7, run: "r").figure(), "not finite")
  }

  @Test("margins of one class, of a hundred, of none, and infinite ones")
  func strangeMargins() {
    for (classes, directions) in [(0, 5), (1, 1), (3, 0), (100, 5), (2, 40)] {
      check(
        MarginFigure(Examples.margins(classes: classes, directions: directions), run: Examples.run).figure(),
        "\(classes) classes, \(directions) directions")
    }
    func side(_ value: Double) -> MarginBudgets.Side {
      .init(median: Estimate(value, from: value, to: value), lowerQuartile: value, upperQuartile: value)
    }
    for value in [Double.nan, .infinity, 0] {
      let direction = MarginBudgets.Direction(
        direction: 1, sigma: 0, positive: side(value), negative: side(value), either: side(value),
        survivors: Estimate(value, from: 0, to: 1))
      check(
        MarginFigure(
          .init(
            classNames: Examples.classNames,
            classes: [.init(classIndex: 4, images: 1, recognised: 1, directions: [direction])]),
          run: ""
        ).figure(), "\(value)")
    }
  }

  @Test("moves of one kind, of none, and that lead nowhere")
  func strangeMoves() {
    var moves = Examples.preservation()
    check(PreservationFigure(moves, split: .train, run: Examples.run).figure(), "none")
    moves.points.removeAll { $0.part == .inside || $0.kind != .isotropic }
    check(PreservationFigure(moves, split: .test, run: Examples.run).figure(), "one kind, nothing inside")
    for i in moves.points.indices { moves.points[i].distance = Estimate(.nan, from: .nan, to: .infinity) }
    check(PreservationFigure(moves, split: .test, run: Examples.run).figure(), "no distance")
  }

  @Test("collapse of no run, of one epoch, of ends alone, of many runs, and of numbers that are none")
  func strangeCollapse() {
    check(CollapseFigure([]).figure(), "no run")
    for epochs in [0, 1, 2, 300] { check(Examples.collapse(epochs: epochs).figure(), "\(epochs) epochs") }
    let records = Examples.records(seed: 1, final: 5)
    let end = CollapseFigure.Run(name: "old", records: records, end: Examples.collapseReport())
    check(CollapseFigure([end, .init(name: "nothing", records: [])]).figure(), "an end")
    let many = (0..<12).map { CollapseFigure.Run(name: "arm \($0)", records: Examples.collapse().runs[0].records) }
    check(CollapseFigure(many).figure(), "many")
    var broken = Examples.collapse(epochs: 5)
    for i in 0..<5 {
      broken.runs[0].records[i].collapse?.test.nc1 = .nan
      broken.runs[0].records[i].collapse?.train.withinTrace = .infinity
      broken.runs[0].records[i].collapse?.test.term = 0
    }
    check(broken.figure(), "not finite")
  }

  @Test("comparisons of no arm, of one run, of many arms and runs, unpaired, and of numbers that are none")
  func strangePairs() {
    for (arms, runs) in [(0, 0), (1, 0), (1, 1), (2, 2), (13, 40)] {
      check(Examples.pairedRuns(arms: arms, runs: runs).figure(), "\(arms) arms, \(runs) runs")
    }
    var figure = Examples.pairedRuns()
    figure.setting = String(repeating: "a long setting ", count: 20)
    for i in figure.panels.indices {
      figure.panels[i].arm = "ISDA with every setting that there is, changed once"
      figure.panels[i].isPaired = false
      figure.panels[i].difference = nil
      figure.panels[i].armErrors = i == 0 ? [] : [.nan, 7, .infinity]
    }
    check(figure.figure(), "unpaired, not finite")
  }

  @Test("differences of no class, of a thousand, and of numbers that are none")
  func strangeForests() {
    for classes in [0, 1, 1000] { check(Examples.forest(classes: classes).figure(), "\(classes) classes") }
    var figure = Examples.forest()
    for i in figure.rows.indices {
      figure.rows[i].name = String(repeating: "long name ", count: i * 3)
      if i % 3 == 0 { figure.rows[i].difference = Estimate(.nan, from: -.infinity, to: .infinity) }
    }
    check(figure.figure(), "not finite")
  }

  @Test("reliability of no run, of many, of empty bars, and of numbers that are none")
  func strangeReliability() {
    for (runs, bins) in [(0, 15), (1, 0), (1, 1), (9, 15), (2, 100)] {
      check(Examples.reliability(runs: runs, bins: bins).figure(), "\(runs) runs, \(bins) bars")
    }
    var figure = Examples.reliability()
    for i in figure.panels[0].bins.indices {
      figure.panels[0].bins[i].count = 0
      figure.panels[0].bins[i].accuracy = Estimate(.nan, from: .nan, to: .nan)
    }
    figure.panels[1].error = .nan
    check(figure.figure(), "not finite")
  }

  @Test("a setting of no value, of many, and of runs without numbers")
  func strangeSensitivity() {
    for count in [0, 1, 2, 30] {
      check(Examples.sensitivity(values: Examples.names(count), runs: count).figure(name: "setting"), "\(count) values")
    }
    var figure = Examples.sensitivity()
    for i in figure.columns.indices {
      figure.columns[i].errors = [.nan]
      figure.columns[i].mean = Estimate(.nan, from: .nan, to: .nan)
    }
    check(figure.figure(name: "setting"), "not finite")
  }

  @Test("flips of no image, of one kind, of very many, and of large and small images")
  func strangeFlips() {
    for (lost, won) in [(0, 0), (0, 1), (500, 3)] {
      check(Examples.flips(rightToWrong: lost, wrongToRight: won).figure(), "\(lost) lost, \(won) won")
    }
    for side in [1, 8, 300] { check(Examples.flips(side: side).figure(), "\(side) pixels") }
    var figure = Examples.flips()
    figure.classNames = Examples.names(10).map { $0 + " with a very long name indeed" }
    figure.rightToWrong[0].confidence = .nan
    check(figure.figure(), "long names")
  }
}
