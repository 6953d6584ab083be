//  The measures with attributes, number by number, beside what scikit-learn and scipy computed the long way round.

import Foundation
import Images
import Results
import TestSupport
import Testing
import Torch

@testable import Analysis

/// What Scripts/reference/attributes.py computed.
private struct Reference: Decodable, CustomTestStringConvertible {
  struct Part: Decodable {
    let labels: [Int]
    let attributes, features: [Double]

    var set: AttributedFeatures {
      let (width, count) = (features.count / labels.count, attributes.count / labels.count)
      return AttributedFeatures(
        features: Tensor(features, shape: [labels.count, width]), labels: labels,
        attributes: FactorTable(
          names: ["yes", "number", "no", "other"],
          values: labels.indices.map { Array(attributes[$0 * count..<($0 + 1) * count]) }))
    }
  }
  struct Probes: Decodable {
    let penalties, linear, linearScores, neighbourScores: [Double]
    let neighbourCounts: [Int]
    let neighbours: [[Double]]
    let logisticAreas: [Double?]
  }
  struct Consistency: Decodable {
    struct Attribute: Decodable {
      let parallelism, sharedShift, varianceShare: Double
      let sharedShiftBeyondNoise, interactionShare: Double?
    }
    let attributes: [Attribute]
    let cosines: [Double]
  }
  struct Generalization: Decodable { let within, across: [Double] }
  struct Factorization: Decodable { let classes, additive, classesWhitened, additiveWhitened: Double }
  struct Disentanglement: Decodable {
    let importance, information: [Double]
    let disentanglement, completeness, informativeness, mutualInformationGap, separatedAttributePredictability: Double
    let modularity, explicitness: Double
  }

  let name: String
  let fit, test: Part
  let probes: Probes
  let consistency: Consistency
  let generalization: Generalization
  let factorization: Factorization
  let disentanglement: Disentanglement
  let ranks: [Int]

  var testDescription: String { name }

  static let all: [Reference] = references("attributes", in: .module)
}

@Suite("Measures with attributes are scikit-learn's and scipy's", .leavesNoTensors)
struct AttributeReferenceTests {
  @Test func `the reference is there`() {
    #expect(Reference.all.count == 3)
  }

  @Test(arguments: Reference.all) fileprivate func `the linear probe`(reference: Reference) {
    let (fit, test) = (reference.fit.set, reference.test.set)
    let ridge = RidgeRegression(features: fit.features, targets: fit.table)
    #expect(relativeError(ridge.penalties, reference.probes.penalties) < 1e-12)
    let predictions = ridge.predictions(test.features)
    #expect(relativeError(predictions.array(), reference.probes.linear) < 1e-9)
    for (column, logistic) in zip(AttributeColumn.all(fit, test), reference.probes.logisticAreas) {
      let score = HeldOutScore.of(
        column, truth: test.column(column.index), prediction: columnsOf(predictions)[column.index])
      #expect(abs(score.value - reference.probes.linearScores[column.index]) < 1e-9)
      // Where there is something to read, least squares orders images as logistic regression does.
      if let logistic, logistic > 0.7 { #expect(abs(score.value - logistic) < 0.02) }
    }
  }

  @Test(arguments: Reference.all) fileprivate func `the nearest images`(reference: Reference) {
    let (fit, test) = (reference.fit.set, reference.test.set)
    let model = NeighbourRegression(features: fit.features, targets: fit.table)
    #expect(model.counts == reference.probes.neighbourCounts)
    let predictions = model.predictions(test.features)
    for (column, expected) in zip(AttributeColumn.all(fit, test), reference.probes.neighbours) {
      #expect(relativeError(predictions[column.index], expected) < 1e-12)
      // Means of few neighbours tie, which the area under the curve has to count half.
      let score = HeldOutScore.of(column, truth: test.column(column.index), prediction: predictions[column.index])
      #expect(abs(score.value - reference.probes.neighbourScores[column.index]) < 1e-9)
    }
  }

  @Test(arguments: Reference.all) fileprivate func `difference vectors`(reference: Reference) throws {
    let (consistencies, cosines) = differenceVectors(of: reference.test.set, resamples: 10, permutations: 19)
    for (result, expected) in zip(consistencies, reference.consistency.attributes) {
      let result = try #require(result)
      #expect(result.classes == 4)
      #expect(abs(result.parallelism.value - expected.parallelism) < 1e-9)
      #expect(abs(result.sharedShift.value - expected.sharedShift) < 1e-9)
      #expect(abs(result.varianceShare - expected.varianceShare) < 1e-9)
      #expect((result.sharedShiftBeyondNoise == nil) == (expected.sharedShiftBeyondNoise == nil))
      #expect(abs((result.sharedShiftBeyondNoise ?? 0) - (expected.sharedShiftBeyondNoise ?? 0)) < 1e-9)
      #expect((result.interactionShare == nil) == (expected.interactionShare == nil))
      #expect(abs((result.interactionShare?.value ?? 0) - (expected.interactionShare ?? 0)) < 1e-9)
    }
    #expect(relativeError(cosines.joined().map { $0 ?? .nan }, reference.consistency.cosines) < 1e-9)
  }

  @Test(arguments: Reference.all) fileprivate func `probes within and across classes`(reference: Reference) {
    let results = crossClassGeneralization(
      fit: reference.fit.set, evaluation: reference.test.set, resamples: 10, rotations: 2)
    #expect(relativeError(results.map { $0?.within.value ?? .nan }, reference.generalization.within) < 1e-9)
    #expect(relativeError(results.map { $0?.across.value ?? .nan }, reference.generalization.across) < 1e-9)
  }

  @Test(arguments: Reference.all) fileprivate func `the additive model`(reference: Reference) {
    let result = additiveFactorization(fit: reference.fit.set, evaluation: reference.test.set, resamples: 10)
    let expected = reference.factorization
    #expect(abs(result.classes.value - expected.classes) < 1e-7)
    #expect(abs(result.additive.value - expected.additive) < 1e-7)
    #expect(abs(result.classesWhitened.value - expected.classesWhitened) < 1e-7)
    #expect(abs(result.additiveWhitened.value - expected.additiveWhitened) < 1e-7)
  }

  @Test(arguments: Reference.all) fileprivate func `scores of disentanglement`(reference: Reference) throws {
    func codes(_ set: AttributedFeatures) -> AttributedFeatures {
      AttributedFeatures(
        features: set.features.slice(0..<3, dimension: 1), labels: set.labels, attributes: set.attributes)
    }
    let (fit, test) = (codes(reference.fit.set), codes(reference.test.set))
    let result = try #require(disentanglement(fit: fit, evaluation: test, permutations: 9))
    let expected = reference.disentanglement
    #expect(abs(result.disentanglement.value - expected.disentanglement) < 1e-9)
    #expect(abs(result.completeness.value - expected.completeness) < 1e-9)
    #expect(abs(result.informativeness.value - expected.informativeness) < 1e-9)
    #expect(abs(result.mutualInformationGap.value - expected.mutualInformationGap) < 1e-9)
    #expect(
      abs(result.separatedAttributePredictability.value - expected.separatedAttributePredictability) < 1e-9)
    #expect(abs(result.modularity.value - expected.modularity) < 1e-9)
    #expect(abs((result.explicitness?.value ?? .nan) - expected.explicitness) < 1e-9)

    let ridge = RidgeRegression(
      features: fit.features, targets: Standardization(fit.table)(fit.table), penalties: [0.01])
    #expect(relativeError(ridge.coefficients.array().map(abs), expected.importance) < 1e-9)
    let information = columnsOf(test.features).flatMap { code in
      AttributeColumn.all(fit, test).map { column in
        mutualInformation(
          discretized(code, bins: 5),
          discretized(test.column(column.index), bins: column.kind == .binary ? 2 : 5))
      }
    }
    #expect(relativeError(information, expected.information) < 1e-9)
  }

  @Test(arguments: Reference.all) fileprivate func `ranks of targets`(reference: Reference) {
    let test = reference.test.set
    let has = test.column(0).map { $0 == 1 }
    let sources = has.indices.filter { !has[$0] }
    let ranks = targetRanks(
      of: test.features.rows(Tensor(sources.map(Int64.init))) + 0.5, from: sources, among: test.features
    ) { has[$1] && test.labels[$1] == test.labels[sources[$0]] }
    #expect(ranks == reference.ranks)
  }
}
