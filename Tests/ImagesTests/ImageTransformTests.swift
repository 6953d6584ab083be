import Foundation
import Raster
import TestSupport
import Testing
import Torch

@testable import Images

/// What Scripts/reference/images.py computed with colorsys and PyTorch, before rounding.
private struct Reference: Decodable, CustomTestStringConvertible {
  let transform: String
  let strength: Double
  let picture, width, height: Int
  let pixels: [UInt8]
  let expected: [Double]

  var testDescription: String { "\(transform) \(strength) of picture \(picture)" }

  static let all: [Reference] = references("transforms", in: .module)
}

private func apply(_ transform: ImageTransform, _ strength: Double, to set: ImageSet, seed: UInt64 = 0) -> ImageSet {
  set.transformed(by: transform, strength: strength, generator: RandomGenerator(seed: seed, "noise"))
}

/// Images whose bytes look random and tell image, row, column and channel apart.
private func images(_ count: Int, width: Int, height: Int) -> ImageSet {
  let bytes = (0..<count * width * height * 3).map { (index: Int) -> UInt8 in
    UInt8(truncatingIfNeeded: (index &* 2_654_435_761) >> 7)
  }
  return ImageSet(width: width, height: height, pixels: bytes, labels: (0..<count).map { UInt8($0) })
}

@Suite("Changes of images are those of the reference", .leavesNoTensors)
struct ImageTransformReferenceTests {
  @Test func `the reference is there, for all but noise`() {
    #expect(Set(Reference.all.map(\.transform)) == Set(ImageTransform.allCases.map(\.rawValue)).subtracting(["noise"]))
  }

  @Test(arguments: Reference.all) fileprivate func `element by element, rounded`(reference: Reference) throws {
    let transform = try #require(ImageTransform(rawValue: reference.transform))
    let set = ImageSet(width: reference.width, height: reference.height, pixels: reference.pixels, labels: [3])
    let found = apply(transform, reference.strength, to: set).pixels.map(Double.init)
    #expect(found.count == reference.expected.count)
    let worst = zip(found, reference.expected).map { abs($0 - $1) }.max() ?? .infinity
    #expect(worst < 0.5 + 1e-3)
  }
}

@Suite("Changes of images do what they say", .leavesNoTensors)
struct ImageTransformTests {
  @Test(arguments: ImageTransform.allCases) func `at strength 0 nothing changes`(transform: ImageTransform) {
    let set = images(3, width: 7, height: 8)
    #expect(apply(transform, 0, to: set).pixels == set.pixels)
  }

  @Test(arguments: ImageTransform.allCases)
  func `strengths rise, leave out 0, and change images more and more`(transform: ImageTransform) {
    let strengths = transform.strengths
    #expect(strengths == strengths.sorted() && !strengths.contains(0) && strengths.count >= 4)
    let set = ImageSet.portraits(seed: 1, from: 0, count: 20)
    func change(_ strength: Double) -> Int {
      zip(apply(transform, strength, to: set).pixels, set.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
    }
    for side in [strengths.filter { $0 > 0 }, strengths.filter { $0 < 0 }.reversed()] {
      let changes = [0] + side.map(change)
      #expect(zip(changes, changes.dropFirst()).allSatisfy { $0 < $1 })
    }
  }

  @Test(arguments: ImageTransform.allCases)
  func `every image is changed by itself, and keeps its label`(transform: ImageTransform) {
    let set = images(4, width: 6, height: 6)
    let strength = transform.strengths[3]
    let all = apply(transform, strength, to: set)
    #expect(all.labels == set.labels)
    guard transform != .noise else { return }
    for row in 0..<4 { #expect(apply(transform, strength, to: set.subset([row])).pixels == all.image(row).pixels) }
  }

  @Test func `a quarter turn is exact, clockwise`() {
    let set = images(2, width: 5, height: 5)
    let turned = apply(.rotation, 90, to: set)
    for row in 0..<2 {
      for y in 0..<5 {
        for x in 0..<5 { #expect(turned.image(row)[4 - y, x] == set.image(row)[x, y]) }
      }
    }
    #expect(apply(.rotation, -90, to: turned).pixels == set.pixels)
    #expect(apply(.rotation, 360, to: set).pixels == set.pixels)
  }

  @Test func `a shift moves whole pixels to the right, and mirrors at the border`() {
    let set = images(1, width: 6, height: 4)
    let (image, moved) = (set.image(0), apply(.shift, 2, to: set).image(0))
    for y in 0..<4 {
      for (x, source) in [2, 1, 0, 1, 2, 3].enumerated() { #expect(moved[x, y] == image[source, y]) }
    }
    // Farther than the image is wide: mirrored again and again.
    let far = apply(.shift, -10, to: set).image(0)
    #expect(far[0, 1] == image[0, 1] && far[1, 1] == image[1, 1] && far[5, 1] == image[5, 1])
  }

  @Test func `zoom of 1 shows the middle half twice as large`() {
    // 5 pixels wide: results at 0 … 4 come from 1, 1.5, 2, 2.5, 3.
    let row: [UInt8] = [10, 20, 60, 80, 200]
    let set = ImageSet(width: 5, height: 1, pixels: row.flatMap { [$0, $0, $0] }, labels: [0])
    let zoomed = apply(.zoom, 1, to: set).image(0)
    #expect((0..<5).map { zoomed[$0, 0].red } == [20, 40, 60, 70, 80])
  }

  @Test func `brightness is clamped`() {
    let set = ImageSet(width: 1, height: 1, pixels: [100, 200, 0], labels: [0])
    #expect(apply(.brightness, 0.4, to: set).pixels == [140, 255, 0])
    #expect(apply(.brightness, -1.5, to: set).pixels == [0, 0, 0])
  }

  @Test func `hue turns red to green to blue, and leaves grey alone`() {
    let set = ImageSet(width: 4, height: 1, pixels: [200, 0, 0, 0, 200, 0, 90, 90, 90, 200, 100, 100], labels: [0])
    #expect(apply(.hue, 120, to: set).pixels == [0, 200, 0, 0, 0, 200, 90, 90, 90, 100, 200, 100])
    #expect(apply(.hue, -240, to: set).pixels == apply(.hue, 120, to: set).pixels)
    #expect(apply(.hue, 720, to: set).pixels == set.pixels)
  }

  @Test func `blur keeps a flat image, and spreads a point as far as three deviations`() {
    var pixels = [UInt8](repeating: 0, count: 15 * 15 * 3)
    let flat = ImageSet(width: 15, height: 15, pixels: pixels.map { _ in 77 }, labels: [0])
    #expect(apply(.blur, 1.5, to: flat).pixels == flat.pixels)
    pixels[(7 * 15 + 7) * 3] = 255
    let point = apply(.blur, 1, to: ImageSet(width: 15, height: 15, pixels: pixels, labels: [0])).image(0)
    // 255 / 2π is the height of a Gaussian of deviation 1.
    #expect(abs(Double(point[7, 7].red) - 255 / (2 * .pi)) < 1 && point[7, 7].green == 0)
    #expect(point[8, 7] == point[7, 8] && point[6, 7] == point[8, 7])
    #expect(point[11, 7].red == 0 && point[9, 7].red > 0)
  }

  @Test func `noise has the deviation asked for, and the same noise at every strength`() {
    let grey = ImageSet(width: 20, height: 20, pixels: Array(repeating: 128, count: 5 * 1200), labels: [0, 1, 2, 3, 4])
    func noise(_ strength: Double, seed: UInt64 = 0) -> [Double] {
      apply(.noise, strength, to: grey, seed: seed).pixels.map { Double($0) - 128 }
    }
    let (weak, strong) = (noise(0.05), noise(0.1))
    let deviation = (strong.reduce(0) { $0 + $1 * $1 } / Double(strong.count)).squareRoot()
    #expect(abs(deviation / 25.5 - 1) < 0.03)
    #expect(zip(weak, strong).allSatisfy { abs(2 * $0 - $1) <= 1.5 })
    #expect(noise(0.1) == strong && noise(0.1, seed: 1) != strong)
  }

  @Test func `positions beyond the border are mirrored without end`() {
    #expect((-6...9).map { mirroredPosition($0, 4) } == [0, 1, 2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0, 1, 2, 3])
    #expect((-3...3).map { mirroredPosition($0, 1) } == Array(repeating: 0, count: 7))
  }
}

@Suite("Some rows of a set")
struct SubsetTests {
  @Test func `have their pixels, labels and factors, in the order asked for`() {
    let set = ImageSet.portraits(seed: 3, from: 0, count: 6)
    let some = set.subset([4, 1])
    #expect(some.count == 2 && some.image(0) == set.image(4) && some.image(1) == set.image(1))
    #expect(some.labels == [set.labels[4], set.labels[1]])
    #expect(some.factors?.values == [set.factors?.values[4], set.factors?.values[1]].compactMap(\.self))
  }
}
