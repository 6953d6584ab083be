import TestSupport
import Testing
import Torch

@testable import Networks

@Suite("Folded layers compute what trained ones do by their running statistics", .leavesNoTensors)
struct FoldingTests {
  @Test(arguments: [(size: 3, stride: 1), (size: 3, stride: 2), (size: 1, stride: 1)])
  func `a convolution with its normalisation, unfolded by the definition`(size: Int, stride: Int) throws {
    let random = RandomGenerator(seed: 4, "folding")
    let store = ParameterStore()
    let root = store.root(seed: 3)
    let layer = NormalizedConvolution(
      convolution: root["conv"], norm: root["norm"], inputs: 5, outputs: 7, size: size, stride: stride)
    let tensors = Dictionary(
      uniqueKeysWithValues: (store.parameters + store.buffers).map { ($0.name, $0.tensor) })
    let weight = try #require(tensors["norm.weight"]), bias = try #require(tensors["norm.bias"])
    let mean = try #require(tensors["norm.running_mean"]), variance = try #require(tensors["norm.running_var"])
    withoutGradients {
      weight.assign(random.normal([7]))
      bias.assign(random.normal([7]))
      mean.assign(random.normal([7]))
      let deviation = random.normal([7])
      variance.assign(deviation * deviation + 0.1)
    }
    let moved = mean.array(of: Float.self)
    let input = random.normal([2, 5, 9, 9]).channelsLast
    let kernel = try #require(tensors["conv.weight"])
    let convolved = withoutGradients { input.convolved(kernel, stride: stride, padding: size / 2) }
    let shortcut = random.normal(convolved.shape).channelsLast
    func byChannel(_ tensor: Tensor) -> Tensor { tensor.detached.to(.float64).reshaped([1, -1, 1, 1]) }
    let normalized =
      (convolved.to(.float64) - byChannel(mean)) / (byChannel(variance) + 1e-5).squareRoot * byChannel(weight)
      + byChannel(bias)

    let folded = layer.folded
    let values = folded(input, adding: nil).next.array(of: Double.self)
    #expect(relativeError(values, normalized.clamped(below: 0).array()) < 1e-5)
    let sums = folded(input, adding: shortcut).next.array(of: Double.self)
    #expect(relativeError(sums, (normalized + shortcut.to(.float64)).clamped(below: 0).array()) < 1e-5)
    // Applying a folded layer leaves the statistics as they are.
    #expect(mean.array(of: Float.self) == moved)
    #expect(tensors["norm.num_batches_tracked"]?.item(Int64.self) == 0)
  }

  @Test func `training counts its batches and moves its statistics`() {
    let store = ParameterStore()
    let root = store.root(seed: 3)
    let layer = NormalizedConvolution(convolution: root["conv"], norm: root["norm"], inputs: 3, outputs: 4, size: 3)
    let input = RandomGenerator(seed: 5, "input").normal([2, 3, 8, 8]).channelsLast
    let before = layer.folded.bias.array(of: Float.self)
    for _ in 0..<2 { _ = withoutGradients { layer(input, adding: nil) } }
    #expect(layer.folded.bias.array(of: Float.self) != before)
    #expect(store.buffers.first { $0.name == "norm.num_batches_tracked" }?.tensor.item(Int64.self) == 2)
  }
}
