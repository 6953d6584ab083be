//  Residual networks for 224×224 images, as in table 1 of He et al., "Deep Residual Learning for Image Recognition" (2016):
//  four stages, of basic blocks (18, 34) or of bottlenecks (50, 101, 152), with projections where the size changes (option
//  B). With grouped 3×3 convolutions they are the ResNeXts of table 1 of Xie et al., "Aggregated Residual Transformations
//  for Deep Neural Networks" (2017). A bottleneck's stride is that of its 3×3 convolution, as in torchvision, whose names
//  the weights have.

public import Torch

/// ResNet-18 to -152 and ResNeXt-50 and -101. Features have A = 512 dimensions with basic blocks, 2048 with bottlenecks.
public final class ImageNetResNet: Network {
  public enum Shape: String, CaseIterable, Sendable {
    case resNet18 = "resnet18"
    case resNet34 = "resnet34"
    case resNet50 = "resnet50"
    case resNet101 = "resnet101"
    case resNet152 = "resnet152"
    case resNeXt50 = "resnext50-32x4d"
    case resNeXt101 = "resnext101-32x8d"

    /// Blocks of each stage, and of a ResNeXt the number of groups and the width of one in the first stage.
    var layout: Layout {
      switch self {
      case .resNet18: Layout(blocks: [2, 2, 2, 2], form: .basic)
      case .resNet34: Layout(blocks: [3, 4, 6, 3], form: .basic)
      case .resNet50: Layout(blocks: [3, 4, 6, 3], form: .bottleneck(groups: 1, width: 64))
      case .resNet101: Layout(blocks: [3, 4, 23, 3], form: .bottleneck(groups: 1, width: 64))
      case .resNet152: Layout(blocks: [3, 8, 36, 3], form: .bottleneck(groups: 1, width: 64))
      case .resNeXt50: Layout(blocks: [3, 4, 6, 3], form: .bottleneck(groups: 32, width: 4))
      case .resNeXt101: Layout(blocks: [3, 4, 23, 3], form: .bottleneck(groups: 32, width: 8))
      }
    }
  }

  struct Layout {
    enum Form {
      case basic
      case bottleneck(groups: Int, width: Int)
    }
    let blocks: [Int]
    let form: Form
  }

  public let store = ParameterStore()
  public let classifier: Linear
  private let trunk: ResidualTrunk<NormalizedConvolution>

  /// - Parameter seed: initial weights follow from it, whatever the device.
  public init(_ shape: Shape, classCount: Int, seed: UInt64, device: Device = .cpu) {
    let layout = shape.layout
    let root = store.root(seed: seed, device: device)
    let stem = NormalizedConvolution.numbered(1, root, inputs: 3, outputs: 64, size: 7, stride: 2)
    var blocks: [ResidualBlock<NormalizedConvolution>] = []
    var inputs = 64
    for (stage, count) in layout.blocks.enumerated() {
      for index in 0..<count {
        let scope = root["layer\(stage + 1)"]["\(index)"]
        let stride = stage > 0 && index == 0 ? 2 : 1
        let outputs: Int
        switch layout.form {
        case .basic:
          outputs = 64 << stage
          blocks.append(
            .basic(
              scope, inputs: inputs, outputs: outputs, stride: stride,
              shortcut: .projectedIfNeeded(scope, inputs: inputs, outputs: outputs, stride: stride)))
        case .bottleneck(let groups, let width):
          outputs = 256 << stage
          blocks.append(
            .bottleneck(
              scope, inputs: inputs, width: groups * width << stage, outputs: outputs, stride: stride, groups: groups))
        }
        inputs = outputs
      }
    }
    trunk = ResidualTrunk(stem: stem, poolsStem: true, blocks: blocks)
    classifier = Linear(root["fc"], inputs: inputs, outputs: classCount)
  }

  public func trainingFeatures(_ images: Tensor, draws: any Draws) -> Tensor { trunk.features(images) }

  public var evaluation: (Tensor) -> Tensor { trunk.map(\.folded).features }
}
