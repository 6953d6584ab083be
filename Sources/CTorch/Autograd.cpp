// Gradients as values, and the two modes that belong to a thread.

#include "Device.h"

#if CTORCH_HAS_LIBTORCH

#include <ATen/autocast_mode.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>

using namespace ct;

int ct_gradients(ct_tensor output, const ct_tensor *inputs, size_t count, ct_tensor *out) {
  return guarded([&] {
    auto gradients = torch::autograd::grad({get(output)}, list(inputs, count));
    size_t made = 0;
    try {
      for (; made < count; made++) out[made] = own(std::move(gradients[made]));
    } catch (...) {
      while (made > 0) ct_free(out[--made]);
      throw;
    }
  });
}

bool ct_set_gradient_mode(bool enabled) {
  bool before = c10::GradMode::is_enabled();
  c10::GradMode::set_enabled(enabled);
  return before;
}

bool ct_set_bfloat16_autocast(ct_device device, bool enabled) {
  const auto type = place(device).type();
  bool before = at::autocast::is_autocast_enabled(type);
  at::autocast::set_autocast_enabled(type, enabled);
  at::autocast::set_autocast_dtype(type, at::kBFloat16);
  // The cache holds casts of weights; it must not outlive the region, because the weights move.
  if (!enabled) at::autocast::clear_cache();
  return before;
}

#endif
