//  The shifts of features when images change, taken by themselves: whether they agree, what the classifier sees of them,
//  and what it makes of them.

internal import ClassStatistics
internal import Results
internal import Torch

/// The classifier z = W a + b, and the directions that it can see.
struct Readout {
  let weight: Tensor
  let bias: Tensor
  /// Orthonormal rows that span all differences w_j − w_y, R×A with R < C.
  let visible: Tensor

  init(weight: Tensor, bias: Tensor) {
    (self.weight, self.bias) = (weight, bias)
    visible = classifierSpan(weight: weight)
  }

  /// The class of each row of features.
  func predictions(_ features: Tensor) -> Tensor {
    (features.matmul(weight.transposed) + bias).argmax(dimension: 1)
  }
}

/// - Parameters:
///   - plain: φ(x), N×A with N > 0.
///   - transformed: φ(T_s x), N×A.
func shifts(
  from plain: Tensor, to transformed: Tensor, seenBy readout: Readout, resampling: Resampling
) -> EquivarianceLadder.Shifts {
  let count = Double(plain.shape[0])
  let moves = transformed - plain
  let centered = plain - plain.mean([0], keepingDimensions: true)
  let spread = (centered * centered).sum().item(Double.self)
  let lengths = (moves * moves).sum([1], keepingDimensions: true)
  let total = lengths.sum().item(Double.self)

  // Images that do not move have no direction; what is left of n unit vectors e_i has mean cosine
  // (|Σe_i|² / n − 1) / (n − 1).
  let least = 1e-20 * max(spread, .leastNormalMagnitude) / count
  let lengthOfEach: [Double] = lengths.array()
  let scales = lengthOfEach.map { $0 > least ? 1 / $0.squareRoot() : 0 }
  let moving = Double(scales.count { $0 > 0 })
  let resultant = (moves * Tensor(scales, shape: [scales.count, 1])).sum([0])
  let squaredResultant = (resultant * resultant).sum().item(Double.self)

  let mean = moves.mean([0])
  let squaredMean = (mean * mean).sum().item(Double.self)
  let meanSquare = total / count

  let seen = moves.matmul(readout.visible.transposed)
  let kept = readout.predictions(plain).equals(readout.predictions(transformed)).to(.float64).unsqueezed(1)
  let sums = Tensor.concatenated([(seen * seen).sum([1], keepingDimensions: true), lengths, kept], dimension: 1)
  let all: [Double] = sums.sum([0]).array()
  let drawn: [Double] = resampling.sums(sums).array()
  let samples = (0..<drawn.count / 3).map { Array(drawn[3 * $0..<3 * $0 + 3]) }

  return EquivarianceLadder.Shifts(
    relativeLength: spread > 0 ? (total / spread).squareRoot() : 0,
    meanCosine: moving > 1 ? (squaredResultant / moving - 1) / (moving - 1) : nil,
    explainedByMean: moving > 1 ? (count * squaredMean - meanSquare) / ((count - 1) * meanSquare) : nil,
    visibleShare: moving > 0 ? .init(all[0] / all[1], over: samples.map { $0[0] / $0[1] }) : nil,
    predictionsKept: .init(all[2] / count, over: samples.map { $0[2] / count })
      ?? .init(all[2] / count, from: 0, to: 1))
}
