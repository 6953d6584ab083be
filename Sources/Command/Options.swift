//  Options that several verbs share, and the types that arguments become.

public import ArgumentParser
public import ClassStatistics
import Foundation
import Images
public import Networks
public import Results
import Storage
import Torch
import Training

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json
}

struct QuietOption: ParsableArguments {
  @Flag(name: .shortAndLong, help: "No progress, only results and errors.")
  var quiet = false
}

/// The classes that `--classes` names, with commas between.
/// - Throws: `ValidationError` for one that is not there.
func chosenClasses(_ text: String?, among names: [String]) throws -> [String]? {
  let chosen = text?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
  if let unknown = chosen?.first(where: { !names.contains($0) }) {
    throw ValidationError("--classes names \"\(unknown)\"; expected \(names.joined(separator: ", "))")
  }
  return chosen
}

/// The value of an option that only another option makes dispensable.
func required<Value>(_ option: String, _ value: Value?) throws -> Value {
  guard let value else { throw ValidationError("Missing expected argument '\(option)'") }
  return value
}

extension RunConfiguration.DeviceChoice: ExpressibleByArgument {}

/// Where a network computes.
struct DeviceOption: ParsableArguments {
  @Option(help: "Where networks compute: on the cpu, on a GPU by cuda, or auto: on a GPU if libtorch finds one.")
  var device = RunConfiguration.DeviceChoice.auto

  func validate() throws { _ = try resolved() }

  /// - Throws: `ValidationError` for a device that is not there.
  func resolved() throws -> Device {
    do {
      return try device.resolved()
    } catch {
      throw ValidationError("--device is \(device.rawValue), but \(error.reason); expected auto or cpu")
    }
  }
}

enum DatasetName: String, ExpressibleByArgument, CaseIterable {
  case portraits, cifar10
}

/// Which images: a name, and the folder for sets that have files.
struct DatasetOptions: ParsableArguments {
  @Option(help: "The data set: portraits (drawn, needs nothing) or cifar10 (needs --data).")
  var dataset: DatasetName?

  @Option(help: "Folder of the data set's files; for cifar10 the one with data_batch_1.bin.", completion: .directory)
  var data: String?

  @Option(
    help: """
      Training images: for portraits how many to draw, 2000 if not given; for cifar10 how many to take, the first of each \
      class, equally many of each; all if not given.
      """)
  var trainCount: Int?

  @Option(help: "Test images to draw, for portraits; 2000 if not given.")
  var testCount: Int?

  func validate() throws {
    if dataset == .cifar10 && data == nil {
      throw ValidationError("--dataset cifar10 needs --data DIR, the folder that holds data_batch_1.bin")
    }
    if let dataset,
      let fault = RunConfiguration.fault(of: dataset.rawValue, trainCount: trainCount, testCount: testCount)
    {
      throw ValidationError(fault)
    }
  }

  /// How many images are drawn or taken; nil for all that there are.
  var counts: (train: Int?, test: Int?) {
    dataset == .portraits ? (trainCount ?? Self.defaultCount, testCount ?? Self.defaultCount) : (trainCount, nil)
  }

  static let defaultCount = 2000

  func load(_ console: Console) throws -> Dataset {
    try loadDataset(
      required("--dataset", dataset).rawValue, data: data, counts: counts, configurationFile: nil, console)
  }
}

/// The data set that a run was trained on, read or drawn again.
func loadDataset(of folder: RunFolder, data: String?, _ console: Console) throws -> Dataset {
  let configuration = try folder.configuration()
  return try loadDataset(
    configuration.dataset, data: data ?? configuration.data,
    counts: (configuration.trainCount, configuration.testCount),
    configurationFile: folder.configurationFile, console)
}

/// - Parameter configurationFile: where the name and the counts come from, if not from the command line.
func loadDataset(
  _ name: String, data: String?, counts: (train: Int?, test: Int?), configurationFile: URL?, _ console: Console
) throws -> Dataset {
  if let fault = RunConfiguration.fault(of: name, trainCount: counts.train, testCount: counts.test) {
    throw FileError.malformed(
      path: configurationFile?.path ?? "--dataset", found: "\(fault.key) \(fault.value)", expected: fault.expected)
  }
  switch (DatasetName(rawValue: name), data, counts.train, counts.test) {
  case (.portraits, _, let train?, let test?):
    console.progress(0, "drawing \(train + test) portraits")
    return .portraits(trainCount: train, testCount: test)
  case (.cifar10, let data?, let train, nil):
    console.progress(0, "reading CIFAR-10")
    return try .cifar10(in: URL(fileURLWithPath: data, isDirectory: true), trainCount: train)
  default:
    throw FileError.malformed(
      path: configurationFile?.path ?? "--dataset", found: "data set \"\(name)\" in \(data ?? "no folder")",
      expected: "portraits with trainCount and testCount, or cifar10 with data")
  }
}

/// `--weight-decay` for the key `weightDecay` of `config.json`.
func optionName(_ key: String) -> String {
  "--" + key.map { $0.isUppercase ? "-\($0.lowercased())" : "\($0)" }.joined()
}

extension ValidationError {
  /// A setting out of bounds, by the name of its option.
  init(_ fault: SettingFault) {
    self.init("\(optionName(fault.key)) is \(fault.value); expected \(fault.expected)")
  }
}

extension Architecture: ExpressibleByArgument {
  public init?(argument: String) { self.init(name: argument) }
  public static var allValueStrings: [String] { allCases.map(\.name) }
  public var defaultValueDescription: String { name }
}

extension RunConfiguration.Loss: ExpressibleByArgument {
  public static var allValueStrings: [String] { forms }
}
extension RunConfiguration.Augmentation: ExpressibleByArgument {
  public static var allValueStrings: [String] { forms }
  public var defaultValueDescription: String { rawValue }
}
extension RunConfiguration.Covariance: ExpressibleByArgument {
  public static var allValueStrings: [String] { forms }
}
extension RunConfiguration.LambdaSchedule: ExpressibleByArgument {}
extension WalkQuery: ExpressibleByArgument {}
extension DirectionEntry.Kind: ExpressibleByArgument {}
extension CovarianceEstimator: ExpressibleByArgument {}
extension RunConfiguration.Schedule: ExpressibleByArgument {
  public static var allValueStrings: [String] { forms }
}
extension RunConfiguration.Precision: ExpressibleByArgument {}

/// `none`, or the factor β by which the weight of old features shrinks.
struct Forgetting: ExpressibleByArgument {
  let retention: Double

  init(retention: Double) { self.retention = retention }

  init?(argument: String) {
    guard argument != "none" else {
      retention = 1
      return
    }
    guard let beta = Double(argument), beta > 0, beta < 1 else { return nil }
    retention = beta
  }

  var defaultValueDescription: String { retention == 1 ? "none" : "\(retention)" }
}

/// Three numbers with commas between: one a channel.
struct ChannelValues: ExpressibleByArgument {
  let values: [Double]

  init?(argument: String) {
    let values = argument.split(separator: ",", omittingEmptySubsequences: false).compactMap {
      Double($0.trimmingCharacters(in: .whitespaces))
    }
    guard values.count == 3, values.allSatisfy(\.isFinite) else { return nil }
    self.values = values
  }
}
