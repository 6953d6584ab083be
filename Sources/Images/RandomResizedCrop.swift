//  The standard augmentation of photographs: a part of random size and shape, brought to one size.

internal import Foundation
internal import Randomness
internal import Raster

/// A part of an image whose area is uniform from 8 to 100 % of it and whose aspect ratio is log-uniform from 3/4 to 4/3
/// (Szegedy et al. 2015, "Going deeper with convolutions", section 6). After ten draws that do not fit, the largest part
/// in the middle whose ratio is allowed.
struct RandomResizedCrop {
  let areas = 0.08...1.0
  let ratios = 3.0 / 4...4.0 / 3

  /// In whole pixels.
  func box(width: Int, height: Int, _ generator: inout SplitMix64) -> Box {
    let (fullWidth, fullHeight) = (Double(width), Double(height))
    for _ in 0..<10 {
      let area = fullWidth * fullHeight * generator.uniform(in: areas)
      let ratio = exp(generator.uniform(in: log(ratios.lowerBound)...log(ratios.upperBound)))
      let partWidth = (area * ratio).squareRoot().rounded()
      let partHeight = (area / ratio).squareRoot().rounded()
      if (1...fullWidth).contains(partWidth) && (1...fullHeight).contains(partHeight) {
        return Box(
          x: Double(generator.below(width - Int(partWidth) + 1)),
          y: Double(generator.below(height - Int(partHeight) + 1)), width: partWidth, height: partHeight)
      }
    }
    let ratio = fullWidth / fullHeight
    let partWidth = ratio > ratios.upperBound ? max((fullHeight * ratios.upperBound).rounded(), 1) : fullWidth
    let partHeight = ratio < ratios.lowerBound ? max((fullWidth / ratios.lowerBound).rounded(), 1) : fullHeight
    return Box(
      x: ((fullWidth - partWidth) / 2).rounded(.down), y: ((fullHeight - partHeight) / 2).rounded(.down),
      width: partWidth, height: partHeight)
  }
}
