//  What holds for every figure: it is drawn the same way each time, its texts do not collide, its files carry
//  where it comes from, and it looks as it did when a person last looked.

import Canvas
import Foundation
import Raster
import Storage
import Testing

@testable import Figures

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// The example figures, by name, so that a failure names its figure.
enum Example: String, CaseIterable, CustomTestStringConvertible {
  case curves, spectrum, manySpectra, walk, extremes, maps, scree, stability, factors

  var testDescription: String { rawValue }

  var figure: Figure {
    switch self {
    case .curves: Examples.curves.figure()
    case .spectrum: SpectrumFigure(Examples.spectra(), classNames: Examples.classNames, run: Examples.run).figure()
    case .manySpectra:
      SpectrumFigure(Examples.spectra(classes: 100), classNames: Examples.names(100), run: Examples.run)
        .figure(prefix: "hundred")
    case .walk:
      WalkGrid(Examples.walk(), classNames: Examples.classNames, run: Examples.run) { Examples.image($0) }.figure()
    case .extremes:
      ExtremesFigure(Examples.extremes(), classNames: Examples.classNames, run: Examples.run) { Examples.image($0) }
        .figure()
    case .maps: Examples.maps(count: 1500).figure()
    case .scree: ScreeFigure(Examples.significance(), run: Examples.run).figure()
    case .stability: StabilityFigure(Examples.significance(), run: Examples.run).figure()
    case .factors: FactorHeatMap(Examples.factors(), classNames: Examples.classNames, run: Examples.run).figure()
    }
  }
}

@Suite("A figure")
struct FigureTests {
  @Test("is the same bytes each time that it is drawn", arguments: Example.allCases)
  func isDeterministic(example: Example) {
    let (first, second) = (example.figure, example.figure)
    #expect(
      first.png(dotsPerInch: 96, provenance: Examples.provenance)
        == second.png(dotsPerInch: 96, provenance: Examples.provenance))
    let svg = first.svg(provenance: Examples.provenance)
    #expect(svg == second.svg(provenance: Examples.provenance))
    #expect(svg == first.svg(provenance: Examples.provenance))
    #expect(first.table == second.table)
  }

  @Test("has no texts that overlap, leave the page or cover an image", arguments: Example.allCases)
  func hasRoomForItsTexts(example: Example) {
    for problem in layoutProblems(of: example.figure.drawing) { Issue.record("\(problem)") }
  }

  @Test("writes a picture, a vector picture and a table side by side")
  func writesItsFiles() throws {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let written = try Example.walk.figure.write(to: folder, dotsPerInch: 48, provenance: Examples.provenance)
    #expect(written.map(\.lastPathComponent) == ["walk-cat.png", "walk-cat.svg", "walk-cat.csv"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 3)

    let png = try Data(contentsOf: written[0])
    for text in ["Along the principal directions of “cat”", "isda 0", "isda figures runs/a & <b>", "sha256:0123"] {
      #expect(png.range(of: Data(text.utf8)) != nil, "the PNG file lacks \(text)")
    }
    let svg = String(decoding: try Data(contentsOf: written[1]), as: UTF8.self)
    #expect(svg.contains("<title>Along the principal directions of “cat”</title>"))
    #expect(svg.contains("Command: isda figures runs/a &amp; &lt;b&gt;"))
    #expect(XMLParser(data: Data(svg.utf8)).parse())
    #expect(try String(contentsOf: written[2], encoding: .utf8) == Example.walk.figure.table.text)
  }

  @Test("says which folder it cannot be written to")
  func namesAFolderThatIsAFile() throws {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("taken")
    try Data().write(to: file)
    #expect {
      try Example.curves.figure.write(to: file, dotsPerInch: 24, provenance: Examples.provenance)
    } throws: { error in
      guard case .unwritable(let path, _) = error as? FileError else { return false }
      return path.hasPrefix(file.path)
    }
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
