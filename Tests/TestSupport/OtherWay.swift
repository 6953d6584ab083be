//  The ways to compute what kernels of ours compute on the processor.

public import Torch

/// Where an operation that has a kernel is composed of libtorch's operations, as it is on a GPU.
public enum OtherWay: Sendable, CaseIterable {
  /// On the processor, which would have the kernel.
  case composed
  case gpu

  /// Those of this machine.
  public static var here: [OtherWay] { Device.cuda.isAvailable ? allCases : [.composed] }

  /// Runs `body` that way; it is told where its tensors should lie.
  public func callAsFunction<Result>(gathering gathered: Int = 1 << 26, _ body: (Device) throws -> Result) rethrows
    -> Result
  {
    switch self {
    case .composed: try withComposedOperations(gathering: gathered) { try body(.cpu) }
    case .gpu: try body(.cuda)
    }
  }
}
