//  Where a network's tensors live under the dotted names that checkpoints know them by. A layer names its
//  tensors when it is made, so the keys of a checkpoint follow from how the network is built.

public import Torch

/// Parameters (which are trained) and buffers (which are not: BatchNorm's running statistics) by name.
public final class ParameterStore {
  public private(set) var parameters: [(name: String, tensor: Tensor)] = []
  public private(set) var buffers: [(name: String, tensor: Tensor)] = []

  public init() {}

  /// Of parameters, and of buffers that are no counters. Tests hold networks to references in float64: in float32 a ReLU
  /// or a maximum that falls on its other side changes a gradient by more than rounding, in every implementation.
  @TaskLocal static var elementType = ElementType.float32

  /// The place of a layer in the tree of names.
  public struct Scope {
    let store: ParameterStore
    let prefix: String
    /// Where initial values come from; each parameter draws from a stream of its own name.
    let seed: UInt64
    let device: Device

    /// The scope of a part: `scope["layer1"]["0"]` names tensors `layer1.0.…`.
    public subscript(name: String) -> Scope {
      Scope(store: store, prefix: prefix + name + ".", seed: seed, device: device)
    }

    /// Adds a parameter with the given initial value.
    public func parameter(_ name: String, _ value: Tensor) -> Tensor {
      let tensor = value.to(ParameterStore.elementType).to(device).requiringGradient()
      store.parameters.append((prefix + name, tensor))
      return tensor
    }

    /// Adds a parameter drawn from N(0, deviation²).
    public func parameter(_ name: String, normal shape: [Int], deviation: Double) -> Tensor {
      let value = RandomGenerator(seed: seed, "weights", prefix + name).normal(shape) * deviation
      return parameter(name, shape.count == 4 ? value.channelsLast : value)
    }

    public func buffer(_ name: String, _ value: Tensor) -> Tensor {
      let tensor = (value.elementType == .float32 ? value.to(ParameterStore.elementType) : value).to(device)
      store.buffers.append((prefix + name, tensor))
      return tensor
    }
  }

  /// The root of the names. Values are made on the processor and moved to the device.
  public func root(seed: UInt64, device: Device = .cpu) -> Scope {
    Scope(store: self, prefix: "", seed: seed, device: device)
  }
}
