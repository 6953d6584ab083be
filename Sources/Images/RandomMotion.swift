//  Translation and rotation by any amount: positions between pixels are interpolated, and what comes in at the border
//  mirrors the image, so that no edge gives the motion away.

internal import Foundation
public import Torch

/// Content moved by up to `pixels` in both directions, by fractions of pixels too.
public struct Translation: RandomChange {
  public let pixels: Double

  public init(pixels: Double) {
    self.pixels = pixels
  }

  public var name: String { "translate" }
  public var numbersPerImage: Int { 2 }

  public func callAsFunction(_ images: Tensor, numbers: UniformNumbers) -> Tensor {
    let (right, down) = (numbers.scaled(0, to: -pixels...pixels), numbers.scaled(1, to: -pixels...pixels))
    return images.sampledBilinearly(zip(right, down).map { AffineMap(c: -$0, f: -$1) })
  }
}

/// Content turned about the middle by up to `degrees` either way.
public struct Rotation: RandomChange {
  public let degrees: Double

  public init(degrees: Double) {
    self.degrees = degrees
  }

  public var name: String { "rotate" }
  public var numbersPerImage: Int { 1 }

  public func callAsFunction(_ images: Tensor, numbers: UniformNumbers) -> Tensor {
    let (height, width) = (images.shape[1], images.shape[2])
    return images.sampledBilinearly(
      numbers.scaled(0, to: -degrees...degrees).map {
        ImageOperation.rotate.source($0, width: width, height: height)
      })
  }
}

extension Tensor {
  /// N×H×W×3 bytes, each image resampled along a map of its own, from the four pixels about each place.
  fileprivate func sampledBilinearly(_ maps: [AffineMap]) -> Tensor {
    let (count, height, width) = (shape[0], shape[1], shape[2])
    func each(_ value: (AffineMap) -> Double) -> Tensor {
      Tensor(maps.map(value), shape: [count, 1, 1]).to(device)
    }
    return withoutGradients {
      // From the middles of pixels to their numbers.
      let across = Tensor.range(width, on: device).reshaped([1, 1, width]).to(.float64) + 0.5
      let down = Tensor.range(height, on: device).reshaped([1, height, 1]).to(.float64) + 0.5
      let x = each(\.a) * across + each(\.b) * down + each { $0.c - 0.5 }
      let y = each(\.d) * across + each(\.e) * down + each { $0.f - 0.5 }
      let (left, top) = (x.roundedDown, y.roundedDown)
      let (toRight, toBottom) = (x - left, y - top)
      let first = (Tensor.range(count, on: device) * Double(height * width)).reshaped([count, 1, 1])
      let pixels = reshaped([-1, 3])
      let sum = Tensor.zeros(shape, on: device)
      for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
        let column = (left + Double(dx)).mirrored(within: width)
        let row = (top + Double(dy)).mirrored(within: height)
        let weight = (dx == 1 ? toRight : toRight * -1 + 1) * (dy == 1 ? toBottom : toBottom * -1 + 1)
        let places = first + row * Double(width) + column
        sum.add(
          pixels.rows(places.reshaped([-1])).reshaped(shape).to(.float32) * weight.to(.float32).unsqueezed(3))
      }
      return sum.bytesOfValues
    }
  }

  /// The largest whole number that is not above each element, for numbers of magnitude below 2²⁰.
  private var roundedDown: Tensor { (self + 0x1p20).to(.int64).to(.float64) - 0x1p20 }

  /// `mirroredPosition` of each whole number, as 64-bit integers.
  private func mirrored(within extent: Int) -> Tensor {
    guard extent > 1 else { return (self * 0).to(.int64) }
    let period = Double(2 * (extent - 1))
    let turns = (self / .full(period, [1], .float64, on: device)).roundedDown
    let place = self - turns * period
    return place.minimum(place * -1 + period).to(.int64)
  }
}
