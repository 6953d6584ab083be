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
  struct Form: Decodable {
    let covariances, weightGradient: [Double]
    let loss: Double
  }
  let name: String
  let forms: [String: Form]
  let classCount, featureCount: Int
  let lambda: Double
  let weight, bias: [Double]
  let steps: [Step]

  var testDescription: String { name }

  static let all: [Reference] = references("isda", in: .module)
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
      #expect(moments.counts == step.counts.map(Double.init))
      #expect(relativeError(moments.means.array(), step.means) < tolerance)
      #expect(relativeError(moments.covariances.matrix?.array() ?? [], step.covariances) < tolerance)

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

  @Test(
    arguments: Reference.all,
    [
      ("full", ClassMoments.Form.full, 1), ("diagonal", .diagonal, 1), ("pooled", .pooled, 1),
      ("identity", .identity, 1), ("forgetting", .full, 0.75), ("pooled and forgetting", .pooled, 0.75),
    ])
  func `each form of the covariances, and what the loss makes of it`(
    reference: Reference, form: (name: String, kind: ClassMoments.Form, retention: Double)
  ) throws {
    let expected = try #require(reference.forms[form.name])
    let (classes, width) = (reference.classCount, reference.featureCount)
    let moments = ClassMoments(
      classCount: classes, featureCount: width, form: form.kind, retention: form.retention, elementType: .float64)
    func features(_ step: Reference.Step) -> Tensor { Tensor(step.features, shape: [step.labels.count, width]) }
    for step in reference.steps { moments.update(features: features(step), labels: step.labels) }
    let dense = Tensor.concatenated((0..<classes).map { moments.covariances.dense($0) })
    #expect(relativeError(dense.array(), expected.covariances) < 1e-12)

    let last = try #require(reference.steps.last)
    let weight = Tensor(reference.weight, shape: [classes, width]).requiringGradient()
    let loss = augmentedLogits(
      features(last).linear(weight, Tensor(reference.bias)), weight: weight, labels: last.labels,
      covariances: moments.covariances, lambda: reference.lambda
    ).crossEntropy(labels: Tensor(last.labels.map(Int64.init))).mean()
    #expect(relativeError([loss.item()], [expected.loss]) < 1e-12)
    let slope = gradient(of: loss, withRespectTo: [weight])[0]
    #expect(relativeError(slope.array(), expected.weightGradient) < 1e-12)
  }
}
