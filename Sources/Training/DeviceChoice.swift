//  From the device that a run asks for to one that is there.

public import Results
public import Torch

/// A device was asked for by name, and nothing can compute on it.
public struct DeviceUnavailable: Error, CustomStringConvertible {
  public let device: Device
  /// Such as "libtorch 2.13.0 is built without CUDA".
  public let reason: String

  public var description: String { "device \(device.rawValue) was asked for, but \(reason)" }
}

extension RunConfiguration.DeviceChoice {
  /// The device to compute on: for `auto` a GPU if there is one.
  public func resolved() throws(DeviceUnavailable) -> Device {
    switch self {
    case .auto: return Device.cuda.isAvailable ? .cuda : .cpu
    case .cpu: return .cpu
    case .cuda:
      if let reason = Device.cuda.obstacle { throw DeviceUnavailable(device: .cuda, reason: reason) }
      return .cuda
    }
  }
}
