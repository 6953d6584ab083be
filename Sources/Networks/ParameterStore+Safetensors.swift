//  Checkpoints: a network's tensors as a safetensors file under the names that PyTorch gives them.

public import Foundation
public import Storage
internal import Torch

extension ParameterStore {
  /// All parameters and buffers by name.
  public var arrays: [String: StoredArray] {
    Dictionary((parameters + buffers).map { ($0.name, $0.tensor.stored) }, uniquingKeysWith: { first, _ in first })
  }

  /// Overwrites every parameter and buffer with a file's. Forgiven: the prefix `module.` of PyTorch's DataParallel,
  /// missing `num_batches_tracked`, and the dots in `norm.1` and `conv.2` of old files of torchvision's DenseNets.
  /// - Throws: `FileError` naming the file and the arrays that are missing, left over, or of another shape or type than
  ///   float32, float64 or (for counters) int64. Nothing is overwritten then.
  public func load(from url: URL) throws(FileError) {
    try load(try Safetensors(contentsOf: url).arrays, from: url)
  }

  /// The same with arrays that were read from `url` before.
  public func load(_ stored: [String: StoredArray], from url: URL) throws(FileError) {
    var faults: [String] = []
    var arrays: [String: StoredArray] = [:]
    for (name, array) in stored.sorted(by: { $0.key < $1.key }) {
      let before = arrays.updateValue(array, forKey: Self.nameHere(name))
      if before != nil { faults.append("\"\(Self.nameHere(name))\" twice, once as \"\(name)\"") }
    }
    var assignments: [(Tensor, Tensor)] = []
    for (name, tensor) in parameters + buffers {
      guard let array = arrays.removeValue(forKey: name) else {
        if !name.hasSuffix("num_batches_tracked") { faults.append("no array \"\(name)\" of shape \(tensor.shape)") }
        continue
      }
      guard array.shape == tensor.shape, let value = Tensor(array),
        value.elementType.isFloat == tensor.elementType.isFloat
      else {
        faults.append(
          "\"\(name)\" of shape \(array.shape) and type \(array.elementType.rawValue), not \(tensor.shape) and "
            + (tensor.elementType.isFloat ? "F32" : "I64"))
        continue
      }
      assignments.append((tensor, value))
    }
    faults += arrays.keys.sorted().map { "an array \"\($0)\" that the network does not have" }
    guard faults.isEmpty else {
      let shown = 10
      throw .malformed(
        path: url.path,
        found: faults.prefix(shown).joined(separator: "; ")
          + (faults.count > shown ? "; and \(faults.count - shown) more that do not fit" : ""),
        expected: "the arrays of the network by PyTorch's names")
    }
    withoutGradients {
      for (tensor, value) in assignments { tensor.assign(value) }
    }
  }

  /// The name that the network has for an array of a file.
  private static func nameHere(_ name: String) -> String {
    name.replacing(/^module\./, with: "").replacing(/(denselayer\d+\.(?:norm|conv))\.([12])/) { "\($0.1)\($0.2)" }
  }
}

extension ElementType {
  fileprivate var isFloat: Bool { self == .float32 || self == .float64 }
}
