//  Where tensors lie. Everything that is random or read from a file is made on the processor and moved, so that a run
//  sees the same initial weights, images and draws wherever it computes; operations stay where their operands are.

internal import CTorch

/// A kind of device that tensors lie on and operations run on.
public enum Device: String, Sendable, CaseIterable {
  /// The processor.
  case cpu
  /// The first GPU that CUDA shows to this process.
  case cuda

  var code: ct_device {
    switch self {
    case .cpu: CT_CPU
    case .cuda: CT_CUDA
    }
  }

  /// Why nothing can lie here, in words that follow "but"; nil if something can.
  public var obstacle: String? {
    switch ct_device_count(code) {
    case ..<0: "libtorch \(Library.version) is built without CUDA"
    case 0: "libtorch \(Library.version) finds no GPU"
    default: nil
    }
  }

  public var isAvailable: Bool { obstacle == nil }

  /// Of the device that is there, such as "NVIDIA H100 80GB HBM3"; nil for the processor and where it is not known.
  public var gpuName: String? {
    guard self == .cuda, isAvailable else { return nil }
    let name = String(cString: ct_gpu_name())
    return name.isEmpty ? nil : name
  }

  /// Whether it multiplies in bfloat16 faster than in float32: GPUs, AMX, AMD's AVX-512, ARM's BF16.
  public var hasBFloat16: Bool { ct_has_bfloat16(code) }
}

extension Tensor {
  public var device: Device {
    let code = ct_device_of(handle)
    guard let device = Device.allCases.first(where: { Int32($0.code.rawValue) == code }) else {
      preconditionFailure("libtorch made a tensor on a device of type \(code)")
    }
    return device
  }

  /// The same values on a device; the same memory if they lie there. A copy to a GPU of up to 1 MB is only set going.
  /// - Precondition: the device is available.
  public func to(_ device: Device) -> Tensor { .made { ct_to_device(handle, device.code, $0) } }
}

/// Runs `body` on this thread as if the processor had no kernels of ours: operations that have one are composed of
/// libtorch's, as on a GPU. So tests hold what GPUs compute to the kernels on any machine.
/// - Parameter gathered: the numbers of covariances that are copied at a time.
package func withComposedOperations<Result>(
  gathering gathered: Int = 1 << 26, _ body: () throws -> Result
) rethrows -> Result {
  let (wasComposing, before) = (ct_set_composing(true), ct_set_gathered(Int64(gathered)))
  defer { _ = (ct_set_composing(wasComposing), ct_set_gathered(before)) }
  return try body()
}
