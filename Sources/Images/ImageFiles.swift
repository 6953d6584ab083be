//  Images that stay in their files: where they lie, and how one of them becomes a square of the size that a network takes.

internal import Dispatch
internal import Foundation
internal import Randomness
internal import Raster
internal import Storage
internal import Synchronization

/// Image files in a fixed order, each brought to `side` × `side` pixels when it is decoded.
public struct ImageFiles: Sendable {
  let root: URL
  /// From the root.
  public let names: [String]
  /// As they are stored upright.
  private let sizes: [(width: Int32, height: Int32)]
  private let digests: [[UInt8]]
  public let side: Int

  init(_ entries: [ImageIndex.Entry], in root: URL, side: Int) {
    self.root = root
    self.side = side
    names = entries.map(\.name)
    sizes = entries.map { (Int32($0.width), Int32($0.height)) }
    digests = entries.map(\.digest)
  }

  private init(_ other: ImageFiles, rows: [Int]) {
    (root, side) = (other.root, other.side)
    names = rows.map { other.names[$0] }
    sizes = rows.map { other.sizes[$0] }
    digests = rows.map { other.digests[$0] }
  }

  public var count: Int { names.count }

  func subset(_ rows: [Int]) -> ImageFiles { ImageFiles(self, rows: rows) }

  /// Of the files' own digests in their order.
  var sha256: String { Data(digests.joined()).sha256 }

  /// The middle of the image: a square of as much of the shorter side as `middleShare` says.
  /// - Throws: `FileError` if the file no longer decodes to what the index says.
  func image(_ row: Int) throws(FileError) -> Image {
    let (width, height) = (Double(sizes[row].width), Double(sizes[row].height))
    let extent = min(width, height) * middleShare
    return try image(
      row, box: Box(x: (width - extent) / 2, y: (height - extent) / 2, width: extent, height: extent), shrinks: false)
  }

  /// Photographs are shown at 7/8 of their shorter side, as 224 of 256 pixels; small pictures whole.
  private var middleShare: Double { side > Self.largestInMemory ? 7.0 / 8 : 1 }

  /// Sets of larger images than this are not read into memory but decoded batch by batch.
  static let largestInMemory = 64

  /// A part of the image, drawn anew for each number, mirrored half of the time.
  func randomPart(_ row: Int, draw: UInt64) throws(FileError) -> Image {
    var generator = SplitMix64(seed: draw)
    let crop = RandomResizedCrop()
    let box = crop.box(width: Int(sizes[row].width), height: Int(sizes[row].height), &generator)
    let isMirrored = generator.chance(0.5)
    let part = try image(row, box: box, shrinks: true)
    return isMirrored ? part.mirrored : part
  }

  /// - Parameters:
  ///   - box: in the upright image.
  ///   - shrinks: whether the decoder may leave out detail that the result has no pixels for.
  private func image(_ row: Int, box: Box, shrinks: Bool) throws(FileError) -> Image {
    let path = "\(root.path)/\(names[row])"
    let data = try WholeFile.read(URL(fileURLWithPath: path), expected: "an image")
    let least = min(box.width, box.height)
    let shrink = shrinks ? [8, 4, 2].first { least / Double($0) >= Double(side) } ?? 1 : 1
    let whole = try Image(decoding: data, name: path, limit: ImageIndex.mostPixels, shrink: shrink)
    let (width, height) = (Int(sizes[row].width), Int(sizes[row].height))
    // JPEG shrinks; PNG comes as it is.
    guard
      [1, shrink].contains(where: { whole.width == (width + $0 - 1) / $0 && whole.height == (height + $0 - 1) / $0 })
    else {
      throw .malformed(
        path: path, found: "\(whole.width) × \(whole.height) pixels",
        expected: "\(width) × \(height), as when it was indexed")
    }
    let (across, down) = (Double(whole.width) / Double(width), Double(whole.height) / Double(height))
    return whole.resized(
      Box(x: box.x * across, y: box.y * down, width: box.width * across, height: box.height * down), width: side,
      height: side)
  }

  /// Some images as bytes, decoded on all cores.
  /// - Parameter decode: an image by its place in `rows`.
  /// - Throws: the failure of the first row that fails.
  func pixels(_ count: Int, decode: @Sendable (Int) throws(FileError) -> Image) throws(FileError) -> [UInt8] {
    let size = side * side * 3
    let failures = Mutex<[Int: FileError]>([:])
    let pixels = [UInt8](unsafeUninitializedCapacity: count * size) { buffer, initialized in
      // Each iteration writes its own part of the buffer and nothing else.
      nonisolated(unsafe) let target = buffer
      DispatchQueue.concurrentPerform(iterations: count) { place in
        do throws(FileError) {
          let image = try decode(place)
          _ = target[place * size..<(place + 1) * size].update(fromContentsOf: image.pixels)
        } catch {
          target[place * size..<(place + 1) * size].update(repeating: 0)
          failures.withLock { $0[place] = error }
        }
      }
      initialized = count * size
    }
    if let first = failures.withLock({ $0.min { $0.key < $1.key } }) { throw first.value }
    return pixels
  }

  /// Rows as bytes, each image's middle. The index has seen every file whole, so one that does not decode now has
  /// changed under this process; nothing right can follow from that.
  func pixelsOrTrap(of rows: Range<Int>) -> [UInt8] {
    do throws(FileError) {
      return try pixels(rows.count) { place throws(FileError) in try image(rows.lowerBound + place) }
    } catch {
      preconditionFailure("an image file has changed since it was indexed: \(error)")
    }
  }
}
