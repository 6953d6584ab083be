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
    let (count, height, width) = (images.shape[0], images.shape[1], images.shape[2])
    /// N×1×1, so far beyond the middle of each image's square.
    func bounds(_ number: Int, _ extent: Int, _ distance: Int) -> Tensor {
      let places = (0..<count).map { Int64(Int(numbers[$0, number] * Double(extent)) + distance) }
      return Tensor(places, shape: [count, 1, 1]).to(images.device)
    }
    /// From above the bound before the square to below the one after it.
    func covered(_ number: Int, _ extent: Int, _ places: Tensor) -> Tensor {
      bounds(number, extent, -(side / 2) - 1).isLess(than: places)
        * places.isLess(than: bounds(number, extent, side / 2))
    }
    return withoutGradients {
      // A row of pixels as one row of bytes: long runs are several times as fast as runs of three.
      let rows = covered(0, height, Tensor.range(height, on: images.device).reshaped([1, height, 1]))
      let bytes = (0..<width * 3).map { Int64($0 / 3) }
      let columns = covered(1, width, Tensor(bytes, shape: [1, 1, width * 3]).to(images.device))
      let color = Tensor((0..<width * 3).map { fill[$0 % 3] }, shape: [1, 1, width * 3]).to(images.device)
      return Tensor.choosing(where: rows * columns, color, images.reshaped([count, height, width * 3]))
        .reshaped(images.shape)
    }
  }
}
