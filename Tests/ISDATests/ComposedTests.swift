import ClassStatistics
import TestSupport
import Testing
import Torch

@testable import ISDA

@Suite("Term and moments composed of libtorch's operations are what their kernels are", .leavesNoTensors)
struct ComposedTests {
  private let classes = 7
  private let width = 21  // a line of the cache and a rest, in both precisions

  /// One class with more rows than kernels take at once, one with a single row, one without.
  private func labels(_ batch: Int) -> [Int] {
    (0..<60).map { row in row < 40 ? batch % 7 : row == 59 ? 5 : [0, 2, 3, 6][(row * 3 + batch) % 4] }
  }

  private func covariances(_ type: ElementType, on device: Device) -> [(name: String, parts: ClassCovariances)] {
    let random = RandomGenerator(seed: 31, "parts")
    let root = random.normal([classes, width, width], .float64)
    let matrix = root.matmul(root.permuted([0, 2, 1])).to(type).to(device)
    let factors = random.normal([classes, 2, width], .float64).to(type).to(device)
    let deviations = random.normal([classes, width], .float64)
    let diagonal = (deviations * deviations).to(type).to(device)
    return [
      ("full", ClassCovariances(matrix: matrix)), ("pooled", ClassCovariances(matrix: matrix.slice(1..<2))),
      ("diagonal", ClassCovariances(diagonal: diagonal)),
      ("identity", ClassCovariances(diagonal: .ones([1, width], type, on: device))),
      ("low rank", ClassCovariances(factors: factors, diagonal: diagonal)),
      ("all parts", ClassCovariances(matrix: matrix, factors: factors, diagonal: diagonal)),
    ]
  }

  /// All covariances at once, two classes at a time, and one.
  @Test(arguments: OtherWay.here, [(type: ElementType.float32, tolerance: 1e-5), (.float64, 1e-13)])
  func `the logits and both slopes, for every form`(way: OtherWay, precision: (type: ElementType, tolerance: Double)) {
    func results(_ form: Int, on device: Device) -> [[Double]] {
      let random = RandomGenerator(seed: 32, "term")
      func drawn(_ shape: [Int]) -> Tensor { random.normal(shape, .float64).to(precision.type).to(device) }
      let (z, w) = (drawn([60, classes]).requiringGradient(), drawn([classes, width]).requiringGradient())
      let logits = augmentedLogits(
        z, weight: w, labels: labels(1), covariances: covariances(precision.type, on: device)[form].parts, lambda: 0.3)
      let slopes = gradient(of: (logits * drawn([60, classes])).sum(), withRespectTo: [z, w])
      return ([logits] + slopes).map { $0.array() }
    }
    for (form, (name, _)) in covariances(precision.type, on: .cpu).enumerated() {
      for gathered in [1 << 26, 2 * width * width, 1] {
        let other = way(gathering: gathered) { results(form, on: $0) }
        for (found, expected) in zip(other, results(form, on: .cpu)) {
          #expect(relativeError(found, expected) < precision.tolerance, "\(name), \(gathered)")
        }
      }
    }
  }

  /// The kernel takes classes side by side in one product, here up to six; some are missing.
  @Test(arguments: OtherWay.here) func `the logits and both slopes, for many classes`(way: OtherWay) {
    let (classes, width) = (24, 64)
    let labels = (0..<60).map { [0, 1, 2, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 20, 23][$0 * 5 % 17] }
    func results(on device: Device) -> [[Double]] {
      let random = RandomGenerator(seed: 35, "term")
      func drawn(_ shape: [Int]) -> Tensor { random.normal(shape, .float64).to(device) }
      let root = drawn([classes, width, width])
      let (z, w) = (drawn([60, classes]).requiringGradient(), drawn([classes, width]).requiringGradient())
      let logits = augmentedLogits(
        z, weight: w, labels: labels, covariances: ClassCovariances(matrix: root.matmul(root.permuted([0, 2, 1]))),
        lambda: 0.3)
      return ([logits] + gradient(of: (logits * drawn([60, classes])).sum(), withRespectTo: [z, w])).map { $0.array() }
    }
    for (found, expected) in zip(way { results(on: $0) }, results(on: .cpu)) {
      #expect(relativeError(found, expected) < 1e-13)
    }
  }

  @Test(
    arguments: OtherWay.here,
    [
      (form: ClassMoments.Form.full, retention: 1.0), (.full, 0.8), (.diagonal, 1), (.pooled, 0.8), (.lowRank(2), 1),
      (.identity, 1),
    ])
  func `the moments of a stream, for every form`(way: OtherWay, kept: (form: ClassMoments.Form, retention: Double)) {
    for (type, tolerance) in [(ElementType.float32, 1e-5), (.float64, 1e-12)] {
      func results(on device: Device) -> (counts: [Double], bounds: [Double], tensors: [[Double]]) {
        let random = RandomGenerator(seed: 33, "stream")
        let moments = ClassMoments(
          classCount: classes, featureCount: width, form: kept.form, retention: kept.retention, elementType: type,
          device: device)
        for batch in 0..<4 {
          let features = (random.normal([60, width], .float64) + 3).to(type).to(device)
          moments.update(features: features, labels: labels(batch))
        }
        let dense = (0..<classes).map { moments.covariances.dense($0) }
        return (moments.counts, moments.errorBounds, ([moments.means] + dense).map { $0.array() })
      }
      let kernel = results(on: .cpu)
      // With 41 rows of padding for each class: two classes at a time, and one.
      for gathered in [1 << 26, 2 * 41 * width, 1] {
        let other = way(gathering: gathered) { results(on: $0) }
        #expect(other.counts == kernel.counts)
        #expect(relativeError(other.bounds, kernel.bounds) < 1e-3, "\(kept.form)")
        for (found, expected) in zip(other.tensors, kernel.tensors) {
          #expect(relativeError(found, expected) < tolerance, "\(kept.form), \(type), \(gathered)")
        }
      }
    }
  }

  /// So that the class that is named when a run diverges is the one at fault.
  @Test(arguments: OtherWay.here) func `what is not finite stays in its class`(way: OtherWay) {
    way { device in
      let moments = ClassMoments(classCount: 3, featureCount: 2, device: device)
      let features = Tensor([1, 2, .nan, 4, 5, 7, 8, 6] as [Float], shape: [4, 2]).to(device)
      moments.update(features: features, labels: [2, 0, 2, 1])
      #expect([0, 1, 2].map { moments.covariances.isFinite($0) } == [false, true, true])
      let logits = augmentedLogits(
        .zeros([4, 3], on: device), weight: Tensor([1, 0, 0, 1, 1, 1] as [Float], shape: [3, 2]).to(device),
        labels: [2, 0, 2, 1], covariances: moments.covariances, lambda: 1)
      #expect((0..<4).map { logits.select($0).isFinite } == [true, false, true, true])
    }
  }

  @Test(arguments: OtherWay.here) func `explicit draws move features as they do on the processor`(way: OtherWay) {
    func results(on device: Device) -> [Double] {
      let features = RandomGenerator(seed: 34, "features").normal([6, width], .float64).to(device)
      let labels = [3, 1, 3, 0, 1, 6]
      return covariances(.float64, on: device).prefix(5).filter { $0.name != "low rank" }.flatMap { _, parts in
        augmentedFeatures(
          features, labels: labels, covariances: parts, lambda: 0.5, draws: 3,
          generator: RandomGenerator(seed: 34, "draws")
        ).array(of: Double.self)
      }
    }
    #expect(relativeError(way { results(on: $0) }, results(on: .cpu)) < 1e-10)
  }
}
