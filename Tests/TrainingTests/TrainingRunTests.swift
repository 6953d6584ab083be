import Foundation
import Images
import Networks
import Results
import Storage
import TestSupport
import Testing
import Torch

@testable import Training

// One thread and one suite at a time: `threads` is a setting of the process.
@Suite("A training run is repeatable, complete and stoppable", .serialized, .leavesNoTensors)
struct TrainingRunTests {
  @discardableResult
  private func withFolder<Result>(_ body: (RunFolder) throws -> Result) throws -> Result {
    try withTemporaryFolder { try body(RunFolder($0.appendingPathComponent("run"))) }
  }

  private func files(_ folder: RunFolder) throws -> [Data] {
    try [folder.checkpoint, folder.isdaState, folder.predictions].map { try Data(contentsOf: $0) }
  }

  @Test func `the same seed leaves the same bytes`() throws {
    let runs = try (0..<2).map { _ in
      try withFolder { folder in
        try train(configuration(.isda), in: folder)
        return try files(folder)
      }
    }
    #expect(runs[0] == runs[1])
    let other = try withFolder { folder in
      var changed = configuration(.isda)
      changed.seed = 8
      try train(changed, in: folder)
      return try files(folder)
    }
    #expect(other[0] != runs[0][0])
  }

  @Test func `validation images are measured beside the test images, and change nothing`() throws {
    func with(test: ImageSet, validation: ImageSet?) -> Dataset {
      Dataset(
        name: dataset.name, classNames: dataset.classNames, train: dataset.train, validation: validation, test: test,
        normalization: dataset.normalization)
    }
    let half = dataset.test.subset(Array(0..<dataset.test.count / 2))
    let watched = with(test: dataset.test, validation: half)
    let (plain, tested) = try withFolder { folder in
      let records = try train(configuration(.isda), in: folder).records
      #expect(records.allSatisfy { $0.validationError == nil })
      return (try files(folder), records)
    }
    // The same network on the same images, called by another name.
    let expected = try withFolder { folder in
      try train(configuration(.isda), on: with(test: half, validation: nil), in: folder).records
    }
    try withFolder { folder in
      let records = try train(configuration(.isda), on: watched, in: folder).records
      #expect(records.count == 2 && records.map(\.validationError) == expected.map(\.testError))
      #expect(records.map(\.validationLoss) == expected.map(\.testLoss))
      #expect(records.map(\.testLoss) == tested.map(\.testLoss) && records.map(\.testLoss) != expected.map(\.testLoss))
      #expect(try folder.metrics() == records)
      #expect(try files(folder) == plain)
    }
    try withFolder { folder in
      var stand = configuration(.isda)
      stand.images.evaluateOn = .validation
      let records = try train(stand, on: watched, in: folder).records
      #expect(records.allSatisfy { $0.validationError == nil })
    }
  }

  @Test func `every epoch says how much memory the process has needed`() throws {
    let before = try #require(ProcessMemory.peak)
    // Larger than the peak so far: whoever is asked afterwards must still know it.
    let size = before + before / 4
    withUnsafeTemporaryAllocation(byteCount: size, alignment: 16) { block in
      block.initializeMemory(as: UInt8.self, repeating: 1)
      #expect(block[size / 2] == 1)
    }
    let after = try #require(ProcessMemory.peak)
    #expect(after >= size && after < size + 2 * before)
    try withFolder { folder in
      let peaks = try train(configuration(.isda), in: folder).records.map { $0.peakMemory ?? 0 }
      #expect(peaks.count == 2 && peaks[0] >= after && peaks[1] >= peaks[0])
    }
  }

  @Test func `steps are reported as often as asked, and that changes nothing`() throws {
    func reports(every interval: Double) throws -> ([StepReport], [Data]) {
      try withFolder { folder in
        var reports: [StepReport] = []
        try train(configuration(.isda), in: folder, reportInterval: interval) {
          if case .step(let report) = $0 { reports.append(report) }
        }
        return (reports, try files(folder))
      }
    }
    let (all, bytes) = try reports(every: 0)
    #expect(all.map(\.step) == [1, 2, 3, 4, 1, 2, 3, 4] && all.map(\.epoch) == [1, 1, 1, 1, 2, 2, 2, 2])
    // The last step of an epoch is always told.
    let (few, others) = try reports(every: 1000)
    #expect(few.map(\.step) == [4, 4] && few.map(\.loss) == [all[3].loss, all[7].loss] && others == bytes)
  }

  @Test func `both losses begin alike, and part when λ grows`() throws {
    func weights(_ loss: RunConfiguration.Loss, epochs: Int) throws -> Data {
      try withFolder { folder in
        // The schedules of one and of two epochs differ, so the run of two is stopped after its first.
        do { try train(configuration(loss), in: folder, stopAfter: epochs == 1 ? 4 : .max) } catch is TrainingError {}
        return try Data(contentsOf: folder.checkpoint)
      }
    }
    // λ is 0 in the first epoch.
    #expect(try weights(.ce, epochs: 1) == weights(.isda, epochs: 1))
    #expect(try weights(.ce, epochs: 2) != weights(.isda, epochs: 2))
  }

  @Test func `classes without training images are named, and do not stop the run`() throws {
    func notices(classNames: [String]) throws -> [String] {
      let named = Dataset(
        name: dataset.name, classNames: classNames, train: dataset.train, test: dataset.test,
        normalization: dataset.normalization)
      return try withFolder { folder in
        var notices: [String] = []
        try train(configuration(.isda, epochs: 1), on: named, in: folder) { event in
          if case .notice(let text) = event { notices.append(text) }
        }
        return notices
      }
    }
    #expect(try notices(classNames: ["red", "green", "blue"]).isEmpty)
    let notice = try notices(classNames: ["red", "green", "blue", "black", "white"])
    #expect(notice.count == 1 && notice[0].contains(#""black", "white""#))
  }

  @Test func `a run learns and leaves its records`() throws {
    try withFolder { folder in
      var ended: [EpochRecord] = []
      try train(configuration(.isda, epochs: 6), in: folder) { event in
        if case .epochEnded(let record) = event { ended.append(record) }
      }
      let records = try folder.metrics()
      #expect(records == ended)
      #expect(records.map(\.epoch) == Array(1...6))
      let lambdas: [Double] = (0..<6).map { epoch in 0.5 * Double(epoch) / 6 }
      #expect(records.map(\.lambda) == lambdas)
      #expect((records.last?.testError ?? 100) < 40)
      #expect(try folder.configuration() == configuration(.isda, epochs: 6))
      let state = try folder.state()
      #expect((state.epochsDone, state.step, state.interrupted) == (6, 24, false))
      let predictions = try Safetensors(contentsOf: folder.predictions)
      #expect(predictions.arrays["logits"]?.shape == [30, 3])

      // The checkpoint is the network: it gives the recorded error.
      let trained = try TrainedNetwork(folder)
      let extraction = try Extraction(
        of: Batches(dataset.test, size: 500, normalization: trained.normalization), by: trained.network)
      #expect(extraction.error == records.last?.testError)
    }
  }

  @Test func `the covariances that ISDA keeps are those of its features`() throws {
    try withFolder { folder in
      try train(configuration(.isda), in: folder)
      let state = try Safetensors(contentsOf: folder.isdaState)
      #expect(state.arrays["isda.covariance"]?.shape == [3, 64, 64])
      // Two epochs of twenty images a class.
      #expect(state.arrays["isda.count"] == Tensor([40, 40, 40] as [Double]).stored)
    }
  }

  @Test func `stopping leaves a usable folder`() throws {
    try withFolder { folder in
      #expect {
        try train(configuration(.ce), in: folder, stopAfter: 3)
      } throws: { error in
        if case TrainingError.interrupted(1, 3, _)? = error as? TrainingError { true } else { false }
      }
      let state = try folder.state()
      #expect((state.epochsDone, state.step, state.interrupted) == (0, 3, true))
      #expect(try folder.metrics().isEmpty)
      #expect(try TrainedNetwork(folder).network.classCount == 3)
    }
  }

  @Test func `a run that diverges names epoch, step and class`() throws {
    try withFolder { folder in
      #expect {
        try train(configuration(.ce, epochs: 4, rate: 1e30), in: folder)
      } throws: { error in
        guard case TrainingError.notFinite("the loss", 1, let step, let name)? = error as? TrainingError else {
          return false
        }
        return (2...4).contains(step) && dataset.classNames.contains(name)
          && "\(error)".contains("epoch 1, step \(step)")
      }
    }
    try withFolder { folder in
      #expect {
        try train(configuration(.isda, epochs: 4, rate: 1e30), in: folder)
      } throws: { error in
        if case TrainingError.notFinite("the covariance", 1, _, _)? = error as? TrainingError { true } else { false }
      }
    }
  }
}

@Suite("The learning rate falls as scheduled")
struct LearningRateTests {
  @Test func `cosine goes from the initial rate to nearly zero`() {
    let rate = LearningRate(initial: 0.2, schedule: .cosine, epochs: 4, stepsPerEpoch: 5)
    #expect(rate.rate(step: 0) == 0.2)
    #expect(abs(rate.rate(step: 10) - 0.1) < 1e-15)
    #expect(rate.rate(step: 19) > 0 && rate.rate(step: 19) < 0.002)
  }

  @Test func `steps come at one half and three quarters`() {
    let rate = LearningRate(initial: 1, schedule: .step, epochs: 8, stepsPerEpoch: 10)
    #expect(
      [39, 40, 59, 60, 79].map { rate.rate(step: $0) }.map { ($0 * 1e6).rounded() } == [1e6, 1e5, 1e5, 1e4, 1e4])
    // One epoch has no half.
    #expect(LearningRate(initial: 1, schedule: .step, epochs: 1, stepsPerEpoch: 10).rate(step: 9) == 1)
  }

  @Test func `steps come when the epochs begin that are named`() {
    let rate = LearningRate(initial: 1, schedule: .steps(at: [2, 4], factor: 0.5), epochs: 5, stepsPerEpoch: 10)
    #expect([0, 9, 10, 29, 30, 49].map { rate.rate(step: $0) } == [1, 1, 0.5, 0.5, 0.25, 0.25])
  }
}
