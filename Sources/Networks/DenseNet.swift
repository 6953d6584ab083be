//  Densely connected networks, as in Huang et al., "Densely Connected Convolutional Networks" (2017), in the form BC: every
//  layer of a block reads what all layers before it made, through a bottleneck of 4k channels, and adds k channels; between
//  blocks half of the channels are left. With three blocks for 32×32 images (section 4), with four for 224×224 (table 1),
//  where the weights have torchvision's names. A block is one operation, whose memory does not grow with the square of its
//  layers (Sources/CTorch/DenseBlock.cpp).

public import Torch

/// DenseNet-BC-100-12 and -190-40 with A = 342 and 2190 features; DenseNet-121, -169, -201 and -265 with A = 1024, 1664,
/// 1920 and 2688. What the paper's table calls 264 has 265 layers.
public final class DenseNet: Network {
  public enum Shape: String, CaseIterable, Sendable {
    case bc100By12 = "densenet-bc-100-12"
    case bc190By40 = "densenet-bc-190-40"
    case denseNet121 = "densenet121"
    case denseNet169 = "densenet169"
    case denseNet201 = "densenet201"
    case denseNet265 = "densenet265"

    /// For 224×224 images, not 32×32.
    var isForLargeImages: Bool { layout.hasLargeStem }

    var layout: Layout {
      switch self {
      case .bc100By12: Layout(growth: 12, blocks: [16, 16, 16], hasLargeStem: false)
      case .bc190By40: Layout(growth: 40, blocks: [31, 31, 31], hasLargeStem: false)
      case .denseNet121: Layout(growth: 32, blocks: [6, 12, 24, 16], hasLargeStem: true)
      case .denseNet169: Layout(growth: 32, blocks: [6, 12, 32, 32], hasLargeStem: true)
      case .denseNet201: Layout(growth: 32, blocks: [6, 12, 48, 32], hasLargeStem: true)
      case .denseNet265: Layout(growth: 32, blocks: [6, 12, 64, 48], hasLargeStem: true)
      }
    }
  }

  /// The growth rate k, the layers of each block, and whether the first convolution, to 2k channels, is 7×7 with stride 2,
  /// normalised and pooled, or 3×3 alone.
  struct Layout {
    let growth: Int
    let blocks: [Int]
    let hasLargeStem: Bool
  }

  public let store = ParameterStore()
  public let classifier: Linear
  private let stem: Stem
  private let blocks: [DenseBlock]
  /// After all blocks but the last.
  private let transitions: [Transition<BatchNorm>]
  private let norm: BatchNorm

  /// - Parameter seed: initial weights follow from it, whatever the device.
  public convenience init(_ shape: Shape, classCount: Int, seed: UInt64, device: Device = .cpu) {
    self.init(shape.layout, classCount: classCount, seed: seed, device: device)
  }

  init(_ layout: Layout, classCount: Int, seed: UInt64, device: Device = .cpu) {
    let root = store.root(seed: seed, device: device)
    let features = root["features"]
    var channels = 2 * layout.growth
    if layout.hasLargeStem {
      stem = .large(
        NormalizedConvolution(
          convolution: features["conv0"], norm: features["norm0"], inputs: 3, outputs: channels, size: 7, stride: 2))
    } else {
      stem = .small(Convolution(features["conv0"], inputs: 3, outputs: channels, size: 3))
    }
    var (blocks, transitions): ([DenseBlock], [Transition<BatchNorm>]) = ([], [])
    for (index, count) in layout.blocks.enumerated() {
      blocks.append(
        DenseBlock(
          features["denseblock\(index + 1)"], inputs: channels, growth: layout.growth, layerCount: count))
      channels += count * layout.growth
      if index < layout.blocks.count - 1 {
        let scope = features["transition\(index + 1)"]
        transitions.append(
          Transition(
            norm: BatchNorm(scope["norm"], channels: channels),
            convolution: Convolution(scope["conv"], inputs: channels, outputs: channels / 2, size: 1)))
        channels /= 2
      }
    }
    (self.blocks, self.transitions) = (blocks, transitions)
    norm = BatchNorm(features["norm5"], channels: channels)
    classifier = Linear(root["classifier"], inputs: channels, outputs: classCount)
  }

  public func trainingFeatures(_ images: Tensor, draws: any Draws) -> Tensor {
    Self.features(
      stem.trained(images), blocks: blocks.map { block in block.trained }, transitions: transitions, norm: norm)
  }

  public var evaluation: (Tensor) -> Tensor {
    let (stem, blocks) = (stem.applied, blocks.map(\.applied))
    let (transitions, norm) = (transitions.map(\.folded), norm.folded)
    return { Self.features(stem($0), blocks: blocks, transitions: transitions, norm: norm) }
  }

  private static func features<Norm: RectifiedLayer>(
    _ input: Tensor, blocks: [(Tensor) -> Tensor], transitions: [Transition<Norm>], norm: Norm
  ) -> Tensor {
    var x = input
    for (index, block) in blocks.enumerated() {
      x = block(x)
      if index < transitions.count { x = transitions[index](x) }
    }
    return norm(x, adding: nil).next.meanOverPixels
  }
}

/// What comes before the first block.
private enum Stem {
  case small(Convolution)
  case large(NormalizedConvolution)

  func trained(_ images: Tensor) -> Tensor {
    switch self {
    case .small(let convolution): convolution(images)
    case .large(let layer): Self.pooled(images, layer)
    }
  }

  var applied: (Tensor) -> Tensor {
    switch self {
    case .small(let convolution): return { convolution($0) }
    case .large(let layer):
      let folded = layer.folded
      return { Self.pooled($0, folded) }
    }
  }

  private static func pooled(_ images: Tensor, _ layer: some RectifiedLayer) -> Tensor {
    layer(images, adding: nil).next.maxPooled(size: 3, stride: 2, padding: 1)
  }
}

/// Half of the channels and a quarter of the pixels.
private struct Transition<Norm: RectifiedLayer> {
  let norm: Norm
  let convolution: Convolution

  func callAsFunction(_ input: Tensor) -> Tensor { convolution(norm(input, adding: nil).next).averagePooled(size: 2) }
}

extension Transition where Norm == BatchNorm {
  var folded: Transition<FoldedNorm> { Transition<FoldedNorm>(norm: norm.folded, convolution: convolution) }
}

/// Layers each of which reads the block's input and what all layers before it made.
private struct DenseBlock {
  private struct Layer {
    let norm: BatchNorm
    let bottleneck: Convolution
    let bottleneckNorm: BatchNorm
    let convolution: Convolution
  }
  private let layers: [Layer]
  private let growth: Int

  init(_ scope: ParameterStore.Scope, inputs: Int, growth: Int, layerCount: Int) {
    self.growth = growth
    layers = (0..<layerCount).map { index in
      let scope = scope["denselayer\(index + 1)"]
      let channels = inputs + index * growth
      return Layer(
        norm: BatchNorm(scope["norm1"], channels: channels),
        bottleneck: Convolution(scope["conv1"], inputs: channels, outputs: 4 * growth, size: 1),
        bottleneckNorm: BatchNorm(scope["norm2"], channels: 4 * growth),
        convolution: Convolution(scope["conv2"], inputs: 4 * growth, outputs: growth, size: 3))
    }
  }

  func trained(_ input: Tensor) -> Tensor {
    for layer in layers {
      layer.norm.count()
      layer.bottleneckNorm.count()
    }
    return input.denselyConnected(
      through: layers.map {
        DenseLayer(
          firstNorm: $0.norm.ofDenseLayer, firstKernel: $0.bottleneck.kernel,
          secondNorm: $0.bottleneckNorm.ofDenseLayer,
          secondKernel: $0.convolution.kernel)
      }, momentum: BatchNorm.momentum, epsilon: BatchNorm.epsilon)
  }

  /// By the running statistics. Here too all layers read and write one tensor.
  var applied: (Tensor) -> Tensor {
    let folded = layers.map {
      (norm: $0.norm.folded, bottleneck: FoldedConvolution($0.bottleneck, $0.bottleneckNorm), last: $0.convolution)
    }
    return { [growth] input in
      let shape = input.shape
      let channels = shape[1] + folded.count * growth
      let features = Tensor.zeros([shape[0], shape[2], shape[3], channels], input.elementType, on: input.device)
        .permuted([0, 3, 1, 2])
      features.slice(0..<shape[1], dimension: 1).assign(input)
      for (index, layer) in folded.enumerated() {
        let known = shape[1] + index * growth
        let read = layer.norm(features.slice(0..<known, dimension: 1), adding: nil).next
        features.slice(known..<known + growth, dimension: 1)
          .assign(layer.last(layer.bottleneck(read, adding: nil).next))
      }
      return features
    }
  }
}
