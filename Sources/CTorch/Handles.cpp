// Life, shape and bytes of a tensor.

#include "Guard.h"

#if CTORCH_HAS_LIBTORCH

#include <ATen/ops/empty.h>

#include <cstring>

using namespace ct;

static_assert(static_cast<int>(at::kByte) == CT_UINT8 && static_cast<int>(at::kLong) == CT_INT64 &&
                  static_cast<int>(at::kFloat) == CT_FLOAT32 && static_cast<int>(at::kDouble) == CT_FLOAT64 &&
                  static_cast<int>(at::kBool) == CT_BOOL && static_cast<int>(at::kBFloat16) == CT_BFLOAT16,
              "ct_dtype has c10::ScalarType's numbers");

void ct_free(ct_tensor tensor) {
  if (!tensor.impl) return;
  delete &get(tensor);
  live_tensors.fetch_sub(1, std::memory_order_relaxed);
}

int64_t ct_rank(ct_tensor tensor) { return get(tensor).dim(); }
int64_t ct_size(ct_tensor tensor, int64_t dimension) { return get(tensor).sizes()[dimension]; }
int ct_dtype_of(ct_tensor tensor) { return static_cast<int>(get(tensor).scalar_type()); }

int ct_from_bytes(const void *bytes, ct_dtype dtype, const int64_t *shape, size_t rank, ct_tensor *out) {
  return producing(out, [&] {
    auto tensor = at::empty(sizes(shape, rank), at::TensorOptions().dtype(type(dtype)));
    if (tensor.nbytes() > 0) std::memcpy(tensor.data_ptr(), bytes, tensor.nbytes());
    return tensor;
  });
}

int ct_copy_bytes(ct_tensor tensor, void *bytes, size_t count) {
  return guarded([&] {
    auto source = get(tensor).detach().to(at::kCPU).contiguous();
    TORCH_CHECK(source.nbytes() == count, "a buffer of ", count, " bytes for a tensor of ", source.nbytes());
    if (count > 0) std::memcpy(bytes, source.const_data_ptr(), count);
  });
}

int ct_to(ct_tensor tensor, ct_dtype dtype, ct_tensor *out) {
  return producing(out, [&] { return get(tensor).to(type(dtype)); });
}

int ct_channels_last(ct_tensor tensor, ct_tensor *out) {
  return producing(out, [&] { return get(tensor).contiguous(at::MemoryFormat::ChannelsLast); });
}

int ct_detach(ct_tensor tensor, ct_tensor *out) {
  return producing(out, [&] { return get(tensor).detach(); });
}

int ct_require_gradient(ct_tensor tensor) {
  return guarded([&] { get(tensor).set_requires_grad(true); });
}

#endif
