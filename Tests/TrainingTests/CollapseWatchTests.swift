import Foundation
import Images
import Networks
import Results
import Storage
import TestSupport
import Testing
import Torch

@testable import Training

@Suite("Every epoch records how far features have collapsed", .serialized, .leavesNoTensors)
struct CollapseWatchTests {
  @Test func `the last one is that of the weights that the run leaves`() throws {
    try withTemporaryFolder { url in
      let folder = RunFolder(url.appendingPathComponent("run"))
      try train(configuration(.isda, epochs: 3), in: folder)
      let records = try folder.metrics()
      let last = try #require(records.last?.collapse)
      #expect(records.allSatisfy { $0.collapse?.test.images == 30 })
      // Of twenty images of each of three classes ten.
      #expect(last.train.images == 30)
      #expect(records[0].collapse != last)

      let trained = try TrainedNetwork(folder)
      let extraction = try Extraction(
        of: Batches(dataset.test, size: Extraction.batchSize(on: .cpu), normalization: trained.normalization),
        by: trained.network
      )
      let watch = CollapseWatch(dataset, seed: configuration(.isda).seed, device: .cpu)
      #expect(try watch.measure(trained.network, test: extraction) == last)
      // Other images for another seed.
      let other = try #require(
        try CollapseWatch(dataset, seed: 1, device: .cpu).measure(trained.network, test: extraction))
      #expect(other.test == last.test && other.train != last.train)
    }
  }

  @Test func `features that are not finite are nothing to measure, and no crash`() throws {
    let network = ResNet(.eight, classCount: 3, seed: 0)
    let test = Batches(dataset.test, size: Extraction.batchSize(on: .cpu), normalization: dataset.normalization)
    let watch = CollapseWatch(dataset, seed: 0, device: .cpu)
    func extraction() throws -> Extraction { try Extraction(of: test, by: network) }
    #expect(try watch.measure(network, test: extraction()) != nil)
    withoutGradients { network.classifier.weight.assign(network.classifier.weight.detached * Double.infinity) }
    #expect(try watch.measure(network, test: extraction()) == nil)
  }
}
