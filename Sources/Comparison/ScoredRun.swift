//  What is kept of a run once its logits have been read: decisions, confidences and calibration. All else follows.

internal import Results

/// A run's decisions about the test images.
struct ScoredRun {
  let path: String
  let seed: UInt64
  let labels: [Int]
  let predictions: [Int]
  let confidences: [Double]
  /// In percent.
  let error: Double
  /// By class, in percent; NaN for a class without test images.
  let classErrors: [Double]
  let cost: RunCost?
  let asTrained: Calibration
  let scaled: Calibration
  let temperature: TemperatureScaling

  init(_ run: LoadedRun) {
    let predicted = run.predictions
    (path, seed, labels) = (run.path, run.configuration.seed, predicted.labels)
    (predictions, confidences) = predicted.decisions
    var (counts, wrong) = (
      [Int](repeating: 0, count: predicted.classCount), [Int](repeating: 0, count: predicted.classCount)
    )
    for (label, prediction) in zip(labels, predictions) {
      counts[label] += 1
      if prediction != label { wrong[label] += 1 }
    }
    error = run.chosenError ?? 100 * Double(wrong.reduce(0, +)) / Double(labels.count)
    cost = run.cost
    classErrors = zip(wrong, counts).map { $1 > 0 ? 100 * Double($0) / Double($1) : .nan }
    asTrained = Calibration(predicted) { _ in 1 }
    let folds = TemperatureScaling.folds(labels, classCount: predicted.classCount)
    let temperature = TemperatureScaling(predicted, folds: folds)
    self.temperature = temperature
    scaled = Calibration(predicted) { 1 / temperature.temperatures[folds[$0]] }
  }

  var wrong: [UInt8] { zip(labels, predictions).map { $0 == $1 ? 0 : 1 } }

  /// [class][prediction]: images.
  func confusion(classCount: Int) -> [[Double]] {
    var matrix = [[Double]](repeating: [Double](repeating: 0, count: classCount), count: classCount)
    for (label, prediction) in zip(labels, predictions) { matrix[label][prediction] += 1 }
    return matrix
  }
}
