//  One line of a run's `metrics.jsonl` and `metrics.csv`.

public import Storage

/// What one epoch of training did. Errors are in percent, losses in nats per image.
public struct EpochRecord: Codable, Sendable, Equatable {
  /// Counted from 1.
  public var epoch: Int
  /// At the end of the epoch.
  public var learningRate: Double
  /// λ of this epoch; 0 without ISDA.
  public var lambda: Double
  /// Mean of the loss that was minimised, over the epoch's augmented images, while the weights moved.
  public var trainLoss: Double
  public var trainError: Double
  /// Plain cross-entropy and error on the test images after the epoch.
  public var testLoss: Double
  public var testError: Double
  /// The same of validation images; nil where there are none, or where they stand in for the test images.
  public var validationLoss: Double?
  public var validationError: Double?
  /// Of training alone, data and augmentation included, evaluation left out.
  public var seconds: Double
  public var imagesPerSecond: Double
  /// The most bytes of main memory that the process has held until the end of the epoch, a GPU's memory not counted; nil
  /// in records of older versions, and where the system does not tell.
  public var peakMemory: Int?
  /// nil in records of older versions, and where features were not finite.
  public var collapse: EpochCollapse?

  public init(
    epoch: Int, learningRate: Double, lambda: Double, trainLoss: Double, trainError: Double, testLoss: Double,
    testError: Double, validationLoss: Double? = nil, validationError: Double? = nil, seconds: Double,
    imagesPerSecond: Double, peakMemory: Int? = nil, collapse: EpochCollapse? = nil
  ) {
    self.epoch = epoch
    self.learningRate = learningRate
    self.lambda = lambda
    self.trainLoss = trainLoss
    self.trainError = trainError
    self.testLoss = testLoss
    self.testError = testError
    self.validationLoss = validationLoss
    self.validationError = validationError
    self.seconds = seconds
    self.imagesPerSecond = imagesPerSecond
    self.peakMemory = peakMemory
    self.collapse = collapse
  }

  /// All epochs as a table, one row each; with the columns of validation, memory and collapse if any epoch has them.
  public static func table(_ records: [EpochRecord]) -> CSVTable {
    let sets: [(name: String, of: KeyPath<EpochCollapse, CollapseMeasures>)] =
      records.contains { $0.collapse != nil } ? [("train", \.train), ("test", \.test)] : []
    let validates = records.contains { $0.validationError != nil }
    let remembers = records.contains { $0.peakMemory != nil }
    var header = [
      "epoch", "learning_rate", "lambda", "train_loss", "train_error", "test_loss", "test_error", "seconds",
      "images_per_second",
    ]
    if validates { header += ["validation_loss", "validation_error"] }
    if remembers { header.append("peak_memory") }
    for set in sets { header += CollapseMeasures.columnNames.map { "\(set.name)_\($0)" } }
    var table = CSVTable(header: header)
    for r in records {
      var row: [any CustomStringConvertible] = [
        r.epoch, r.learningRate, r.lambda, r.trainLoss, r.trainError, r.testLoss, r.testError, r.seconds,
        r.imagesPerSecond,
      ]
      if validates { row += [r.validationLoss, r.validationError].map { $0?.description ?? "" } }
      if remembers { row.append(r.peakMemory?.description ?? "") }
      for set in sets {
        let measures = r.collapse?[keyPath: set.of].columnValues.map(\.description)
        row += measures ?? CollapseMeasures.columnNames.map { _ in "" }
      }
      table.append(row)
    }
    return table
  }
}
