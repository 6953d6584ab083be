import Raster
import TestSupport
import Testing
import Torch

@testable import Images

/// Forty 8×7 images whose bytes tell image, row, column and channel apart as far as bytes can.
private let set = ImageSet(
  width: 7, height: 8,
  pixels: (0..<40 * 168).map { (index: Int) -> UInt8 in UInt8(truncatingIfNeeded: (index &* 2_654_435_761) >> 9) },
  labels: Array(0..<40))
/// Bytes as they are.
private let plain = Normalization(mean: [0, 0, 0], deviation: [1 / 255, 1 / 255, 1 / 255])
private let grey: [UInt8] = [9, 8, 7]

private let changes: [any RandomChange] = [
  Translation(pixels: 2), Rotation(degrees: 20), ColorJitter(strength: 0.4, hue: 30), AutoAugment(.cifar10, fill: grey),
  AutoAugment(.imagenet, fill: grey), RandAugment(count: 3, magnitude: 8, fill: grey), Cutout(side: 4, fill: grey),
]

@Suite("Augmentation follows from seed and epoch alone", .leavesNoTensors)
struct AugmentationTests {
  private func bytes(_ batch: Batch) -> [[UInt8]] {
    let values = (batch.images.permuted([0, 2, 3, 1]) + 0.5).to(.uint8).array(of: UInt8.self)
    let size = values.count / batch.classes.count
    return (0..<batch.classes.count).map { Array(values[$0 * size..<($0 + 1) * size]) }
  }

  private func pass(_ augmentation: Augmentation, seed: UInt64 = 3, epoch: Int = 1, from first: Int = 0) -> [Batch] {
    Array(
      Batches(set, size: 16, normalization: plain, augmentation: augmentation)
        .shuffled(seed: seed, epoch: epoch, from: first))
  }

  @Test func `with all parts a pass repeats, goes on from any batch, and differs by seed and epoch`() {
    for kind in [LabelMixing.Kind.mixup, .cutmix] {
      var augmentation = Augmentation.cropAndFlip(padding: 2)
      (augmentation.changes, augmentation.mixing) = (changes, LabelMixing(kind, alpha: 1, probability: 0.7))
      let whole = pass(augmentation)
      for first in 0...3 {
        let rest = pass(augmentation, from: first)
        #expect(rest.map(bytes) == whole.dropFirst(first).map(bytes))
        #expect(rest.map(\.classes) == whole.dropFirst(first).map(\.classes))
        #expect(rest.map { $0.mixture?.share } == whole.dropFirst(first).map { $0.mixture?.share })
        #expect(rest.map { $0.mixture?.classes } == whole.dropFirst(first).map { $0.mixture?.classes })
      }
      #expect(pass(augmentation, seed: 4).map(bytes) != whole.map(bytes))
      #expect(pass(augmentation, epoch: 2).map(bytes) != whole.map(bytes))
    }
  }

  @Test func `what two augmentations share is the same in both, and so is the order`() {
    let standard = pass(.cropAndFlip(padding: 2))
    // A square of one pixel covers none, so that only crops and flips are left to see.
    var augmentation = Augmentation.cropAndFlip(padding: 2)
    augmentation.changes = [Cutout(side: 1, fill: grey)]
    #expect(pass(augmentation).map(\.classes) == standard.map(\.classes))
    #expect(pass(augmentation).map(bytes) == standard.map(bytes))
    // With AutoAugment before it, Cutout covers the same places.
    func covered(_ changes: [any RandomChange]) -> [[Bool]] {
      pass(Augmentation(changes: changes)).flatMap(bytes).map { image in
        (0..<56).map { Array(image[$0 * 3..<$0 * 3 + 3]) == grey }
      }
    }
    let alone = covered([Cutout(side: 4, fill: grey)])
    let after = covered([ColorJitter(strength: 0.3), Cutout(side: 4, fill: grey)])
    #expect(alone == after && alone.allSatisfy { $0.contains(true) })
    // Mixing changes neither order nor what is mixed.
    let mixed = pass(Augmentation(mixing: LabelMixing(.cutmix, alpha: 1, probability: 1)))
    #expect(mixed.map(\.classes) == pass(.none).map(\.classes))
  }

  @Test(arguments: changes.indices) func `a change of many images is that of each by itself`(index: Int) {
    let change = changes[index]
    let images = Tensor(set.pixels, shape: [40, 8, 7, 3])
    let numbers = UniformNumbers(images: 40, each: change.numbersPerImage, from: RandomGenerator(seed: 1, "any"))
    let together = change(images, numbers: numbers)
    #expect(together.shape == images.shape && together.elementType == .uint8)
    #expect(together.bytes != images.bytes)
    let apart = (0..<40).flatMap { change(images.slice($0..<$0 + 1), numbers: numbers.images($0..<$0 + 1)).bytes }
    #expect(together.bytes == apart)
  }

  @Test func `streams of different changes are their own`() {
    let augmentation = Augmentation(changes: changes)
    let numbers = augmentation.numbers(count: 3, seed: 1, epoch: 0).map { $0[0, 0] }
    // The two policies are one change by name.
    #expect(Set(numbers).count == changes.count - 1)
    #expect(augmentation.numbers(count: 3, seed: 1, epoch: 1).map { $0[0, 0] } != numbers)
  }

  @Test func `a black border comes in as zeros`() {
    let batches = pass(Augmentation(crop: Crop(padding: 3, border: .black)))
    var zeros = 0
    for (label, image) in batches.flatMap({ zip($0.classes, bytes($0)) }) {
      let original = set.image(label)
      let isCrop = (-3...3).contains { top in
        (-3...3).contains { left in
          (0..<8).allSatisfy { y in
            (0..<7).allSatisfy { x in
              let place = (y * 7 + x) * 3
              let found = Array(image[place..<place + 3])
              guard (0..<8).contains(y + top), (0..<7).contains(x + left) else { return found == [0, 0, 0] }
              let (r, g, b) = original[x + left, y + top]
              return found == [r, g, b]
            }
          }
        }
      }
      #expect(isCrop, "image \(label)")
      zeros += image.count { $0 == 0 }
    }
    #expect(zeros > 40 * 20)
  }
}

@Suite("Changes do what they say", .leavesNoTensors)
struct RandomChangeTests {
  private let images = ImageSet(
    width: 9, height: 9, pixels: (0..<243).map { UInt8($0) }, labels: [0])
  private var tensor: Tensor { Tensor(images.pixels, shape: [1, 9, 9, 3]) }
  private func image(_ tensor: Tensor) -> Image { Image(width: 9, height: 9, pixels: tensor.array()) }

  @Test func `numbers in the middle move nothing`() {
    for change in [Translation(pixels: 3), Rotation(degrees: 90), ColorJitter(strength: 0.5, hue: 90)]
      as [any RandomChange]
    {
      let numbers = UniformNumbers(Array(repeating: 0.5, count: change.numbersPerImage), each: change.numbersPerImage)
      #expect(change(tensor, numbers: numbers).bytes == tensor.bytes, "\(change.name)")
    }
  }

  @Test func `translation to the right and down by whole pixels, and halfway between`() {
    // 4 (2u − 1) = 2 and −1.
    let moved = image(Translation(pixels: 4)(tensor, numbers: UniformNumbers([0.75, 0.375], each: 2)))
    for y in 0..<9 {
      for x in 0..<9 {
        let source = images.image(0)[abs(x - 2), y + 1 > 8 ? 7 : y + 1]
        #expect(moved[x, y] == source, "\(x), \(y)")
      }
    }
    let half = image(Translation(pixels: 1)(tensor, numbers: UniformNumbers([0.75, 0.5], each: 2)))
    // Neighbours differ by 3 in each channel: 1.5 less, rounded upwards.
    let red: UInt8 = 4 * 27 + 12 - 1
    #expect(half[4, 4] == (red, red + 1, red + 2))
  }

  @Test func `a quarter turn either way`() {
    let original = images.image(0)
    for (number, clockwise) in [(Float(0), true), (1, false)] {
      let turned = image(Rotation(degrees: 90)(tensor, numbers: UniformNumbers([number], each: 1)))
      for y in 0..<9 {
        for x in 0..<9 { #expect(turned[x, y] == (clockwise ? original[y, 8 - x] : original[8 - y, x])) }
      }
    }
  }

  @Test func `jitter turns hues and leaves greys`() {
    let pixels = Tensor([200, 0, 0, 90, 90, 90] as [UInt8], shape: [1, 1, 2, 3])
    // A third of the circle: red becomes green.
    let turned = ColorJitter(strength: 0, hue: 120)(pixels, numbers: UniformNumbers([0.5, 0.5, 0.5, 1], each: 4))
    #expect(turned.array(of: UInt8.self) == [0, 200, 0, 90, 90, 90])
    let bright = ColorJitter(strength: 0.5)(pixels, numbers: UniformNumbers([1, 0.5, 0.5, 0], each: 4))
    #expect(bright.array(of: UInt8.self) == [255, 0, 0, 135, 135, 135])
  }

  @Test func `cutout covers a square, less what lies outside`() {
    func covered(_ row: Float, _ column: Float, side: Int) -> Set<Int> {
      let result = Cutout(side: side, fill: [255, 254, 253])(tensor, numbers: UniformNumbers([row, column], each: 2))
      let pixels = result.array(of: UInt8.self)
      return Set((0..<81).filter { Array(pixels[$0 * 3..<$0 * 3 + 3]) == [255, 254, 253] })
    }
    #expect(covered(0.5, 0.5, side: 4) == Set((2..<6).flatMap { y in (2..<6).map { y * 9 + $0 } }))
    #expect(covered(0, 0.99, side: 4) == Set((0..<2).flatMap { y in (6..<9).map { y * 9 + $0 } }))
    #expect(covered(0.5, 0.5, side: 40).count == 81)
  }
}

@Suite("Mixed images and their labels go together", .leavesNoTensors)
struct LabelMixingTests {
  private let classes = set.labels
  private var labels: Tensor { Tensor(classes.map(Int64.init)) }

  private func mixed(_ kind: LabelMixing.Kind, alpha: Double = 1, probability: Double = 1, seed: UInt64) -> (
    images: Tensor, mixture: Mixture?
  ) {
    LabelMixing(kind, alpha: alpha, probability: probability)(
      Tensor(set.pixels, shape: [40, 8, 7, 3]), labels: labels, classes: classes,
      generator: RandomGenerator(seed: seed, "mixing"))
  }

  @Test func `mixup is the weighted sum of an image and its partner`() throws {
    for seed in 0..<5 as Range<UInt64> {
      let (images, mixture) = mixed(.mixup, seed: seed)
      let found = try #require(mixture)
      #expect(found.labels.array(of: Int64.self) == found.classes.map(Int64.init))
      #expect(found.classes.sorted() == classes && found.classes != classes)
      let values = images.array(of: Double.self)
      let expected = classes.indices.flatMap { row -> [Double] in
        zip(set.image(row).pixels, set.image(found.classes[row]).pixels).map {
          found.share * Double($0) + (1 - found.share) * Double($1)
        }
      }
      #expect(relativeError(values, expected) < 1e-6)
    }
  }

  @Test func `CutMix takes a box from the partner, and the share is what is left`() throws {
    for seed in 0..<20 as Range<UInt64> {
      let (images, mixture) = mixed(.cutmix, seed: seed)
      let found = try #require(mixture)
      let values = images.array(of: UInt8.self)
      var boxes: Set<[Int]> = []
      for row in classes.indices where found.classes[row] != row {
        let (own, other) = (set.image(row), set.image(found.classes[row]))
        let box = (0..<56).filter { place in
          let pixel = Array(values[row * 168 + place * 3..<row * 168 + place * 3 + 3])
          let (r, g, b) = own[place % 7, place / 7]
          if pixel == [r, g, b] { return false }
          let (x, y, z) = other[place % 7, place / 7]
          #expect(pixel == [x, y, z])
          return true
        }
        boxes.insert(box)
      }
      #expect(boxes.count == 1)
      let box = boxes.first ?? []
      #expect(abs(found.share - (1 - Double(box.count) / 56)) < 1e-12)
      let (columns, rows) = (Set(box.map { $0 % 7 }), Set(box.map { $0 / 7 }))
      #expect(columns.count * rows.count == box.count)
    }
  }

  @Test func `shares have the mean and the variance of Beta(α, α), and batches the probability`() {
    let tiny = Tensor.zeros([2, 1, 1, 3], .uint8)
    func shares(_ alpha: Double, probability: Double = 1) -> [Double] {
      (0..<3000 as Range<UInt64>).compactMap { seed in
        LabelMixing(.mixup, alpha: alpha, probability: probability)(
          tiny, labels: Tensor([0, 1] as [Int64]), classes: [0, 1], generator: RandomGenerator(seed: seed, "beta")
        ).mixture?.share
      }
    }
    for alpha in [0.2, 1, 4] {
      let drawn = shares(alpha)
      let mean = drawn.reduce(0, +) / 3000
      let variance = drawn.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 3000
      #expect(abs(mean - 0.5) < 0.03, "α = \(alpha)")
      #expect(abs(variance * 4 * (2 * alpha + 1) - 1) < 0.1, "α = \(alpha)")
    }
    #expect(shares(0.01).allSatisfy { $0.isFinite })
    #expect(abs(Double(shares(1, probability: 0.3).count) / 3000 - 0.3) < 0.03)
  }
}
