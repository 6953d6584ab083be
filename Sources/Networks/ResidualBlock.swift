//  What residual networks share (He et al., "Deep Residual Learning for Image Recognition", 2016): blocks of layers around
//  which their input flows, and a pile of such blocks from images to features. Both are made of layers as they are
//  trained or as they are applied.

internal import Torch

/// max(0, F(x) + shortcut(x)).
struct ResidualBlock<Layer: RectifiedLayer> {
  /// F: normalised convolutions with ReLU between them.
  let layers: [Layer]
  let shortcut: Shortcut<Layer>
  /// Scales what F adds, channel by channel.
  var excitation: SqueezeExcitation?

  /// - Parameter input: x, twice as layers return it.
  func callAsFunction(_ input: (next: Tensor, around: Tensor)) -> (next: Tensor, around: Tensor) {
    let inner = layers.dropLast().reduce(input.next) { x, layer in layer(x, adding: nil).next }
    let outermost = layers[layers.count - 1]
    let around = shortcut(input.around)
    guard let excitation else { return outermost(inner, adding: around) }
    let scaled = excitation(outermost.unrectified(inner))
    scaled.add(around)
    let output = scaled.rectified()
    return (output, output)
  }

  func map<Other>(_ transform: (Layer) -> Other) -> ResidualBlock<Other> {
    ResidualBlock<Other>(layers: layers.map(transform), shortcut: shortcut.map(transform), excitation: excitation)
  }
}

/// How a block's input comes to its end.
enum Shortcut<Layer: RectifiedLayer> {
  case identity
  /// Subsampled, with new channels at zero: no parameters (option A).
  case padded(stride: Int, channels: Int)
  /// A 1×1 convolution, normalised (option B).
  case projected(Layer)

  func callAsFunction(_ input: Tensor) -> Tensor {
    switch self {
    case .identity: input
    case .padded(let stride, let channels): input.subsampled(stride: stride, channels: channels)
    case .projected(let layer): layer.unrectified(input)
    }
  }

  func map<Other>(_ transform: (Layer) -> Other) -> Shortcut<Other> {
    switch self {
    case .identity: .identity
    case .padded(let stride, let channels): .padded(stride: stride, channels: channels)
    case .projected(let layer): .projected(transform(layer))
    }
  }
}

/// Two 3×3 convolutions, or 1×1, 3×3 in groups and 1×1: what ResNets and ResNeXts for images of any size are made of,
/// under torchvision's names.
extension ResidualBlock where Layer == NormalizedConvolution {
  static func basic(
    _ scope: ParameterStore.Scope, inputs: Int, outputs: Int, stride: Int, shortcut: Shortcut<Layer>
  ) -> Self {
    ResidualBlock(
      layers: [
        .numbered(1, scope, inputs: inputs, outputs: outputs, size: 3, stride: stride),
        .numbered(2, scope, inputs: outputs, outputs: outputs, size: 3),
      ], shortcut: shortcut)
  }

  /// - Parameter width: channels of the 3×3 convolution, all groups together.
  static func bottleneck(
    _ scope: ParameterStore.Scope, inputs: Int, width: Int, outputs: Int, stride: Int, groups: Int
  ) -> Self {
    ResidualBlock(
      layers: [
        .numbered(1, scope, inputs: inputs, outputs: width, size: 1),
        .numbered(2, scope, inputs: width, outputs: width, size: 3, stride: stride, groups: groups),
        .numbered(3, scope, inputs: width, outputs: outputs, size: 1),
      ], shortcut: .projectedIfNeeded(scope, inputs: inputs, outputs: outputs, stride: stride))
  }
}

extension Shortcut where Layer == NormalizedConvolution {
  /// A projection where the number of channels or pixels changes, else the identity.
  static func projectedIfNeeded(_ scope: ParameterStore.Scope, inputs: Int, outputs: Int, stride: Int) -> Self {
    guard inputs != outputs || stride > 1 else { return .identity }
    return .projected(
      NormalizedConvolution(
        convolution: scope["downsample"]["0"], norm: scope["downsample"]["1"], inputs: inputs, outputs: outputs,
        size: 1, stride: stride))
  }
}

extension NormalizedConvolution {
  /// `conv1` with `bn1`, and so on.
  static func numbered(
    _ number: Int, _ scope: ParameterStore.Scope, inputs: Int, outputs: Int, size: Int, stride: Int = 1,
    groups: Int = 1
  ) -> Self {
    NormalizedConvolution(
      convolution: scope["conv\(number)"], norm: scope["bn\(number)"], inputs: inputs, outputs: outputs, size: size,
      stride: stride, groups: groups)
  }
}

/// A residual network without its last layer.
struct ResidualTrunk<Layer: RectifiedLayer> {
  let stem: Layer
  /// Whether 3×3 max-pooling with stride 2 follows the stem.
  var poolsStem = false
  let blocks: [ResidualBlock<Layer>]

  /// N×3×H×W → N×A, the activations before the last layer, in float32.
  func features(_ images: Tensor) -> Tensor {
    var x = stem(images, adding: nil)
    if poolsStem {
      let pooled = x.next.maxPooled(size: 3, stride: 2, padding: 1)
      x = (pooled, pooled)
    }
    return blocks.reduce(x) { x, block in block(x) }.next.meanOverPixels
  }

  func map<Other>(_ transform: (Layer) -> Other) -> ResidualTrunk<Other> {
    ResidualTrunk<Other>(stem: transform(stem), poolsStem: poolsStem, blocks: blocks.map { $0.map(transform) })
  }
}

extension Tensor {
  /// N×C×H×W → N×C, of bfloat16 in float32.
  var meanOverPixels: Tensor {
    // The gradient of a sum is a view; that of `mean` would be a tensor of the size of the activations.
    (elementType == .bfloat16 ? to(.float32) : self).sum([2, 3]) * (1 / Double(shape[2] * shape[3]))
  }
}
