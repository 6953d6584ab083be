//  The settings of a run by their keys in `config.json`, each as a word in and out: what recipes and command lines are
//  made of. A setting stands here once, whoever reads or writes it.

public struct RunSetting {
  /// In `config.json` and in recipes.
  public let key: String
  /// What its words are.
  public let expected: String
  /// False where the word is none of its values; then nothing has changed.
  public let set: (inout RunConfiguration, String) -> Bool
  /// nil where a configuration leaves it open.
  public let word: (RunConfiguration) -> String?

  /// Every setting, in the order in which people think of them.
  /// - Parameter networks: the names of those that there are.
  public static func all(networks: [String]) -> [RunSetting] {
    let (whole, number) = ("a whole number", "a number")
    let truth: (String) -> Bool? = { $0 == "true" ? true : $0 == "false" ? false : nil }
    return [
      .init("dataset", DatasetName.list, \.images.name) { DatasetName(rawValue: $0)?.rawValue },
      .init("data", "a folder", \.images.data) { $0.isEmpty ? nil : $0 },
      .init("trainCount", whole, \.images.trainCount) { Int($0) },
      .init("testCount", whole, \.images.testCount) { Int($0) },
      .init("size", whole, \.images.size) { Int($0) },
      .init("validationShare", number, \.images.validationShare) { Double($0) },
      .init("testShare", number, \.images.testShare) { Double($0) },
      .init(choice: "evaluateOn", DatasetChoice.Evaluation.allCases.map(\.rawValue), \.images.evaluateOn),
      .init(choice: "broken", DatasetChoice.BrokenFiles.allCases.map(\.rawValue), \.images.broken),
      .init("network", networks.joined(separator: ", "), \.network) { networks.contains($0) ? $0 : nil },
      .init(choice: "loss", RunConfiguration.Loss.forms, \.loss),
      .init("lambda", number, \.lambda) { Double($0) },
      .init(choice: "lambdaSchedule", RunConfiguration.LambdaSchedule.allCases.map(\.rawValue), \.lambdaSchedule),
      .init(choice: "covariance", RunConfiguration.Covariance.forms, \.covariance),
      .init("retention", number, \.retention) { Double($0) },
      .init("epochs", whole, \.epochs) { Int($0) },
      .init("batch", whole, \.batch) { Int($0) },
      .init("seed", "a whole number from 0", \.seed) { UInt64($0) },
      .init("learningRate", number, \.learningRate) { Double($0) },
      .init("momentum", number, \.momentum) { Double($0) },
      .init("nesterov", "true or false", \.nesterov, truth),
      .init("weightDecay", number, \.weightDecay) { Double($0) },
      .init(choice: "schedule", RunConfiguration.Schedule.forms, \.schedule),
      .init(choice: "augmentation", RunConfiguration.Augmentation.forms, \.augmentation),
      .init(choice: "precision", RunConfiguration.Precision.allCases.map(\.rawValue), \.precision),
      .init(choice: "device", RunConfiguration.DeviceChoice.allCases.map(\.rawValue), \.device),
      .init("threads", whole, \.threads) { Int($0) },
    ]
  }

  private init<Value: CustomStringConvertible>(
    _ key: String, _ expected: String, _ path: WritableKeyPath<RunConfiguration, Value>,
    _ parse: @escaping (String) -> Value?
  ) {
    self.init(key: key, expected: expected, path, parse) { $0.description }
  }

  /// A setting that may be left open.
  private init<Value: CustomStringConvertible>(
    _ key: String, _ expected: String, _ path: WritableKeyPath<RunConfiguration, Value?>,
    _ parse: @escaping (String) -> Value?
  ) {
    self.init(key: key, expected: expected, path, { parse($0).map(Optional.some) }) { $0?.description }
  }

  private init<Value: RawRepresentable<String>>(
    choice key: String, _ forms: [String], _ path: WritableKeyPath<RunConfiguration, Value>
  ) {
    self.init(key: key, expected: forms.joined(separator: ", "), path, { Value(rawValue: $0) }) { $0.rawValue }
  }

  private init<Value>(
    key: String, expected: String, _ path: WritableKeyPath<RunConfiguration, Value>,
    _ parse: @escaping (String) -> Value?, _ word: @escaping (Value) -> String?
  ) {
    (self.key, self.expected) = (key, expected)
    set = { configuration, text in
      guard let value = parse(text) else { return false }
      configuration[keyPath: path] = value
      return true
    }
    self.word = { word($0[keyPath: path]) }
  }
}
