//  The two kernels behind the question which directions are more than noise: what chance makes of features that have
//  nothing to do with each other, and which directions halves of the same images have.

internal import CTorch

/// How the ties between features are cut.
public enum NoiseKind: Sendable, CaseIterable {
  /// The values of every feature in random order: features of any distributions, independent of each other.
  case permuted
  /// Every value with a random sign: features that share nothing but their magnitudes, such as images far from the mean
  /// in no direction in particular.
  case flipped
}

/// For each seed, how far one direction reaches by chance: the largest eigenvalue of XXᵀ and its trace, where X is
/// `features` with the ties between its rows cut, less what lies along `scores` and `directions`.
///
/// Cost for each seed: O(A·n·(t + S + K)) for t of about 40 products with X; memory A·n float32 numbers for each thread.
/// - Parameters:
///   - features: A×n, float32, a feature a row, of mean 0.
///   - scores: S×n, float32, orthonormal rows; taken out of each row of X.
///   - directions: K×A, float32, orthonormal rows; taken out of each column of X.
///   - seeds: 64-bit integers. A seed gives the same number on every number of threads.
public func noiseSpectra(
  of features: Tensor, without scores: Tensor, _ directions: Tensor, _ kind: NoiseKind, seeds: Tensor
) -> [(largest: Double, trace: Double)] {
  let spectra = Tensor.made {
    ct_noise_spectra(features.handle, scores.handle, directions.handle, kind == .flipped, seeds.handle, $0)
  }
  let values: [Double] = spectra.array()
  return stride(from: 0, to: values.count, by: 2).map { (values[$0], values[$0 + 1]) }
}

/// Splits rows into halves and multiplies the leading principal directions of one half with those of the other.
///
/// Cost for each split: O(n·A·min(n, A)) and about 100 products with a square of that side; memory n·A/2 float32 numbers
/// for each thread.
/// - Parameters:
///   - rows: n×A, float32.
///   - orders: S×n, 64-bit integers: of each row, a permutation, the first n/2 are one half.
///   - count: K, how many directions.
/// - Returns: S×K×K, ⟨u_i, u'_j⟩; 0 beyond the rank of a half.
public func halfCosines(of rows: Tensor, orders: Tensor, count: Int) -> Tensor {
  .made { ct_half_cosines(rows.handle, orders.handle, Int64(count), $0) }
}
