//  Residual networks for 32×32 images, as in section 4.2 of He et al., "Deep Residual Learning for Image
//  Recognition" (2016): depth 6n + 2, three stages of n basic blocks with 16, 32 and 64 channels, shortcuts
//  without parameters (option A).

public import Torch

/// ResNet-8, -14, -20, -32, -44, -56 or -110. Features have A = 64 dimensions.
public final class ResNet: Network {
  public enum Depth: Int, CaseIterable, Sendable {
    case eight = 8
    case fourteen = 14
    case twenty = 20
    case thirtyTwo = 32
    case fortyFour = 44
    case fiftySix = 56
    case oneHundredTen = 110
  }

  public let store = ParameterStore()
  /// The last layer, z = W a + b.
  public let classifier: Linear
  private let trunk: Trunk<NormalizedConvolution>

  /// - Parameter seed: initial weights follow from it, whatever the device.
  public init(_ depth: Depth, classCount: Int, seed: UInt64, device: Device = .cpu) {
    let root = store.root(seed: seed, device: device)
    let stem = NormalizedConvolution(convolution: root["conv1"], norm: root["bn1"], inputs: 3, outputs: 16, size: 3)
    var blocks: [BasicBlock<NormalizedConvolution>] = []
    var inputs = 16
    for (stage, outputs) in [16, 32, 64].enumerated() {
      for index in 0..<(depth.rawValue - 2) / 6 {
        let scope = root["layer\(stage + 1)"]["\(index)"]
        let stride = stage > 0 && index == 0 ? 2 : 1
        blocks.append(
          BasicBlock(
            first: NormalizedConvolution(
              convolution: scope["conv1"], norm: scope["bn1"], inputs: inputs, outputs: outputs, size: 3,
              stride: stride),
            second: NormalizedConvolution(
              convolution: scope["conv2"], norm: scope["bn2"], inputs: outputs, outputs: outputs, size: 3),
            stride: stride, outputs: outputs))
        inputs = outputs
      }
    }
    trunk = Trunk(stem: stem, blocks: blocks)
    classifier = Linear(root["linear"], inputs: inputs, outputs: classCount)
  }

  public func trainingFeatures(_ images: Tensor) -> Tensor { trunk.features(images) }

  public var evaluation: (Tensor) -> Tensor { trunk.map(\.folded).features }
}

/// A residual network without its last layer, made of layers as they are trained or as they are applied.
private struct Trunk<Layer: RectifiedLayer> {
  let stem: Layer
  let blocks: [BasicBlock<Layer>]

  /// N×3×32×32 → N×A, the activations before the last layer, in float32.
  func features(_ images: Tensor) -> Tensor {
    var x = stem(images, adding: nil)
    for block in blocks { x = block(x.next, shortcut: x.around) }
    return x.next.to(.float32).mean([2, 3])
  }

  func map<Other>(_ transform: (Layer) -> Other) -> Trunk<Other> {
    Trunk<Other>(
      stem: transform(stem),
      blocks: blocks.map {
        BasicBlock<Other>(
          first: transform($0.first), second: transform($0.second), stride: $0.stride, outputs: $0.outputs)
      })
  }
}

/// Two 3×3 convolutions around which the input flows unchanged, or subsampled with new channels at zero.
private struct BasicBlock<Layer: RectifiedLayer> {
  let first, second: Layer
  let stride: Int
  let outputs: Int

  /// - Parameters: the block's input, twice as layers return it.
  func callAsFunction(_ input: Tensor, shortcut: Tensor) -> (next: Tensor, around: Tensor) {
    second(
      first(input, adding: nil).next,
      adding: stride > 1 ? shortcut.subsampled(stride: stride, channels: outputs) : shortcut)
  }
}
