//  Bootstrap samples as weights: how often each image was drawn. A statistic that is made of sums over images is then
//  one product for all samples.

internal import Torch

struct Resampling {
  static let draws = 1000

  /// How often each of n images stands in each sample of n, draws×n, float64.
  let counts: Tensor

  init(of count: Int, generator: RandomGenerator) {
    let places: [Int64] = generator.integers(in: 0..<max(count, 1), [Self.draws * count]).array()
    var counts = [Double](repeating: 0, count: Self.draws * count)
    for (index, place) in places.enumerated() { counts[index / max(count, 1) * count + Int(place)] += 1 }
    self.counts = Tensor(counts, shape: [Self.draws, count])
  }

  /// Σ over the images of each sample, draws×K, of N×K numbers.
  func sums(_ values: Tensor) -> Tensor { counts.matmul(values) }

  /// The 2.5th and 97.5th percentile of the values that are finite, linear between neighbours; nil if there are none.
  static func interval(_ values: [Double]) -> (lower: Double, upper: Double)? {
    let sorted = values.filter(\.isFinite).sorted()
    guard let last = sorted.last else { return nil }
    func percentile(_ fraction: Double) -> Double {
      let place = fraction * Double(sorted.count - 1)
      let below = Int(place)
      return below + 1 < sorted.count
        ? sorted[below] + (sorted[below + 1] - sorted[below]) * (place - Double(below)) : last
    }
    return (percentile(0.025), percentile(0.975))
  }
}
