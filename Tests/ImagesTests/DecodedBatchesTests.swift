import Foundation
import Portraits
import Randomness
import Raster
import Storage
import TestSupport
import Testing
import Torch

@testable import Images

@Suite("Images in files are batches that follow from seed, epoch and place", .leavesNoTensors)
struct DecodedBatchesTests {
  /// Twenty pictures of two classes and several shapes, kept as files.
  private func withFiles(_ body: (URL, ImageFiles, [Int]) throws -> Void) throws {
    try withTemporaryFolder { root in
      for number in 0..<20 {
        let image = picture(12 * number, width: 90 + 3 * number, height: 120 - number)
        try WholeFile.write(
          image.png(), to: root.appendingPathComponent("\(number % 2)/\(number).png"), durably: false)
      }
      let index = try ImageIndex(root)
      try body(
        root, ImageFiles(index.entries, in: root, side: 80), index.entries.map { $0.name.hasPrefix("0") ? 0 : 1 })
    }
  }

  private func bytes(_ batch: Batch) -> [UInt8] {
    (batch.images * 255).permuted([0, 2, 3, 1]).array(of: Float.self).map { UInt8($0.rounded()) }
  }

  private let plain = Normalization(mean: [0, 0, 0], deviation: [1, 1, 1])

  @Test func `in order the middles of the images`() throws {
    try withFiles { _, files, labels in
      let batches = DecodedBatches(files, labels: labels, size: 8, normalization: plain, augmentation: .cropAndFlip())
      let parts = Array(batches.inOrder())
      #expect(parts.map(\.classes.count) == [8, 8, 4] && batches.batchCount == 3)
      #expect(parts.flatMap(\.classes) == labels)
      let middles = try (0..<20).flatMap { row in try files.image(row).pixels }
      #expect(parts.flatMap(bytes) == middles)
      #expect(parts[0].images.channelsLast.bytes == parts[0].images.bytes)
      #expect(batches.failure == nil)
      // As a set: the same pixels, whole or in part.
      let set = ImageSet(files, labels: labels)
      #expect(set.pixels == parts.flatMap(bytes))
      let last = try files.image(19)
      #expect(set.image(19) == last)
      #expect(set.subset([3, 1]).image(1) == set.image(1))
      #expect(set.subset([3, 1]).sha256 != set.subset([1, 3]).sha256)
    }
  }

  @Test func `a shuffled pass is the same again, goes on from any batch, and shows every image once`() throws {
    try withFiles { _, files, labels in
      let batches = DecodedBatches(files, labels: labels, size: 6, normalization: plain, augmentation: .cropAndFlip())
      let whole = Array(batches.shuffled(seed: 5, epoch: 2))
      for first in 0...4 {
        let rest = Array(batches.shuffled(seed: 5, epoch: 2, from: first))
        #expect(rest.map(bytes) == whole.dropFirst(first).map(bytes))
        #expect(rest.map(\.classes) == whole.dropFirst(first).map(\.classes))
      }
      #expect(Array(batches.shuffled(seed: 5, epoch: 3)).map(bytes) != whole.map(bytes))
      #expect(Array(batches.shuffled(seed: 6, epoch: 2)).map(bytes) != whole.map(bytes))
      // The colour in the middle names the picture.
      let size = 80 * 80 * 3
      let shown = whole.flatMap { batch in
        let pixels = bytes(batch)
        return batch.classes.indices.map { Int(pixels[$0 * size + (40 * 80 + 40) * 3]) / 12 }
      }
      #expect(shown.sorted() == Array(0..<20))
      #expect(whole.flatMap(\.classes) == shown.map { $0 % 2 })
      // The order is that of images in memory.
      let order = RandomGenerator(seed: 5, "order", 2).permutation(20).array(of: Int64.self).map { labels[Int($0)] }
      #expect(whole.flatMap(\.classes) == order)
    }
  }

  @Test func `other changes follow the crops, with the numbers of an image’s place`() throws {
    try withFiles { _, files, labels in
      func pass(_ augmentation: Augmentation) -> [Batch] {
        let batches = DecodedBatches(
          files, labels: labels, size: 6, normalization: plain, augmentation: augmentation)
        return Array(batches.shuffled(seed: 5, epoch: 2, from: 1))
      }
      let cutout = Cutout(side: 20, fill: [7, 8, 9])
      var changed = Augmentation.cropAndFlip()
      changed.changes = [cutout]
      let numbers = UniformNumbers(
        images: 20, each: cutout.numbersPerImage, from: RandomGenerator(seed: 5, "augmentation", cutout.name, 2))
      for (index, pair) in zip(pass(changed), pass(.cropAndFlip())).enumerated() {
        let part = (index + 1) * 6..<min(20, (index + 2) * 6)
        let whole = Tensor(bytes(pair.1), shape: [part.count, 80, 80, 3])
        let expected = cutout(whole, numbers: numbers.images(part)).array(of: UInt8.self)
        #expect(bytes(pair.0) == expected && expected != bytes(pair.1))
      }
      var mixed = Augmentation.none
      mixed.mixing = LabelMixing(.mixup, alpha: 1, probability: 1)
      #expect(pass(mixed).allSatisfy { $0.mixture != nil } && pass(.none).allSatisfy { $0.mixture == nil })
    }
  }

  @Test func `a pass may be left early, and begun again`() throws {
    try withFiles { _, files, labels in
      let batches = DecodedBatches(files, labels: labels, size: 2, normalization: plain, augmentation: .cropAndFlip())
      let pass = batches.shuffled(seed: 1, epoch: 0)
      for _ in 0..<3 {
        for batch in pass {
          #expect(batch.classes.count == 2)
          break
        }
      }
      #expect(Array(pass).count == 10 && Array(pass).count == 10)
    }
  }

  @Test func `a file that has changed since ends the pass and is named`() throws {
    try withFiles { root, files, labels in
      let batches = DecodedBatches(files, labels: labels, size: 4, normalization: plain)
      let file = root.appendingPathComponent(files.names[9])
      try picture(1, width: 20, height: 20).png().write(to: file)
      #expect(Array(batches.inOrder()).count == 2)
      let failure = try #require(batches.failure)
      #expect("\(failure)".contains("\(files.names[9]): found 20 × 20 pixels; expected"))
      try FileManager.default.removeItem(at: file)
      #expect(Array(batches.inOrder()).count == 2)
      guard case .missing = batches.failure else {
        Issue.record("\(String(describing: batches.failure))")
        return
      }
    }
  }
}

@Suite("Random parts of photographs")
struct RandomResizedCropTests {
  @Test func `have the areas and shapes that were asked for, and lie in the image`() {
    let crop = RandomResizedCrop()
    var generator = SplitMix64(seed: 4)
    var areas: [Double] = []
    var logRatios: [Double] = []
    for _ in 0..<20_000 {
      let box = crop.box(width: 500, height: 500, &generator)
      #expect(box.x >= 0 && box.y >= 0 && box.x + box.width <= 500 && box.y + box.height <= 500)
      #expect(box.x == box.x.rounded() && box.width == box.width.rounded())
      areas.append(box.width * box.height / 250_000)
      logRatios.append(log(box.width / box.height))
    }
    // Small parts always fit: below a half the areas are uniform from 0.08. Shapes are symmetric.
    let below = areas.filter { $0 < 0.5 }
    let mean = below.reduce(0, +) / Double(below.count)
    #expect(abs(mean - 0.29) < 0.005)
    #expect(areas.min()! > 0.078 && areas.max()! > 0.98)
    #expect(abs(logRatios.reduce(0, +) / 20_000) < 0.005)
    let (extreme, limit) = (logRatios.map(abs).max()!, log(4.0 / 3))
    #expect(extreme < limit + 0.03 && extreme > limit - 0.02)
  }

  @Test func `of a strip are the largest in the middle whose shape is allowed`() {
    var generator = SplitMix64(seed: 4)
    #expect(
      RandomResizedCrop().box(width: 4000, height: 30, &generator) == Box(x: 1980, y: 0, width: 40, height: 30))
    #expect(RandomResizedCrop().box(width: 1, height: 1, &generator) == Box(x: 0, y: 0, width: 1, height: 1))
  }
}
