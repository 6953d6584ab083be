//  What two runs share: numbers of a reference, truths that were planted, and noise that must not be taken for either.

import Foundation
import Images
import Networks
import Results
import Storage
import TestSupport
import Testing
import Torch

@testable import Analysis

private struct Reference: Decodable {
  struct Pair: Decodable {
    let name: String
    let first, second: [Double]
    let firstShape, secondShape: [Int]
    let cka, svcca: Double
  }
  struct Assignment: Decodable {
    let weights: [[Double]]
    let columns: [Int]
  }
  let pairs: [Pair]
  let assignments: [Assignment]
}

@Suite("What runs share is as its definitions say", .leavesNoTensors)
struct SimilarityTests {
  private func reference() throws -> Reference {
    let cases: [Reference] = references("similarity", in: .module)
    return try #require(cases.first)
  }

  @Test func `CKA and SVCCA are those of numpy`() throws {
    for pair in try reference().pairs {
      let (x, y) = (Tensor(pair.first, shape: pair.firstShape), Tensor(pair.second, shape: pair.secondShape))
      #expect(abs(LinearKernel(x).likeness(to: LinearKernel(y)) - pair.cka) < 1e-10, "\(pair.name)")
      // Singular values by way of their squares keep half the digits.
      #expect(abs(LeadingBasis(x).likeness(to: LeadingBasis(y)) - pair.svcca) < 1e-7, "\(pair.name)")
    }
  }

  @Test func `CKA of unrelated features is near zero however many they are, and of permuted images too`() {
    let generator = RandomGenerator(seed: 4, "unrelated")
    let (x, y) = (generator.normal([60, 200], .float64), generator.normal([60, 200], .float64))
    #expect(abs(LinearKernel(x).likeness(to: LinearKernel(y))) < 0.1)
    let order = generator.permutation(60)
    #expect(abs(LinearKernel(x).likeness(to: LinearKernel(x).permuted(order))) < 0.1)
    // A permutation of both is none.
    let (a, b) = (LinearKernel(x).permuted(order), LinearKernel(x.rows(order)))
    #expect(abs(a.likeness(to: b) - 1) < 1e-9)
    #expect(abs(LeadingBasis(x).permuted(order).likeness(to: LeadingBasis(x.rows(order))) - 1) < 1e-7)
  }

  @Test func `features that do not vary are not like anything`() {
    let flat = Tensor.ones([9, 3], .float64)
    #expect(LinearKernel(flat).likeness(to: LinearKernel(flat)).isNaN)
    #expect(LeadingBasis(flat).likeness(to: LeadingBasis(flat)).isNaN)
  }

  @Test func `assignments are those of scipy`() throws {
    for (index, assignment) in try reference().assignments.enumerated() {
      #expect(Analysis.assignment(maximizing: assignment.weights) == assignment.columns, "number \(index)")
    }
    #expect(assignment(maximizing: []).isEmpty)
  }

  /// Ten directions of 300 images in one run, and what another run makes of them.
  private func planted() -> (first: Tensor, second: Tensor) {
    let generator = RandomGenerator(seed: 11, "planted")
    let lengths = (0..<10).map { pow(0.8, Double($0)) }
    let first = generator.normal([300, 10], .float64) * Tensor(lengths, shape: [1, 10])
    // The first four in another order, the second of them turned around and half as long; the rest is new.
    let kept = first.rows(Tensor([3, 1, 0, 2] as [Int64]), dimension: 1) * Tensor([1, -0.5, 1, 1], shape: [1, 4])
    let noise = generator.normal([300, 10], .float64) * 0.05
    let new = generator.normal([300, 6], .float64) * 0.5
    return (first, Tensor.concatenated([kept, new], dimension: 1) + noise)
  }

  @Test func `planted directions are matched in order, sign and length, and only they`() {
    let (first, second) = planted()
    let match = Analysis.match(
      first, second, classIndex: 0, totals: (1, 1), generator: RandomGenerator(seed: 0, "test"))
    #expect(Array(match.partners.prefix(4)) == [2, 1, 3, 0])
    #expect(Set(match.partners) == Set(0..<10))
    let pairs = match.partnerships
    #expect(pairs.filter(\.isFound).map(\.first) == [1, 2, 3, 4])
    #expect(pairs[0].correlation > 0.95 && pairs[1].correlation < -0.95)
    // Half as long has a quarter of the variance.
    #expect(abs(pairs[1].logRatio + 2) < 0.2 && abs(pairs[0].logRatio) < 0.1)
    // 300 images: a correlation of chance is 0.06, the largest of ten matched ones about three times that.
    #expect((0.12...0.3).contains(match.chanceLevel))
  }

  @Test func `classes with nothing in common have a match in five of a hundred`() {
    var exceeded = 0
    for draw in 0..<200 {
      let generator = RandomGenerator(seed: UInt64(draw), "nothing")
      let match = Analysis.match(
        generator.normal([50, 4], .float64), generator.normal([50, 4], .float64), classIndex: 0, totals: (1, 1),
        generator: RandomGenerator(seed: UInt64(draw), "pairings"))
      if match.partnerships.contains(where: \.isFound) { exceeded += 1 }
    }
    // Binomial(200, 0.05): mean 10, deviation 3.1.
    #expect((2...20).contains(exceeded), "\(exceeded)")
  }

  private func run(seed: UInt64, _ loss: RunConfiguration.Loss, count: Int = 60, in url: URL) throws -> RunFolder {
    let folder = RunFolder(url.appendingPathComponent("\(loss.rawValue)-s\(seed)-\(count)"))
    let configuration = RunConfiguration(
      images: DatasetChoice(name: "portraits", trainCount: 40, testCount: count), network: "resnet8", loss: loss,
      epochs: 1, seed: seed)
    try JSONFile.write(configuration, to: folder.configurationFile)
    let dataset = Dataset.portraits(seed: 1, trainCount: 40, testCount: count)
    _ = try analyze(
      ResNet(.eight, classCount: 10, seed: seed), of: dataset, normalization: dataset.normalization, into: folder)
    return folder
  }

  @Test func `runs in folders are compared, every pair and the first with each`() throws {
    try withTemporaryFolder { url in
      let folders = [try run(seed: 1, .ce, in: url), try run(seed: 2, .ce, in: url), try run(seed: 1, .isda, in: url)]
      var seen = 0
      let result = try similarity(of: folders) { _, _ in seen += 1 }
      #expect(seen == 3 && result.runs.map(\.seed) == [1, 2, 1])
      #expect(result.pairs.map { [$0.first, $0.second] } == [[0, 1], [0, 2], [1, 2]])
      #expect(result.pairs.map(\.differsInSeedOnly) == [true, false, false])
      #expect(result.matches.map(\.second) == [1, 2])
      // The network of one seed is the same before training, whatever its loss will be.
      #expect(abs(result.pairs[1].cka.value - 1) < 1e-6 && abs(result.pairs[1].cca.value - 1) < 1e-6)
      #expect(result.pairs[0].cka.value < 0.999)
      #expect(result.pairs.allSatisfy { $0.cka.permuted.allSatisfy { $0 < 0.5 } })
      // Six images a class: fewer directions than columns, the first of which are the same ones.
      for group in result.matches[1].classes {
        #expect(group.partners.prefix(3) == [0, 1, 2])
        #expect(group.partnerships.prefix(3).allSatisfy { $0.correlation > 0.9999 && abs($0.logRatio) < 1e-9 })
      }
      try RunFolder(url).write(result)
      let read = try #require(try RunFolder(url).read(RunSimilarity.self))
      #expect(JSONFile.encode(read) == JSONFile.encode(result))
      #expect(read.table.rows.count == 2 * 10 * 16)
    }
  }

  @Test func `runs on other images are refused by name`() throws {
    try withTemporaryFolder { url in
      let folders = [try run(seed: 1, .ce, in: url), try run(seed: 1, .ce, count: 50, in: url)]
      #expect {
        _ = try similarity(of: folders)
      } throws: { error in
        "\(error)".contains("ce-s1-50/features/test.safetensors") && error is FileError
      }
    }
  }
}
