// The layers that networks are made of, the cross-entropy, and the optimiser's step.

#include "Guard.h"

#if CTORCH_HAS_LIBTORCH

#include <ATen/core/Reduction.h>
#include <ATen/ops/_fused_sgd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/linear.h>

using namespace ct;

int ct_conv2d(ct_tensor input, ct_tensor weight, ct_tensor bias, int64_t stride, int64_t padding, ct_tensor *out) {
  return producing(out, [&] {
    return at::conv2d(get(input), get(weight), optional(bias), at::IntArrayRef{stride, stride},
                      at::IntArrayRef{padding, padding});
  });
}

int ct_linear(ct_tensor input, ct_tensor weight, ct_tensor bias, ct_tensor *out) {
  return producing(out, [&] { return at::linear(get(input), get(weight), get(bias)); });
}

int ct_relu_into(ct_tensor tensor) {
  return guarded([&] { get(tensor).relu_(); });
}

int ct_cross_entropy(ct_tensor logits, ct_tensor labels, ct_tensor *out) {
  return producing(out, [&] { return at::cross_entropy_loss(get(logits), get(labels), {}, at::Reduction::None); });
}

int ct_sgd(const ct_tensor *parameters, const ct_tensor *gradients, const ct_tensor *velocities, size_t count,
           double learning_rate, double momentum, double weight_decay, bool nesterov, bool first_step) {
  return guarded([&] {
    auto weights = list(parameters, count), slopes = list(gradients, count), speeds = list(velocities, momentum > 0 ? count : 0);
    // The fused kernel reads weights and gradients as flat memory, so they must be laid out alike.
    for (size_t i = 0; i < count; i++)
      if (slopes[i].strides() != weights[i].strides())
        slopes[i] = at::empty_like(weights[i]).copy_(slopes[i]);
    at::_fused_sgd_(weights, slopes, speeds, weight_decay, momentum, learning_rate, /*dampening=*/0, nesterov,
                    /*maximize=*/false, first_step);
  });
}

#endif
