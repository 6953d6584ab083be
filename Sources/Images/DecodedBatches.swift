//  Batches of images that lie in files, decoded on all cores ahead of whoever takes them, so that a device need not wait.
//  What a batch holds follows from seed, epoch and place alone, however many threads made it.

internal import Dispatch
internal import Foundation
internal import Raster
public import Storage
internal import Synchronization
public import Torch

/// The batches of one split whose images are decoded on the way.
public final class DecodedBatches: BatchSource {
  public let count: Int
  public let size: Int
  public private(set) var failure: FileError?
  private let files: ImageFiles
  private let labels: [Int]
  private let augmentation: Augmentation
  private let device: Device
  private let scale: Tensor
  private let offset: Tensor

  /// Batches that lie ready while one is being used.
  private static let ahead = 3

  /// - Parameters:
  ///   - augmentation: of `shuffled`. Where it crops, random parts are shown, half of them mirrored; else the images'
  ///     middles. Its other changes follow, batch by batch.
  ///   - device: where each batch goes.
  public init(
    _ files: ImageFiles, labels: [Int], size: Int, normalization: Normalization, augmentation: Augmentation = .none,
    device: Device = .cpu
  ) {
    precondition(files.count == labels.count)
    (self.files, self.labels, self.size, self.augmentation, self.device) = (files, labels, size, augmentation, device)
    count = files.count
    (scale, offset) = normalization.scaleAndOffset(on: device)
  }

  public func inOrder() -> BatchPass {
    let files = files
    return pass(Array(0..<count), from: 0) { row throws(FileError) in try files.image(row) }
  }

  public func shuffled(seed: UInt64, epoch: Int, from first: Int) -> BatchPass {
    let order = RandomGenerator(seed: seed, "order", epoch).permutation(count).array(of: Int64.self).map(Int.init)
    let files = files
    let numbers = augmentation.numbers(count: count, seed: seed, epoch: epoch)
    let change: (Int, Tensor) -> Tensor = { [augmentation, size, count] index, images in
      let part = index * size..<min(count, (index + 1) * size)
      return zip(augmentation.changes, numbers).reduce(images) { $1.0($0, numbers: $1.1.images(part)) }
    }
    let mixing: (Int) -> (LabelMixing, RandomGenerator)? = { [augmentation] index in
      augmentation.mixing.map { ($0, RandomGenerator(seed: seed, $0.kind.rawValue, epoch, index)) }
    }
    guard augmentation.crop != nil else {
      return pass(order, from: first, change: change, mixing: mixing) { row throws(FileError) in try files.image(row) }
    }
    // A number an image, by its row: what is drawn for one does not depend on another.
    let draws = RandomGenerator(seed: seed, "augmentation", epoch).integers(in: 0..<Int.max, [count])
      .array(of: Int64.self)
    return pass(order, from: first, change: change, mixing: mixing) { row throws(FileError) in
      try files.randomPart(row, draw: UInt64(bitPattern: draws[row]))
    }
  }

  private func pass(
    _ order: [Int], from first: Int, change: @escaping (Int, Tensor) -> Tensor = { $1 },
    mixing: @escaping (Int) -> (LabelMixing, RandomGenerator)? = { _ in nil },
    decode: @escaping @Sendable (Int) throws(FileError) -> Image
  ) -> BatchPass {
    let (count, size, files) = (count, size, files)
    func places(_ index: Int) -> Range<Int> { index * size..<min(count, (index + 1) * size) }
    let batches = first..<max(first, batchCount)
    let begin: () -> (Int) -> Batch? = { [self] in
      failure = nil
      let decoded = Lookahead(batches, ahead: Self.ahead) { index throws(FileError) in
        let rows = order[index * size..<min(count, (index + 1) * size)]
        return try files.pixels(rows.count) { place throws(FileError) in try decode(rows[rows.startIndex + place]) }
      }
      return { [self] index in
        do throws(FileError) {
          let classes = order[places(index)].map { labels[$0] }
          let bytes = Tensor(try decoded.next(index), shape: [classes.count, files.side, files.side, 3]).to(device)
          return batch(change(index, bytes), classes: classes, mixing: mixing(index))
        } catch {
          failure = error
          return nil
        }
      }
    }
    return BatchPass(batches, begin: begin)
  }

  private func batch(_ images: Tensor, classes: [Int], mixing: (LabelMixing, RandomGenerator)?) -> Batch {
    Batch(
      images, labels: Tensor(classes.map(Int64.init)).to(device), classes: classes, scale: scale, offset: offset,
      mixing: mixing)
  }
}

/// Makes one item after the other on a thread of its own, a few ahead of who takes them, until nobody can take them any
/// more.
private final class Lookahead: Sendable {
  private let work: Work

  /// - Parameter make: the item of an index. A failure ends the work.
  init(_ indices: Range<Int>, ahead: Int, make: @escaping @Sendable (Int) throws(FileError) -> [UInt8]) {
    let work = Work(ahead: ahead)
    self.work = work
    DispatchQueue(label: "isda.decoding", qos: .userInitiated).async {
      for index in indices {
        work.free.wait()
        guard !work.isCancelled.load(ordering: .relaxed) else { return }
        let result = Result { () throws(FileError) in try make(index) }
        work.made.withLock { $0[index] = result }
        work.ready.signal()
        if case .failure = result { return }
      }
    }
  }

  deinit {
    work.isCancelled.store(true, ordering: .relaxed)
    // The thread may be waiting for room.
    work.free.signal()
  }

  /// The item of `index`. To be asked for in order, each once.
  func next(_ index: Int) throws(FileError) -> [UInt8] {
    work.ready.wait()
    let result = work.made.withLock { $0.removeValue(forKey: index) }
    work.free.signal()
    guard let result else { preconditionFailure("item \(index) was not made next") }
    return try result.get()
  }

  /// What both threads hold.
  private final class Work: Sendable {
    let made = Mutex<[Int: Result<[UInt8], FileError>]>([:])
    let isCancelled = Atomic(false)
    let free: DispatchSemaphore
    let ready = DispatchSemaphore(value: 0)

    init(ahead: Int) {
      // A semaphore that is freed below its first value traps, so it begins at 0 and is raised.
      free = DispatchSemaphore(value: 0)
      for _ in 0..<ahead { free.signal() }
    }
  }
}
