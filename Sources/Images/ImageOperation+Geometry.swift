//  Operations that move pixels: each pixel of the result is the one of the image that an affine map leads to.

internal import Foundation
internal import Torch

/// Where a place of the result lies in the image: x' = a x + b y + c, y' = d x + e y + f, in pixels from the corner, with
/// the middle of a pixel at half a pixel.
struct AffineMap: Equatable {
  var a = 1.0
  var b = 0.0
  var c = 0.0
  var d = 0.0
  var e = 1.0
  var f = 0.0
}

extension ImageOperation {
  /// Where the pixels come from, for the operations that move them.
  func source(_ amount: Double, width: Int, height: Int) -> AffineMap {
    switch self {
    case .shearX: return AffineMap(b: amount)
    case .shearY: return AffineMap(d: amount)
    case .translateX: return AffineMap(c: amount)
    case .translateY: return AffineMap(f: amount)
    case .rotate:
      let angle = -amount * .pi / 180
      let (cosine, sine) = (cos(angle), sin(angle))
      let (x, y) = (Double(width) / 2, Double(height) / 2)
      return AffineMap(
        a: cosine, b: sine, c: x - cosine * x - sine * y, d: -sine, e: cosine, f: y + sine * x - cosine * y)
    default: return AffineMap()
    }
  }
}

extension Tensor {
  /// N×H×W×3 bytes, each image resampled along a map of its own, in 16.16 fixed point as PIL does: so the pixel that is
  /// taken is the same one where a place falls on the edge between two.
  func sampledNearest(_ maps: [AffineMap], fill: [UInt8]) -> Tensor {
    let (count, height, width) = (shape[0], shape[1], shape[2])
    func fixed(_ value: (AffineMap) -> Double) -> Tensor {
      Tensor(maps.map { Int64((value($0) * 65536 + 0.5).rounded(.down)) }, shape: [count, 1, 1]).to(device)
    }
    let across = Tensor.range(width, on: device).reshaped([1, 1, width])
    let down = Tensor.range(height, on: device).reshaped([1, height, 1])
    let columns =
      (fixed { $0.c + ($0.a + $0.b) * 0.5 } + fixed(\.a) * across + fixed(\.b) * down).wholePixels
    let rows = (fixed { $0.f + ($0.d + $0.e) * 0.5 } + fixed(\.d) * across + fixed(\.e) * down).wholePixels
    let column = columns.clamped(below: 0).clamped(above: Double(width - 1))
    let row = rows.clamped(below: 0).clamped(above: Double(height - 1))
    let image = Tensor.range(count, on: device).reshaped([count, 1, 1]) * Double(height * width)
    let taken = reshaped([-1, 3]).rows((image + row * Double(width) + column).reshaped([-1])).reshaped(shape)
    let inside = (column.equals(columns) * row.equals(rows)).unsqueezed(3)
    return .choosing(where: inside, taken, Tensor(fill, shape: [1, 1, 1, 3]).to(device))
  }

  /// Numbers of 16.16 fixed point rounded down to whole ones: from above 0, where a conversion cuts off, and back.
  private var wholePixels: Tensor {
    ((self + 0x1p40).to(.float64) * 0x1p-16).to(.int64) - 0x1p24
  }
}
