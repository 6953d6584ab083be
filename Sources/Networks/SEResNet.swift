//  Residual networks whose blocks scale their channels by what the whole image holds: Hu et al., "Squeeze-and-Excitation
//  Networks" (2018), here on the residual networks for 32×32 images of ResNet.swift, with reduction ratio r = 16 and
//  without biases (section 3: they do not help).

public import Torch

/// SE-ResNet of any depth of ResNet; 110 is the published one. Features have A = 64 dimensions.
public final class SEResNet: Network {
  public let store = ParameterStore()
  public let classifier: Linear
  private let trunk: ResidualTrunk<NormalizedConvolution>

  /// - Parameter seed: initial weights follow from it, whatever the device.
  public init(_ depth: ResNet.Depth, classCount: Int, seed: UInt64, device: Device = .cpu) {
    let root = store.root(seed: seed, device: device)
    trunk = .basic(root, blockCount: depth.blockCount, excites: true)
    classifier = Linear(root["linear"], inputs: 64, outputs: classCount)
  }

  public func trainingFeatures(_ images: Tensor, draws: any Draws) -> Tensor { trunk.features(images) }

  public var evaluation: (Tensor) -> Tensor { trunk.map(\.folded).features }
}

/// x · σ(W₂ relu(W₁ mean(x))), the mean over pixels, the product channel by channel (equations 2 to 4).
struct SqueezeExcitation {
  /// W₁, C/r×C, and W₂, C×C/r. They start normal with variance 2/inputs (He et al. 2015).
  private let squeeze, excite: Tensor

  private static let reduction = 16

  init(_ scope: ParameterStore.Scope, channels: Int) {
    func weight(_ place: String, _ shape: [Int]) -> Tensor {
      scope["fc"][place].parameter("weight", normal: shape, deviation: (2 / Double(shape[1])).squareRoot())
    }
    let narrow = channels / Self.reduction
    squeeze = weight("0", [narrow, channels])
    excite = weight("2", [channels, narrow])
  }

  /// - Parameter input: N×C×H×W.
  /// - Returns: a tensor that nobody else reads.
  func callAsFunction(_ input: Tensor) -> Tensor {
    let hidden = input.mean([2, 3]).linear(squeeze, nil).rectified()
    return input * hidden.linear(excite, nil).sigmoid.to(input.elementType).unsqueezed(2).unsqueezed(3)
  }
}
