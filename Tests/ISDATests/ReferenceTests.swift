import ClassStatistics
import Foundation
import TestSupport
import Testing
import Torch

@testable import ISDA

/// What Scripts/reference/isda.py computed, sample by sample, from the published formulas.
struct Reference: Decodable, CustomTestStringConvertible {
  struct Step: Decodable {
    let labels: [Int]
    let features, means, covariances: [Double]
    let counts: [Int]
    let loss: Double
    let featureGradient, weightGradient, biasGradient: [Double]
  }
  let name: String
  let classCount, featureCount: Int
  let lambda: Double
  let weight, bias: [Double]
  let steps: [Step]

  var testDescription: String { name }

  static let all: [Reference] = {
    guard let url = Bundle.module.url(forResource: "Fixtures/isda", withExtension: "json"),
      let data = try? Data(contentsOf: url)
    else { return [] }
    return (try? JSONDecoder().decode([Reference].self, from: data)) ?? []
  }()
}

@Suite("The ISDA loss and its covariances are the published ones", .leavesNoTensors)
struct ReferenceTests {
  @Test func `the reference is there`() {
    #expect(Reference.all.count == 4)
  }

  @Test(arguments: Reference.all, [(ElementType.float32, 1e-5), (.float64, 1e-12)])
  func `moments, loss and gradients over a stream of batches`(
    reference: Reference, precision: (type: ElementType, tolerance: Double)
  ) {
    let (type, tolerance) = precision
    let (classes, width) = (reference.classCount, reference.featureCount)
    func tensor(_ values: [Double], _ shape: [Int]) -> Tensor { Tensor(values, shape: shape).to(type) }
    let weight = tensor(reference.weight, [classes, width]).requiringGradient()
    let bias = tensor(reference.bias, [classes]).requiringGradient()
    let moments = ClassMoments(classCount: classes, featureCount: width, elementType: type)
    for step in reference.steps {
      let features = tensor(step.features, [step.labels.count, width]).requiringGradient()
      moments.update(features: features, labels: step.labels)
      #expect(moments.counts == step.counts)
      #expect(relativeError(moments.means.array(), step.means) < tolerance)
      #expect(relativeError(moments.covariances.array(), step.covariances) < tolerance)

      let logits = augmentedLogits(
        features.linear(weight, bias), weight: weight, labels: step.labels, covariances: moments.covariances,
        lambda: reference.lambda)
      let loss = logits.crossEntropy(labels: Tensor(step.labels.map(Int64.init))).mean()
      #expect(relativeError([loss.item()], [step.loss]) < tolerance)
      let gradients = gradient(of: loss, withRespectTo: [features, weight, bias])
      #expect(relativeError(gradients[0].array(), step.featureGradient) < tolerance)
      #expect(relativeError(gradients[1].array(), step.weightGradient) < tolerance)
      #expect(relativeError(gradients[2].array(), step.biasGradient) < tolerance)
    }
  }
}
