//  The networks of the published experiments, by the names that the command line and `config.json` know.

public import Storage
public import Torch

/// A network by name: what it is made of but for the number of classes.
public enum Architecture: Sendable, Hashable, CaseIterable {
  case resNet(ResNet.Depth)
  case seResNet(ResNet.Depth)
  case wideResNet(WideResNet.Shape)
  case resNeXt(ResNeXt.Shape)
  case shakeShake(ShakeShake.Width)
  case denseNet(DenseNet.Shape)
  case imageNetResNet(ImageNetResNet.Shape)

  public static let allCases: [Architecture] =
    ResNet.Depth.allCases.map(Architecture.resNet) + [.seResNet(.oneHundredTen)]
    + WideResNet.Shape.allCases.map(Architecture.wideResNet) + ResNeXt.Shape.allCases.map(Architecture.resNeXt)
    + ShakeShake.Width.allCases.map(Architecture.shakeShake) + DenseNet.Shape.allCases.map(Architecture.denseNet)
    + ImageNetResNet.Shape.allCases.map(Architecture.imageNetResNet)

  /// `resnet20`, `wide-resnet-16-8` and so on.
  public var name: String {
    switch self {
    case .resNet(let depth): "resnet\(depth.rawValue)"
    case .seResNet(let depth): "se-resnet\(depth.rawValue)"
    case .wideResNet(let shape): "wide-resnet-\(shape.layout.depth)-\(shape.layout.width)"
    case .resNeXt(let shape): "resnext29-\(shape.rawValue)x64d"
    case .shakeShake(let width): "shake-shake-26-2x\(width.rawValue)d"
    case .denseNet(let shape): shape.rawValue
    case .imageNetResNet(let shape): shape.rawValue
    }
  }

  public init?(name: String) {
    guard let architecture = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = architecture
  }

  /// Height and width of the images that it was published for. Larger ones do too, because features are means over all
  /// places.
  public var imageSize: Int {
    switch self {
    case .resNet, .seResNet, .wideResNet, .resNeXt, .shakeShake: 32
    case .denseNet(let shape): shape.isForLargeImages ? 224 : 32
    case .imageNetResNet: 224
    }
  }

  /// - Parameter place: what the images are called where they come from.
  /// - Throws: `FileError` if images are smaller than those that this is for.
  public func check(width: Int, height: Int, of place: String) throws(FileError) {
    guard width >= imageSize, height >= imageSize else {
      throw .malformed(
        path: place, found: "images of \(width)×\(height) pixels",
        expected: "at least \(imageSize)×\(imageSize), which \(name) is for")
    }
  }

  /// - Parameter seed: initial weights follow from it, whatever the device.
  public func network(classCount: Int, seed: UInt64, device: Device = .cpu) -> any Network {
    switch self {
    case .resNet(let depth): ResNet(depth, classCount: classCount, seed: seed, device: device)
    case .seResNet(let depth): SEResNet(depth, classCount: classCount, seed: seed, device: device)
    case .wideResNet(let shape): WideResNet(shape, classCount: classCount, seed: seed, device: device)
    case .resNeXt(let shape): ResNeXt(shape, classCount: classCount, seed: seed, device: device)
    case .shakeShake(let width): ShakeShake(width, classCount: classCount, seed: seed, device: device)
    case .denseNet(let shape): DenseNet(shape, classCount: classCount, seed: seed, device: device)
    case .imageNetResNet(let shape): ImageNetResNet(shape, classCount: classCount, seed: seed, device: device)
    }
  }
}
