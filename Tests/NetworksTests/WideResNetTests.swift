import Foundation
import Networks
import TestSupport
import Testing
import Torch

/// What Scripts/reference/wide_resnet.py computed.
private struct Reference: Decodable {
  let parameterCount: Int
  let trainingFeatures: [Double]
  let loss: Double
  let stemGradient: [Double]
  let gradientNorms: [String: Double]
  let evaluatedFeatures: [Double]
  let logits: [Double]
}

private func noise(_ count: Int, salt: UInt32, deviation: Double) -> [Float] {
  (0..<UInt32(count)).map { place in
    var x = place &* 2_654_435_761 &+ salt &* 40503
    x = (x ^ (x >> 15)) &* 2_246_822
    x ^= x >> 13
    return Float((Double(x) / 4_294_967_296 - 0.5) * 12.squareRoot() * deviation)
  }
}

@Suite("Wide residual networks compute what PyTorch's do", .leavesNoTensors)
struct WideResNetTests {
  @Test func `parameters, features, loss, gradients and running statistics of WRN-16-8`() throws {
    let url = try #require(Bundle.module.url(forResource: "Fixtures/wide-resnet-16-8", withExtension: "json"))
    let reference = try JSONDecoder().decode(Reference.self, from: Data(contentsOf: url))
    let network = WideResNet(.sixteenByEight, classCount: 10, seed: 0)
    let parameters = network.store.parameters
    // As published: 11.0 million.
    #expect(parameters.reduce(0) { $0 + $1.tensor.count } == 10_961_370)
    #expect(reference.parameterCount == 10_961_370)
    for (name, tensor) in parameters {
      let deviation =
        tensor.rank == 4 ? (2 / Double(tensor.shape[0] * tensor.shape[2] * tensor.shape[3])).squareRoot() : 0.1
      let center: Float = ".\(name)".contains(".bn") && name.hasSuffix("weight") ? 1 : 0
      let values = noise(tensor.count, salt: UInt32(name.count), deviation: deviation).map { center + $0 }
      withoutGradients { tensor.assign(Tensor(values, shape: tensor.shape)) }
    }
    let images = Tensor(noise(2 * 3 * 32 * 32, salt: 0, deviation: 1), shape: [2, 3, 32, 32]).channelsLast

    let features = network.trainingFeatures(images, draws: StepDraws(seed: 0, step: 0))
    #expect(relativeError(features.array(of: Double.self), reference.trainingFeatures) < 1e-4)
    let loss = network.classifier(features).crossEntropy(labels: Tensor([3, 1] as [Int64])).mean()
    #expect(abs(loss.item(Double.self) - reference.loss) < 1e-5)
    let gradients = gradient(of: loss, withRespectTo: parameters.map(\.tensor))
    #expect(relativeError(gradients[0].array(of: Double.self), reference.stemGradient) < 1e-4)
    for ((name, _), gradient) in zip(parameters, gradients) {
      let norm = Double((gradient * gradient).sum().squareRoot.item(Float.self))
      let expected = try #require(reference.gradientNorms[name], "\(name)")
      #expect(abs(norm - expected) < 1e-4 * expected, "\(name)")
    }

    // By the statistics that the pass above moved.
    let evaluated = withoutGradients { network.evaluation(images) }
    #expect(relativeError(evaluated.array(of: Double.self), reference.evaluatedFeatures) < 1e-4)
    let logits = withoutGradients { network.classifier(evaluated) }
    #expect(relativeError(logits.array(of: Double.self), reference.logits) < 1e-4)
  }
}
