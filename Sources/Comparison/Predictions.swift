//  What a run said about the test images: logits and labels, from which everything else is computed again.

internal import Foundation
internal import Results
internal import Storage

/// The logits of a run for every test image, and the labels.
struct Predictions {
  /// [images, classes], row-major.
  let logits: [Float]
  let labels: [Int]
  let classCount: Int

  var count: Int { labels.count }

  init(logits: [Float], labels: [Int], classCount: Int) {
    precondition(logits.count == labels.count * classCount && classCount > 0, "logits for every image and class")
    (self.logits, self.labels, self.classCount) = (logits, labels, classCount)
  }

  /// Reads `predictions/test.safetensors` of a finished run.
  /// - Throws: `FileError` where it is missing, of another form, or holds a logit that is not a number.
  init(_ folder: RunFolder, classCount: Int) throws(FileError) {
    let file = folder.predictions
    guard FileManager.default.fileExists(atPath: file.path) else {
      throw .missing(path: file.path, expected: "the logits and labels that a finished `isda train` leaves")
    }
    let arrays = try Safetensors(contentsOf: file).arrays
    let expected = "logits [images, \(classCount)] as F32 and labels [images] as I64, at least one image"
    guard let logits = arrays["logits"], let labels = arrays["labels"], labels.shape.count == 1, labels.shape[0] > 0,
      logits.shape == [labels.shape[0], classCount], let values = Self.numbers(logits),
      let classes = Self.wholes(labels)
    else {
      let found = ["logits", "labels"].map { name in
        arrays[name].map { "\(name) \($0.shape) as \($0.elementType.rawValue)" } ?? "no \(name)"
      }
      throw .malformed(path: file.path, found: found.joined(separator: " and "), expected: expected)
    }
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw .malformed(
        path: file.path, found: "logit \(values[index]) for image \(index / classCount)", expected: "finite numbers")
    }
    if let index = classes.firstIndex(where: { !(0..<Int64(classCount)).contains($0) }) {
      throw .malformed(
        path: file.path, found: "label \(classes[index]) of image \(index)", expected: "0 to \(classCount - 1)")
    }
    self.init(logits: values, labels: classes.map(Int.init), classCount: classCount)
  }

  /// Of a run, or of an exported study, which keeps them in half the bytes.
  private static func numbers(_ array: StoredArray) -> [Float]? {
    switch array.elementType {
    case .float32: elements(array)
    case .float16: elements(array, of: Float16.self).map(Float.init)
    default: nil
    }
  }

  private static func wholes(_ array: StoredArray) -> [Int64]? {
    switch array.elementType {
    case .int64: elements(array)
    case .uint8: array.bytes.map(Int64.init)
    default: nil
    }
  }

  private static func elements<Element>(_ array: StoredArray, of _: Element.Type = Element.self) -> [Element] {
    let size = MemoryLayout<Element>.size
    return [Element](unsafeUninitializedCapacity: array.bytes.count / size) { buffer, count in
      count = array.bytes.copyBytes(to: buffer) / size
    }
  }

  /// The logits of one image.
  func row(_ image: Int) -> ArraySlice<Float> { logits[image * classCount..<(image + 1) * classCount] }

  /// Softmax of β z with β = 1/temperature, into `probabilities`.
  /// - Returns: log Σ exp(β z).
  @discardableResult
  func softmax(of image: Int, inverseTemperature: Double, into probabilities: inout [Double]) -> Double {
    let start = image * classCount
    var largest = -Double.infinity
    for index in 0..<classCount {
      let scaled = inverseTemperature * Double(logits[start + index])
      probabilities[index] = scaled
      if scaled > largest { largest = scaled }
    }
    var sum = 0.0
    for index in 0..<classCount {
      let value = exp(probabilities[index] - largest)
      probabilities[index] = value
      sum += value
    }
    for index in 0..<classCount { probabilities[index] /= sum }
    return largest + log(sum)
  }

  /// The class of the largest logit of each image, the first of equal ones, and its probability.
  var decisions: (classes: [Int], confidences: [Double]) {
    var probabilities = [Double](repeating: 0, count: classCount)
    var (classes, confidences): ([Int], [Double]) = ([], [])
    for image in 0..<count {
      var best = image * classCount
      for index in best + 1..<best + classCount where logits[index] > logits[best] { best = index }
      softmax(of: image, inverseTemperature: 1, into: &probabilities)
      classes.append(best - image * classCount)
      confidences.append(probabilities[best - image * classCount])
    }
    return (classes, confidences)
  }
}
