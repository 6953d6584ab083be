//  Hubs: in many dimensions a few features are among the nearest of very many others, and would stand in every walk.
//  Here is how uneven that is, and by how much distances are divided against it.

internal import Results
public import Torch

/// How often each feature is another's neighbour, and what is usual around it.
///
/// N_i counts the features that have i among their k nearest. With μ_i, the mean distance of i to its own k nearest, and
/// m, the median of all μ, squared distances to i are multiplied by m/μ_i: what lies close to many counts as farther
/// away (Jégou et al. 2010, one round of the contextual dissimilarity measure d(x, y)/√(μ_x μ_y)). Factors are held
/// below 10.
public struct Hubness: Sendable {
  /// k.
  public let neighbours: Int
  /// N_i of the features that were counted, before and after damping.
  public let occurrences: [Int]
  public let dampedOccurrences: [Int]
  /// m/μ_i for all features.
  public let damping: [Double]

  /// The largest number of distances that are looked at in one go; more features than its root are counted by sample.
  static let limit = 20_000_000

  /// - Parameters:
  ///   - features: N×A, finite.
  ///   - neighbours: k; less if there are not enough features.
  ///   - seed: of the sample. Up to 4,472 features all are neighbours of all; of more, all have neighbours in a random
  ///     sample of 2·10⁷/N (at least 100), and those are counted.
  /// - Complexity: twice 2·N·A operations and a partial selection for each feature of the sample.
  public init(of features: Tensor, neighbours: Int = 10, seed: UInt64 = 0) {
    let count = features.shape[0]
    let sampled = min(count, max(Self.limit / max(count, 1), min(count, 100)))
    let sample =
      sampled < count
      ? RandomGenerator(seed: seed, "hubness").permutation(count).slice(0..<sampled).array(of: Int64.self).sorted()
      : (0..<count).map(Int64.init)
    let k = max(0, min(neighbours, sampled - 1))
    self.neighbours = k
    guard k > 0 else {
      (occurrences, dampedOccurrences) = ([], [])
      damping = [Double](repeating: 1, count: count)
      return
    }
    // Distances through products lose fewer digits around the mean.
    let all = features.to(.float32) - features.to(.float32).mean([0], keepingDimensions: true)
    let references = all.rows(Tensor(sample))
    let search = NeighbourSearch(all: all, references: references, names: sample.map(Int.init), k: k)
    let plain = search.run(scale: nil)
    let usual = plain.meanDistances
    let middle = usual.sorted()[count / 2]
    let damping = usual.map { middle > 0 ? min(middle / max($0, middle / 10), 10) : 1 }
    let scale = sample.map { Float(damping[Int($0)].squareRoot()) }
    self.damping = damping
    occurrences = plain.occurrences
    dampedOccurrences = search.run(scale: Tensor(scale, shape: [1, sampled])).occurrences
  }

  /// What is kept of it.
  var record: HubnessRecord {
    HubnessRecord(
      neighbours: neighbours, skewness: Analysis.skewness(occurrences),
      dampedSkewness: Analysis.skewness(dampedOccurrences), most: occurrences.max() ?? 0,
      dampedMost: dampedOccurrences.max() ?? 0)
  }

  /// From what an analysis kept.
  init(damping: [Double]) {
    (neighbours, occurrences, dampedOccurrences, self.damping) = (0, [], [], damping)
  }
}

/// E (N − mean)³ / deviation³; 0 where nothing varies.
func skewness(_ values: [Int]) -> Double {
  guard !values.isEmpty else { return 0 }
  let mean = Double(values.reduce(0, +)) / Double(values.count)
  let (square, cube) = values.reduce((0.0, 0.0)) { sums, value in
    let offset = Double(value) - mean
    return (sums.0 + offset * offset, sums.1 + offset * offset * offset)
  }
  let deviation = (square / Double(values.count)).squareRoot()
  return deviation > 0 ? cube / Double(values.count) / (deviation * deviation * deviation) : 0
}

/// The k nearest of every feature among some references, itself left out; blocks of features bound the memory.
private struct NeighbourSearch {
  let all: Tensor
  let references: Tensor
  /// Which feature each reference is.
  let names: [Int]
  let k: Int

  /// - Parameter scale: what distances to each reference are multiplied by.
  func run(scale: Tensor?) -> (meanDistances: [Double], occurrences: [Int]) {
    var meanDistances: [Double] = []
    var occurrences = [Int](repeating: 0, count: names.count)
    let depth = min(k + 1, names.count)
    let block = max(1, 20_000_000 / names.count)
    for begin in stride(from: 0, to: all.shape[0], by: block) {
      let rows = begin..<min(all.shape[0], begin + block)
      var distances = all.slice(rows).distances(to: references, throughProduct: true)
      if let scale { distances = distances * scale }
      let nearest = distances.smallest(depth)
      let (values, places) = (nearest.values.array(of: Float.self), nearest.places.array(of: Int64.self))
      for (index, row) in rows.enumerated() {
        var (sum, found) = (0.0, 0)
        for place in index * depth..<(index + 1) * depth where found < k && names[Int(places[place])] != row {
          sum += Double(values[place])
          occurrences[Int(places[place])] += 1
          found += 1
        }
        meanDistances.append(sum / Double(max(found, 1)))
      }
    }
    return (meanDistances, occurrences)
  }
}
