//  Whether a run's probabilities mean what they say. Negative log-likelihood and the Brier score are proper: nothing but
//  the true probabilities makes them smallest. The binned errors are what people are used to, and are too large for few
//  images even where the run is perfect, so each one stands beside what a perfect run would show.

internal import Foundation

/// How well the probabilities of a run fit its test images (Guo et al., On calibration of modern neural networks, 2017).
public struct Calibration: Codable, Sendable, Equatable {
  /// Mean of −log p_y, in nats.
  public var negativeLogLikelihood: Double
  /// Mean of Σ_k (p_k − [k = y])², from 0 to 2.
  public var brier: Double
  /// Σ_b n_b/N |accuracy_b − confidence_b| over bins of the largest probability: 15 of equal width, (b/15, (b + 1)/15].
  public var equalWidth: BinnedError
  /// The same over 15 bins of as many images each, to one; images of equal confidence stay in their order.
  public var equalMass: BinnedError
  /// The mean over classes of the same for p_c and [c = y], 15 bins of equal width.
  public var classwise: BinnedError
  /// The bins of `equalWidth` that hold images.
  public var reliability: [ReliabilityBin]

  public static let binCount = 15

  /// A binned calibration error. It is biased upwards: a bin's accuracy scatters about its confidence even where every
  /// probability is right, and absolute values do not cancel.
  public struct BinnedError: Codable, Sendable, Equatable {
    public var value: Double
    /// What these very probabilities would show on average if all were right:
    /// Σ_b √(2/π Σ_{i∈b} p_i(1 − p_i)) / N, the mean of |normal|. A value near it is no sign of miscalibration.
    public var expectedIfCalibrated: Double
  }

  /// One bar of a reliability diagram.
  public struct ReliabilityBin: Codable, Sendable, Equatable {
    public var lower: Double
    public var upper: Double
    public var count: Int
    /// Mean largest probability.
    public var confidence: Double
    public var accuracy: Double
    /// 95 % of Clopper and Pearson.
    public var accuracyInterval: Interval
  }

  /// - Parameter inverseTemperature: 1/T for each image.
  init(_ predictions: Predictions, inverseTemperature: (Int) -> Double) {
    let (count, classCount) = (predictions.count, predictions.classCount)
    var probabilities = [Double](repeating: 0, count: classCount)
    var (likelihood, squares) = (0.0, 0.0)
    var confidences: [(value: Double, isRight: Bool)] = []
    confidences.reserveCapacity(count)
    var top = [Bin](repeating: Bin(), count: Self.binCount)
    var classes = [Bin](repeating: Bin(), count: classCount * Self.binCount)
    for image in 0..<count {
      let (beta, label) = (inverseTemperature(image), predictions.labels[image])
      let normalizer = predictions.softmax(of: image, inverseTemperature: beta, into: &probabilities)
      likelihood += normalizer - beta * Double(predictions.logits[image * classCount + label])
      var best = 0
      for index in 0..<classCount {
        let probability = probabilities[index]
        let residual = probability - (index == label ? 1 : 0)
        squares += residual * residual
        classes[index * Self.binCount + Self.bin(probability)].add(probability, index == label)
        if probability > probabilities[best] { best = index }
      }
      confidences.append((probabilities[best], best == label))
      top[Self.bin(probabilities[best])].add(probabilities[best], best == label)
    }
    negativeLogLikelihood = likelihood / Double(count)
    brier = squares / Double(count)
    equalWidth = BinnedError(top, images: count, divisor: 1)
    classwise = BinnedError(classes, images: count, divisor: classCount)

    // Equal confidences in the order of images, so that the bins are the same on every machine.
    let order = confidences.indices.sorted {
      (confidences[$0].value, $0) < (confidences[$1].value, $1)
    }
    var mass = [Bin](repeating: Bin(), count: Self.binCount)
    let (size, larger) = count.quotientAndRemainder(dividingBy: Self.binCount)
    var next = 0
    for place in mass.indices {
      for index in order[next..<next + size + (place < larger ? 1 : 0)] {
        mass[place].add(confidences[index].value, confidences[index].isRight)
        next += 1
      }
    }
    equalMass = BinnedError(mass, images: count, divisor: 1)
    reliability = top.enumerated().filter { $0.element.count > 0 }.map { place, bin in
      ReliabilityBin(
        lower: Double(place) / Double(Self.binCount), upper: Double(place + 1) / Double(Self.binCount),
        count: bin.count,
        confidence: bin.sum / Double(bin.count), accuracy: Double(bin.hits) / Double(bin.count),
        accuracyInterval: Binomial.interval(successes: bin.hits, of: bin.count, level: 0.95))
    }
  }

  private static func bin(_ probability: Double) -> Int {
    min(max(Int((probability * Double(binCount)).rounded(.up)) - 1, 0), binCount - 1)
  }

  fileprivate struct Bin {
    var count = 0
    var hits = 0
    var sum = 0.0
    var variance = 0.0

    mutating func add(_ probability: Double, _ hit: Bool) {
      count += 1
      hits += hit ? 1 : 0
      sum += probability
      variance += probability * (1 - probability)
    }
  }
}

extension Calibration.BinnedError {
  fileprivate init(_ bins: [Calibration.Bin], images: Int, divisor: Int) {
    let scale = 1 / (Double(images) * Double(divisor))
    value = scale * bins.reduce(0) { $0 + abs(Double($1.hits) - $1.sum) }
    expectedIfCalibrated = scale * bins.reduce(0) { $0 + (2 / Double.pi * $1.variance).squareRoot() }
  }
}

/// Temperature scaling: logits are divided by the one number T that makes the negative log-likelihood smallest.
///
/// A run has no validation images, so the test images lend them: they are dealt into two folds, class by class in turn, T
/// is fitted on one fold and applied to the other, and the other way round. No image helps to choose its own temperature.
public struct TemperatureScaling: Codable, Sendable, Equatable {
  /// T for the images of each fold, fitted on the other one.
  public var temperatures: [Double]

  /// T stays within 1/1000 and 1000: with no wrong image the best one would be 0.
  static let range = 1e-3...1e3

  /// - Parameter folds: of each image, 0 or 1.
  init(_ predictions: Predictions, folds: [Int]) {
    temperatures = [1, 0].map { fitted in
      1 / Self.inverseTemperature(predictions, images: folds.indices.filter { folds[$0] == fitted })
    }
  }

  /// The fold of each image: images of a class fall to both in turn.
  static func folds(_ labels: [Int], classCount: Int) -> [Int] {
    var seen = [Int](repeating: 0, count: classCount)
    return labels.map { label in
      seen[label] += 1
      return (seen[label] - 1) % 2
    }
  }

  /// The β with Σ (E_p[z] − z_y) = 0, by Newton's steps in a bracket; the sum rises with β, so there is only one. 1 if
  /// there are no images.
  static func inverseTemperature(_ predictions: Predictions, images: [Int]) -> Double {
    guard !images.isEmpty else { return 1 }
    let classCount = predictions.classCount
    var probabilities = [Double](repeating: 0, count: classCount)
    var (low, high, beta) = (range.lowerBound, range.upperBound, 1.0)
    for _ in 0..<200 {
      var (slope, curvature) = (0.0, 0.0)
      for image in images {
        predictions.softmax(of: image, inverseTemperature: beta, into: &probabilities)
        var (mean, square) = (0.0, 0.0)
        let start = image * classCount
        for index in 0..<classCount {
          let logit = Double(predictions.logits[start + index])
          mean += probabilities[index] * logit
          square += probabilities[index] * logit * logit
        }
        slope += mean - Double(predictions.logits[start + predictions.labels[image]])
        curvature += square - mean * mean
      }
      if slope < 0 { low = beta } else { high = beta }
      var next = beta - slope / curvature
      if !(next > low && next < high) { next = (low * high).squareRoot() }
      if abs(next - beta) <= 1e-13 * beta || high <= low * (1 + 1e-13) { return next }
      beta = next
    }
    return beta
  }
}
