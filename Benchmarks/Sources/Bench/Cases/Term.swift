//  The ISDA term and the covariance update by themselves, forward and backward. Three yardsticks: the published
//  formulation in PyTorch, the one product that cannot be avoided, and the memory that either side needs meanwhile.

import ClassStatistics
import Foundation
import ISDA
import Torch

struct TermBenchmark: Benchmark {
  let name = "term"
  let summary = "ISDA term and covariance update, forward and backward: N x C x A images, classes, features"
  let rows = ["128x10x64", "128x100x64", "128x10x640", "128x100x640", "128x100x1024"]

  func comparison(row: String, settings: WorkerSettings) -> Comparison {
    Comparison(
      unit: "batch", images: nil,
      sides: [
        Side(name: "isda", language: .swift), Side(name: "product", language: .swift),
        Side(name: "published", language: .python),
        .memory("isda-memory", .swift), .memory("published-memory", .python),
      ],
      claims: [
        Claim("published", over: "isda", .atLeast(20)), Claim("isda", over: "product", .atMost(1.5)),
        Claim("isda-memory", over: "published-memory", .atMost(0.1)),
      ],
      roundSeconds: 0.3)
  }

  func work(row: String, side: String, settings: WorkerSettings, rounds: Rounds) throws {
    let extents = row.split(separator: "x").compactMap { Int($0) }
    let input = TermInput(count: extents[0], classCount: extents[1], featureCount: extents[2]) { name, shape in
      RandomGenerator(seed: 0, name).normal(shape)
    }
    switch side {
    case "isda", "isda-memory":
      let moments = ClassMoments(classCount: input.classCount, featureCount: input.featureCount)
      rounds.run { _ = input.step(moments, lambda: 0.5) }
    case "product":
      // P_c = W Σ_c for the classes present, each into memory that is there already.
      let moments = ClassMoments(classCount: input.classCount, featureCount: input.featureCount)
      moments.update(features: input.features, labels: input.labels)
      let weight = input.weight.detached
      let products = Set(input.labels).sorted().map {
        (covariance: moments.covariances.dense($0), result: Tensor.zeros(weight.shape))
      }
      withoutGradients {
        rounds.run {
          for (covariance, result) in products { result.addProduct(weight, covariance, keep: 0) }
        }
      }
    default: preconditionFailure("no side \(side)")
    }
  }
}

/// What the term is computed of. Labels are the same on both sides, from a formula: classes occur as in a batch
/// drawn at random, about 0.72·C of 100 classes in 128 images.
struct TermInput {
  let classCount, featureCount: Int
  let labels: [Int]
  let features, weight, logits, upstream: Tensor

  init(count: Int, classCount: Int, featureCount: Int, values: (_ name: String, _ shape: [Int]) -> Tensor) {
    (self.classCount, self.featureCount) = (classCount, featureCount)
    var state = 1
    labels = (0..<count).map { _ in
      state = (1_103_515_245 * state + 12_345) % (1 << 31)
      return (state >> 16) % classCount
    }
    features = values("features", [count, featureCount])
    weight = values("weight", [classCount, featureCount]).requiringGradient()
    logits = values("logits", [count, classCount]).requiringGradient()
    upstream = values("upstream", [count, classCount])
  }

  /// One update and one term.
  /// - Returns: the augmented logits, and the gradients of their product with `upstream` by logits and weight.
  func step(_ moments: ClassMoments, lambda: Double) -> (augmented: Tensor, gradients: [Tensor]) {
    moments.update(features: features, labels: labels)
    let augmented = augmentedLogits(
      logits, weight: weight, labels: labels, covariances: moments.covariances, lambda: lambda)
    return (augmented, gradient(of: (augmented * upstream).sum(), withRespectTo: [logits, weight]))
  }
}
