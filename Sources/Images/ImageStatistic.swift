//  What can be said of any picture without knowing what it shows: plain statistics of its pixels. Where nobody has
//  described the images they stand in for attributes, and tell what a direction of the features may follow.

internal import Torch

/// A number computed from the pixels of one image, in sRGB values from 0 to 1. L is the luma 0.299 R + 0.587 G +
/// 0.114 B.
public enum ImageStatistic: String, CaseIterable, Sendable {
  /// Mean of L.
  case brightness
  /// Standard deviation of L.
  case contrast
  /// Σ(max − min) / Σ max of the three channels: 0 grey, 1 pure colours. Dark pixels count little.
  case saturation
  /// Mean of R − G. With `yellowBlue` it places the image's hue on a plane, because a hue is an angle and has no mean.
  case redGreen
  /// Mean of (R + G)/2 − B.
  case yellowBlue
  /// Root mean square of the gradient over `contrast`: how fine the detail is, whatever its contrast.
  case sharpness
  /// Σ(g_x² − g_y²) / Σ(g_x² + g_y²): 1 if all edges are vertical, −1 if all are horizontal.
  case verticalEdges
  /// Σ 2 g_x g_y / Σ(g_x² + g_y²): 1 if all edges run as /, −1 if all run as \.
  case diagonalEdges
  /// Mean of L over the border, an eighth of the image wide, less that over the middle half.
  case border
  /// Mean of L over the right half less that over the left.
  case rightLeft
  /// √(Σ((L − L̄ mirrored)/2)² / Σ(L − mean)²): 0 if the image is its own mirror image, 1 if mirroring inverts it.
  case asymmetry
  /// Share of pixels whose colour differs from the border's mean colour by more than 0.15 (root mean square over the
  /// channels).
  case foreground

  /// As columns are headed.
  public var name: String {
    switch self {
    case .brightness, .contrast, .saturation, .sharpness, .asymmetry: rawValue
    case .redGreen: "red − green"
    case .yellowBlue: "yellow − blue"
    case .verticalEdges: "vertical edges"
    case .diagonalEdges: "diagonal edges"
    case .border: "border − middle"
    case .rightLeft: "right − left"
    case .foreground: "foreground size"
    }
  }

  /// What an image has where the statistic is small, and where it is large.
  public var phrases: (less: String, more: String) {
    switch self {
    case .brightness: ("darker", "brighter")
    case .contrast: ("less contrast", "more contrast")
    case .saturation: ("greyer", "more colourful")
    case .redGreen: ("greener", "redder")
    case .yellowBlue: ("bluer", "yellower")
    case .sharpness: ("coarser detail", "finer detail")
    case .verticalEdges: ("more horizontal edges", "more vertical edges")
    case .diagonalEdges: ("edges more as \\", "edges more as /")
    case .border: ("darker border than middle", "brighter border than middle")
    case .rightLeft: ("brighter at the left", "brighter at the right")
    case .asymmetry: ("more like its mirror image", "less like its mirror image")
    case .foreground: ("smaller foreground", "larger foreground")
    }
  }
}

extension ImageSet {
  /// Every statistic of every image, columns in the order of `ImageStatistic.allCases`. About 1 s for 10,000 images of
  /// 32×32 on one core.
  public var statistics: FactorTable {
    // So many images that their values take about 12 MB.
    let step = max(1, 512_000 / max(width * height, 1))
    let rows = stride(from: 0, to: count, by: step).flatMap { start -> [[Double]] in
      let end = min(start + step, count)
      let images = Tensor(pixels(of: start..<end), shape: [end - start, height, width, 3])
      let columns = withoutGradients { statisticColumns(of: images.to(.float64) * (1.0 / 255)) }
      return (0..<end - start).map { row in columns.map { $0[row] } }
    }
    return FactorTable(names: ImageStatistic.allCases.map(\.name), values: rows)
  }
}

/// N×H×W×3 values from 0 to 1 → for each statistic N numbers.
private func statisticColumns(of images: Tensor) -> [[Double]] {
  let (height, width) = (images.shape[1], images.shape[2])
  let channels = (0..<3).map { images.select($0, dimension: 3) }
  let (red, green, blue) = (channels[0], channels[1], channels[2])
  let luma = red * 0.299 + green * 0.587 + blue * 0.114
  let (largest, least) = (red.maximum(green).maximum(blue), red.minimum(green).minimum(blue))
  let centered = luma - luma.mean([1, 2], keepingDimensions: true)
  let spread = (centered * centered).sum([1, 2])
  let contrast = (spread * (1 / Double(height * width))).squareRoot

  // Central differences inside the border; y grows downwards.
  let inner = luma.slice(1..<max(height - 1, 1), dimension: 1).slice(1..<max(width - 1, 1), dimension: 2)
  func moved(_ dx: Int, _ dy: Int) -> Tensor {
    luma.slice(1 + dy..<1 + dy + inner.shape[1], dimension: 1)
      .slice(1 + dx..<1 + dx + inner.shape[2], dimension: 2)
  }
  let isTiny = inner.count == 0
  let across = isTiny ? inner : (moved(1, 0) - moved(-1, 0)) * 0.5
  let down = isTiny ? inner : (moved(0, 1) - moved(0, -1)) * 0.5
  let (xx, yy, xy) = ((across * across).sum([1, 2]), (down * down).sum([1, 2]), (across * down).sum([1, 2]))
  let gradient = ((xx + yy) * (1 / Double(max(inner.shape[1] * inner.shape[2], 1)))).squareRoot

  let frame = mask(height, width) { y, x in
    let edge = max(min(height, width) / 8, 1)
    return min(y, x, height - 1 - y, width - 1 - x) < edge
  }
  let middle = mask(height, width) { y, x in
    (height / 4..<max(height - height / 4, 1)).contains(y) && (width / 4..<max(width - width / 4, 1)).contains(x)
  }
  let half = width / 2
  let mirrored = luma.rows(Tensor((0..<width).reversed().map(Int64.init)), dimension: 2)
  let odd = (luma - mirrored) * 0.5

  let away = zip(channels, channels.map { ($0 * frame).sum([1, 2], keepingDimensions: true) }).map { channel, mean in
    (channel - mean) * (channel - mean)
  }
  let distance = (away[0] + away[1] + away[2]) * (1.0 / 3)
  let isForeground = (distance - 0.15 * 0.15).clamped(below: 0).differs(from: .zeros([1], .float64))

  let results = ImageStatistic.allCases.map { statistic -> Tensor in
    switch statistic {
    case .brightness: luma.mean([1, 2])
    case .contrast: contrast
    case .saturation: ratio((largest - least).sum([1, 2]), largest.sum([1, 2]))
    case .redGreen: (red - green).mean([1, 2])
    case .yellowBlue: ((red + green) * 0.5 - blue).mean([1, 2])
    case .sharpness: ratio(gradient, contrast)
    case .verticalEdges: ratio(xx - yy, xx + yy)
    case .diagonalEdges: ratio(xy * 2, xx + yy)
    case .border: (luma * (frame - middle)).sum([1, 2])
    case .rightLeft:
      half == 0
        ? luma.sum([1, 2]) * 0
        : luma.slice(width - half..<width, dimension: 2).mean([1, 2])
          - luma.slice(0..<half, dimension: 2).mean([1, 2])
    case .asymmetry: ratio((odd * odd).sum([1, 2]), spread).squareRoot
    case .foreground: isForeground.to(.float64).mean([1, 2])
    }
  }
  return results.map { $0.array() }
}

/// a / b, and 0 where b is nothing but rounding.
private func ratio(_ a: Tensor, _ b: Tensor) -> Tensor { a / b.clamped(below: 1e-9) }

/// H×W weights that make a sum the mean over the pixels that `contains` names.
private func mask(_ height: Int, _ width: Int, _ contains: (Int, Int) -> Bool) -> Tensor {
  let inside = (0..<height * width).map { contains($0 / width, $0 % width) }
  let weight = 1 / Double(max(inside.count { $0 }, 1))
  return Tensor(inside.map { $0 ? weight : 0 }, shape: [height, width])
}
