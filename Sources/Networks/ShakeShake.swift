//  Residual networks with two branches that are mixed at random, as in Gastaldi, "Shake-Shake regularization" (2017), for
//  32×32 images: depth 26, three stages of four blocks with d, 2d and 4d channels. For each image and block the weight of
//  the first branch is drawn from 0 to 1 on the way forward, and once more for the gradient ("Shake-Shake-Image"); where
//  features are extracted it is 1/2.

public import Torch

/// Shake-Shake-26 2×32d, 2×96d or 2×112d. Features have A = 4d dimensions.
public final class ShakeShake: Network {
  /// d, the channels of a branch in the first stage.
  public enum Width: Int, CaseIterable, Sendable {
    case thirtyTwo = 32
    case ninetySix = 96
    case oneHundredTwelve = 112
  }

  /// Blocks of a stage, and d.
  struct Layout {
    let blockCount, width: Int
  }

  public let store = ParameterStore()
  public let classifier: Linear
  private let trunk: ShakeTrunk<BatchNorm, NormalizedConvolution>

  /// - Parameter seed: initial weights follow from it, whatever the device.
  public convenience init(_ width: Width, classCount: Int, seed: UInt64, device: Device = .cpu) {
    self.init(Layout(blockCount: 4, width: width.rawValue), classCount: classCount, seed: seed, device: device)
  }

  init(_ layout: Layout, classCount: Int, seed: UInt64, device: Device = .cpu) {
    let root = store.root(seed: seed, device: device)
    let stem = NormalizedConvolution.numbered(1, root, inputs: 3, outputs: 16, size: 3)
    var blocks: [ShakeBlock<BatchNorm, NormalizedConvolution>] = []
    var inputs = 16
    for stage in 0..<3 {
      let outputs = layout.width << stage
      for index in 0..<layout.blockCount {
        let scope = root["layer\(stage + 1)"]["\(index)"]
        let stride = stage > 0 && index == 0 ? 2 : 1
        func branch(_ name: String) -> ShakeBranch<NormalizedConvolution> {
          ShakeBranch(
            first: .numbered(1, scope[name], inputs: inputs, outputs: outputs, size: 3, stride: stride),
            second: .numbered(2, scope[name], inputs: outputs, outputs: outputs, size: 3))
        }
        blocks.append(
          ShakeBlock(
            branches: (branch("branch1"), branch("branch2")),
            shortcut: inputs == outputs
              ? nil : ShakeShortcut(scope["shortcut"], inputs: inputs, outputs: outputs, stride: stride),
            path: "shake/layer\(stage + 1).\(index)"))
        inputs = outputs
      }
    }
    trunk = ShakeTrunk(stem: stem, blocks: blocks)
    classifier = Linear(root["fc"], inputs: inputs, outputs: classCount)
  }

  public func trainingFeatures(_ images: Tensor, draws: any Draws) -> Tensor {
    trunk.features(images, draws: draws)
  }

  public var evaluation: (Tensor) -> Tensor {
    let folded = ShakeTrunk<FoldedNorm, FoldedConvolution>(
      stem: trunk.stem.folded,
      blocks: trunk.blocks.map {
        ShakeBlock(
          branches: ($0.branches.0.map(\.folded), $0.branches.1.map(\.folded)),
          shortcut: $0.shortcut?.map(\.folded), path: $0.path)
      })
    return { folded.features($0, draws: nil) }
  }
}

/// The network without its last layer, made of layers as they are trained or as they are applied.
private struct ShakeTrunk<Norm: RectifiedLayer, Layer: RectifiedLayer> {
  let stem: Layer
  let blocks: [ShakeBlock<Norm, Layer>]

  func features(_ images: Tensor, draws: (any Draws)?) -> Tensor {
    blocks.reduce(stem.unrectified(images)) { x, block in block(x, draws: draws) }.rectified().meanOverPixels
  }
}

/// shortcut(x) + α F₁(relu(x)) + (1 − α) F₂(relu(x)).
private struct ShakeBlock<Norm: RectifiedLayer, Layer: RectifiedLayer> {
  let branches: (ShakeBranch<Layer>, ShakeBranch<Layer>)
  /// nil for x as it is.
  let shortcut: ShakeShortcut<Norm>?
  /// Of its draws.
  let path: String

  /// - Parameter draws: nil for α = 1/2.
  func callAsFunction(_ input: Tensor, draws: (any Draws)?) -> Tensor {
    let rectified = input.positivePart
    let (first, second) = (branches.0(rectified), branches.1(rectified))
    let output: Tensor
    if let draws {
      let weights = draws.uniform([2, input.shape[0]], for: path).to(input.device)
      output = first.shaken(with: second, forward: weights.select(0), backward: weights.select(1))
    } else {
      output = (first + second) * 0.5
    }
    output.add(shortcut.map { $0(rectified) } ?? input)
    return output
  }
}

/// Two 3×3 convolutions, each normalised, with ReLU between them.
private struct ShakeBranch<Layer: RectifiedLayer> {
  let first, second: Layer

  func callAsFunction(_ rectified: Tensor) -> Tensor { second.unrectified(first(rectified, adding: nil).next) }

  func map<Other>(_ transform: (Layer) -> Other) -> ShakeBranch<Other> {
    ShakeBranch<Other>(first: transform(first), second: transform(second))
  }
}

/// Where channels or pixels change: half of the new channels from every stride-th pixel, the others from the pixels above
/// and to the left of those, side by side, normalised.
private struct ShakeShortcut<Norm: RectifiedLayer> {
  let here, aside: Convolution
  let norm: Norm
  let stride: Int

  func callAsFunction(_ rectified: Tensor) -> Tensor {
    let straight = here(rectified)
    // With a border of one pixel the kernel begins one pixel up and to the left, and makes a row and a column too many.
    let shifted = rectified.convolved(aside.kernel, stride: stride, padding: 1)
      .slice(0..<straight.shape[2], dimension: 2).slice(0..<straight.shape[3], dimension: 3)
    return norm.unrectified(.concatenated([straight, shifted], dimension: 1))
  }

  func map<Other>(_ transform: (Norm) -> Other) -> ShakeShortcut<Other> {
    ShakeShortcut<Other>(here: here, aside: aside, norm: transform(norm), stride: stride)
  }
}

extension ShakeShortcut where Norm == BatchNorm {
  init(_ scope: ParameterStore.Scope, inputs: Int, outputs: Int, stride: Int) {
    here = Convolution(scope["conv1"], inputs: inputs, outputs: outputs / 2, size: 1, stride: stride)
    aside = Convolution(scope["conv2"], inputs: inputs, outputs: outputs / 2, size: 1, stride: stride)
    norm = BatchNorm(scope["bn"], channels: outputs)
    self.stride = stride
  }
}
