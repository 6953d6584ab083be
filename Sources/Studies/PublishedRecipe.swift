//  The published experiments as configurations that can be run by name, with the errors that were published for them.

internal import Foundation
public import Results
internal import Yams

/// One cell of the published tables: a network on a data set, with ISDA or without.
public struct PublishedRecipe: Sendable {
  public enum Arm: String, Sendable, CaseIterable {
    case ce, isda
  }

  /// Data set, row and arm, such as `cifar100/resnet110-isda`.
  public let name: String
  /// Without the folder of the images, and with seed 0.
  public let configuration: RunConfiguration
  /// Test error in percent.
  public let error: Double
  /// Over five runs; nil where one run was published.
  public let deviation: Double?

  /// Every cell of the tables in the folder `Published`, in their order.
  /// - Parameter networks: the names of those that there are.
  /// - Throws: `DecodingError` for a table that does not fit the settings that there are.
  public static func all(networks: [String]) throws -> [PublishedRecipe] {
    let settings = RunSetting.all(networks: networks)
    var recipes: [PublishedRecipe] = []
    for table in [PackageResources.cifar_yaml, PackageResources.imagenet_yaml] {
      for row in try YAMLDecoder().decode([Row].self, from: Data(table)) {
        // In the order of the tables: dictionaries have none.
        for dataset in ["cifar10", "cifar100", "imagenet"] {
          for arm in Arm.allCases {
            guard let numbers = row.published[dataset]?[arm.rawValue] else { continue }
            recipes.append(try row.recipe(arm, on: dataset, numbers, settings: settings))
          }
        }
      }
    }
    return recipes
  }
}

/// A network with its settings, and what came of it on each data set.
private struct Row: Decodable {
  let row: String
  let settings: [String: String]
  /// Settings of the arm with ISDA alone.
  let isda: [String: String]?
  /// By data set and arm: mean and, over five runs, deviation.
  let published: [String: [String: [Double]]]

  func recipe(
    _ arm: PublishedRecipe.Arm, on dataset: String, _ numbers: [Double], settings known: [RunSetting]
  ) throws -> PublishedRecipe {
    let name = "\(dataset)/\(row)-\(arm.rawValue)"
    func fault(_ text: String) -> DecodingError {
      .dataCorrupted(.init(codingPath: [], debugDescription: "\(name): \(text)"))
    }
    var words = settings.merging(arm == .isda ? isda ?? [:] : [:]) { $1 }
    words["dataset"] = dataset == "imagenet" ? "folder" : dataset
    words["loss"] = arm.rawValue
    var configuration = RunConfiguration(
      images: DatasetChoice(name: ""), network: "", loss: .ce, epochs: Int(words["epochs"] ?? "") ?? 1)
    for (key, word) in words {
      guard let setting = known.first(where: { $0.key == key }), setting.set(&configuration, word) else {
        throw fault("\(key) \"\(word)\"")
      }
    }
    guard let error = numbers.first else { throw fault("no error") }
    return PublishedRecipe(
      name: name, configuration: configuration, error: error, deviation: numbers.count > 1 ? numbers[1] : nil)
  }
}
