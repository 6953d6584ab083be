import Foundation
import TestSupport
import Testing
import Torch

@testable import Images

/// What Scripts/reference/images.py computed with numpy.
private struct Reference: Decodable {
  let picture, width, height: Int
  let pixels: [UInt8]
  let statistics: [String: Double]

  static let all: [Reference] = references("statistics", in: .module)
}

/// Grey images from a rule: the value, 0 to 255, at column and row.
private func statistics(_ side: Int = 16, _ value: (Int, Int) -> UInt8) -> [ImageStatistic: Double] {
  statistics(side) { x, y in (value(x, y), value(x, y), value(x, y)) }
}

private func statistics(_ side: Int = 16, _ value: (Int, Int) -> (UInt8, UInt8, UInt8)) -> [ImageStatistic: Double] {
  let pixels = (0..<side * side).flatMap { place -> [UInt8] in
    let (red, green, blue) = value(place % side, place / side)
    return [red, green, blue]
  }
  let row = ImageSet(width: side, height: side, pixels: pixels, labels: [0]).statistics.values[0]
  return Dictionary(uniqueKeysWithValues: zip(ImageStatistic.allCases, row))
}

@Suite("Statistics of images are those of the reference", .leavesNoTensors)
struct ImageStatisticReferenceTests {
  @Test func `every statistic of every picture`() throws {
    #expect(Reference.all.count == 3)
    let size = try #require(Reference.all.first)
    let set = ImageSet(
      width: size.width, height: size.height, pixels: Reference.all.flatMap(\.pixels), labels: [0, 1, 2])
    let table = set.statistics
    #expect(table.names == ImageStatistic.allCases.map(\.name) && Set(table.names).count == table.names.count)
    for (reference, row) in zip(Reference.all, table.values) {
      for (statistic, value) in zip(ImageStatistic.allCases, row) {
        let expected = try #require(reference.statistics[statistic.rawValue])
        #expect(abs(value - expected) < 1e-12, "\(statistic) of picture \(reference.picture)")
      }
    }
  }
}

@Suite("Statistics of images say what is there", .leavesNoTensors)
struct ImageStatisticTests {
  @Test func `a flat image has a brightness and a colour, and nothing else`() {
    let flat = statistics { _, _ in (200, 100, 50) }
    #expect(abs((flat[.brightness] ?? 0) - (0.299 * 200 + 0.587 * 100 + 0.114 * 50) / 255) < 1e-12)
    #expect(abs((flat[.saturation] ?? 0) - 0.75) < 1e-12)
    #expect(abs((flat[.redGreen] ?? 0) - 100.0 / 255) < 1e-12 && abs((flat[.yellowBlue] ?? 0) - 100.0 / 255) < 1e-12)
    let rest: [ImageStatistic] = [
      .contrast, .sharpness, .verticalEdges, .diagonalEdges, .border, .rightLeft, .asymmetry, .foreground,
    ]
    for statistic in rest { #expect(abs(flat[statistic] ?? 1) < 1e-6, "\(statistic)") }
    #expect(statistics { _, _ in 0 }[.saturation] == 0)
  }

  @Test func `a vertical edge, a horizontal one, and the two diagonals`() {
    #expect(statistics { x, _ in x < 8 ? 0 : 255 }[.verticalEdges] == 1)
    #expect(statistics { _, y in y < 8 ? 0 : 255 }[.verticalEdges] == -1)
    // Rows grow downwards: x + y is constant along /.
    let rising = statistics { x, y in x + y < 15 ? 0 : 255 }
    let falling = statistics { x, y in x < y ? 0 : 255 }
    #expect((rising[.diagonalEdges] ?? 0) > 0.9 && (falling[.diagonalEdges] ?? 0) < -0.9)
    #expect(abs(rising[.verticalEdges] ?? 1) < 0.05)
  }

  @Test func `an image that is dark on one half`() {
    let half = statistics { x, _ in x < 8 ? 0 : 255 }
    #expect(abs((half[.brightness] ?? 0) - 0.5) < 1e-12 && abs((half[.contrast] ?? 0) - 0.5) < 1e-12)
    #expect(abs((half[.rightLeft] ?? 0) - 1) < 1e-12 && abs((half[.asymmetry] ?? 0) - 1) < 1e-12)
    let symmetric = statistics { x, y in UInt8(10 * min(x, 15 - x) + y) }
    #expect(abs(symmetric[.asymmetry] ?? 1) < 1e-12 && abs(symmetric[.rightLeft] ?? 1) < 1e-12)
  }

  @Test func `a bright square on dark ground`() {
    let square = statistics { x, y in (4..<12).contains(x) && (4..<12).contains(y) ? 255 : 0 }
    #expect(abs((square[.foreground] ?? 0) - 0.25) < 1e-12)
    #expect(abs((square[.border] ?? 0) + 1) < 1e-12)
    #expect(abs(square[.asymmetry] ?? 1) < 1e-12)
    // The same in faint grey is not told from the ground.
    #expect(statistics { x, y in (4..<12).contains(x) && (4..<12).contains(y) ? 30 : 0 }[.foreground] == 0)
  }

  @Test func `fine stripes are sharper than coarse ones, at any contrast`() {
    func stripes(_ width: Int, _ contrast: UInt8) -> Double {
      statistics { x, _ in x / width % 2 == 0 ? 100 : 100 + contrast }[.sharpness] ?? 0
    }
    #expect(stripes(2, 50) > 1.3 * stripes(4, 50))
    #expect(abs(stripes(4, 50) - stripes(4, 150)) < 1e-9)
  }

  @Test(arguments: [1, 2, 3, 5]) func `tiny images have statistics too`(side: Int) {
    let values = statistics(side) { x, y in UInt8(40 * x + 7 * y) }
    #expect(values.count == ImageStatistic.allCases.count && values.values.allSatisfy(\.isFinite))
  }

  @Test func `many images are the same as one after the other`() {
    let set = ImageSet.portraits(seed: 2, from: 0, count: 510)
    let all = set.statistics.values
    #expect(all.count == 510)
    for row in [0, 499, 500, 509] {
      #expect(relativeError(all[row], set.subset([row]).statistics.values[0]) < 1e-12)
    }
  }
}
