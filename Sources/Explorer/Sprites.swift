//  Many images in one picture: sheets of all test images, small ones for the map from afar, full ones for close by.

public import Foundation
public import Raster
internal import Synchronization

/// How images lie in sheets: by row, from the top left.
public struct SpriteLayout: Encodable, Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable {
    case small, full
  }

  /// The side of a cell, pixels; images that are not square are in the middle of theirs.
  public let cell: Int
  public let columns: Int
  public let perSheet: Int
  public let sheets: Int

  public init(_ kind: Kind, of images: SessionAnswer.Images) {
    (cell, columns) = kind == .small ? (8, 64) : (min(max(images.width, images.height, 1), 64), 16)
    perSheet = columns * columns
    sheets = (images.count + perSheet - 1) / perSheet
  }

  /// One sheet as PNG.
  /// - Parameters:
  ///   - count: of all images.
  ///   - image: the image in a place, from 0; nil leaves its cell empty.
  /// - Precondition: there is such a sheet.
  public func png(sheet: Int, count: Int, image: (Int) -> Image?) -> Data {
    let places = sheet * perSheet..<min((sheet + 1) * perSheet, count)
    let width = columns * cell
    let height = (places.count + columns - 1) / columns * cell
    var pixels = [UInt8](repeating: 0, count: width * height * 3)
    for (index, place) in places.enumerated() {
      guard let scaled = image(place)?.fitted(into: cell) else { continue }
      let left = index % columns * cell + (cell - scaled.width) / 2
      let top = index / columns * cell + (cell - scaled.height) / 2
      for y in 0..<scaled.height {
        let (from, to) = (y * scaled.width * 3, ((top + y) * width + left) * 3)
        pixels.replaceSubrange(to..<to + scaled.width * 3, with: scaled.pixels[from..<from + scaled.width * 3])
      }
    }
    return Image(width: width, height: height, pixels: pixels).png()
  }
}

extension Image {
  /// The image, or where it is larger than a square of this side, the means of its pixels in as many boxes.
  func fitted(into side: Int) -> Image {
    let longest = max(width, height)
    guard longest > side else { return self }
    let (columns, rows) = (max(1, width * side / longest), max(1, height * side / longest))
    var result = [UInt8](repeating: 0, count: columns * rows * 3)
    for y in 0..<rows {
      for x in 0..<columns {
        let box = (
          x: x * width / columns..<max((x + 1) * width / columns, x * width / columns + 1),
          y: y * height / rows..<max((y + 1) * height / rows, y * height / rows + 1)
        )
        let area = box.x.count * box.y.count
        for channel in 0..<3 {
          var sum = area / 2
          for row in box.y {
            for column in box.x { sum += Int(pixels[(row * width + column) * 3 + channel]) }
          }
          result[(y * columns + x) * 3 + channel] = UInt8(sum / area)
        }
      }
    }
    return Image(width: columns, height: rows, pixels: result)
  }
}

/// The sheets of one server, made when they are asked for; the latest are kept.
final class SpriteSheets: Sendable {
  fileprivate struct Key: Hashable {
    let kind: SpriteLayout.Kind
    let sheet: Int
  }

  fileprivate struct Store {
    var sheets: [Key: Data] = [:]
    /// Oldest use first.
    var order: [Key] = []
    var bytes = 0
  }

  /// Bytes of PNG that are kept.
  static let capacity = 96 << 20
  private let store = Mutex(Store())

  func png(
    _ kind: SpriteLayout.Kind, sheet: Int, of images: SessionAnswer.Images, image: (Int) -> Image?
  ) throws(ExplorerError) -> Data {
    let layout = SpriteLayout(kind, of: images)
    guard sheet < layout.sheets else {
      throw ExplorerError(.noSuchSheet, "sheet \(sheet) of \(layout.sheets)")
    }
    let key = Key(kind: kind, sheet: sheet)
    if let known = store.withLock({ store in store.use(key) }) { return known }
    let made = layout.png(sheet: sheet, count: images.count, image: image)
    store.withLock { $0.keep(made, as: key) }
    return made
  }
}

extension SpriteSheets.Store {
  fileprivate mutating func use(_ key: SpriteSheets.Key) -> Data? {
    guard let sheet = sheets[key] else { return nil }
    order.removeAll { $0 == key }
    order.append(key)
    return sheet
  }

  fileprivate mutating func keep(_ sheet: Data, as key: SpriteSheets.Key) {
    guard sheets[key] == nil else { return }
    sheets[key] = sheet
    order.append(key)
    bytes += sheet.count
    while bytes > SpriteSheets.capacity, order.count > 1 {
      bytes -= sheets.removeValue(forKey: order.removeFirst())?.count ?? 0
    }
  }
}
