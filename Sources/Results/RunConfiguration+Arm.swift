//  What two runs must have in common to be runs of one arm, and which configurations no run can have.

internal import Foundation
internal import Storage

extension RunConfiguration {
  /// Every setting that can change a result, as text by its key in `config.json`; what is nil is left out. The seed, where
  /// the images lie, on what and on how many threads is computed are no part of an arm; nor is what a configuration
  /// without covariances says about them.
  public var armSettings: [String: String] {
    var settings: [String: String] = [:]
    let text = Data(JSONFile.encode(self, pretty: false).utf8)
    for (key, value) in (try? JSONFile.decode([String: Setting].self, from: text)) ?? [:] { settings[key] = value.text }
    for key in ["seed", "data", "device", "threads"] { settings[key] = nil }
    if !loss.usesCovariances {
      for key in ["lambda", "lambdaSchedule", "covariance", "retention"] { settings[key] = nil }
    }
    return settings
  }

  private enum Setting: Decodable {
    case flag(Bool)
    case number(Double)
    case word(String)

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let flag = try? container.decode(Bool.self) {
        self = .flag(flag)
      } else if let number = try? container.decode(Double.self) {
        self = .number(number)
      } else {
        self = .word(try container.decode(String.self))
      }
    }

    var text: String {
      switch self {
      case .flag(let flag): flag ? "yes" : "no"
      case .number(let number): number == number.rounded() ? String(format: "%.0f", number) : "\(number)"
      case .word(let word): word
      }
    }
  }
}

/// A setting that no run can have.
public struct SettingFault: Sendable, Equatable {
  /// In `config.json`.
  public let key: String
  public let value: String
  public let expected: String
}

extension RunConfiguration {
  /// The first setting that is out of bounds; nil if a run can be made of this configuration.
  public var fault: SettingFault? {
    let checks: [(key: String, value: any CustomStringConvertible, holds: Bool, expected: String)] = [
      ("epochs", epochs, (1...1_000_000).contains(epochs), "1 to 1000000"),
      ("batch", batch, (2...1_000_000).contains(batch), "at least 2 (BatchNorm needs a batch)"),
      ("lambda", lambda, lambda >= 0 && lambda.isFinite, "0 or more"),
      ("retention", retention, retention > 0 && retention <= 1, "above 0 to 1, which forgets nothing"),
      ("learningRate", learningRate, learningRate > 0 && learningRate.isFinite, "more than 0"),
      ("momentum", momentum, (0..<1).contains(momentum), "0 to below 1"),
      ("weightDecay", weightDecay, weightDecay >= 0 && weightDecay.isFinite, "0 or more"),
      (
        "augmentation", augmentation.rawValue,
        !loss.keepsClassStatistics || (augmentation.mixing?.probability ?? 0) < 1,
        "a probability below 1 of \(augmentation.mixing?.kind.rawValue ?? "mixing"), such as 0.5: what \(loss.rawValue) "
          + "keeps of each class comes from batches that are not mixed"
      ),
      ("threads", threads ?? 1, (1...1024).contains(threads ?? 1), "1 to 1024"),
    ]
    if let wrong = checks.first(where: { !$0.holds }) {
      return SettingFault(key: wrong.key, value: wrong.value.description, expected: wrong.expected)
    }
    return images.fault
  }
}
