//  Residual networks for 32×32 images, as in section 4.2 of He et al., "Deep Residual Learning for Image
//  Recognition" (2016): depth 6n + 2, three stages of n basic blocks with 16, 32 and 64 channels, shortcuts
//  without parameters (option A).

public import Torch

/// ResNet-8 to -110 and -1202. Features have A = 64 dimensions.
public final class ResNet: Network {
  public enum Depth: Int, CaseIterable, Sendable {
    case eight = 8
    case fourteen = 14
    case twenty = 20
    case thirtyTwo = 32
    case fortyFour = 44
    case fiftySix = 56
    case oneHundredTen = 110
    case twelveHundredTwo = 1202

    /// n, of each stage.
    var blockCount: Int { (rawValue - 2) / 6 }
  }

  public let store = ParameterStore()
  /// The last layer, z = W a + b.
  public let classifier: Linear
  private let trunk: ResidualTrunk<NormalizedConvolution>

  /// - Parameter seed: initial weights follow from it, whatever the device.
  public init(_ depth: Depth, classCount: Int, seed: UInt64, device: Device = .cpu) {
    let root = store.root(seed: seed, device: device)
    trunk = .basic(root, blockCount: depth.blockCount)
    classifier = Linear(root["linear"], inputs: 64, outputs: classCount)
  }

  public func trainingFeatures(_ images: Tensor, draws: any Draws) -> Tensor { trunk.features(images) }

  public var evaluation: (Tensor) -> Tensor { trunk.map(\.folded).features }
}

extension ResidualTrunk where Layer == NormalizedConvolution {
  /// Three stages of basic blocks with 16, 32 and 64 channels.
  /// - Parameter excites: whether each block squeezes and excites what it adds.
  static func basic(_ root: ParameterStore.Scope, blockCount: Int, excites: Bool = false) -> Self {
    let stem = Layer.numbered(1, root, inputs: 3, outputs: 16, size: 3)
    var blocks: [ResidualBlock<Layer>] = []
    var inputs = 16
    for (stage, outputs) in [16, 32, 64].enumerated() {
      for index in 0..<blockCount {
        let scope = root["layer\(stage + 1)"]["\(index)"]
        let stride = stage > 0 && index == 0 ? 2 : 1
        var block = ResidualBlock<Layer>.basic(
          scope, inputs: inputs, outputs: outputs, stride: stride,
          shortcut: stride > 1 ? .padded(stride: stride, channels: outputs) : .identity)
        if excites { block.excitation = SqueezeExcitation(scope["se"], channels: outputs) }
        blocks.append(block)
        inputs = outputs
      }
    }
    return ResidualTrunk(stem: stem, blocks: blocks)
  }
}
