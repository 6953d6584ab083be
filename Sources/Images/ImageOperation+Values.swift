//  Operations that change values where they stand. Sums and products are those of PIL: in whole numbers where it counts
//  in them, in float32 where it blends, cut off where it cuts off.

internal import Torch

extension ImageOperation {
  /// - Parameter amounts: N numbers.
  func changingValues(_ images: Tensor, _ amounts: [Double]) -> Tensor {
    let amount = Tensor(amounts.map(Float.init), shape: [amounts.count, 1, 1, 1]).to(images.device)
    let values = images.to(.float32)
    func blended(from other: Tensor) -> Tensor { (other + amount * (values - other)).cutToBytes }
    switch self {
    case .solarize: return .choosing(where: values.isLess(than: amount), values, values * -1 + 255).to(.uint8)
    case .posterize:
      let unit = Tensor(amounts.map { Float(1 << (8 - Int($0))) }, shape: [amounts.count, 1, 1, 1]).to(images.device)
      return ((values / unit).to(.uint8).to(.float32) * unit).to(.uint8)
    case .invert: return (values * -1 + 255).to(.uint8)
    case .contrast: return blended(from: values.luminance.roundedMean)
    case .color: return blended(from: values.luminance)
    case .brightness: return blended(from: .zeros([1, 1, 1, 1], on: images.device))
    case .sharpness: return blended(from: values.smoothed)
    case .equalize: return images.equalized
    case .autoContrast: return images.stretched
    case .identity, .shearX, .shearY, .translateX, .translateY, .rotate: return images
    }
  }
}

extension Tensor {
  /// Between 0 and 255, decimals cut off.
  fileprivate var cutToBytes: Tensor { clamped(below: 0).clamped(above: 255).to(.uint8) }

  /// N×H×W×1: the luma of ITU-R 601, in sixteenths of 4096 as PIL sums it up; below 2²⁴, so exact in float32.
  fileprivate var luminance: Tensor {
    let weights = Tensor([19595, 38470, 7471] as [Float], shape: [1, 1, 1, 3]).to(device)
    return (((self * weights).sum([3], keepingDimensions: true) + 32768) * 0x1p-16).to(.uint8).to(.float32)
  }

  /// N×1×1×1: the mean over pixels, rounded.
  fileprivate var roundedMean: Tensor {
    (to(.float64).mean([1, 2], keepingDimensions: true) + 0.5).to(.uint8).to(.float32)
  }

  /// Each pixel the mean over itself with weight 5 and its eight neighbours, rounded; at the edge as it was.
  fileprivate var smoothed: Tensor {
    let (height, width) = (shape[1], shape[2])
    guard height > 2, width > 2 else { return self }
    func neighbours(_ tensor: Tensor, along dimension: Int) -> Tensor {
      let extent = tensor.shape[dimension]
      return tensor.slice(0..<extent - 2, dimension: dimension) + tensor.slice(1..<extent - 1, dimension: dimension)
        + tensor.slice(2..<extent, dimension: dimension)
    }
    let middle = slice(1..<height - 1, dimension: 1)
    let inner = middle.slice(1..<width - 1, dimension: 2)
    let sums = neighbours(neighbours(self, along: 1), along: 2) + inner * 4
    let means = (sums * (1.0 / 13) + 0.5).to(.uint8).to(.float32)
    let rows = Tensor.concatenated(
      [middle.slice(0..<1, dimension: 2), means, middle.slice(width - 1..<width, dimension: 2)], dimension: 2)
    return .concatenated(
      [slice(0..<1, dimension: 1), rows, slice(height - 1..<height, dimension: 1)], dimension: 1)
  }

  /// Bytes through a table for each image and channel, made from their histogram: with h the counts of the n pixels, m
  /// the largest value and s = ⌊(n − h_m)/255⌋, a value v becomes ⌊(⌊s/2⌋ + Σ_{u<v} h_u)/s⌋; where s is 0, itself.
  fileprivate var equalized: Tensor {
    let (count, pixels) = (shape[0], shape[1] * shape[2])
    let tables = count * 3
    let first = Tensor.range(tables, on: device) * 256
    let places = (to(.int64) + first.reshaped([count, 1, 1, 3])).reshaped([-1])
    let histogram = places.histogram(bins: tables * 256).to(.float64)
    let largest = first + self.largest([1, 2]).to(.int64).reshaped([-1])
    let step = ((histogram.rows(largest) * -1 + Double(pixels)) / .full(255, [1], .float64, on: device))
      .to(.int64).to(.float64).unsqueezed(1)
    let value = Tensor.range(256, on: device)
    let isBefore = value.unsqueezed(1).isLess(than: value.unsqueezed(0)).to(.float64)
    let before = histogram.reshaped([tables, 256]).matmul(isBefore)
    let half = (step * 0.5).to(.int64).to(.float64)
    let spread = ((half + before) / step.clamped(below: 1)).clamped(above: 255)
    let table = Tensor.choosing(
      where: step.isLess(than: .ones([1], .float64, on: device)), value.to(.float64).unsqueezed(0), spread)
    return table.to(.uint8).reshaped([-1]).rows(places).reshaped(shape)
  }

  /// Bytes of each image and channel stretched linearly from their smallest and largest to 0 and 255; left as they are
  /// where all are equal.
  fileprivate var stretched: Tensor {
    let values = to(.float64)
    let high = values.largest([1, 2], keepingDimensions: true)
    let low = (values * -1).largest([1, 2], keepingDimensions: true) * -1
    let scale = Tensor.full(255, [1], .float64, on: device) / (high - low).clamped(below: 1)
    let result = (values * scale - low * scale).cutToBytes
    return .choosing(where: low.equals(high), self, result)
  }
}
