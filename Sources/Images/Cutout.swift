//  Cutout: a square of each image is covered, so that a network cannot rely on any one part of it.

public import Torch

/// Cutout (DeVries and Taylor, "Improved Regularization of Convolutional Neural Networks with Cutout", 2017): a square
/// about a pixel drawn from all of the image, so that a part of it may lie outside.
public struct Cutout: RandomChange {
  /// Of the square; an odd one covers one pixel less, as in the authors' code.
  public let side: Int
  /// The authors cover with 0 after normalisation, which is the mean colour of the data.
  public let fill: [UInt8]

  public init(side: Int = 16, fill: [UInt8]) {
    (self.side, self.fill) = (side, fill)
  }

  public var name: String { "cutout" }
  /// The row and the column of the middle.
  public var numbersPerImage: Int { 2 }

  public func callAsFunction(_ images: Tensor, numbers: UniformNumbers) -> Tensor {
    withoutGradients {
      let covered = [1, 2].map { dimension in
        let extent = images.shape[dimension]
        let middles = (0..<numbers.count).map { Int(numbers[$0, dimension - 1] * Double(extent)) }
        var shape = [1, 1, 1, 1]
        shape[dimension] = extent
        let places = Tensor.range(extent, on: images.device).reshaped(shape)
        func bound(_ distance: Int) -> Tensor {
          Tensor(middles.map { Int64($0 + distance) }, shape: [numbers.count, 1, 1, 1]).to(images.device)
        }
        // From above the bound before it to below the one after it.
        return bound(-(side / 2) - 1).isLess(than: places) * places.isLess(than: bound(side / 2))
      }
      return .choosing(
        where: covered[0] * covered[1], Tensor(fill, shape: [1, 1, 1, 3]).to(images.device), images)
    }
  }
}
