import Foundation
import Images
import TestSupport
import Testing
import Torch

@testable import Networks

/// What Scripts/reference/resnet.py computed.
private struct Reference: Decodable {
  let names: [String]
  let trainingFeatures: [Double]
  let loss: Double
  let stemGradient: [Double]
  let gradientNorms: [Double]
  let evaluatedFeatures: [Double]
  let logits: [Double]
  let parameterCounts: [String: Int]

  static func load() throws -> Reference {
    let url = try #require(Bundle.module.url(forResource: "Fixtures/resnet8", withExtension: "json"))
    return try JSONDecoder().decode(Reference.self, from: Data(contentsOf: url))
  }
}

private func pattern(_ count: Int, phase: Double, scale: Double) -> [Float] {
  (0..<count).map { Float(scale * sin(0.37 * Double($0) + phase)) }
}

@Suite("Residual networks compute what PyTorch's do", .leavesNoTensors)
struct ResNetTests {
  @Test(arguments: ResNet.Depth.allCases)
  func `parameters are as many as published`(depth: ResNet.Depth) throws {
    let network = ResNet(depth, classCount: 10, seed: 0)
    let count = network.store.parameters.reduce(0) { $0 + $1.tensor.count }
    #expect(count == (try Reference.load().parameterCounts["\(depth.rawValue)"]))
  }

  @Test func `features, loss, gradients and running statistics of ResNet-8`() throws {
    let reference = try Reference.load()
    let network = ResNet(.eight, classCount: 10, seed: 0)
    #expect(network.store.parameters.map(\.name) == reference.names)
    for (index, (_, tensor)) in network.store.parameters.enumerated() {
      let center: Float = tensor.rank == 1 && tensor.count != 10 && index % 3 == 1 ? 1 : 0
      let values = pattern(tensor.count, phase: Double(index), scale: 0.1).map { center + $0 }
      withoutGradients { tensor.assign(Tensor(values, shape: tensor.shape)) }
    }
    let images = Tensor(pattern(4 * 3 * 32 * 32, phase: 0.5, scale: 1), shape: [4, 3, 32, 32]).channelsLast

    let features = network.trainingFeatures(images, draws: StepDraws(seed: 0, step: 0))
    #expect(relativeError(features.array(of: Double.self), reference.trainingFeatures) < 1e-4)
    let loss = network.classifier(features).crossEntropy(labels: Tensor([3, 1, 4, 1] as [Int64])).mean()
    #expect(abs(loss.item(Double.self) - reference.loss) < 1e-5)
    let gradients = gradient(of: loss, withRespectTo: network.store.parameters.map(\.tensor))
    #expect(relativeError(gradients[0].array(of: Double.self), reference.stemGradient) < 1e-4)
    let norms = gradients.map { ($0 * $0).sum().squareRoot.item(Float.self) }.map(Double.init)
    #expect(relativeError(norms, reference.gradientNorms) < 1e-4)

    // By the statistics that the pass above moved.
    let evaluated = withoutGradients { network.evaluation(images) }
    #expect(relativeError(evaluated.array(of: Double.self), reference.evaluatedFeatures) < 1e-4)
    let logits = withoutGradients { network.classifier(evaluated) }
    #expect(relativeError(logits.array(of: Double.self), reference.logits) < 1e-4)
  }

  @Test func `initial weights follow from the seed`() {
    func weights(_ seed: UInt64) -> [UInt8] { ResNet(.eight, classCount: 10, seed: seed).classifier.weight.bytes }
    #expect(weights(1) == weights(1))
    #expect(weights(1) != weights(2))
  }

  @Test func `bfloat16 stays near float32`() {
    let network = ResNet(.eight, classCount: 10, seed: 1)
    let images = RandomGenerator(seed: 2, "images").normal([4, 3, 32, 32]).channelsLast
    let exact = withoutGradients { network.evaluation(images) }
    let rounded = withoutGradients { withBFloat16(true) { network.evaluation(images) } }
    let error = relativeError(rounded.array(of: Double.self), exact.array(of: Double.self))
    #expect(error < 0.05)
    #expect(error > 0, "bfloat16 was not used")
  }
}
