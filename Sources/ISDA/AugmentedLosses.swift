//  What ISDA minimises beside what it stands for. The method draws no features: it minimises an upper bound of the
//  cross-entropy that infinitely many draws would have on average. Here both are computed, so that the distance between
//  them is a number.

internal import ClassStatistics
public import Torch

/// Of N samples at one λ: the plain cross-entropy, its expectation under augmentation, and the bound of the expectation.
public struct AugmentedLosses {
  public let lambda: Double
  /// −log softmax(z_i)[y_i], N numbers.
  public let crossEntropy: Tensor
  /// L_i = cross-entropy of z̃_i, exactly as the ISDA loss has it, N numbers.
  public let bound: Tensor
  /// An unbiased estimate of E[cross-entropy of W ã + b] for ã ~ N(a_i, λ Σ_{y_i}), N numbers. By Jensen's inequality
  /// the bound is at least what it estimates.
  public let expectation: Tensor
  /// Of each estimate, N numbers; 0 where λ is 0. Right in the mean square over samples; for a single sample whose loss
  /// hangs on rare large draws it can be too small by half.
  public let standardError: Tensor
}

/// The losses of N samples for several λ.
///
/// A loss depends on a draw only through g_j = (w_j − w_y)ᵀ(ã − a), which has the C×C covariance λ K with
/// K = D Σ_y Dᵀ, D the rows w_j − w_y. So C numbers are drawn, not A; a symmetric root of K, for each class present,
/// costs O(C³). Each draw is used with both signs, which cancels what is odd in g, and for every λ, which makes curves
/// over λ smooth. What is left varies mostly like its second-order term Q = ½ gᵀ(diag p − ppᵀ) g, whose mean is known,
/// ½ λ tr((diag p − ppᵀ) K), and which is therefore a control variate; its coefficient for one half of the draws comes
/// from the other half, so the estimate stays unbiased. Cost: N·M·C exponentials for each λ and sign.
/// - Parameters:
///   - logits: z = W a + b, N×C, float64.
///   - weight: W, C×A, float64.
///   - labels: y, the class of each row.
///   - covariance: Σ_c of a class, A×A, float64; asked for once for each class present.
///   - pairs: M, draws with both signs for each sample, even.
/// - Precondition: at least 4 pairs; everything finite.
public func augmentedLosses(
  _ logits: Tensor, weight: Tensor, labels: [Int], covariance: (Int) -> Tensor, lambdas: [Double], pairs: Int = 32,
  generator: RandomGenerator
) -> [AugmentedLosses] {
  precondition(pairs >= 4 && pairs.isMultiple(of: 2), "\(pairs) pairs; expected an even number of at least 4")
  let classCount = weight.shape[0]
  let groups = RowsByClass(labels, classCount: classCount)
  // Class by class, in pieces whose draws stay small.
  let piece = max(1, 1_000_000 / (pairs * classCount))
  var parts: [[SecondOrder.Losses]] = lambdas.map { _ in [] }
  for group in groups.present {
    let differences = weight - weight.slice(group.label..<group.label + 1)
    let covariance = differences.matmul(covariance(group.label)).matmul(differences.transposed)
    let (variances, directions) = covariance.symmetricEigen()
    let root = directions * variances.clamped(below: 0).squareRoot.unsqueezed(1)
    for start in stride(from: group.rows.lowerBound, to: group.rows.upperBound, by: piece) {
      let rows = groups.order[start..<min(start + piece, group.rows.upperBound)].map(Int64.init)
      let draws = generator.normal([rows.count * pairs, classCount], .float64).matmul(root)
        .reshaped([rows.count, pairs, classCount])
      let expansion = SecondOrder(logits.rows(Tensor(rows)), label: group.label, draws: draws, covariance: covariance)
      for (index, lambda) in lambdas.enumerated() { parts[index].append(expansion.losses(lambda)) }
    }
  }
  // From the order of the classes back to that of the samples.
  var place = [Int64](repeating: 0, count: labels.count)
  for (position, row) in groups.order.enumerated() { place[row] = Int64(position) }
  let back = Tensor(place)
  let truth = Tensor(labels.map(Int64.init))
  return zip(lambdas, parts).map { lambda, parts in
    AugmentedLosses(
      lambda: lambda, crossEntropy: logits.crossEntropy(labels: truth),
      bound: Tensor.concatenated(parts.map(\.bound)).rows(back),
      expectation: Tensor.concatenated(parts.map(\.expectation)).rows(back),
      standardError: Tensor.concatenated(parts.map(\.standardError)).rows(back))
  }
}

/// The samples of one class with their draws, and the second-order term of each draw.
private struct SecondOrder {
  /// n×1×C.
  let logits: Tensor
  let label: Int
  /// g at λ = 1, n×M×C.
  let draws: Tensor
  /// Q at λ = 1, n×M.
  let quadratic: Tensor
  /// E Q at λ = 1, n×1.
  let mean: Tensor
  /// Of K, 1×C.
  let diagonal: Tensor

  /// Of each sample at one λ.
  typealias Losses = (bound: Tensor, expectation: Tensor, standardError: Tensor)

  init(_ logits: Tensor, label: Int, draws: Tensor, covariance: Tensor) {
    (self.logits, self.label, self.draws) = (logits.detached.unsqueezed(1), label, draws)
    // The slope of the cross-entropy is p less 1 at the label, where g is 0 in every draw.
    let variable = logits.detached.requiringGradient()
    let labels = Tensor.full(Double(label), [logits.shape[0]], .int64)
    let slope = gradient(of: variable.crossEntropy(labels: labels).sum(), withRespectTo: [variable])[0]
    let weights = slope.unsqueezed(1)
    let along = (draws * weights).sum([2])
    quadratic = ((draws * draws * weights).sum([2]) - along * along) * 0.5
    let places = Tensor.range(covariance.shape[0])
    diagonal =
      (places.unsqueezed(0).equals(places.unsqueezed(1)).to(.float64) * covariance).sum([0]).unsqueezed(0)
    mean =
      ((slope * diagonal).sum([1], keepingDimensions: true)
        - (slope.matmul(covariance) * slope).sum([1], keepingDimensions: true)) * 0.5
  }

  func losses(_ lambda: Double) -> Losses {
    let (count, pairs, classes) = (draws.shape[0], draws.shape[1], draws.shape[2])
    // K_jj is (w_j − w_y)ᵀ Σ_y (w_j − w_y), of which ISDA adds λ/2 to the logit of class j.
    let bound = (logits.select(0, dimension: 1) + diagonal * (lambda / 2))
      .crossEntropy(labels: .full(Double(label), [count], .int64))
    guard lambda > 0 else { return (bound, bound, bound * 0) }
    let labels = Tensor.full(Double(label), [count * pairs], .int64)
    func losses(_ scale: Double) -> Tensor {
      (logits + draws * scale).reshaped([count * pairs, classes]).crossEntropy(labels: labels).reshaped([count, pairs])
    }
    let paired = (losses(lambda.squareRoot()) + losses(-lambda.squareRoot())) * 0.5
    let control = (quadratic - mean) * lambda

    let halves = [0..<pairs / 2, pairs / 2..<pairs].map { half in
      (losses: paired.slice(half, dimension: 1), control: control.slice(half, dimension: 1))
    }
    func centered(_ values: Tensor) -> Tensor { values - values.mean([1], keepingDimensions: true) }
    let coefficients = halves.map { half in
      let moves = centered(half.control)
      return (moves * centered(half.losses)).sum([1], keepingDimensions: true)
        / (moves * moves).sum([1], keepingDimensions: true).clamped(below: .leastNormalMagnitude)
    }
    let corrected = zip(halves, coefficients.reversed()).map { $0.losses - $1 * $0.control }
    let squares = corrected.map { (centered($0) * centered($0)).sum([1]) }
    return (
      bound, Tensor.concatenated(corrected, dimension: 1).mean([1]),
      ((squares[0] + squares[1]) * (1 / Double(pairs * (pairs - 2)))).squareRoot
    )
  }
}
