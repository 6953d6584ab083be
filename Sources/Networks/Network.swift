//  What a classifier has to be so that it can be trained with ISDA and its features be looked at, and which ones there
//  are by name.

public import Torch

/// A network from images to features, and a last layer from features to logits. What is not linear belongs to the
/// features, because ISDA's bound holds for a linear last layer.
///
///     final class Pixels: Network {  // features are the pixels themselves
///       let store = ParameterStore()
///       let classifier: Linear
///       init(seed: UInt64) {
///         classifier = Linear(store.root(seed: seed)["linear"], inputs: 3 * 32 * 32, outputs: 10)
///       }
///       func trainingFeatures(_ images: Tensor) -> Tensor { images.reshaped([-1, 3 * 32 * 32]) }
///       var evaluation: (Tensor) -> Tensor { trainingFeatures }
///     }
public protocol Network: AnyObject {
  /// Parameters and buffers by the names that checkpoints have.
  var store: ParameterStore { get }
  /// The last layer, z = W a + b.
  var classifier: Linear { get }
  /// N×3×H×W → N×A, the activations before the last layer, in float32, as training sees them: normalised by the
  /// batch's own statistics, which move the running ones.
  func trainingFeatures(_ images: Tensor) -> Tensor
  /// The way from images to features by the running statistics, as they and the weights are now. Folded once, applied to
  /// many batches.
  var evaluation: (Tensor) -> Tensor { get }
}

extension Network {
  /// C.
  public var classCount: Int { classifier.weight.shape[0] }
  /// A.
  public var featureCount: Int { classifier.weight.shape[1] }
  /// Where the parameters lie, and images must.
  public var device: Device { classifier.weight.device }
}

/// The networks that the command line and `config.json` know by name.
public enum Architecture: Sendable, Hashable, CaseIterable {
  case resNet(ResNet.Depth)
  case wideResNet(WideResNet.Shape)

  public static let allCases: [Architecture] =
    ResNet.Depth.allCases.map(Architecture.resNet) + WideResNet.Shape.allCases.map(Architecture.wideResNet)

  /// `resnet20`, `wide-resnet-16-8` and so on.
  public var name: String {
    switch self {
    case .resNet(let depth): "resnet\(depth.rawValue)"
    case .wideResNet(let shape): "wide-resnet-\(shape.depth)-\(shape.width)"
    }
  }

  public init?(name: String) {
    guard let architecture = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = architecture
  }

  /// Width and height of the images that the network is built for.
  public var imageSize: Int { 32 }

  /// - Parameter seed: initial weights follow from it, whatever the device.
  public func network(classCount: Int, seed: UInt64, device: Device = .cpu) -> any Network {
    switch self {
    case .resNet(let depth): ResNet(depth, classCount: classCount, seed: seed, device: device)
    case .wideResNet(let shape): WideResNet(shape, classCount: classCount, seed: seed, device: device)
    }
  }
}
