//  Features that another program has made of a data set's images, with the last layer of its classifier: all that an
//  analysis needs of a network that cannot be run here.

public import Foundation
public import Images
internal import Networks
public import Storage
internal import Torch

/// The penultimate features of any classifier z = W a + b, from files.
///
/// In PyTorch, for `model.fc` and a loader that goes through the images in order:
///
///     save_file({"features": features, "labels": labels}, "train.safetensors")   # N×A, N
///     save_file({"weight": model.fc.weight, "bias": model.fc.bias}, "fc.safetensors")   # C×A, C
public struct SavedFeatures {
  /// N×A, float32.
  let train, test: Tensor
  /// C×A and C numbers, float64.
  let weight, bias: Tensor

  /// Reads both splits and the last layer, and checks them against the images and each other.
  /// - Parameters:
  ///   - train: a `.npy` file of N×A numbers, or a `.safetensors` file with `features` and, if it has them, `labels`, which
  ///     must be those of the data set: rows in another order would show wrong images along every direction.
  ///   - classifier: a `.safetensors` file with `weight` (C×A) and `bias` (C), also under longer names (`fc.weight`) among the
  ///     weights of the whole network, if only one layer has these shapes.
  /// - Throws: `FileError` naming the file, what it holds and what was expected.
  public init(train: URL, test: URL, classifier: URL, of dataset: Dataset) throws(FileError) {
    self.train = try Self.features(in: train, of: dataset.train, split: "training")
    self.test = try Self.features(in: test, of: dataset.test, split: "test")
    let width = self.train.shape[1]
    guard self.test.shape[1] == width else {
      throw .malformed(
        path: test.path, found: "\(self.test.shape[1]) features an image", expected: "\(width), as in \(train.path)")
    }
    (weight, bias) = try Self.lastLayer(in: classifier, classCount: dataset.classNames.count, width: width)
  }

  private static func lastLayer(
    in file: URL, classCount: Int, width: Int
  ) throws(FileError) -> (weight: Tensor, bias: Tensor) {
    let arrays = try Safetensors(contentsOf: file).arrays
    let names = arrays.keys.filter { name in
      (name == "weight" || name.hasSuffix(".weight")) && arrays[name]?.shape == [classCount, width]
        && arrays[name.dropLast("weight".count) + "bias"]?.shape == [classCount]
    }
    guard names.count == 1, let name = names.first, let weight = arrays[name].flatMap(numbers),
      let bias = arrays[name.dropLast("weight".count) + "bias"].flatMap(numbers)
    else {
      let found = names.isEmpty ? arrays.keys.sorted().prefix(6) : names.sorted().prefix(6)
      throw .malformed(
        path: file.path, found: "arrays \(found.joined(separator: ", "))\(arrays.count > found.count ? ", …" : "")",
        expected: "one weight of shape [\(classCount), \(width)], classes × features, with a bias of [\(classCount)]")
    }
    guard weight.isFinite, bias.isFinite else {
      throw .malformed(path: file.path, found: "\(name) or its bias with NaN or ∞", expected: "finite numbers")
    }
    return (weight.to(.float64), bias.to(.float64))
  }

  private static func features(in file: URL, of images: ImageSet, split: String) throws(FileError) -> Tensor {
    let (stored, labels): (StoredArray, StoredArray?)
    switch file.pathExtension.lowercased() {
    case "npy": (stored, labels) = (try StoredArray(numPy: file), nil)
    case "safetensors":
      let arrays = try Safetensors(contentsOf: file).arrays
      guard let found = arrays["features"] else {
        throw .malformed(
          path: file.path, found: "arrays \(arrays.keys.sorted().joined(separator: ", "))",
          expected: "one called features")
      }
      (stored, labels) = (found, arrays["labels"])
    default:
      throw .malformed(
        path: file.path, found: "a name that ends in neither .npy nor .safetensors", expected: "one of these formats")
    }
    guard stored.shape.count == 2, stored.shape[0] == images.count, stored.shape[1] > 0 else {
      throw .malformed(
        path: file.path, found: "features of shape \(stored.shape)",
        expected: "\(images.count) rows, one for each \(split) image")
    }
    guard let features = numbers(stored) else {
      throw .malformed(
        path: file.path, found: "features of type \(stored.elementType.rawValue)", expected: "floating-point numbers")
    }
    guard features.isFinite else {
      throw .malformed(path: file.path, found: "features with NaN or ∞", expected: "finite numbers")
    }
    if let labels { try check(labels, of: images, file: file, split: split) }
    return features
  }

  private static func check(_ labels: StoredArray, of images: ImageSet, file: URL, split: String) throws(FileError) {
    guard labels.shape == [images.count], let found = Tensor(labels)?.to(.int64).array(of: Int64.self) else {
      throw .malformed(
        path: file.path, found: "labels of shape \(labels.shape), \(labels.elementType.rawValue)",
        expected: "\(images.count) whole numbers, I64 or U8")
    }
    if let row = images.labels.indices.first(where: { found[$0] != Int64(images.labels[$0]) }) {
      throw .malformed(
        path: file.path, found: "label \(found[row]) in row \(row)",
        expected: "\(images.labels[row]), that of the data set's \(split) image \(row); rows in the data set's order")
    }
  }

  /// In float32; nil for numbers that are not floating-point ones.
  private static func numbers(_ array: StoredArray) -> Tensor? {
    switch array.elementType {
    case .float64, .float32, .bfloat16: return Tensor(array)?.to(.float32)
    case .float16:
      let values = [Float](unsafeUninitializedCapacity: array.bytes.count / 2) { buffer, count in
        array.bytes.withUnsafeBytes { bytes in
          for index in buffer.indices {
            buffer[index] = Float(bytes.loadUnaligned(fromByteOffset: 2 * index, as: Float16.self))
          }
        }
        count = buffer.count
      }
      return Tensor(values, shape: array.shape)
    case .int64, .int32, .int16, .int8, .uint8, .bool: return nil
    }
  }
}
