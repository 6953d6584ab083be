//  Gradients are values: asked for when they are needed, never stored in the parameters.

internal import CTorch

extension Tensor {
  /// Makes this tensor one that gradients can be asked for, and returns it.
  public func requiringGradient() -> Tensor {
    check(ct_require_gradient(handle))
    return self
  }

  /// The same values, cut off from how they came about.
  public var detached: Tensor { .made { ct_detach(handle, $0) } }
}

/// ∂output/∂input for each input; `output` has one element. Frees what was kept for it.
public func gradient(of output: Tensor, withRespectTo inputs: [Tensor]) -> [Tensor] {
  var results = [ct_tensor](repeating: ct_tensor(impl: nil), count: inputs.count)
  check(ct_gradients(output.handle, Tensor.handles(inputs), inputs.count, &results))
  return results.map(Tensor.init(owning:))
}

/// Runs `body` without recording anything for gradients. The mode belongs to the thread, so `body` is synchronous.
public func withoutGradients<Result>(_ body: () throws -> Result) rethrows -> Result {
  let before = ct_set_gradient_mode(false)
  defer { _ = ct_set_gradient_mode(before) }
  return try body()
}

/// Runs `body` with convolutions and matrix products on a device in bfloat16, parameters cast once and cached meanwhile.
/// Does nothing special if not `enabled`.
public func withBFloat16<Result>(
  _ enabled: Bool, on device: Device = .cpu, _ body: () throws -> Result
) rethrows -> Result {
  guard enabled else { return try body() }
  let before = ct_set_bfloat16_autocast(device.code, true)
  defer { _ = ct_set_bfloat16_autocast(device.code, before) }
  return try body()
}
