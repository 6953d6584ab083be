//  Colour jitter: what light and cameras change about a picture, drawn anew for each image.

public import Torch

/// Brightness, contrast and colour, in this order, each times a factor from 1 − strength to 1 + strength; then hues
/// turned by up to `hue` degrees on the colour circle of HSV. The three factors are those of `ImageOperation`.
public struct ColorJitter: RandomChange {
  public let strength: Double
  public let hue: Double

  public init(strength: Double, hue: Double = 0) {
    (self.strength, self.hue) = (strength, hue)
  }

  public var name: String { "jitter" }
  public var numbersPerImage: Int { 4 }

  public func callAsFunction(_ images: Tensor, numbers: UniformNumbers) -> Tensor {
    withoutGradients {
      let operations: [ImageOperation] = strength > 0 ? [.brightness, .contrast, .color] : []
      let jittered = operations.enumerated().reduce(images) { images, next in
        let (number, operation) = next
        return operation(images, amounts: numbers.scaled(number, to: 1 - strength...1 + strength))
      }
      guard hue > 0 else { return jittered }
      return jittered.to(.float32).turningHue(degrees: numbers.scaled(3, to: -hue...hue)).bytesOfValues
    }
  }
}
