//  What training and extraction ask for batches, whether the images lie in memory or are decoded on the way.

public import Storage
public import Torch

/// Images as a network takes them, with their classes.
public struct Batch {
  /// N×3×H×W, float32, normalised, channels-last in memory.
  public let images: Tensor
  /// N 64-bit integers on the device of the images.
  public let labels: Tensor
  /// The same labels on the host.
  public let classes: [Int]
  /// What else is in the images; nil where each is of its own label alone.
  public let mixture: Mixture?
}

extension Batch {
  /// Images (N×H×W×3 bytes) as a network takes them, mixed with each other if so asked.
  init(
    _ bytes: Tensor, labels: Tensor, classes: [Int], scale: Tensor, offset: Tensor,
    mixing: (LabelMixing, RandomGenerator)?
  ) {
    self = withoutGradients {
      let (values, mixture) =
        mixing.map { $0.0(bytes, labels: labels, classes: classes, generator: $0.1) } ?? (bytes, nil)
      return Batch(
        images: values.permuted([0, 3, 1, 2]).to(.float32) * scale + offset, labels: labels, classes: classes,
        mixture: mixture)
    }
  }
}

/// The batches of one split.
public protocol BatchSource: AnyObject {
  /// Images.
  var count: Int { get }
  /// Images a batch; the last batch of a pass may have fewer.
  var size: Int { get }
  /// One pass in the set's own order, unaugmented.
  func inOrder() -> BatchPass
  /// One pass in random order, augmented. Order and augmentation depend on the seed and the epoch alone, so that two runs
  /// of one seed see the same images whatever their losses draw, and a run that was stopped goes on from any batch.
  /// - Parameter first: where to begin; the batches before it are left out.
  func shuffled(seed: UInt64, epoch: Int, from first: Int) -> BatchPass
  /// Why the last pass ended before its time, if it did. To be asked after each pass.
  var failure: FileError? { get }
}

extension BatchSource {
  public var batchCount: Int { (count + size - 1) / size }

  public func shuffled(seed: UInt64, epoch: Int) -> BatchPass { shuffled(seed: seed, epoch: epoch, from: 0) }
}

/// Batches one after the other, each made when it is asked for.
public struct BatchPass: Sequence {
  private let indices: Range<Int>
  private let begin: () -> (Int) -> Batch?

  /// - Parameter begin: called when somebody begins to go through the batches; what it gives makes the batch of an index,
  ///   asked for in order, and ends the pass with nil.
  init(_ indices: Range<Int>, begin: @escaping () -> (Int) -> Batch?) {
    (self.indices, self.begin) = (indices, begin)
  }

  /// - Parameter batch: the batch of an index, whenever it is asked for.
  init(_ indices: Range<Int>, batch: @escaping (Int) -> Batch) { self.init(indices, begin: { batch }) }

  public func makeIterator() -> Iterator { Iterator(indices: indices, make: begin()) }

  public struct Iterator: IteratorProtocol {
    fileprivate var indices: Range<Int>
    fileprivate let make: (Int) -> Batch?

    public mutating func next() -> Batch? {
      guard let index = indices.popFirst() else { return nil }
      let batch = make(index)
      if batch == nil { indices = indices.upperBound..<indices.upperBound }
      return batch
    }
  }
}

extension ImageSet {
  /// The set's batches: gathered from memory, or decoded ahead of whoever takes them.
  /// - Parameters:
  ///   - augmentation: of `shuffled`. Where it crops, files are cropped at random sizes instead and half of them mirrored
  ///     (`RandomResizedCrop`); its other changes are the same.
  public func batches(
    size: Int, normalization: Normalization, augmentation: Augmentation = .none, device: Device = .cpu
  ) -> any BatchSource {
    if let files {
      DecodedBatches(
        files, labels: labels, size: size, normalization: normalization, augmentation: augmentation, device: device)
    } else {
      Batches(self, size: size, normalization: normalization, augmentation: augmentation, device: device)
    }
  }
}

extension Normalization {
  /// 1×3×1×1 each, with value · scale + offset = (value/255 − mean) / deviation.
  func scaleAndOffset(on device: Device) -> (scale: Tensor, offset: Tensor) {
    let shape = [1, 3, 1, 1]
    return (
      Tensor(deviation.map { Float(1 / (255 * $0)) }, shape: shape).to(device),
      Tensor(zip(mean, deviation).map { Float(-$0 / $1) }, shape: shape).to(device)
    )
  }
}
