//  A tensor of libtorch as a Swift object: freed when the last reference goes, never shared between threads.

internal import CTorch

/// What the elements of a tensor are.
public enum ElementType: Int32, Sendable, CaseIterable {
  case uint8 = 0
  case int64 = 4
  case float32 = 6
  case float64 = 7
  case bool = 11
  case bfloat16 = 15

  var code: ct_dtype { ct_dtype(UInt32(rawValue)) }
}

/// An n-dimensional array that libtorch holds.
///
/// Not `Sendable`: a tensor belongs to the task that made it, and results leave as Swift arrays. Operations
/// on shapes that do not fit are errors of the programmer and trap with libtorch's message; whatever a user
/// can cause is checked, and thrown, before it comes here. Memory is freed by `deinit`.
public final class Tensor {
  let handle: ct_tensor

  /// Takes over a handle that the C interface made.
  init(owning handle: ct_tensor) {
    self.handle = handle
  }

  deinit { ct_free(handle) }

  public var shape: [Int] { (0..<rank).map { Int(ct_size(handle, Int64($0))) } }
  public var rank: Int { Int(ct_rank(handle)) }
  /// The number of elements.
  public var count: Int { shape.reduce(1, *) }

  public var elementType: ElementType {
    guard let type = ElementType(rawValue: ct_dtype_of(handle)) else {
      preconditionFailure("libtorch made a tensor of element type \(ct_dtype_of(handle))")
    }
    return type
  }
}

extension Tensor {
  /// Runs one call of the C interface that makes a tensor.
  static func made(_ operation: StaticString = #function, by call: (UnsafeMutablePointer<ct_tensor>) -> Int32)
    -> Tensor
  {
    var result = ct_tensor(impl: nil)
    check(call(&result), operation)
    return Tensor(owning: result)
  }

  /// The handle, or the null handle that stands for nothing.
  static func handle(_ tensor: Tensor?) -> ct_tensor { tensor?.handle ?? ct_tensor(impl: nil) }

  static func handles(_ tensors: [Tensor]) -> [ct_tensor] { tensors.map(\.handle) }
}

/// Traps if a call of the C interface failed.
func check(_ status: Int32, _ operation: StaticString = #function) {
  guard status == 0 else { fatalError("\(operation): \(String(cString: ct_error()))") }
}

extension [Int] {
  var int64: [Int64] { map(Int64.init) }
}
