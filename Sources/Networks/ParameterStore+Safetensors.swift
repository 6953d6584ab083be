//  Checkpoints: a network's tensors as a safetensors file under the names that PyTorch gives them.

public import Foundation
public import Storage
internal import Torch

extension ParameterStore {
  /// All parameters and buffers by name.
  public var arrays: [String: StoredArray] {
    Dictionary((parameters + buffers).map { ($0.name, $0.tensor.stored) }, uniquingKeysWith: { first, _ in first })
  }

  /// Overwrites every parameter and buffer with a file's. Forgiven: the prefix `module.` of PyTorch's
  /// DataParallel, and missing `num_batches_tracked`.
  /// - Throws: `FileError` naming the file and the first array that is missing, left over, or of another shape or
  ///   type than float32, float64 or (for counters) int64. Nothing is overwritten then.
  public func load(from url: URL) throws(FileError) {
    try load(try Safetensors(contentsOf: url).arrays, from: url)
  }

  /// The same with arrays that were read from `url` before.
  public func load(_ stored: [String: StoredArray], from url: URL) throws(FileError) {
    var arrays: [String: StoredArray] = [:]
    for (name, array) in stored {
      arrays[name.hasPrefix("module.") ? String(name.dropFirst("module.".count)) : name] = array
    }
    var assignments: [(Tensor, Tensor)] = []
    for (name, tensor) in parameters + buffers {
      guard let array = arrays.removeValue(forKey: name) else {
        if name.hasSuffix("num_batches_tracked") { continue }
        throw .malformed(
          path: url.path, found: "no array \"\(name)\"", expected: "\"\(name)\" of shape \(tensor.shape)")
      }
      guard array.shape == tensor.shape, let value = Tensor(array),
        value.elementType.isFloat == tensor.elementType.isFloat
      else {
        throw .malformed(
          path: url.path, found: "\"\(name)\" of shape \(array.shape) and type \(array.elementType.rawValue)",
          expected: "shape \(tensor.shape) and type \(tensor.elementType.isFloat ? "F32" : "I64")")
      }
      assignments.append((tensor, value))
    }
    if let name = arrays.keys.min() {
      throw .malformed(path: url.path, found: "an array \"\(name)\"", expected: "only arrays that the network has")
    }
    withoutGradients {
      for (tensor, value) in assignments { tensor.assign(value) }
    }
  }
}

extension ElementType {
  fileprivate var isFloat: Bool { self == .float32 || self == .float64 }
}
