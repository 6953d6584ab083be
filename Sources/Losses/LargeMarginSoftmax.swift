//  Large-margin softmax: while it trains, a feature has to point to its class's weights as if its angle to them were m
//  times as wide, so that classes end up farther apart.

internal import Foundation
public import Torch

/// Logits in which that of the own class, with z_y = |w| |a| cos θ + b, has become
/// (λ |w| |a| cos θ + |w| |a| ψ(θ))/(1 + λ) + b with ψ(θ) = (−1)^k cos(mθ) − 2k for θ from kπ/m to (k + 1)π/m (Liu, Wen, Yu
/// and Yang, "Large-Margin Softmax Loss for Convolutional Neural Networks", ICML 2016, equations 4 to 6 and section 5.1).
///
/// The paper's last layer has no bias; where there is one it stands outside the margin. Evaluation takes the logits as they
/// are. cos(mθ) is a polynomial of cos θ, so no angle is computed. Gradients flow to all three tensors.
/// - Parameters:
///   - logits: z, N×C.
///   - features: a, N×A.
///   - weight: W of the last layer, C×A.
///   - labels: y, N 64-bit integers.
///   - margin: m, 2 … 4; 1 would change nothing.
///   - annealing: λ ≥ 0, how much of the plain logit is left.
public func largeMarginLogits(
  _ logits: Tensor, features: Tensor, weight: Tensor, labels: Tensor, margin: Int, annealing: Double
) -> Tensor {
  precondition((2...4).contains(margin), "margin \(margin)")
  let own = weight.rows(labels)
  let product = (features * own).sum([1])
  // Neither is 0 while anything is learnt; if one is, the product is 0 whatever the cosine.
  let lengths = ((features * features).sum([1]) * (own * own).sum([1])).clamped(below: 1e-24).squareRoot
  let cosine = product / lengths
  let square = cosine * cosine
  let multiple =
    switch margin {
    case 2: square * 2 - 1
    case 3: (square * 4 - 3) * cosine
    default: (square - 1) * square * 8 + 1
    }
  // k: how many of the angles π/m, 2π/m, … lie before θ. Constant between them, so nothing flows to it.
  let turns = withoutGradients {
    (1..<margin).reduce(cosine.detached * 0) { turns, j in
      let bound = Tensor.full(cos(Double(j) * .pi / Double(margin)), [1], cosine.elementType, on: cosine.device)
      return turns + cosine.detached.isLess(than: bound).to(cosine.elementType)
    }
  }
  let sign = withoutGradients { (turns - (turns * 0.5).to(.int64).to(turns.elementType) * 2) * -2 + 1 }
  let change = (lengths * (sign * multiple - turns * 2) - product) * (1 / (1 + annealing))
  return logits + logits.marks(labels) * change.unsqueezed(1)
}

/// λ of a step counted from 0 over the whole run: 1000 (1 + 2·10⁻⁵ t)^−45, as in the authors' training of CIFAR-10. The
/// margin is hardly there at first (λ = 1000) and half in force after 8,300 steps.
public func largeMarginAnnealing(step: Int) -> Double { 1000 * pow(1 + 2e-5 * Double(step), -45) }
