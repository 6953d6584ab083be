//  Batches for a network, made whole: the set lies on the device as bytes, and one gather crops, flips and
//  lays out a batch channels-last.

public import Storage
public import Torch

/// Moves by up to `padding` pixels, what comes in at the border mirrored, and mirrors half of the images left to
/// right: the standard augmentation of CIFAR (He et al. 2016, with reflection for zeros). Which half is drawn once and
/// changes sides every epoch, so that two epochs show each image both ways (alternating flip; Jordan, "94 % on CIFAR-10
/// in 3.29 seconds on a single GPU", 2024).
public struct PadCropFlip: Sendable {
  public let padding: Int

  public init(padding: Int = 4) {
    self.padding = padding
  }
}

/// The batches of one split in memory.
public final class Batches: BatchSource {
  public let count: Int
  public let size: Int
  private let height: Int
  private let width: Int
  private let labels: [Int]
  private let augmentation: PadCropFlip?
  private let device: Device
  /// (N·H'·W')×3 bytes, each image with its mirrored border.
  private let pixels: Tensor
  /// `labels` as 64-bit integers.
  private let targets: Tensor
  private let scale: Tensor
  private let offset: Tensor

  /// - Parameters:
  ///   - size: images a batch; the last batch of a pass may have fewer.
  ///   - augmentation: applied by `shuffled`; nil leaves the images as they are.
  ///   - device: where the whole set lies, and each batch.
  public init(
    _ set: ImageSet, size: Int, normalization: Normalization, augmentation: PadCropFlip? = nil, device: Device = .cpu
  ) {
    (count, self.size, height, width) = (set.count, size, set.height, set.width)
    labels = set.labels
    self.augmentation = augmentation
    self.device = device
    var images = Tensor(set.pixels, shape: [set.count, set.height, set.width, 3])
    if let padding = augmentation?.padding {
      images =
        images
        .rows(Tensor(Batches.mirrored(set.height, padding)), dimension: 1)
        .rows(Tensor(Batches.mirrored(set.width, padding)), dimension: 2)
    }
    pixels = images.reshaped([-1, 3]).to(device)
    targets = Tensor(labels.map(Int64.init)).to(device)
    (scale, offset) = normalization.scaleAndOffset(on: device)
  }

  /// Nothing is read on the way.
  public var failure: FileError? { nil }

  public func inOrder() -> BatchPass {
    let order = Tensor.range(count, on: device)
    let place = Tensor.full(Double(augmentation?.padding ?? 0), [count], .int64, on: device)
    let unflipped = Tensor.zeros([count], .int64, on: device)
    return BatchPass(0..<batchCount) { [self] index in
      let part = index * size..<min(count, (index + 1) * size)
      return batch(
        order.slice(part), top: place.slice(part), left: place.slice(part), flip: unflipped.slice(part),
        classes: Array(labels[part]))
    }
  }

  public func shuffled(seed: UInt64, epoch: Int, from first: Int) -> BatchPass {
    let drawn = RandomGenerator(seed: seed, "order", epoch).permutation(count)
    let hostOrder = drawn.array(of: Int64.self)
    let generator = RandomGenerator(seed: seed, "augmentation", epoch)
    let span = 2 * (augmentation?.padding ?? 0) + 1
    // Moved once an epoch; a batch copies nothing from the host.
    let top = generator.integers(in: 0..<span, [count]).to(device)
    let left = generator.integers(in: 0..<span, [count]).to(device)
    let flip = augmentation == nil ? Tensor.zeros([count], .int64) : mirrored(seed: seed, epoch: epoch).rows(drawn)
    let (order, sides) = (drawn.to(device), flip.to(device))
    return BatchPass(first..<max(first, batchCount)) { [self] index in
      let part = index * size..<min(count, (index + 1) * size)
      return batch(
        order.slice(part), top: top.slice(part), left: left.slice(part), flip: sides.slice(part),
        classes: hostOrder[part].map { labels[Int($0)] })
    }
  }

  /// 1 for the images that an epoch shows mirrored, by row in the set.
  private func mirrored(seed: UInt64, epoch: Int) -> Tensor {
    let first = RandomGenerator(seed: seed, "mirrored").integers(in: 0..<2, [count])
    return epoch.isMultiple(of: 2) ? first : first * -1 + 1
  }

  /// Cuts H×W windows out of the padded images.
  /// - Parameters: 64-bit integers, one an image: row in the set, first row and column of the window, 1 to mirror it.
  private func batch(_ rows: Tensor, top: Tensor, left: Tensor, flip: Tensor, classes: [Int]) -> Batch {
    withoutGradients {
      let padding = augmentation?.padding ?? 0
      let (fullHeight, fullWidth) = (height + 2 * padding, width + 2 * padding)
      let n = classes.count
      let first = (rows * Double(fullHeight) + top) * Double(fullWidth) + left
      let across = Tensor.range(width, on: device).reshaped([1, 1, width])
      // c, or W − 1 − c where mirrored.
      let columns = across + flip.reshaped([n, 1, 1]) * (across * -2 + Double(width - 1))
      let down = (Tensor.range(height, on: device) * Double(fullWidth)).reshaped([1, height, 1])
      let places = first.reshaped([n, 1, 1]) + down + columns
      let bytes = pixels.rows(places.reshaped([-1])).reshaped([n, height, width, 3]).permuted([0, 3, 1, 2])
      return Batch(
        images: bytes.to(.float32) * scale + offset, labels: targets.rows(rows), classes: classes)
    }
  }

  /// Row numbers that add a mirrored border: 2 1 | 0 1 2 … n−1 | n−2 n−3 for a padding of 2.
  private static func mirrored(_ extent: Int, _ padding: Int) -> [Int64] {
    (-padding..<extent + padding).map { Int64(mirroredPosition($0, extent)) }
  }
}
