//  Wide residual networks for 32×32 images, as in Zagoruyko and Komodakis, "Wide Residual Networks" (2016): depth 6n + 4,
//  three stages of n blocks with 16k, 32k and 64k channels. Normalisation and ReLU come before the convolutions (He et
//  al., "Identity Mappings in Deep Residual Networks", 2016), so what flows around the blocks is never cut off.

public import Torch

/// WRN-16-8. Features have A = 64k dimensions.
public final class WideResNet: Network {
  /// Depth and widening factor k.
  public enum Shape: CaseIterable, Sendable {
    case sixteenByEight

    var depth: Int { 16 }
    var width: Int { 8 }
  }

  public let store = ParameterStore()
  public let classifier: Linear
  private let trunk: WideTrunk<BatchNorm, NormalizedConvolution>

  /// - Parameter seed: initial weights follow from it, whatever the device.
  public init(_ shape: Shape, classCount: Int, seed: UInt64, device: Device = .cpu) {
    let root = store.root(seed: seed, device: device)
    let stem = Convolution(root["conv1"], inputs: 3, outputs: 16, size: 3)
    var blocks: [WideBlock<BatchNorm, NormalizedConvolution>] = []
    var inputs = 16
    for (stage, channels) in [16, 32, 64].enumerated() {
      let outputs = channels * shape.width
      for index in 0..<(shape.depth - 4) / 6 {
        let scope = root["block\(stage + 1)"]["layer"]["\(index)"]
        let stride = stage > 0 && index == 0 ? 2 : 1
        blocks.append(
          WideBlock(
            norm: BatchNorm(scope["bn1"], channels: inputs),
            first: NormalizedConvolution(
              convolution: scope["conv1"], norm: scope["bn2"], inputs: inputs, outputs: outputs, size: 3,
              stride: stride),
            second: Convolution(scope["conv2"], inputs: outputs, outputs: outputs, size: 3),
            projection: inputs == outputs
              ? nil : Convolution(scope["convShortcut"], inputs: inputs, outputs: outputs, size: 1, stride: stride)))
        inputs = outputs
      }
    }
    trunk = WideTrunk(stem: stem, blocks: blocks, norm: BatchNorm(root["bn1"], channels: inputs))
    classifier = Linear(root["fc"], inputs: inputs, outputs: classCount)
  }

  public func trainingFeatures(_ images: Tensor) -> Tensor { trunk.features(images) }

  public var evaluation: (Tensor) -> Tensor {
    WideTrunk<FoldedNorm, FoldedConvolution>(
      stem: trunk.stem,
      blocks: trunk.blocks.map {
        WideBlock(norm: $0.norm.folded, first: $0.first.folded, second: $0.second, projection: $0.projection)
      }, norm: trunk.norm.folded
    ).features
  }
}

/// The network without its last layer, made of layers as they are trained or as they are applied.
private struct WideTrunk<Norm: RectifiedLayer, Layer: RectifiedLayer> {
  let stem: Convolution
  let blocks: [WideBlock<Norm, Layer>]
  let norm: Norm

  func features(_ images: Tensor) -> Tensor {
    let last = blocks.reduce(stem(images)) { x, block in block(x) }
    return norm(last, adding: nil).next.to(.float32).mean([2, 3])
  }
}

/// x + conv(relu(norm(conv(relu(norm(x)))))); where the number of channels changes, a 1×1 convolution of relu(norm(x))
/// takes the place of x.
private struct WideBlock<Norm: RectifiedLayer, Layer: RectifiedLayer> {
  let norm: Norm
  let first: Layer
  let second: Convolution
  let projection: Convolution?

  func callAsFunction(_ input: Tensor) -> Tensor {
    let (next, around) = norm(input, adding: nil)
    let shortcut = projection.map { $0(around) } ?? input
    return second(first(next, adding: nil).next) + shortcut
  }
}
