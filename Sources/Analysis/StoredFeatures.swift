//  What an analysis left of a run in files of arrays, read back and checked against itself.

internal import Foundation
internal import Networks
internal import Results
internal import Storage
internal import Torch

/// The features of one split with the logits that the network made of them.
struct StoredFeatures {
  let images: LabelledFeatures
  /// N×C.
  let logits: Tensor

  /// - Throws: `FileError` naming the file if it is missing or holds no features, logits and labels of the same images.
  init(_ split: ImageReference.Split, of folder: RunFolder) throws(FileError) {
    let file = folder.features(split)
    let arrays = try Safetensors(contentsOf: file).arrays
    guard let features = arrays["features"].flatMap(Tensor.init), let logits = arrays["logits"].flatMap(Tensor.init),
      let labels = arrays["labels"].flatMap(Tensor.init), features.rank == 2, logits.rank == 2,
      labels.shape == [features.shape[0]], logits.shape[0] == features.shape[0], features.count > 0
    else {
      throw .malformed(
        path: file.path, found: "no features, logits and labels of the same images",
        expected: "what `isda analyze \(folder.url.path)` leaves")
    }
    images = LabelledFeatures(
      features: features, labels: labels.array(of: Int64.self).map(Int.init),
      predictions: logits.argmax(dimension: 1).array(of: Int64.self).map(Int.init))
    self.logits = logits
  }

  /// - Throws: `FileError` if a label is none of so many classes.
  func check(_ split: ImageReference.Split, of folder: RunFolder, classCount: Int) throws(FileError) {
    guard images.labels.allSatisfy((0..<classCount).contains) else {
      throw .malformed(
        path: folder.features(split).path, found: "labels beyond the \(classCount) classes",
        expected: "what `isda analyze \(folder.url.path)` leaves")
    }
  }
}

/// The last layer, and by what distances to test images are divided.
struct StoredLayer {
  let hubness: Hubness
  /// W of z = W a + b, C×A, float64.
  let weight: Tensor
  /// b, C numbers, float64.
  let bias: Tensor

  /// - Throws: `FileError` if the file is missing or does not fit the test features.
  init(of folder: RunFolder, classCount: Int, test: LabelledFeatures) throws(FileError) {
    let stored = try Safetensors(contentsOf: folder.directions).arrays
    guard let damping = stored["hub_damping"].flatMap(Tensor.init), damping.shape == [test.labels.count],
      let weight = stored["weight"].flatMap(Tensor.init), weight.shape == [classCount, test.features.shape[1]],
      let bias = stored["bias"].flatMap(Tensor.init), bias.count == classCount
    else {
      throw .malformed(
        path: folder.directions.path, found: "no hub_damping, weight and bias that fit the features",
        expected: "what `isda analyze \(folder.url.path)` leaves")
    }
    hubness = Hubness(damping: damping.array())
    (self.weight, self.bias) = (weight.to(.float64), bias.to(.float64))
  }
}
