//  Residual networks for 32×32 images, as in section 4.2 of He et al., "Deep Residual Learning for Image
//  Recognition" (2016): depth 6n + 2, three stages of n basic blocks with 16, 32 and 64 channels, shortcuts
//  without parameters (option A).

public import Torch

/// ResNet-8, -14, -20, -32, -44, -56 or -110. Features have A = 64 dimensions.
public final class ResNet {
  public enum Depth: Int, CaseIterable, Sendable {
    case eight = 8
    case fourteen = 14
    case twenty = 20
    case thirtyTwo = 32
    case fortyFour = 44
    case fiftySix = 56
    case oneHundredTen = 110

    /// `resnet20` and so on.
    public var name: String { "resnet\(rawValue)" }

    public init?(name: String) {
      guard let depth = Depth.allCases.first(where: { $0.name == name }) else { return nil }
      self = depth
    }
  }

  public let depth: Depth
  public let classCount: Int
  public let store = ParameterStore()
  /// The last layer, z = W a + b.
  public let classifier: Linear
  private let stem: Convolution
  private let stemNorm: BatchNorm
  private let blocks: [BasicBlock]

  /// - Parameter seed: initial weights follow from it.
  public init(_ depth: Depth, classCount: Int, seed: UInt64) {
    (self.depth, self.classCount) = (depth, classCount)
    let root = store.root(seed: seed)
    stem = Convolution(root["conv1"], inputs: 3, outputs: 16, kernel: 3)
    stemNorm = BatchNorm(root["bn1"], channels: 16)
    var blocks: [BasicBlock] = []
    var inputs = 16
    for (stage, outputs) in [16, 32, 64].enumerated() {
      for index in 0..<(depth.rawValue - 2) / 6 {
        let scope = root["layer\(stage + 1)"]["\(index)"]
        blocks.append(
          BasicBlock(scope, inputs: inputs, outputs: outputs, stride: stage > 0 && index == 0 ? 2 : 1))
        inputs = outputs
      }
    }
    self.blocks = blocks
    classifier = Linear(root["linear"], inputs: inputs, outputs: classCount)
  }

  /// A.
  public var featureCount: Int { classifier.weight.shape[1] }

  /// N×3×32×32 → N×A, the activations before the last layer, in float32.
  /// - Parameter training: normalise by the batch and move the running statistics.
  public func features(_ images: Tensor, training: Bool) -> Tensor {
    var x = stemNorm(stem(images), training: training).rectified()
    for block in blocks { x = block(x, training: training) }
    return x.to(.float32).mean([2, 3])
  }
}

/// Two 3×3 convolutions around which the input flows unchanged, or subsampled with new channels at zero.
private struct BasicBlock {
  let conv1, conv2: Convolution
  let norm1, norm2: BatchNorm
  let stride: Int
  let newChannels: Int

  init(_ scope: ParameterStore.Scope, inputs: Int, outputs: Int, stride: Int) {
    conv1 = Convolution(scope["conv1"], inputs: inputs, outputs: outputs, kernel: 3, stride: stride)
    norm1 = BatchNorm(scope["bn1"], channels: outputs)
    conv2 = Convolution(scope["conv2"], inputs: outputs, outputs: outputs, kernel: 3)
    norm2 = BatchNorm(scope["bn2"], channels: outputs)
    (self.stride, newChannels) = (stride, outputs - inputs)
  }

  func callAsFunction(_ input: Tensor, training: Bool) -> Tensor {
    let inner = norm1(conv1(input), training: training).rectified()
    let output = norm2(conv2(inner), training: training)
    output.add(shortcut(input))
    return output.rectified()
  }

  private func shortcut(_ input: Tensor) -> Tensor {
    guard stride > 1 else { return input }
    let (height, width) = (input.shape[2], input.shape[3])
    return
      input
      .slice(0..<height, dimension: 2, step: stride)
      .slice(0..<width, dimension: 3, step: stride)
      .padded([0, 0, 0, 0, newChannels / 2, newChannels - newChannels / 2])
  }
}
