//  Batches for a network, made whole: the set lies on the device as bytes, and one gather crops, flips and
//  lays out a batch channels-last.

public import Storage
public import Torch

/// The batches of one split in memory.
public final class Batches: BatchSource {
  public let count: Int
  public let size: Int
  private let height: Int
  private let width: Int
  private let labels: [Int]
  private let augmentation: Augmentation
  private let device: Device
  /// (N·H'·W')×3 bytes, each image with the border that crops need.
  private let pixels: Tensor
  /// `labels` as 64-bit integers.
  private let targets: Tensor
  private let scale: Tensor
  private let offset: Tensor

  /// - Parameters:
  ///   - size: images a batch; the last batch of a pass may have fewer.
  ///   - augmentation: applied by `shuffled`.
  ///   - device: where the whole set lies, and each batch.
  public init(
    _ set: ImageSet, size: Int, normalization: Normalization, augmentation: Augmentation = .none, device: Device = .cpu
  ) {
    (count, self.size, height, width) = (set.count, size, set.height, set.width)
    labels = set.labels
    self.augmentation = augmentation
    self.device = device
    let images = Tensor(set.pixels, shape: [set.count, set.height, set.width, 3])
    pixels = (augmentation.crop?.padded(images) ?? images).reshaped([-1, 3]).to(device)
    targets = Tensor(labels.map(Int64.init)).to(device)
    (scale, offset) = normalization.scaleAndOffset(on: device)
  }

  /// Nothing is read on the way.
  public var failure: FileError? { nil }

  public func inOrder() -> BatchPass {
    let order = Tensor.range(count, on: device)
    let place = Tensor.full(Double(padding), [count], .int64, on: device)
    let unflipped = Tensor.zeros([count], .int64, on: device)
    return BatchPass(0..<batchCount) { [self] index in
      let part = index * size..<min(count, (index + 1) * size)
      let rows = order.slice(part)
      let cut = cut(rows, top: place.slice(part), left: place.slice(part), flip: unflipped.slice(part))
      return batch(cut, rows: rows, classes: Array(labels[part]), mixing: nil)
    }
  }

  public func shuffled(seed: UInt64, epoch: Int, from first: Int) -> BatchPass {
    let drawn = RandomGenerator(seed: seed, "order", epoch).permutation(count)
    let hostOrder = drawn.array(of: Int64.self)
    let generator = RandomGenerator(seed: seed, "augmentation", epoch)
    let span = 2 * padding + 1
    // Moved once an epoch; a batch copies nothing from the host.
    let top = generator.integers(in: 0..<span, [count]).to(device)
    let left = generator.integers(in: 0..<span, [count]).to(device)
    let flip = augmentation.flips ? mirrored(seed: seed, epoch: epoch).rows(drawn) : Tensor.zeros([count], .int64)
    let (order, sides) = (drawn.to(device), flip.to(device))
    let numbers = augmentation.numbers(count: count, seed: seed, epoch: epoch)
    return BatchPass(first..<max(first, batchCount)) { [self] index in
      let part = index * size..<min(count, (index + 1) * size)
      let rows = order.slice(part)
      let cut = cut(rows, top: top.slice(part), left: left.slice(part), flip: sides.slice(part))
      let changed = zip(augmentation.changes, numbers).reduce(cut) { images, next in
        next.0(images, numbers: next.1.images(part))
      }
      return batch(
        changed, rows: rows, classes: hostOrder[part].map { labels[Int($0)] },
        mixing: augmentation.mixing.map { ($0, RandomGenerator(seed: seed, $0.kind.rawValue, epoch, index)) })
    }
  }

  /// 1 for the images that an epoch shows mirrored, by row in the set.
  private func mirrored(seed: UInt64, epoch: Int) -> Tensor {
    let first = RandomGenerator(seed: seed, "mirrored").integers(in: 0..<2, [count])
    return epoch.isMultiple(of: 2) ? first : first * -1 + 1
  }

  private var padding: Int { augmentation.crop?.padding ?? 0 }

  /// Cuts H×W windows out of the padded images, N×H×W×3 bytes.
  /// - Parameters: 64-bit integers, one an image: row in the set, first row and column of the window, 1 to mirror it.
  private func cut(_ rows: Tensor, top: Tensor, left: Tensor, flip: Tensor) -> Tensor {
    withoutGradients {
      let (fullHeight, fullWidth) = (height + 2 * padding, width + 2 * padding)
      let n = rows.count
      let first = (rows * Double(fullHeight) + top) * Double(fullWidth) + left
      let across = Tensor.range(width, on: device).reshaped([1, 1, width])
      // c, or W − 1 − c where mirrored.
      let columns = across + flip.reshaped([n, 1, 1]) * (across * -2 + Double(width - 1))
      let down = (Tensor.range(height, on: device) * Double(fullWidth)).reshaped([1, height, 1])
      let places = first.reshaped([n, 1, 1]) + down + columns
      return pixels.rows(places.reshaped([-1])).reshaped([n, height, width, 3])
    }
  }

  private func batch(
    _ images: Tensor, rows: Tensor, classes: [Int], mixing: (LabelMixing, RandomGenerator)?
  ) -> Batch {
    Batch(images, labels: targets.rows(rows), classes: classes, scale: scale, offset: offset, mixing: mixing)
  }
}
