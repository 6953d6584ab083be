//  The operations that AutoAugment and RandAugment choose from, as the Python imaging library (PIL) has them, because
//  the published policies were searched with it. Here each works on many images at once, each image with an amount of its
//  own; those that move pixels stand in ImageOperation+Geometry.swift, those that change values in
//  ImageOperation+Values.swift.

public import Torch

/// An operation on images with one amount, in its own unit.
public enum ImageOperation: String, CaseIterable, Sendable {
  case identity
  /// Rows shifted by s times their number; columns. Nearest pixels; the amount is s.
  case shearX, shearY
  /// Content moved by whole pixels, to the left or upwards where the amount is positive.
  case translateX, translateY
  /// Content turned by degrees about the middle, anticlockwise; nearest pixels.
  case rotate
  /// Values of at least the amount turned to 255 − value.
  case solarize
  /// So many leading bits of each value kept.
  case posterize
  /// Values turned to 255 − value. Without an amount.
  case invert
  /// Away from the mean brightness, from grey, from black, from a blurred image: (1 − f) · that + f · the image, so 1
  /// changes nothing.
  case contrast, color, brightness, sharpness
  /// Values of each channel spread to equal shares of images' pixels. Without an amount.
  case equalize
  /// Values of each channel stretched to 0 … 255. Without an amount.
  case autoContrast

  /// The images after the operation, at most one grey level from what PIL makes of them.
  /// - Parameters:
  ///   - images: N×H×W×3 bytes.
  ///   - amounts: N numbers.
  ///   - fill: three bytes, the colour where no pixel of the image comes to lie.
  public func callAsFunction(_ images: Tensor, amounts: [Double], fill: [UInt8] = [0, 0, 0]) -> Tensor {
    precondition(images.rank == 4 && images.shape[3] == 3 && images.elementType == .uint8, "images \(images.shape)")
    precondition(amounts.count == images.shape[0] && fill.count == 3)
    return withoutGradients {
      switch self {
      case .identity: images
      case .shearX, .shearY, .translateX, .translateY, .rotate:
        images.sampledNearest(
          amounts.map { source($0, width: images.shape[2], height: images.shape[1]) }, fill: fill)
      default: changingValues(images, amounts)
      }
    }
  }

  /// The amount at a level, as AutoAugment scales it: 0 changes nothing, 1 is the end of the published range (Cubuk et
  /// al. 2019, table 6), and beyond 1 the scale goes on as far as it makes sense.
  /// - Parameter isNegative: takes the other direction, for operations that have two.
  func amount(level: Double, isNegative: Bool, width: Int, height: Int) -> Double {
    let sign = isNegative ? -1.0 : 1
    switch self {
    case .identity, .invert, .equalize, .autoContrast: return 0
    case .shearX, .shearY: return sign * 0.3 * level
    case .translateX: return sign * (150.0 / 331 * level * Double(width)).rounded(.down)
    case .translateY: return sign * (150.0 / 331 * level * Double(height)).rounded(.down)
    case .rotate: return sign * 30 * level
    case .solarize: return max(0, (256 * (1 - level)).rounded())
    case .posterize: return max(1, 8 - (4 * level).rounded())
    case .contrast, .color, .brightness, .sharpness: return max(0, 1 + sign * 0.9 * level)
    }
  }
}

extension Tensor {
  /// N×H×W×3 bytes, each image after an operation of its own.
  /// - Parameter choices: N operations with their amounts.
  func applying(_ choices: [(operation: ImageOperation, amount: Double)], fill: [UInt8]) -> Tensor {
    // Operation by operation, then back into the order of the images.
    var parts: [Tensor] = []
    var place = [Int64](repeating: 0, count: choices.count)
    var next: Int64 = 0
    for operation in ImageOperation.allCases {
      let rows = choices.indices.filter { choices[$0].operation == operation }
      guard !rows.isEmpty else { continue }
      let images = rows.count == choices.count ? self : self.rows(Tensor(rows.map(Int64.init)).to(device))
      parts.append(operation(images, amounts: rows.map { choices[$0].amount }, fill: fill))
      for row in rows {
        place[row] = next
        next += 1
      }
    }
    return parts.count == 1 ? parts[0] : Tensor.concatenated(parts).rows(Tensor(place).to(device))
  }
}
