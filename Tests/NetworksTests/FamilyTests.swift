import Foundation
import TestSupport
import Testing
import Torch

@testable import Networks

/// What Scripts/reference/network_families.py computed of one network, in float64.
private struct Reference: Decodable {
  /// Height and width of the images.
  let size: Int
  /// Norm and projection of tensors, by name.
  let trained, evaluated: [Double]
  let loss: Double
  let gradients, statistics: [String: [Double]]
  let logits: [Double]

  static func load() throws -> [String: Reference] {
    let url = try #require(Bundle.module.url(forResource: "Fixtures/network-families", withExtension: "json"))
    return try JSONDecoder().decode([String: Reference].self, from: Data(contentsOf: url))
  }
}

/// Numbers of mean 0 and deviation 1 by name, as many as wanted, as the script has them: from some place in a pool on,
/// around and around.
private struct Pool {
  private static let count = 1_048_573
  /// Rounded as the script does it.
  private static let values: [Float] = (0..<UInt32(Pool.count)).map { place in
    var x = place &* 2_654_435_761 &+ 40503
    x = (x ^ (x >> 15)) &* 2_246_822
    x ^= x >> 13
    return Float((Double(x) / 4_294_967_296 - 0.5) * 12.squareRoot())
  }
  private let numbers = Tensor(Pool.values).to(.float64)

  func drawn(_ name: String, _ shape: [Int]) -> Tensor {
    var start = name.utf8.reduce(0) { ($0 * 31 + Int($1)) % Self.count }
    var left = shape.reduce(1, *)
    var parts: [Tensor] = []
    while left > 0 {
      let part = start..<min(Self.count, start + left)
      parts.append(numbers.slice(part))
      (start, left) = (0, left - part.count)
    }
    return .concatenated(parts).reshaped(shape)
  }

  /// Norm and projection.
  func summary(_ name: String, _ tensor: Tensor) -> [Double] {
    let flat = tensor.detached.to(.float64).reshaped([-1])
    return [(flat * flat).sum().squareRoot.item(), (flat * drawn("probe " + name, flat.shape)).sum().item()]
  }
}

/// What networks draw, by the script's formulas.
private struct FormulaDraws: Draws {
  let pool: Pool

  func uniform(_ shape: [Int], for path: String) -> Tensor {
    let values: [Double] = pool.drawn(path, shape).array()
    return Tensor(values.map { Float(abs($0).truncatingRemainder(dividingBy: 1)) }, shape: shape)
  }

  func bernoulli(_ probability: Double, _ shape: [Int], for path: String) -> Tensor {
    Tensor(pool.drawn(path, shape).array(of: Double.self).map { $0 > -0.5 }, shape: shape)
  }
}

@Suite("Networks of every family compute what PyTorch's do", .leavesNoTensors)
struct FamilyTests {
  private static func network(_ name: String) -> (any Network)? {
    switch name {
    case "se-resnet8": SEResNet(.eight, classCount: 10, seed: 0)
    case "wide-resnet-10-2":
      WideResNet(WideResNet.Layout(depth: 10, width: 2, dropout: 0.3), classCount: 10, seed: 0)
    case "resnext29": ResNeXt(ResNeXt.Layout(blockCount: 1, cardinality: 4, groupWidth: 8), classCount: 10, seed: 0)
    case "shake-shake": ShakeShake(ShakeShake.Layout(blockCount: 1, width: 16), classCount: 10, seed: 0)
    case "densenet-bc":
      DenseNet(DenseNet.Layout(growth: 12, blocks: [3, 4, 2], hasLargeStem: false), classCount: 10, seed: 0)
    default: Architecture(name: name)?.network(classCount: 10, seed: 0)
    }
  }

  static let names = [
    "se-resnet8", "wide-resnet-10-2", "resnext29", "shake-shake", "densenet-bc", "densenet121", "resnet18", "resnet50",
    "resnext50-32x4d",
  ]

  /// Relative to the norm; a projection of a difference by noise is about as long as the difference.
  private func deviation(_ found: [Double], _ expected: [Double]) -> Double {
    max(abs(found[0] - expected[0]), abs(found[1] - expected[1]) / 3) / expected[0]
  }

  /// In float64 everything, to the digits that are stored. In float32 single ReLUs and maxima fall on the other side: of
  /// PyTorch's own gradients by one parameter the farthest is up to 3.6e-2 from float64, the median up to 8.3e-3
  /// (`resnet50` and `resnext50-32x4d`, contiguous, channels-last, and with images moved in their last digit).
  @Test(
    arguments: names,
    [
      (type: ElementType.float64, values: 1e-7, slopes: 1e-7, median: 1e-7),
      (type: .float32, values: 1e-4, slopes: 6e-2, median: 1.5e-2),
    ])
  func `features, loss, every gradient and running statistics`(
    name: String, precision: (type: ElementType, values: Double, slopes: Double, median: Double)
  ) throws {
    let reference = try #require(try Reference.load()[name])
    let network = try #require(ParameterStore.$elementType.withValue(precision.type) { Self.network(name) })
    let pool = Pool()
    let parameters = network.store.parameters
    #expect(Set(parameters.map(\.name)) == Set(reference.gradients.keys))
    for (name, tensor) in parameters {
      let values = pool.drawn(name, tensor.shape)
      let inputs = tensor.shape.dropFirst().reduce(1, *)
      withoutGradients {
        tensor.assign(
          tensor.rank > 1
            ? values * (2 / Double(inputs)).squareRoot() : values * 0.1 + (name.hasSuffix("weight") ? 1 : 0))
      }
    }
    let images = pool.drawn("images", [2, 3, reference.size, reference.size]).to(precision.type).channelsLast

    let features = network.trainingFeatures(images, draws: FormulaDraws(pool: pool))
    #expect(deviation(pool.summary("trained", features), reference.trained) < precision.values)
    let loss = network.classifier(features).crossEntropy(labels: Tensor([3, 1] as [Int64])).mean()
    #expect(abs(loss.item(Double.self) - reference.loss) < precision.values * max(1, reference.loss))
    let gradients = gradient(of: loss, withRespectTo: parameters.map(\.tensor))
    let deviations = try zip(parameters, gradients).map { parameter, gradient in
      let expected = try #require(reference.gradients[parameter.name])
      let deviation = deviation(pool.summary(parameter.name, gradient), expected)
      #expect(deviation < precision.slopes, "gradient by \(parameter.name)")
      return deviation
    }
    #expect(deviations.sorted()[deviations.count / 2] < precision.median)
    for (name, tensor) in network.store.buffers where !name.hasSuffix("num_batches_tracked") {
      let expected = try #require(reference.statistics[name])
      #expect(deviation(pool.summary(name, tensor), expected) < precision.values, "\(name)")
    }
    for (name, tensor) in network.store.buffers where name.hasSuffix("num_batches_tracked") {
      #expect(tensor.item(Int64.self) == 1, "\(name)")
    }

    // By the statistics that the pass above moved.
    let evaluated = withoutGradients { network.evaluation(images) }
    #expect(deviation(pool.summary("evaluated", evaluated), reference.evaluated) < precision.values)
    let logits = withoutGradients { network.classifier(evaluated) }
    #expect(relativeError(logits.array(of: Double.self), reference.logits) < precision.values)
  }

  @Test(arguments: ["se-resnet8", "wide-resnet-10-2", "resnext29", "shake-shake", "densenet-bc"])
  func `bfloat16 stays near float32, in training too`(name: String) throws {
    let network = try #require(Self.network(name))
    let images = RandomGenerator(seed: 2, "images").normal([8, 3, 32, 32]).channelsLast
    let draws = StepDraws(seed: 1, step: 0)
    func results(_ rounds: Bool) -> [[Double]] {
      let features = withBFloat16(rounds) { network.trainingFeatures(images, draws: draws) }
      let loss = network.classifier(features).crossEntropy(labels: Tensor((0..<8).map(Int64.init))).mean()
      let slopes = gradient(
        of: loss, withRespectTo: Array(network.store.parameters.map(\.tensor).filter { $0.rank == 4 }.suffix(1)))
      return [features.array()] + slopes.map { $0.array() }
    }
    for (rounded, exact) in zip(results(true), results(false)) {
      let difference = zip(rounded, exact).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      let magnitude = exact.reduce(0) { $0 + $1 * $1 }
      #expect(difference < 0.02 * magnitude)
      #expect(difference > 0, "bfloat16 was not used")
    }
  }
}

@Suite("Networks are known by name")
struct ArchitectureTests {
  @Test func `each by its own, and nothing else`() {
    for architecture in Architecture.allCases { #expect(Architecture(name: architecture.name) == architecture) }
    #expect(Set(Architecture.allCases.map(\.name)).count == Architecture.allCases.count)
    #expect(Architecture(name: "resnet20") == .resNet(.twenty))
    #expect(Architecture(name: "wide-resnet-16-8") == .wideResNet(.sixteenByEight))
    #expect(Architecture(name: "resnet21") == nil)
  }

  @Test func `and by the images that they are for`() {
    #expect(throws: Never.self) { try Architecture.resNet(.twenty).check(width: 32, height: 32, of: "images") }
    #expect(throws: Never.self) { try Architecture.denseNet(.denseNet121).check(width: 224, height: 224, of: "images") }
    #expect {
      try Architecture.imageNetResNet(.resNet50).check(width: 224, height: 32, of: "images")
    } throws: { error in
      "\(error)" == "images: found images of 224×32 pixels; expected at least 224×224, which resnet50 is for"
    }
    #expect(throws: (any Error).self) {
      try Architecture.denseNet(.bc100By12).check(width: 28, height: 28, of: "images")
    }
  }
}

@Suite("Networks have as many parameters as published", .serialized, .leavesNoTensors)
struct ParameterCountTests {
  struct Published: CustomTestStringConvertible, Sendable {
    let name: String
    /// With 10 classes for 32×32 images, 1000 for others; counted in PyTorch.
    let count: Int
    /// As printed in the papers, or in torchvision's documentation where the paper prints none; nil where neither does.
    let millions: String?
    var testDescription: String { name }
  }
  static let published: [Published] = [
    Published(name: "resnet8", count: 75_290, millions: nil),
    Published(name: "resnet14", count: 172_506, millions: nil),
    Published(name: "resnet20", count: 269_722, millions: "0.27"),
    Published(name: "resnet32", count: 464_154, millions: "0.46"),
    Published(name: "resnet44", count: 658_586, millions: "0.66"),
    Published(name: "resnet56", count: 853_018, millions: "0.85"),
    Published(name: "resnet110", count: 1_727_962, millions: "1.7"),
    Published(name: "resnet1202", count: 19_421_274, millions: "19.4"),
    Published(name: "se-resnet110", count: 1_740_058, millions: nil),
    Published(name: "wide-resnet-16-8", count: 10_961_370, millions: "11.0"),
    Published(name: "wide-resnet-28-10", count: 36_479_194, millions: "36.5"),
    Published(name: "resnext29-8x64d", count: 34_426_698, millions: "34.4"),
    Published(name: "resnext29-16x64d", count: 68_155_210, millions: "68.1"),
    Published(name: "shake-shake-26-2x32d", count: 2_923_162, millions: "2.9"),
    Published(name: "shake-shake-26-2x96d", count: 26_192_922, millions: "26.2"),
    Published(name: "shake-shake-26-2x112d", count: 35_640_442, millions: nil),
    Published(name: "densenet-bc-100-12", count: 769_162, millions: "0.8"),
    Published(name: "densenet-bc-190-40", count: 25_624_430, millions: "25.6"),
    Published(name: "densenet121", count: 7_978_856, millions: "7.978856"),
    Published(name: "densenet169", count: 14_149_480, millions: "14.149480"),
    Published(name: "densenet201", count: 20_013_928, millions: "20.013928"),
    Published(name: "densenet265", count: 33_337_704, millions: nil),
    Published(name: "resnet18", count: 11_689_512, millions: "11.689512"),
    Published(name: "resnet34", count: 21_797_672, millions: "21.797672"),
    Published(name: "resnet50", count: 25_557_032, millions: "25.557032"),
    Published(name: "resnet101", count: 44_549_160, millions: "44.549160"),
    Published(name: "resnet152", count: 60_192_808, millions: "60.192808"),
    Published(name: "resnext50-32x4d", count: 25_028_904, millions: "25.028904"),
    Published(name: "resnext101-32x8d", count: 88_791_336, millions: "88.791336"),
  ]

  @Test(arguments: published) func `each by name`(network: Published) throws {
    let architecture = try #require(Architecture(name: network.name))
    let made = architecture.network(classCount: architecture.imageSize == 32 ? 10 : 1000, seed: 0)
    let count = made.store.parameters.reduce(0) { $0 + $1.tensor.count }
    #expect(count == network.count)
    if let millions = network.millions, let printed = Double(millions) {
      // Some papers round, others cut off.
      let unit = pow(10, -Double(millions.split(separator: ".")[1].count))
      #expect(abs(Double(count) / 1e6 - printed) < unit, "printed: \(millions) million")
    }
  }

  @Test func `squeeze and excitation adds as many as equation 5 says`() throws {
    func count(_ name: String) throws -> Int { try #require(Self.published.first { $0.name == name }).count }
    // (2/r) Σ N C² over stages of N blocks with C channels.
    let added = 2 * 18 * (16 * 16 + 32 * 32 + 64 * 64) / 16
    #expect(try count("se-resnet110") - count("resnet110") == added)
  }

  @Test func `none is left out`() {
    #expect(Set(Self.published.map(\.name)) == Set(Architecture.allCases.map(\.name)))
  }
}
