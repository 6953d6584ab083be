// The layers of FusedNorm.cpp and Shortcut.cpp out of libtorch's operations, which have gradients.

#include "Composed.h"

#if CTORCH_HAS_LIBTORCH

#include <ATen/Context.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/constant_pad_nd.h>

namespace ct::composed {

at::Tensor batch_norm_relu(const at::Tensor &input, const at::Tensor &weight, const at::Tensor &bias,
                           const at::Tensor &running_mean, const at::Tensor &running_variance,
                           const std::optional<at::Tensor> &shortcut, double momentum, double epsilon) {
  at::Tensor y = at::batch_norm(input, weight, bias, running_mean, running_variance, /*training=*/true, momentum,
                                epsilon, at::globalContext().userEnabledCuDNN());
  // Its gradient needs the input, not the result, which may therefore be written over.
  if (shortcut) y.add_(*shortcut);
  return y.relu_();
}

at::Tensor subsample(const at::Tensor &input, int64_t stride, int64_t channels) {
  const int64_t added = channels - input.size(1), before = added / 2;
  const at::Tensor pixels = input.slice(2, 0, {}, stride).slice(3, 0, {}, stride);
  return at::constant_pad_nd(pixels, {0, 0, 0, 0, before, added - before})
      .contiguous(at::MemoryFormat::ChannelsLast);
}

}  // namespace ct::composed

#endif
