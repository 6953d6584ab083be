// The layers of FusedNorm.cpp, Shortcut.cpp and DenseBlock.cpp out of libtorch's operations, which have gradients.

#include "Composed.h"

#if CTORCH_HAS_LIBTORCH

#include <ATen/Context.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>

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

at::Tensor dense_block(const at::Tensor &input, const std::vector<DenseLayer> &layers, double momentum,
                       double epsilon) {
  const auto rectified = [&](const at::Tensor &x, const DenseLayer::Norm &norm) {
    return batch_norm_relu(x, norm.weight, norm.bias, norm.running_mean, norm.running_variance, std::nullopt, momentum,
                           epsilon);
  };
  std::vector<at::Tensor> features{input};
  for (const auto &layer : layers) {
    const auto bottleneck = at::conv2d(rectified(at::cat(features, 1), layer.first_norm), layer.first_kernel);
    features.push_back(at::conv2d(rectified(bottleneck, layer.second_norm), layer.second_kernel, {}, 1, 1));
  }
  return at::cat(features, 1);
}

}  // namespace ct::composed

#endif
