//  Residual networks with grouped convolutions for 32×32 images, as in section 5.3 of Xie et al., "Aggregated Residual
//  Transformations for Deep Neural Networks" (2017): depth 29, three stages of three bottleneck blocks with 256, 512 and
//  1024 channels, whose 3×3 convolutions have C groups of d, 2d and 4d channels.

public import Torch

/// ResNeXt-29, 8×64d or 16×64d. Features have A = 1024 dimensions.
public final class ResNeXt: Network {
  /// Cardinality C by the width d of a group.
  public enum Shape: Int, CaseIterable, Sendable {
    case eightBySixtyFour = 8
    case sixteenBySixtyFour = 16
  }

  /// Blocks of a stage, C and d.
  struct Layout {
    let blockCount, cardinality, groupWidth: Int
  }

  public let store = ParameterStore()
  public let classifier: Linear
  private let trunk: ResidualTrunk<NormalizedConvolution>

  /// - Parameter seed: initial weights follow from it, whatever the device.
  public convenience init(_ shape: Shape, classCount: Int, seed: UInt64, device: Device = .cpu) {
    self.init(
      Layout(blockCount: 3, cardinality: shape.rawValue, groupWidth: 64), classCount: classCount, seed: seed,
      device: device)
  }

  init(_ layout: Layout, classCount: Int, seed: UInt64, device: Device = .cpu) {
    let root = store.root(seed: seed, device: device)
    let stem = NormalizedConvolution.numbered(1, root, inputs: 3, outputs: 64, size: 3)
    var blocks: [ResidualBlock<NormalizedConvolution>] = []
    var inputs = 64
    for (stage, outputs) in [256, 512, 1024].enumerated() {
      for index in 0..<layout.blockCount {
        blocks.append(
          .bottleneck(
            root["layer\(stage + 1)"]["\(index)"], inputs: inputs,
            width: layout.cardinality * layout.groupWidth << stage, outputs: outputs,
            stride: stage > 0 && index == 0 ? 2 : 1, groups: layout.cardinality))
        inputs = outputs
      }
    }
    trunk = ResidualTrunk(stem: stem, blocks: blocks)
    classifier = Linear(root["fc"], inputs: inputs, outputs: classCount)
  }

  public func trainingFeatures(_ images: Tensor, draws: any Draws) -> Tensor { trunk.features(images) }

  public var evaluation: (Tensor) -> Tensor { trunk.map(\.folded).features }
}
