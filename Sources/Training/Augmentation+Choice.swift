//  From the short words of a configuration to what is done to images.

public import Images
public import Results

extension Augmentation {
  /// What a configuration asks for.
  /// - Parameters:
  ///   - choice: with a padding for its crop, as every configuration has it.
  ///   - fill: three bytes, the colour of what is covered or lies beyond an image: the mean colour of the data.
  public init(_ choice: RunConfiguration.Augmentation, fill: [UInt8]) {
    var changes: [any RandomChange] = []
    if let pixels = choice.translation { changes.append(Translation(pixels: pixels)) }
    if let degrees = choice.rotation { changes.append(Rotation(degrees: degrees)) }
    if let jitter = choice.jitter { changes.append(ColorJitter(strength: jitter.strength, hue: jitter.hue)) }
    switch choice.operations {
    case .autoAugment(.cifar10): changes.append(AutoAugment(.cifar10, fill: fill))
    case .autoAugment(.imagenet): changes.append(AutoAugment(.imagenet, fill: fill))
    case .randAugment(let count, let magnitude):
      changes.append(RandAugment(count: count, magnitude: magnitude, fill: fill))
    case nil: break
    }
    if let side = choice.cutout { changes.append(Cutout(side: side, fill: fill)) }
    self.init(
      crop: choice.crop.map { Crop(padding: $0.padding ?? 4, border: $0.border == .zero ? .black : .mirrored) },
      flips: choice.flips, changes: changes,
      mixing: choice.mixing.map { mixing in
        LabelMixing(
          mixing.kind == .mixup ? .mixup : .cutmix, alpha: mixing.alpha, probability: mixing.probability)
      })
  }
}
