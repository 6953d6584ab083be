//  An analysed run that was never trained: features drawn at random, and the files that the explorer reads of them.

import Foundation
import Images
import Results
import Storage
import Torch

/// 60 images with six features in three classes.
struct SmallRun {
  static let (count, width) = (60, 6)
  static let classNames = ["cat", "dog", "owl"]

  let folder = RunFolder(
    FileManager.default.temporaryDirectory.appendingPathComponent("exploration-\(UUID().uuidString)"))
  let labels = (0..<count).map { $0 % 3 }
  let features: [Float]

  init(seed: UInt64 = 1) throws {
    let scales = Tensor([3, 2, 1.5, 1, 0.7, 0.5] as [Float], shape: [1, 6])
    features = (RandomGenerator(seed: seed, "small run").normal([Self.count, Self.width]) * scales).array()
    let weight: [Float] = [1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]
    let logits = Tensor(features, shape: [Self.count, 6]).matmul(Tensor(weight, shape: [3, 6]).transposed)
    try Safetensors(arrays: [
      "features": StoredArray(features, shape: [Self.count, 6]),
      "logits": StoredArray(logits.array(of: Float.self), shape: [Self.count, 3]),
      "labels": StoredArray(labels.map(Int64.init), shape: [Self.count]),
    ]).write(to: folder.features(.test))
    try Safetensors(arrays: [
      "hub_damping": StoredArray([Float](repeating: 1, count: Self.count), shape: [Self.count]),
      "weight": StoredArray(weight, shape: [3, 6]), "bias": StoredArray([0, 0, 0] as [Float], shape: [3]),
    ]).write(to: folder.directions)
    let entries = labels.enumerated().map { row, label in
      FeatureMap.Entry(
        image: ImageReference(.test, row), label: label, predicted: label, x: Double(row), y: -Double(row))
    }
    try JSONFile.write(
      DirectionsReport(
        classNames: Self.classNames, spectra: [], extremes: [], map: FeatureMap(entries: entries, shares: [0.5, 0.25]),
        factors: nil), to: folder.report)
    try JSONFile.write(
      RunConfiguration(images: DatasetChoice(name: "noise"), network: "none", loss: .ce, epochs: 1),
      to: folder.configurationFile)
    var catalogue = DirectionCatalogue(dimension: 6)
    for (index, name) in Self.classNames.enumerated() {
      for k in 0..<2 {
        catalogue.add(
          DirectionEntry(
            id: "\(name).principal.\(k + 1)", kind: .principal, classIndex: index, title: "direction \(k + 1)",
            sigma: 3 - Double(k), lower: -2, upper: 2), vector: unit(k))
      }
      catalogue.add(
        DirectionEntry(
          id: "\(name).random", kind: .random, classIndex: index, title: "random", sigma: 1, lower: -2, upper: 2),
        vector: unit(5))
    }
    catalogue.add(
      DirectionEntry(
        id: "within.1", kind: .within, classIndex: nil, title: "pooled direction 1", sigma: 2, lower: -2, upper: 2),
      vector: unit(1))
    try catalogue.write(to: folder.catalogueFile)
  }

  private func unit(_ place: Int) -> [Double] { (0..<Self.width).map { $0 == place ? 1 : 0 } }

  var images: ImageSet {
    ImageSet(
      width: 2, height: 2, pixels: [UInt8](repeating: 9, count: Self.count * 12), labels: labels)
  }

  func remove() { try? FileManager.default.removeItem(at: folder.url) }
}
