import Foundation
import Images
import Storage
import TestSupport
import Testing
import Torch

@testable import Networks

@Suite("Checkpoints load by name or say what does not fit", .leavesNoTensors)
struct CheckpointTests {
  private func network(_ seed: UInt64) -> ResNet { ResNet(.eight, classCount: 3, seed: seed) }

  /// Loads `arrays` into a fresh network, and returns the bytes of one of its tensors.
  private func load(_ arrays: [String: StoredArray], into network: any Network) throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("w.safetensors")
      try Safetensors(arrays: arrays, metadata: ["format": "pt"]).write(to: file)
      try network.store.load(from: file)
    }
  }

  @Test func `what is saved comes back`() throws {
    let (first, second) = (network(1), network(2))
    _ = withoutGradients {
      first.trainingFeatures(RandomGenerator(seed: 1).normal([2, 3, 32, 32]), draws: StepDraws(seed: 1, step: 0))
    }
    try load(first.store.arrays, into: second)
    #expect(first.store.arrays == second.store.arrays)
    #expect(first.store.arrays["bn1.num_batches_tracked"] == StoredArray([Int64(1)], shape: []))
  }

  @Test func `names are PyTorch's`() {
    let names = Set(network(1).store.arrays.keys)
    for name in [
      "conv1.weight", "bn1.running_mean", "layer1.0.conv1.weight", "layer3.0.bn2.running_var", "linear.weight",
      "linear.bias",
    ] { #expect(names.contains(name)) }
  }

  @Test func `a prefix of DataParallel and missing counters are forgiven`() throws {
    let (first, second) = (network(1), network(2))
    var arrays: [String: StoredArray] = [:]
    for (name, array) in first.store.arrays where !name.hasSuffix("num_batches_tracked") {
      arrays["module." + name] = array
    }
    try load(arrays, into: second)
    #expect(first.classifier.weight.bytes == second.classifier.weight.bytes)
  }

  @Test func `old names of torchvision's DenseNets are known`() throws {
    func network(_ seed: UInt64) -> DenseNet {
      DenseNet(DenseNet.Layout(growth: 2, blocks: [2, 1], hasLargeStem: false), classCount: 3, seed: seed)
    }
    let (first, second) = (network(1), network(2))
    var arrays: [String: StoredArray] = [:]
    for (name, array) in first.store.arrays {
      arrays[name.replacing(/(layer\d+\.)(norm|conv)(\d)/) { "\($0.1)\($0.2).\($0.3)" }] = array
    }
    #expect(arrays.keys.contains("features.denseblock1.denselayer2.norm.1.weight"))
    #expect(arrays.keys.contains("features.denseblock2.denselayer1.conv.2.weight"))
    try load(arrays, into: second)
    #expect(first.store.arrays == second.store.arrays)
  }

  @Test func `what does not fit is named, and nothing is overwritten`() throws {
    let target = network(2)
    let before = target.store.arrays
    var missing = network(1).store.arrays
    missing["layer2.0.conv1.weight"] = nil
    var surplus = network(1).store.arrays
    surplus["fc.weight"] = StoredArray([Float(1)], shape: [1])
    var misshapen = network(1).store.arrays
    misshapen["linear.bias"] = StoredArray([Float(1), 2], shape: [2])
    var mistyped = network(1).store.arrays
    mistyped["linear.bias"] = StoredArray([Int64(1), 2, 3], shape: [3])
    var twice = network(1).store.arrays
    twice["module.linear.bias"] = twice["linear.bias"]
    var several = surplus
    several["layer2.0.conv1.weight"] = nil
    several["linear.bias"] = misshapen["linear.bias"]
    for (arrays, texts) in [
      (missing, ["no array \"layer2.0.conv1.weight\" of shape [32, 16, 3, 3];"]),
      (surplus, ["an array \"fc.weight\" that the network does not have"]),
      (misshapen, ["\"linear.bias\" of shape [2] and type F32, not [3] and F32"]),
      (mistyped, ["\"linear.bias\" of shape [3] and type I64, not [3] and F32"]),
      (twice, ["\"linear.bias\" twice, once as \"module.linear.bias\""]),
      (several, ["no array \"layer2.0.conv1.weight\"", "\"linear.bias\" of shape [2]", "an array \"fc.weight\""]),
      ([:], ["no array \"conv1.weight\"", "and 27 more that do not fit"]),
    ] {
      #expect {
        try load(arrays, into: target)
      } throws: { error in
        texts.allSatisfy("\(error)".contains) && "\(error)".contains("w.safetensors")
      }
    }
    #expect(target.store.arrays == before)
  }

  @Test(arguments: ["resnet18", "resnext50-32x4d", "densenet121"])
  func `networks for large images have torchvision's names`(name: String) throws {
    let network = try #require(Architecture(name: name)?.network(classCount: 3, seed: 1))
    let names = Set(network.store.arrays.keys)
    let expected =
      name == "densenet121"
      ? [
        "features.conv0.weight", "features.norm0.running_var", "features.denseblock1.denselayer1.norm1.weight",
        "features.denseblock4.denselayer16.conv2.weight", "features.transition3.norm.bias",
        "features.transition3.conv.weight", "features.norm5.num_batches_tracked", "classifier.weight",
      ]
      : [
        "conv1.weight", "bn1.weight", "layer2.0.downsample.0.weight", "layer2.0.downsample.1.running_mean",
        "layer4.1.bn2.bias", "fc.bias",
      ]
    #expect(names.isSuperset(of: expected))
  }
}

@Suite("Extraction goes through a whole set", .leavesNoTensors)
struct ExtractionTests {
  @Test func `batches of any size give the same features, logits and errors`() throws {
    let set = ImageSet(
      width: 32, height: 32, pixels: (0..<7 * 3072).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) },
      labels: [0, 1, 2, 0, 1, 2, 0])
    let network = ResNet(.eight, classCount: 3, seed: 1)
    func extract(_ size: Int) throws -> Extraction {
      let normalization = Normalization(mean: [0.5, 0.5, 0.5], deviation: [0.3, 0.3, 0.3])
      return try Extraction(of: Batches(set, size: size, normalization: normalization), by: network)
    }
    let (whole, parts) = (try extract(7), try extract(2))
    #expect(whole.features.shape == [7, 64])
    #expect(relativeError(parts.logits.array(of: Double.self), whole.logits.array(of: Double.self)) < 1e-5)
    #expect(whole.labels == [0, 1, 2, 0, 1, 2, 0])
    let wrong = zip(whole.predictions, whole.labels).count { $0 != $1 }
    #expect(whole.error == 100 * Double(wrong) / 7)
  }
}
