// Where tensors lie, for the functions that make or move them.
#pragma once

#include "Guard.h"

#if CTORCH_HAS_LIBTORCH

#include <cstring>

namespace ct {

at::Device place(ct_device device);

// Whether the kernels of this folder read the tensor's memory; the operation is composed of libtorch's (Composed.h)
// where they do not.
bool has_kernels(const at::Tensor &tensor);

// The tensor of a handle, for an operation that only the processor has.
inline const at::Tensor &on_host(ct_tensor handle) {
  const at::Tensor &tensor = get(handle);
  TORCH_CHECK(tensor.is_cpu(), "only the processor computes this, and the tensor lies on ", tensor.device());
  return tensor;
}

// The tensor on a device, itself if it lies there. Nothing waits for a copy of few bytes from the host.
at::Tensor moved(const at::Tensor &tensor, at::Device device);

}  // namespace ct

#endif
