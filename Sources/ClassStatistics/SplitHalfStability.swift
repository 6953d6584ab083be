//  Whether a direction is found again: from one half of a class's images, and from the other.

public import Torch

/// Directions of random halves of a class's rows, compared.
///
/// Of directions whose eigenvalues lie close together only the space that they span is determined, and single ones turn in
/// it freely. So directions are put into groups (`group`), and a group's overlap is |U₁ᵀU₂|²/k for its k directions in either
/// half: 1 if both halves span the same space, k/A if they have nothing to do with each other.
public struct SplitHalfStability {
  /// For each split, |⟨u_k, u'_k⟩| of direction k in the halves.
  public let cosines: [[Double]]
  /// For each direction, the overlap of its group: the mean over splits.
  public let overlaps: [Double]
  /// The directions, from 0, that a direction belongs together with, itself among them.
  public let groups: [Range<Int>]

  /// Cost: for each split two eigenproblems, O(n·A·min(n, A)); see `halfCosines`.
  /// - Parameters:
  ///   - groups: of close eigenvalues, in order; together they are the directions compared.
  ///   - splits: how many random ones.
  public init(_ sample: ClassSample, groups: [Range<Int>], splits: Int, generator: RandomGenerator) {
    let count = groups.last?.upperBound ?? 0
    self.groups = groups.flatMap { group in group.map { _ in group } }
    guard count > 0, sample.count > 1, splits > 0 else {
      cosines = []
      overlaps = Array(repeating: 0, count: count)
      return
    }
    let orders = Tensor.concatenated((0..<splits).map { _ in generator.permutation(sample.count).unsqueezed(0) })
    let products: [Double] = halfCosines(of: sample.centered, orders: orders, count: count).array()
    func product(_ split: Int, _ i: Int, _ j: Int) -> Double { products[(split * count + i) * count + j] }
    cosines = (0..<splits).map { split in (0..<count).map { abs(product(split, $0, $0)) } }
    overlaps = groups.flatMap { group -> [Double] in
      var sum = 0.0
      for split in 0..<splits {
        for i in group { for j in group { sum += product(split, i, j) * product(split, i, j) } }
      }
      return group.map { _ in sum / Double(splits * group.count) }
    }
  }

  /// Neighbours belong together where halves cannot tell them apart: where the gap between their eigenvalues is smaller
  /// than twice the standard error that it has in a half of the images, which is twice that of the larger eigenvalue in all
  /// of them (√2 for half the images, √2 for a difference; after North et al. 1982).
  public static func closeGroups(_ variances: [Double], logErrors: [Double]) -> [Range<Int>] {
    var groups: [Range<Int>] = []
    for (k, variance) in variances.enumerated() {
      if let last = groups.last, variances[k - 1] - variance < 4 * logErrors[k - 1] * variances[k - 1] {
        groups[groups.count - 1] = last.lowerBound..<k + 1
      } else {
        groups.append(k..<k + 1)
      }
    }
    return groups
  }

  /// E|cos| of two random directions in A dimensions, Γ(A/2) / (√π Γ((A+1)/2)), which is close to √(2/(πA)).
  public static func chanceCosine(width: Int) -> Double {
    // By the recurrence of the ratio: c(A + 2) = c(A) · A / (A + 1), from c(1) = 1 and c(2) = 2/π.
    var value = width.isMultiple(of: 2) ? 2 / Double.pi : 1
    for extent in stride(from: width.isMultiple(of: 2) ? 2 : 1, to: width, by: 2) {
      value *= Double(extent) / Double(extent + 1)
    }
    return value
  }
}
