//  From Swift arrays to tensors and back.

internal import CTorch

/// A Swift type that tensors hold as it is.
public protocol TensorElement: BitwiseCopyable {
  static var elementType: ElementType { get }
}

extension UInt8: TensorElement { public static var elementType: ElementType { .uint8 } }
extension Int64: TensorElement { public static var elementType: ElementType { .int64 } }
extension Float: TensorElement { public static var elementType: ElementType { .float32 } }
extension Double: TensorElement { public static var elementType: ElementType { .float64 } }
extension Bool: TensorElement { public static var elementType: ElementType { .bool } }

extension Tensor {
  /// A tensor of the array's values on the processor, row-major; of one dimension without `shape`.
  public convenience init<Element: TensorElement>(_ values: [Element], shape: [Int]? = nil) {
    let handle = values.withUnsafeBytes { Tensor.handle($0, Element.elementType, shape ?? [values.count]) }
    self.init(owning: handle)
  }

  /// A tensor on the processor over a copy of raw bytes, row-major in the machine's byte order.
  public convenience init(bytes: [UInt8], elementType: ElementType, shape: [Int]) {
    self.init(owning: bytes.withUnsafeBytes { Tensor.handle($0, elementType, shape) })
  }

  private static func handle(_ bytes: UnsafeRawBufferPointer, _ type: ElementType, _ shape: [Int]) -> ct_tensor {
    let needed = shape.reduce(1, *) * type.size
    precondition(bytes.count == needed, "\(bytes.count) bytes for shape \(shape) of \(type)")
    var result = ct_tensor(impl: nil)
    check(ct_from_bytes(bytes.baseAddress, type.code, shape.int64, shape.count, &result), "Tensor.init")
    return result
  }

  /// The values, row-major, converted to `Element` if the tensor holds another type. Waits for the device.
  public func array<Element: TensorElement>(of type: Element.Type = Element.self) -> [Element] {
    let source = elementType == Element.elementType ? self : to(Element.elementType)
    return [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
      check(ct_copy_bytes(source.handle, buffer.baseAddress, buffer.count * MemoryLayout<Element>.stride))
      initialized = buffer.count
    }
  }

  /// The values as raw bytes, row-major in the machine's byte order. Waits for the device.
  public var bytes: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count * elementType.size) { buffer, initialized in
      check(ct_copy_bytes(handle, buffer.baseAddress, buffer.count))
      initialized = buffer.count
    }
  }

  /// The one value of a tensor with one element. Waits for the device.
  public func item<Element: TensorElement>(_ type: Element.Type = Element.self) -> Element {
    precondition(count == 1, "item() of a tensor of shape \(shape)")
    return array(of: type)[0]
  }

  public func to(_ type: ElementType) -> Tensor { .made { ct_to(handle, type.code, $0) } }

  /// A tensor filled with one value.
  public static func full(
    _ value: Double, _ shape: [Int], _ type: ElementType = .float32, on device: Device = .cpu
  ) -> Tensor {
    .made { ct_full(value, type.code, device.code, shape.int64, shape.count, $0) }
  }

  public static func zeros(_ shape: [Int], _ type: ElementType = .float32, on device: Device = .cpu) -> Tensor {
    full(0, shape, type, on: device)
  }

  public static func ones(_ shape: [Int], _ type: ElementType = .float32, on device: Device = .cpu) -> Tensor {
    full(1, shape, type, on: device)
  }

  /// 0, 1, …, end − 1 as 64-bit integers.
  public static func range(_ end: Int, on device: Device = .cpu) -> Tensor {
    .made { ct_arange(Int64(end), device.code, $0) }
  }
}

extension ElementType {
  /// Bytes of one element.
  public var size: Int {
    switch self {
    case .uint8, .bool: 1
    case .bfloat16: 2
    case .float32: 4
    case .int64, .float64: 8
    }
  }
}
