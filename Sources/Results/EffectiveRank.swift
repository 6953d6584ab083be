//  Two numbers that say over how many directions a variance is spread.

internal import Foundation

extension Spectrum {
  /// exp of the entropy of the eigenvalues' shares, exp(−Σ p_k ln p_k) with p_k = λ_k / Σλ: between 1 (one
  /// direction) and the dimension (all alike). Convention: shares of *variance*; Roy and Vetterli (2007) take
  /// shares of singular values, which gives larger numbers.
  public var effectiveRank: Double {
    exp(-shares.reduce(0) { $1 > 0 ? $0 + $1 * log($1) : $0 })
  }

  /// (Σλ)² / Σλ², which large eigenvalues dominate more.
  public var participationRatio: Double {
    let squares = shares.reduce(0) { $0 + $1 * $1 }
    return squares > 0 ? 1 / squares : 0
  }
}
