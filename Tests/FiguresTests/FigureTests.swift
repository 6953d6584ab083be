//  What holds for every figure: it is drawn the same way each time, its texts do not collide, its files carry
//  where it comes from, and it looks as it did when a person last looked.

import Canvas
import Foundation
import Raster
import Results
import Storage
import Testing

@testable import Figures

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// The example figures, by name, so that a failure names its figure.
enum Example: String, CaseIterable, CustomTestStringConvertible {
  case curves, spectrum, manySpectra, walk, walkColumns, walksBeside, slabs, extremes, maps, factors
  case ladder, paths, statistics, attributes, neighbours, similarity, matched
  case bound, margins, preservation, collapse, scree, stability, augmentation
  case pairedRuns, forest, reliability, sensitivity, flips

  var testDescription: String { rawValue }

  var figure: Figure {
    switch self {
    case .curves: Examples.curves.figure()
    case .spectrum: SpectrumFigure(Examples.spectra(), classNames: Examples.classNames, run: Examples.run).figure()
    case .manySpectra:
      SpectrumFigure(Examples.spectra(classes: 100), classNames: Examples.names(100), run: Examples.run)
        .figure(prefix: "hundred")
    case .walk: Examples.walks().figure()
    case .walkColumns: Examples.walks(arrangement: .columns).figure(prefix: "columns")
    case .walksBeside: Examples.walks(beside: true).figure()
    case .slabs:
      SlabFigure(Examples.slabs(), classNames: Examples.classNames, run: Examples.run) { Examples.image($0) }.figure()
    case .extremes:
      ExtremesFigure(Examples.extremes(), classNames: Examples.classNames, run: Examples.run) { Examples.image($0) }
        .figure()
    case .maps: Examples.maps(count: 1500).figure()
    case .neighbours: Examples.neighbours().figure()
    case .similarity: SimilarityFigure(Examples.similarity(), setting: "resnet20 on portraits").figure()
    case .matched: Examples.matched.figure()
    case .scree: ScreeFigure(Examples.significance(), run: Examples.run).figure()
    case .stability: StabilityFigure(Examples.significance(), run: Examples.run).figure()
    case .factors: FactorHeatMap(Examples.factors(), classNames: Examples.classNames, run: Examples.run).figure()
    case .ladder: LadderFigure(Examples.ladder(), run: Examples.run).figure()
    case .paths: PathsFigure(Examples.ladder(), run: Examples.run).figure()
    case .statistics:
      FactorHeatMap(Examples.statistics(), classNames: Examples.classNames, run: Examples.run).figure()
    case .attributes: AttributesFigure(Examples.attributes(), run: Examples.run).figure()
    case .bound: BoundFigure(Examples.bound(), trainedAt: 0.5, run: Examples.run).figure()
    case .margins: MarginFigure(Examples.margins(), run: Examples.run).figure()
    case .preservation: PreservationFigure(Examples.preservation(), split: .test, run: Examples.run).figure()
    case .collapse: Examples.collapse().figure()
    case .pairedRuns: Examples.pairedRuns().figure()
    case .forest: Examples.forest().figure()
    case .reliability: Examples.reliability().figure()
    case .sensitivity: Examples.sensitivity().figure(name: "lambda")
    case .flips: Examples.flips().figure()
    case .augmentation: Examples.augmentation.figure()
    }
  }
}

@Suite("A figure")
struct FigureTests {
  @Test("is the same bytes each time that it is drawn", arguments: Example.allCases)
  func isDeterministic(example: Example) {
    let (first, second) = (example.figure, example.figure)
    let form = FigureForm(dotsPerInch: 96)
    #expect(
      first.png(form: form, provenance: Examples.provenance) == second.png(form: form, provenance: Examples.provenance))
    for draw in [Figure.svg, Figure.pdf] {
      let document = draw(first)(form, Examples.provenance)
      #expect(document == draw(second)(form, Examples.provenance))
      #expect(document == draw(first)(form, Examples.provenance))
    }
    #expect(first.table == second.table)
  }

  @Test("has no texts that overlap, leave the page or cover an image", arguments: Example.allCases)
  func hasRoomForItsTexts(example: Example) {
    for problem in layoutProblems(of: example.figure.drawing) { Issue.record("\(problem)") }
  }

  @Test("writes a picture, vector pictures and a table side by side")
  func writesItsFiles() throws {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let written = try Example.walk.figure.write(
      to: folder, form: FigureForm(dotsPerInch: 48), provenance: Examples.provenance)
    #expect(
      written.map(\.lastPathComponent) == ["walk-cat.png", "walk-cat.svg", "walk-cat.pdf", "walk-cat.csv"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 4)

    let png = try Data(contentsOf: written[0])
    for text in ["Along the principal directions of “cat”", "isda 0", "isda figures runs/a & <b>", "sha256:0123"] {
      #expect(png.range(of: Data(text.utf8)) != nil, "the PNG file lacks \(text)")
    }
    let svg = String(decoding: try Data(contentsOf: written[1]), as: UTF8.self)
    #expect(svg.contains("<title>Along the principal directions of “cat”</title>"))
    #expect(svg.contains("Command: isda figures runs/a &amp; &lt;b&gt;"))
    #expect(XMLParser(data: Data(svg.utf8)).parse())
    let pdf = String(decoding: try Data(contentsOf: written[2]), as: UTF8.self)
    #expect(pdf.contains("/Subject (isda figures runs/a & <b>)") && pdf.contains("/Keywords (sha256:0123)"))
    #expect(pdf.contains("/FontFile3") && !pdf.contains("Date"))
    #expect(try String(contentsOf: written[3], encoding: .utf8) == Example.walk.figure.table.text)
  }

  @Test("says which folder it cannot be written to")
  func namesAFolderThatIsAFile() throws {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("taken")
    try Data().write(to: file)
    #expect {
      try Example.curves.figure.write(
        to: file, form: FigureForm(dotsPerInch: 24), provenance: Examples.provenance)
    } throws: { error in
      guard case .unwritable(let path, _) = error as? FileError else { return false }
      return path.hasPrefix(file.path)
    }
  }

  @Test("is as wide as it was asked for, or as narrow as its text allows", arguments: Example.allCases)
  func widths(example: Example) {
    for width in [FigureForm.Width.single, .double, .init(millimetres: 250)] {
      let form = FigureForm(width: width)
      let drawing = form.arranging { form.fitted(example.figure.drawing) }
      let natural = form.arranging { example.figure.drawing.size.width }
      let scale = drawing.size.width / natural
      // The smallest letters, 9 units or 6.75 points, are not below 5 points.
      #expect(scale >= 5 / 6.75 - 1e-9)
      let wanted = width.millimetres / 25.4 * 96
      #expect(abs(drawing.size.width - wanted) < 1e-6 || (drawing.size.width > wanted && scale < 5 / 6.75 + 1e-9))
      for problem in layoutProblems(of: drawing) { Issue.record("\(width.millimetres) mm: \(problem)") }
    }
  }

  @Test(
    "with panels fits into one column of a paper",
    arguments: [Example.curves, .spectrum, .maps, .neighbours, .similarity, .pairedRuns, .reliability])
  func oneColumn(example: Example) {
    let form = FigureForm(width: .single)
    let drawing = form.arranging { form.fitted(example.figure.drawing) }
    #expect(abs(drawing.size.width - 85 / 25.4 * 96) < 1e-6)
  }

  @Test("has a dark form with the same words in the same places", arguments: Example.allCases)
  func darkForm(example: Example) {
    let (figure, form) = (example.figure, FigureForm(scheme: .dark, dotsPerInch: 48))
    let (light, dark) = (figure.drawing.image(dotsPerInch: 48), figure.drawing.image(dotsPerInch: 48, scheme: .dark))
    #expect((light.width, light.height) == (dark.width, dark.height))
    #expect(light[2, 2] == (255, 255, 255) && dark[2, 2] == (22, 22, 22))
    #expect(
      figure.png(form: form, provenance: Examples.provenance)
        == dark.png(
          dotsPerInch: 48,
          texts: [
            "Title": figure.title, "Software": "isda 0", "Command": Examples.provenance.command, "Data": "sha256:0123",
          ]))
    #expect(figure.svg(form: form, provenance: Examples.provenance) != figure.svg(provenance: Examples.provenance))
  }

  @Test("looks as it did", arguments: Example.allCases)
  func looksAsItDid(example: Example) throws {
    let image = example.figure.drawing.image(dotsPerInch: 48)
    if ProcessInfo.processInfo.environment["ISDA_RECORD_FIXTURES"] != nil {
      let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")
      try WholeFile.write(image.png(), to: source.appendingPathComponent("\(example.rawValue).png"))
      Issue.record("recorded \(example.rawValue).png; look at it, then run again without ISDA_RECORD_FIXTURES")
      return
    }
    let url = try #require(
      Bundle.module.url(forResource: "Fixtures/\(example.rawValue)", withExtension: "png"),
      "no fixture; record one with ISDA_RECORD_FIXTURES=1")
    let expected = try Image(png: url)
    try #require(
      (image.width, image.height) == (expected.width, expected.height),
      "\(image.width) × \(image.height) pixels instead of \(expected.width) × \(expected.height)")
    let worst = worstBlock(image, expected)
    if worst > 10 {
      let folder = FileManager.default.temporaryDirectory.appendingPathComponent("isda-figure-differences")
      let difference = folder.appendingPathComponent("\(example.rawValue).png")
      try WholeFile.write(differencePicture(image, expected).png(), to: difference)
      Issue.record("differs by \(worst) grey levels in one place; see \(difference.path)")
    }
  }
}

/// The mean absolute difference, in grey levels, of the 12 × 12 block where it is largest: a label that is
/// missing shows, and antialiasing that is a little different does not.
func worstBlock(_ a: Image, _ b: Image, side: Int = 12) -> Double {
  var worst = 0.0
  for top in stride(from: 0, to: a.height, by: side) {
    for left in stride(from: 0, to: a.width, by: side) {
      var (sum, count) = (0, 0)
      for y in top..<min(top + side, a.height) {
        let start = (y * a.width + left) * 3
        let end = (y * a.width + min(left + side, a.width)) * 3
        for i in start..<end { sum += abs(Int(a.pixels[i]) - Int(b.pixels[i])) }
        count += end - start
      }
      worst = max(worst, Double(sum) / Double(count))
    }
  }
  return worst
}

func differencePicture(_ a: Image, _ b: Image) -> Image {
  Image(
    width: a.width, height: a.height,
    pixels: zip(a.pixels, b.pixels).map { UInt8(255 - min(255, 4 * abs(Int($0) - Int($1)))) })
}

func temporaryFolder() throws -> URL {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("isda-figures-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  return folder
}
