//  The data set that is drawn: portraits as images, labels and known factors.

internal import Dispatch
internal import Portraits
internal import Raster

extension Dataset {
  /// Portraits of one seed, as `isda data render` writes them: the first `trainCount` for training, and for testing
  /// as many as asked from far behind them, so that no image is ever in both. About 0.3 ms an image on each core.
  public static func portraits(seed: UInt64 = 0, trainCount: Int = 2000, testCount: Int = 2000) -> Dataset {
    let train = ImageSet.portraits(seed: seed, from: 0, count: trainCount)
    return Dataset(
      name: "portraits",
      classNames: Animal.allCases.map(\.name),
      train: train,
      test: .portraits(seed: seed, from: firstTestPortrait, count: testCount),
      normalization: Normalization(of: train))
  }

  /// The index of the first test portrait of every seed; a multiple of ten, so that classes begin in order.
  public static let firstTestPortrait = 1_000_000_000_000
}

extension ImageSet {
  /// Portraits `from ..< from + count` at 32×32, drawn on all cores.
  static func portraits(seed: UInt64, from: Int, count: Int) -> ImageSet {
    let side = 32
    let size = side * side * 3
    let pixels = [UInt8](unsafeUninitializedCapacity: count * size) { buffer, initialized in
      // Each iteration writes its own part of the buffer and nothing else.
      nonisolated(unsafe) let target = buffer
      DispatchQueue.concurrentPerform(iterations: (count + 99) / 100) { block in
        for row in block * 100..<min(count, block * 100 + 100) {
          let image = Portrait(seed: seed, index: from + row).image(size: side)
          _ = target[row * size..<(row + 1) * size].update(fromContentsOf: image.pixels)
        }
      }
      initialized = count * size
    }
    let portraits = (0..<count).map { Portrait(seed: seed, index: from + $0) }
    return ImageSet(
      width: side, height: side, pixels: pixels, labels: portraits.map(\.animal.rawValue),
      factors: FactorTable(names: Factors.columnNames, values: portraits.map(\.factors.columns)))
  }
}
