import Raster
import TestSupport
import Testing
import Torch

@testable import Images

/// Twelve 6×5 images whose bytes tell image, row, column and channel apart.
private let set = ImageSet(
  width: 5, height: 6, pixels: (0..<1080).map { (index: Int) -> UInt8 in UInt8((index * 7 + index / 90 * 13) % 256) },
  labels: (0..<12).map { UInt8($0 % 3) })
private let plain = Normalization(mean: [0, 0, 0], deviation: [1, 1, 1])

@Suite("Batches show every image, cropped and flipped as asked", .leavesNoTensors)
struct BatchesTests {
  /// Bytes of an N×3×H×W batch that was normalised by 1/255.
  private func bytes(_ batch: Batch) -> [[UInt8]] {
    let values = (batch.images * 255).permuted([0, 2, 3, 1]).array(of: Float.self).map { UInt8($0.rounded()) }
    let size = values.count / batch.classes.count
    return (0..<batch.classes.count).map { Array(values[$0 * size..<($0 + 1) * size]) }
  }

  @Test(arguments: [nil, 2])
  func `in order, images and labels are those of the set`(padding: Int?) {
    let augmentation = padding.map { Augmentation.cropAndFlip(padding: $0) } ?? .none
    let batches = Batches(set, size: 5, normalization: plain, augmentation: augmentation)
    let parts = Array(batches.inOrder())
    #expect(parts.map { (batch: Batch) -> Int in batch.classes.count } == [5, 5, 2])
    #expect(parts.flatMap(bytes) == (0..<12).map { set.image($0).pixels })
    #expect(parts.flatMap { (batch: Batch) -> [Int] in batch.classes } == set.labels)
    #expect(parts[1].labels.array(of: Int64.self) == parts[1].classes.map(Int64.init))
  }

  @Test func `pixels are normalised channel by channel`() {
    let normalization = Normalization(mean: [0.1, 0.2, 0.3], deviation: [0.5, 0.25, 2])
    let batch = Array(Batches(set, size: 1, normalization: normalization).inOrder())[4]
    let values = batch.images.permuted([0, 2, 3, 1]).array(of: Double.self)
    let (mean, deviation) = (normalization.mean, normalization.deviation)
    let expected = set.image(4).pixels.enumerated().map { (index: Int, byte: UInt8) -> Double in
      (Double(byte) / 255 - mean[index % 3]) / deviation[index % 3]
    }
    #expect(relativeError(values, expected) < 1e-6)
  }

  @Test func `a pass goes on from any batch as it would have gone on`() {
    let batches = Batches(set, size: 5, normalization: plain, augmentation: .cropAndFlip(padding: 2))
    let whole = Array(batches.shuffled(seed: 3, epoch: 1))
    for first in 0...3 {
      let rest = Array(batches.shuffled(seed: 3, epoch: 1, from: first))
      #expect(rest.map(bytes) == whole.dropFirst(first).map(bytes))
      #expect(rest.map(\.classes) == whole.dropFirst(first).map(\.classes))
    }
  }

  /// Every crop and flip of one image, from the definition: mirror the border, cut a window, mirror the window.
  private func variants(of row: Int, padding: Int) -> Set<[UInt8]> {
    let image = set.image(row)
    func mirrored(_ position: Int, _ extent: Int) -> Int {
      position < 0 ? -position : position >= extent ? 2 * extent - 2 - position : position
    }
    var result: Set<[UInt8]> = []
    for top in -padding...padding {
      for left in -padding...padding {
        for flip in [false, true] {
          var pixels: [UInt8] = []
          for y in 0..<6 {
            for x in 0..<5 {
              let (r, g, b) = image[mirrored((flip ? 4 - x : x) + left, 5), mirrored(y + top, 6)]
              pixels += [r, g, b]
            }
          }
          result.insert(pixels)
        }
      }
    }
    return result
  }

  @Test func `an augmented pass shows each image once, as one of its crops and flips`() {
    let batches = Batches(set, size: 5, normalization: plain, augmentation: .cropAndFlip(padding: 2))
    var seen: Set<[UInt8]> = []
    for epoch in 0..<40 {
      let shown = batches.shuffled(seed: 3, epoch: epoch).flatMap { batch in zip(batch.classes, bytes(batch)) }
      #expect(shown.count == 12)
      var left = Set(0..<12)
      for (label, pixels) in shown {
        let row = left.first { Int(set.labels[$0]) == label && variants(of: $0, padding: 2).contains(pixels) }
        #expect(row != nil)
        if let row { left.remove(row) }
        seen.insert(pixels)
      }
    }
    // 12 images in 50 variants: 480 draws should meet about 330 of the 600, far more than flips alone.
    #expect(seen.count > 250)
  }

  @Test func `about half the images are mirrored, in every second epoch each`() {
    let batches = Batches(set, size: 5, normalization: plain, augmentation: .cropAndFlip(padding: 0))
    func mirrored(_ epoch: Int) -> Set<Int> {
      let shown = batches.shuffled(seed: 3, epoch: epoch).flatMap(bytes)
      return Set((0..<12).filter { row in !shown.contains(set.image(row).pixels) })
    }
    let first = mirrored(0)
    #expect((2...10).contains(first.count))
    #expect(mirrored(1) == Set(0..<12).subtracting(first))
    #expect(mirrored(2) == first)
    #expect(mirrored(7) == mirrored(1))
  }

  @Test func `a pass follows from seed and epoch`() {
    let batches = Batches(set, size: 4, normalization: plain, augmentation: .cropAndFlip())
    func pass(_ seed: UInt64, _ epoch: Int) -> [[UInt8]] { batches.shuffled(seed: seed, epoch: epoch).flatMap(bytes) }
    #expect(pass(1, 0) == pass(1, 0))
    #expect(pass(1, 0) != pass(1, 1))
    #expect(pass(1, 0) != pass(2, 0))
  }

  @Test func `batches are laid out channels-last`() {
    let batch = Array(Batches(set, size: 4, normalization: plain).inOrder())[0]
    // Row-major bytes of the permuted view are those of memory only if channels lie innermost.
    #expect(batch.images.shape == [4, 3, 6, 5])
    #expect(batch.images.channelsLast.bytes == batch.images.bytes)
  }
}

@Suite("Normalisation constants come from the pixels")
struct NormalizationTests {
  @Test func `mean and deviation of a small set`() {
    let set = ImageSet(width: 2, height: 1, pixels: [0, 10, 255, 255, 30, 255], labels: [0])
    let normalization = Normalization(of: set)
    #expect(relativeError(normalization.mean, [0.5, 20.0 / 255, 1]) < 1e-15)
    // A channel without variance keeps a deviation to divide by.
    #expect(relativeError(normalization.deviation, [0.5, 10.0 / 255, 1.0 / 255]) < 1e-15)
  }
}

@Suite("Portraits become a data set")
struct PortraitImagesTests {
  @Test func `classes are balanced, splits are apart, factors stand beside`() {
    let dataset = Dataset.portraits(seed: 4, trainCount: 230, testCount: 120)
    #expect(dataset.classNames.count == 10)
    #expect((0..<10).allSatisfy { label in dataset.train.labels.count { $0 == label } == 23 })
    let train = Set((0..<230).map { dataset.train.image($0).pixels })
    #expect(train.count == 230)
    #expect((0..<120).allSatisfy { !train.contains(dataset.test.image($0).pixels) })
    #expect(dataset.test.factors?.values.count == 120)
    #expect(dataset.test.factors?.values.allSatisfy { $0.count == dataset.test.factors?.names.count } == true)
    // Fewer of a seed are the first ones of more.
    let fewer = Dataset.portraits(seed: 4, trainCount: 50, testCount: 10)
    #expect(fewer.train.image(49) == dataset.train.image(49))
    #expect(Dataset.portraits(seed: 5, trainCount: 50, testCount: 10).train.image(49) != fewer.train.image(49))
  }
}

@Suite("The digest of a data set tells it from any other")
struct DigestTests {
  private func digest(
    pixel: UInt8 = 0, label: UInt8 = 0, testPixel: UInt8 = 0, name: String = "a", mean: Double = 0.5
  ) -> String {
    func set(_ pixel: UInt8, _ label: UInt8) -> ImageSet {
      ImageSet(width: 2, height: 1, pixels: [1, 2, 3, 4, 5, pixel], labels: [label])
    }
    return Dataset(
      name: "any", classNames: [name, "b"], train: set(pixel, label), test: set(testPixel, 0),
      normalization: Normalization(mean: [mean, 0, 0], deviation: [1, 1, 1])
    ).sha256
  }

  @Test func `by pixels, labels, classes and normalisation`() {
    let digests = [
      digest(), digest(pixel: 1), digest(label: 1), digest(testPixel: 1), digest(name: "c"), digest(mean: 0.25),
    ]
    #expect(Set(digests).count == digests.count)
    #expect(digest() == digests[0] && digests[0].count == 64)
  }
}
