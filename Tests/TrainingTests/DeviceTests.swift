import Foundation
import Images
import Networks
import Results
import Storage
import TestSupport
import Testing
import Torch

@testable import Training

@Suite("A run computes elsewhere what it computes on the processor", .serialized, .leavesNoTensors)
struct DeviceTests {
  /// Losses of the last epoch and test logits; where kernels compute if no way is named.
  private func end(_ configuration: RunConfiguration, _ way: OtherWay?) throws -> [[Double]] {
    try withTemporaryFolder { url in
      let folder = RunFolder(url.appendingPathComponent("run"))
      var configuration = configuration
      if let way {
        try way { device in
          configuration.device = device == .cpu ? .cpu : .cuda
          try train(configuration, in: folder)
        }
      } else {
        try train(configuration, in: folder)
      }
      let record = try #require(try folder.metrics().last)
      let logits = try #require(
        try Safetensors(contentsOf: folder.predictions).arrays["logits"].flatMap { Tensor($0) })
      return [[record.trainLoss, record.trainError, record.testLoss], logits.array()]
    }
  }

  /// Two epochs of four steps, so that rounding has not had the time to grow; λ > 0 in the second.
  @Test(
    arguments: OtherWay.here,
    [
      (loss: RunConfiguration.Loss.ce, covariance: RunConfiguration.Covariance.full), (.isda, .full),
      (.isda, .diagonal), (.isda, .lowRank(4)), (.explicit(draws: 2), .full),
    ])
  func `the same losses and predictions, with every loss`(
    way: OtherWay, what: (loss: RunConfiguration.Loss, covariance: RunConfiguration.Covariance)
  ) throws {
    var configuration = configuration(what.loss)
    configuration.covariance = what.covariance
    let (expected, found) = (try end(configuration, nil), try end(configuration, way))
    for (found, expected) in zip(found, expected) { #expect(relativeError(found, expected) < 2e-3) }
    #expect(found != expected)
  }
}

@Suite(
  "On a GPU", .serialized, .leavesNoTensors,
  .enabled(if: Device.cuda.isAvailable, "needs a GPU and a libtorch with CUDA"))
struct GPUTests {
  @Test func `weights, order and augmentation are those of the processor`() {
    let (here, there) = (
      ResNet(.eight, classCount: 3, seed: 4), ResNet(.eight, classCount: 3, seed: 4, device: .cuda)
    )
    #expect(here.store.arrays == there.store.arrays)
    #expect((there.store.parameters + there.store.buffers).allSatisfy { $0.tensor.device == .cuda })
    func batches(_ device: Device) -> Batches {
      Batches(
        dataset.train, size: 16, normalization: dataset.normalization, augmentation: .cropAndFlip(padding: 2),
        device: device)
    }
    for (here, there) in zip(
      batches(.cpu).shuffled(seed: 4, epoch: 1), batches(.cuda).shuffled(seed: 4, epoch: 1))
    {
      #expect(there.images.device == .cuda && there.labels.device == .cuda)
      #expect(here.classes == there.classes && here.labels.array(of: Int64.self) == there.labels.array())
      #expect(relativeError(there.images.array(), here.images.array()) < 1e-6)
    }
  }

  @Test(arguments: [RunConfiguration.Precision.float32, .bfloat16])
  func `a run learns, is stopped and goes on, and is looked at on the processor`(
    precision: RunConfiguration.Precision
  ) throws {
    try withTemporaryFolder { url in
      let folder = RunFolder(url.appendingPathComponent("run"))
      let configuration = configuration(.isda, epochs: 6, precision: precision, device: .cuda)
      #expect(throws: TrainingError.self) { try train(configuration, in: folder, stopAfter: 6) }
      var notices: [String] = []
      try train(configuration, in: folder, .resuming) { event in
        if case .notice(let text) = event { notices.append(text) }
      }
      #expect(notices.isEmpty)
      let record = try #require(try folder.metrics().last)
      #expect(record.testError < 40)
      let environment = try JSONFile.read(RunEnvironment.self, from: folder.environmentFile)
      #expect(environment.device == "cuda" && environment.gpu != nil)
      let trained = try TrainedNetwork(folder)
      let extraction = try Extraction(
        of: Batches(dataset.test, size: 30, normalization: trained.normalization), by: trained.network)
      #expect(abs(extraction.crossEntropy - record.testLoss) < 1e-3)
    }
  }
}
