//  Tensors to arrays in files and back.

internal import Foundation
public import Storage
public import Torch

extension Tensor {
  /// The tensor as it lies in a file, row-major.
  public var stored: StoredArray {
    StoredArray(elementType.stored, shape: shape, bytes: Data(bytes))
  }

  /// The tensor of an array from a file; nil for the element types that no tensor of ours has.
  public convenience init?(_ array: StoredArray) {
    guard let type = ElementType.allCases.first(where: { $0.stored == array.elementType }) else { return nil }
    self.init(bytes: [UInt8](array.bytes), elementType: type, shape: array.shape)
  }
}

extension ElementType {
  fileprivate var stored: StoredArray.ElementType {
    switch self {
    case .uint8: .uint8
    case .int64: .int64
    case .float32: .float32
    case .float64: .float64
    case .bool: .bool
    case .bfloat16: .bfloat16
    }
  }
}
