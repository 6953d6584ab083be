//  Wide residual networks for 32×32 images, as in Zagoruyko and Komodakis, "Wide Residual Networks" (2016): depth 6n + 4,
//  three stages of n blocks with 16k, 32k and 64k channels, with dropout between the convolutions of a block in the widest
//  (section 2.4). Normalisation and ReLU come before the convolutions (He et al., "Identity Mappings in Deep Residual
//  Networks", 2016), so what flows around the blocks is never cut off.

public import Torch

/// WRN-16-8 or WRN-28-10. Features have A = 64k dimensions.
public final class WideResNet: Network {
  public enum Shape: CaseIterable, Sendable {
    case sixteenByEight
    case twentyEightByTen

    var layout: Layout {
      switch self {
      case .sixteenByEight: Layout(depth: 16, width: 8, dropout: 0)
      case .twentyEightByTen: Layout(depth: 28, width: 10, dropout: 0.3)
      }
    }
  }

  /// Depth, widening factor k, and the share of activations that dropout sets to 0.
  struct Layout {
    let depth, width: Int
    let dropout: Double
  }

  public let store = ParameterStore()
  public let classifier: Linear
  private let trunk: WideTrunk<BatchNorm, NormalizedConvolution>

  /// - Parameter seed: initial weights follow from it, whatever the device.
  public convenience init(_ shape: Shape, classCount: Int, seed: UInt64, device: Device = .cpu) {
    self.init(shape.layout, classCount: classCount, seed: seed, device: device)
  }

  init(_ layout: Layout, classCount: Int, seed: UInt64, device: Device = .cpu) {
    let root = store.root(seed: seed, device: device)
    let stem = Convolution(root["conv1"], inputs: 3, outputs: 16, size: 3)
    var blocks: [WideBlock<BatchNorm, NormalizedConvolution>] = []
    var inputs = 16
    for (stage, channels) in [16, 32, 64].enumerated() {
      let outputs = channels * layout.width
      for index in 0..<(layout.depth - 4) / 6 {
        let scope = root["block\(stage + 1)"]["layer"]["\(index)"]
        let stride = stage > 0 && index == 0 ? 2 : 1
        blocks.append(
          WideBlock(
            norm: BatchNorm(scope["bn1"], channels: inputs),
            first: NormalizedConvolution(
              convolution: scope["conv1"], norm: scope["bn2"], inputs: inputs, outputs: outputs, size: 3,
              stride: stride),
            dropout: layout.dropout > 0
              ? Dropout(share: layout.dropout, path: "dropout/block\(stage + 1).layer.\(index)") : nil,
            second: Convolution(scope["conv2"], inputs: outputs, outputs: outputs, size: 3),
            projection: inputs == outputs
              ? nil : Convolution(scope["convShortcut"], inputs: inputs, outputs: outputs, size: 1, stride: stride)))
        inputs = outputs
      }
    }
    trunk = WideTrunk(stem: stem, blocks: blocks, norm: BatchNorm(root["bn1"], channels: inputs))
    classifier = Linear(root["fc"], inputs: inputs, outputs: classCount)
  }

  public func trainingFeatures(_ images: Tensor, draws: any Draws) -> Tensor {
    trunk.features(images, draws: draws)
  }

  public var evaluation: (Tensor) -> Tensor {
    let folded = WideTrunk<FoldedNorm, FoldedConvolution>(
      stem: trunk.stem,
      blocks: trunk.blocks.map {
        WideBlock(
          norm: $0.norm.folded, first: $0.first.folded, dropout: nil, second: $0.second, projection: $0.projection)
      }, norm: trunk.norm.folded)
    return { folded.features($0, draws: nil) }
  }
}

/// The network without its last layer, made of layers as they are trained or as they are applied.
private struct WideTrunk<Norm: RectifiedLayer, Layer: RectifiedLayer> {
  let stem: Convolution
  let blocks: [WideBlock<Norm, Layer>]
  let norm: Norm

  func features(_ images: Tensor, draws: (any Draws)?) -> Tensor {
    let last = blocks.reduce(stem(images)) { x, block in block(x, draws: draws) }
    return norm(last, adding: nil).next.meanOverPixels
  }
}

/// x + conv(dropout(relu(norm(conv(relu(norm(x))))))); where the number of channels changes, a 1×1 convolution of
/// relu(norm(x)) takes the place of x.
private struct WideBlock<Norm: RectifiedLayer, Layer: RectifiedLayer> {
  let norm: Norm
  let first: Layer
  let dropout: Dropout?
  let second: Convolution
  let projection: Convolution?

  func callAsFunction(_ input: Tensor, draws: (any Draws)?) -> Tensor {
    let (next, around) = norm(input, adding: nil)
    let shortcut = projection.map { $0(around) } ?? input
    var inner = first(next, adding: nil).next
    if let dropout, let draws { inner = dropout(inner, draws: draws) }
    return second(inner) + shortcut
  }
}

/// Sets a share of the activations to 0 and scales the others so that the mean stays (Srivastava et al., "Dropout", 2014).
private struct Dropout {
  let share: Double
  /// Of its draws.
  let path: String

  func callAsFunction(_ input: Tensor, draws: any Draws) -> Tensor {
    let shape = input.shape
    // In the order in which channels-last memory has the activations.
    let kept = draws.bernoulli(1 - share, [shape[0], shape[2], shape[3], shape[1]], for: path)
    return input * kept.permuted([0, 3, 1, 2]).to(input.device) * (1 / (1 - share))
  }
}
