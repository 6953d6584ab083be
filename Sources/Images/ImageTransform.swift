//  Known changes of images, each with a strength. What a network's features do under a change whose size is known says
//  whether they ignore it, follow it or do something else, on any data and without a label.

internal import Foundation
public import Torch

/// A change of images whose strength is a number; 0 leaves every image as it is, to the bit.
///
/// Pixels that come in at the border mirror the image (2 1 | 0 1 2 …), as in the augmentation of training. Positions
/// between pixels are interpolated bilinearly. All but `noise` follow from image and strength alone.
public enum ImageTransform: String, CaseIterable, Codable, Sendable {
  /// Values times 1 + s.
  case brightness
  /// Hues turned by s degrees on the colour circle of HSV, saturation and value kept.
  case hue
  /// Gaussian blur with a standard deviation of s ≥ 0 pixels, the kernel cut at 3 s.
  case blur
  /// Content enlarged 1 + s times about the middle.
  case zoom
  /// Content moved s pixels to the right.
  case shift
  /// Content turned by s degrees about the middle, clockwise.
  case rotation
  /// Gaussian noise added to every value, with a standard deviation of s times the range of values.
  case noise

  /// Strengths that are worth looking at, rising, without 0: mild enough that a person still names the image.
  public var strengths: [Double] {
    switch self {
    case .brightness: [-0.4, -0.2, 0.2, 0.4]
    case .hue: [-60, -30, 30, 60]
    case .blur: [0.5, 1, 1.5, 2]
    case .zoom: [-0.2, -0.1, 0.1, 0.2]
    case .shift: [-4, -2, 2, 4]
    case .rotation: [-20, -10, 10, 20]
    case .noise: [0.03, 0.06, 0.09, 0.12]
    }
  }

  /// What strengths are counted in; empty where they are fractions of 1.
  public var unit: String {
    switch self {
    case .brightness, .zoom, .noise: ""
    case .hue, .rotation: "°"
    case .blur, .shift: "px"
    }
  }

  /// The images after the change, rounded to 8 bits.
  ///
  /// About 10 to 30 ms for 1,000 images of 32×32 on one core.
  /// - Parameters:
  ///   - images: N×H×W×3 bytes of sRGB.
  ///   - generator: asked by `noise` alone, for one draw a value. Equal generators give the same noise at every
  ///     strength, so that images of rising strengths lie on a straight line but for clamping and rounding.
  public func callAsFunction(_ images: Tensor, strength: Double, generator: RandomGenerator) -> Tensor {
    precondition(images.rank == 4 && images.shape[3] == 3 && images.elementType == .uint8, "images \(images.shape)")
    return withoutGradients {
      switch self {
      case .brightness: (images.to(.float32) * (1 + strength)).bytesOfValues
      case .hue:
        images.to(.float32).turningHue(degrees: Array(repeating: strength, count: images.shape[0])).bytesOfValues
      case .blur: images.to(.float32).blurred(deviation: strength).bytesOfValues
      case .zoom: resampled(images) { ($0 / (1 + strength), $1 / (1 + strength)) }
      case .shift: resampled(images) { ($0 - strength, $1) }
      case .rotation: rotated(images, degrees: strength)
      case .noise: (images.to(.float32) + generator.normal(images.shape) * (255 * strength)).bytesOfValues
      }
    }
  }

  private func rotated(_ images: Tensor, degrees: Double) -> Tensor {
    let (cosine, sine) = (cos(degrees * .pi / 180), sin(degrees * .pi / 180))
    return resampled(images) { (cosine * $0 + sine * $1, cosine * $1 - sine * $0) }
  }

  /// Every pixel of the result from the four that surround the place it comes from: two gathers a row of pixels, the
  /// same for all images.
  /// - Parameter source: where a place of the result lies in the image, both from the image's middle, in pixels.
  private func resampled(_ images: Tensor, from source: (Double, Double) -> (x: Double, y: Double)) -> Tensor {
    let (count, height, width) = (images.shape[0], images.shape[1], images.shape[2])
    let (middleX, middleY) = (Double(width - 1) / 2, Double(height - 1) / 2)
    var places = Array(repeating: [Int64](), count: 4)
    var weights = Array(repeating: [Float](), count: 4)
    for row in 0..<height {
      for column in 0..<width {
        let (x, y) = source(Double(column) - middleX, Double(row) - middleY)
        let (left, top) = ((x + middleX).rounded(.down), (y + middleY).rounded(.down))
        let (across, down) = (x + middleX - left, y + middleY - top)
        for corner in 0..<4 {
          let (dx, dy) = (corner % 2, corner / 2)
          places[corner].append(
            Int64(mirroredPosition(Int(top) + dy, height) * width + mirroredPosition(Int(left) + dx, width)))
          weights[corner].append(Float((dx == 1 ? across : 1 - across) * (dy == 1 ? down : 1 - down)))
        }
      }
    }
    let pixels = images.reshaped([count, height * width, 3])
    let sum = Tensor.zeros([count, height * width, 3])
    for (places, weights) in zip(places, weights) {
      sum.add(
        pixels.rows(Tensor(places), dimension: 1).to(.float32) * Tensor(weights, shape: [1, height * width, 1]))
    }
    return sum.bytesOfValues.reshaped(images.shape)
  }
}

extension ImageSet {
  /// The images after a change, with the labels they had. Known factors are left out, because they may no longer hold.
  /// - Parameter generator: of the noise, where there is any.
  public func transformed(by transform: ImageTransform, strength: Double, generator: RandomGenerator) -> ImageSet {
    let images = Tensor(pixels, shape: [count, height, width, 3])
    return ImageSet(
      width: width, height: height, pixels: transform(images, strength: strength, generator: generator).array(),
      labels: labels)
  }
}

/// A position that may lie beyond either end of 0 ..< extent, mirrored at the ends until it lies within:
/// … 2 1 | 0 1 2 … n−1 | n−2 n−3 …
func mirroredPosition(_ position: Int, _ extent: Int) -> Int {
  guard extent > 1 else { return 0 }
  let period = 2 * (extent - 1)
  let place = abs(position) % period
  return min(place, period - place)
}

extension Tensor {
  /// Values from 0 to 255 as bytes: clamped, and rounded with halves upwards.
  var bytesOfValues: Tensor { (clamped(below: 0).clamped(above: 255) + 0.5).to(.uint8) }

  /// Each element or that of `other`, whichever is larger; smaller.
  func maximum(_ other: Tensor) -> Tensor { self + (other - self).clamped(below: 0) }
  func minimum(_ other: Tensor) -> Tensor { self - (self - other).clamped(below: 0) }

  /// N×H×W×3 blurred along both axes: a product with a matrix from either side, because a Gaussian is separable.
  fileprivate func blurred(deviation: Double) -> Tensor {
    let (height, width) = (shape[1], shape[2])
    let planes = permuted([0, 3, 1, 2])
    let down = Tensor(Self.blurMatrix(height, deviation), shape: [height, height])
    let across = Tensor(Self.blurMatrix(width, deviation), shape: [width, width])
    return down.matmul(planes).matmul(across.transposed).permuted([0, 2, 3, 1])
  }

  /// Row i holds what every position gives to the blurred position i, n×n.
  private static func blurMatrix(_ extent: Int, _ deviation: Double) -> [Float] {
    let radius = Int((3 * deviation).rounded(.up))
    let kernel = (-radius...radius).map { deviation > 0 ? exp(-0.5 * pow(Double($0) / deviation, 2)) : 1 }
    let total = kernel.reduce(0, +)
    var matrix = [Double](repeating: 0, count: extent * extent)
    for position in 0..<extent {
      for (tap, weight) in zip(-radius...radius, kernel) {
        matrix[position * extent + mirroredPosition(position + tap, extent)] += weight / total
      }
    }
    return matrix.map(Float.init)
  }

  /// N×H×W×3 with the hues of each image turned by its degrees.
  ///
  /// With V = max, m = min and C = V − m of red, green and blue, the hue h counts sixths of the circle from red, and
  /// the channels of a hue h are V − C max(0, min(k, 4 − k, 1)) with k = (n + h) mod 6 and n = 5, 3, 1 for red, green
  /// and blue.
  func turningHue(degrees: [Double]) -> Tensor {
    let channels = (0..<3).map { select($0, dimension: 3) }
    let (red, green, blue) = (channels[0], channels[1], channels[2])
    let value = red.maximum(green).maximum(blue)
    let chroma = value - red.minimum(green).minimum(blue)
    let isRed = value.equals(red).to(.float32)
    let isGreen = value.equals(green).to(.float32) * (isRed * -1 + 1)
    let isBlue = (isRed + isGreen) * -1 + 1
    let sixths =
      (isRed * (green - blue) + isGreen * (blue - red) + isBlue * (red - green)) / chroma.clamped(below: 0.5)
      + isGreen * 2 + isBlue * 4
    // From −1 … 5 to above 0, so that cutting off the decimals finds the whole turns.
    let turns = degrees.map { Float($0 / 60 - 6 * ($0 / 360).rounded(.down) + 6) }
    let turned = sixths + Tensor(turns, shape: [degrees.count, 1, 1]).to(device)
    let results = [5.0, 3, 1].map { n -> Tensor in
      let place = turned + n
      let k = place - (place * (1.0 / 6)).to(.int64).to(.float32) * 6
      let one = Tensor.ones([1], on: device)
      return (value - chroma * k.minimum(k * -1 + 4).minimum(one).clamped(below: 0)).unsqueezed(3)
    }
    return .concatenated(results, dimension: 3)
  }
}
