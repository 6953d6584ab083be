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

/// What every verb takes that prints a result.
struct OutputOptions: ParsableArguments {
  @Option(help: "How to print the result: text or json.")
  var format = OutputFormat.text

  @OptionGroup private var progress: QuietOption

  var quiet: Bool { progress.quiet }
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

/// A place to write to, as an option's value. An empty one, as of a shell's variable that nobody has set, would be the
/// folder that the command happens to run in.
func nonEmptyPath(_ text: String) throws -> String {
  guard !text.isEmpty else { throw ValidationError("expected a path; . is the current folder") }
  return text
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
