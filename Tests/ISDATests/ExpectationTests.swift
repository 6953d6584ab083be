import ClassStatistics
import Foundation
import TestSupport
import Testing
import Torch

@testable import ISDA

/// What Scripts/reference/premise.py computed by quadrature; losses by λ, then by sample.
private struct Quadrature: Decodable, CustomTestStringConvertible {
  let name: String
  let classCount, featureCount: Int
  let labels: [Int]
  let features, weight, bias, covariances, lambdas: [Double]
  let crossEntropy, bound, expectation: [Double]

  var testDescription: String { name }

  static let all: [Quadrature] = references("expectation", in: .module)

  var weightTensor: Tensor { Tensor(weight, shape: [classCount, featureCount]) }
  var featureTensor: Tensor { Tensor(features, shape: [labels.count, featureCount]) }
  var covarianceForms: ClassCovariances {
    ClassCovariances(matrix: Tensor(covariances, shape: [classCount, featureCount, featureCount]))
  }

  func losses(pairs: Int, seed: UInt64 = 1) -> [AugmentedLosses] {
    augmentedLosses(
      featureTensor.linear(weightTensor, Tensor(bias)), weight: weightTensor, labels: labels,
      covariance: covarianceForms.dense, lambdas: lambdas, pairs: pairs, generator: RandomGenerator(seed: seed, "draws")
    )
  }
}

@Suite("ISDA's bound, and the expectation that it bounds", .leavesNoTensors)
struct ExpectationTests {
  @Test func `the reference is there`() {
    #expect(Quadrature.all.count == 3)
  }

  @Test(arguments: Quadrature.all)
  fileprivate func `cross-entropy and bound are exact, the expectation within its errors`(reference: Quadrature) {
    let repeats = (0..<40).map { reference.losses(pairs: 100, seed: UInt64($0)) }
    var (reported, seen) = (0.0, 0.0)
    for (index, lambda) in reference.lambdas.enumerated() {
      let count = reference.labels.count
      let exact = reference.expectation[index * count..<(index + 1) * count].map { $0 }
      let losses = repeats.map { $0[index] }
      #expect(
        relativeError(
          losses[0].crossEntropy.array(), Array(reference.crossEntropy[index * count..<(index + 1) * count])) < 1e-12)
      #expect(
        relativeError(losses[0].bound.array(), Array(reference.bound[index * count..<(index + 1) * count])) < 1e-12)
      let estimates = losses.map { $0.expectation.array(of: Double.self) }
      let errors = losses.map { $0.standardError.array(of: Double.self) }
      guard lambda > 0 else {
        #expect(relativeError(estimates[0], exact) < 1e-12 && errors[0].allSatisfy { $0 == 0 })
        continue
      }
      for sample in 0..<count {
        let squares = estimates.reduce(0) { $0 + ($1[sample] - exact[sample]) * ($1[sample] - exact[sample]) }
        (reported, seen) = (reported + errors.reduce(0) { $0 + $1[sample] * $1[sample] }, seen + squares)
        // Forty estimates from the exact value, in their own root mean square: their mean is within 4.5/√40 of it.
        let mean = estimates.reduce(0) { $0 + $1[sample] - exact[sample] } / 40
        #expect(abs(mean) < 4.5 * (squares / 40 / 40).squareRoot())
      }
    }
    // Errors are as large as they say in the mean square, though one of heavy-tailed draws may say too little.
    #expect((0.6...1.6).contains(seen / reported), "mean square \(seen / reported) of what is reported")
  }

  @Test(arguments: Quadrature.all)
  fileprivate func `with few draws it has no bias`(reference: Quadrature) {
    // Coefficients fitted to the same draws that they correct would pull every estimate one way.
    let repeats = (0..<400).map {
      reference.losses(pairs: 4, seed: UInt64($0)).map { $0.expectation.array(of: Double.self) }
    }
    for (index, lambda) in reference.lambdas.enumerated() where lambda > 0 {
      for sample in reference.labels.indices {
        let values = repeats.map { $0[index][sample] }
        let mean = values.reduce(0, +) / 400
        let error = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 399 / 400).squareRoot()
        let exact = reference.expectation[index * reference.labels.count + sample]
        #expect(abs(mean - exact) < 5 * error + 1e-12)
      }
    }
  }

  /// A small trained-like problem: ten classes of sixteen dimensions.
  private func problem() -> (features: Tensor, labels: [Int], weight: Tensor, bias: Tensor, moments: ClassMoments) {
    let generator = RandomGenerator(seed: 5, "problem")
    let weight = generator.normal([10, 16], .float64)
    let labels = (0..<120).map { $0 % 10 }
    let mix = generator.normal([16, 16], .float64) * 0.3
    let features =
      weight.rows(Tensor(labels.map(Int64.init))) * 0.6 + generator.normal([120, 16], .float64).matmul(mix)
    let moments = ClassMoments(classCount: 10, featureCount: 16, elementType: .float64)
    moments.update(features: features, labels: labels)
    return (features, labels, weight, generator.normal([10], .float64), moments)
  }

  @Test(arguments: [0.1, 0.5, 2])
  func `drawing class differences equals drawing features, within three standard errors`(lambda: Double) {
    let (features, labels, weight, bias, moments) = problem()
    let inClasses = augmentedLosses(
      features.linear(weight, bias), weight: weight, labels: labels, covariance: moments.covariances.dense,
      lambdas: [lambda], generator: RandomGenerator(seed: 2, "classes"))[0]
    let draws = 400
    let moved = augmentedFeatures(
      features, labels: labels, covariances: moments.covariances, lambda: lambda, draws: draws,
      generator: RandomGenerator(seed: 3, "features"))
    let explicit = moved.linear(weight, bias).crossEntropy(
      labels: .concatenated(Array(repeating: Tensor(labels.map(Int64.init)), count: draws))
    ).reshaped([draws, labels.count])
    let mean = explicit.mean([0])
    let spread = explicit - mean
    let variance = (spread * spread).sum([0]) * (1 / Double(draws * (draws - 1)))

    // The means over all samples, and each sample: of 120 deviations one in 370 may exceed 3.
    let errors = losses(variance, inClasses.standardError)
    let differences = zip(mean.array(of: Double.self), inClasses.expectation.array(of: Double.self)).map { $0 - $1 }
    let overall = differences.reduce(0, +) / (errors.reduce(0) { $0 + $1 * $1 }).squareRoot()
    #expect(abs(overall) < 3, "\(overall) standard errors")
    #expect(zip(differences, errors).count { abs($0) > 3 * $1 } <= 3)
  }

  private func losses(_ variance: Tensor, _ standardError: Tensor) -> [Double] {
    zip(variance.array(of: Double.self), standardError.array(of: Double.self)).map { ($0 + $1 * $1).squareRoot() }
  }

  @Test func `the bound is the loss, and at least the expectation on every sample`() {
    let (features, labels, weight, bias, moments) = problem()
    let logits = features.linear(weight, bias)
    let lambdas = [0, 0.1, 0.25, 0.5, 1, 2, 8]
    let all = augmentedLosses(
      logits, weight: weight, labels: labels, covariance: moments.covariances.dense, lambdas: lambdas, pairs: 200,
      generator: RandomGenerator(seed: 4, "draws"))
    for losses in all {
      let loss = augmentedLogits(
        logits, weight: weight, labels: labels, covariances: moments.covariances, lambda: losses.lambda
      ).crossEntropy(labels: Tensor(labels.map(Int64.init)))
      #expect(relativeError(losses.bound.array(of: Double.self), loss.array()) < 1e-13)
      let (bounds, estimates) = (losses.bound.array(of: Double.self), losses.expectation.array(of: Double.self))
      let errors = losses.standardError.array(of: Double.self)
      for sample in labels.indices { #expect(bounds[sample] >= estimates[sample] - 3 * errors[sample] - 1e-12) }
    }
  }

  @Test func `every form of covariance is drawn as its full matrix is`() {
    let (features, labels, weight, bias, moments) = problem()
    let diagonal = ClassMoments(classCount: 10, featureCount: 16, form: .diagonal, elementType: .float64)
    diagonal.update(features: features, labels: labels)
    let dense = ClassCovariances(
      matrix: .concatenated((0..<10).map { diagonal.covariances.dense($0).unsqueezed(0) }))
    #expect(moments.counts == diagonal.counts)
    let values = [diagonal.covariances, dense].map { covariances in
      augmentedLosses(
        features.linear(weight, bias), weight: weight, labels: labels, covariance: covariances.dense, lambdas: [0.5],
        generator: RandomGenerator(seed: 4, "draws"))[0].expectation.array(of: Double.self)
    }
    #expect(relativeError(values[0], values[1]) < 1e-9)
  }

  @Test func `the control variate and both signs are worth their cost`() {
    // Plain draws have a variance; so many times smaller it must be for the same number of exponentials.
    let (features, labels, weight, bias, moments) = problem()
    let losses = augmentedLosses(
      features.linear(weight, bias), weight: weight, labels: labels, covariance: moments.covariances.dense,
      lambdas: [0.25],
      pairs: 32, generator: RandomGenerator(seed: 2, "classes"))[0]
    let explicit = augmentedFeatures(
      features, labels: labels, covariances: moments.covariances, lambda: 0.25, draws: 64,
      generator: RandomGenerator(seed: 3, "features")
    ).linear(weight, bias).crossEntropy(
      labels: .concatenated(Array(repeating: Tensor(labels.map(Int64.init)), count: 64))
    ).reshaped([64, labels.count])
    let spread = explicit - explicit.mean([0])
    let plain: Double = ((spread * spread).sum() * (1 / 64.0 / 63)).item()
    let ours: Double = (losses.standardError * losses.standardError).sum().item()
    #expect(ours * 4 < plain, "\(plain / ours) times less variance")
  }
}
