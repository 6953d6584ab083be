// The layers that networks are made of, the cross-entropy, and the optimiser's step.

#include "Guard.h"

#if CTORCH_HAS_LIBTORCH

#include <ATen/core/Reduction.h>
#include <ATen/ops/_fused_sgd.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/lerp.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/max_pool2d.h>
#include <torch/csrc/autograd/custom_function.h>

using namespace ct;

namespace {

// A step between two tensors that is taken by one number on the way and by another on the way back (Gastaldi,
// "Shake-Shake regularization", 2017), in as many passes as the step and its gradient need anyway.
struct Shake : torch::autograd::Function<Shake> {
  static at::Tensor forward(torch::autograd::AutogradContext *context, const at::Tensor &first,
                            const at::Tensor &second, const at::Tensor &forward, const at::Tensor &backward) {
    context->save_for_backward({backward});
    return at::lerp(second, first, forward);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext *context,
                                                 const torch::autograd::variable_list &slopes) {
    const at::Tensor first = slopes[0].mul(context->get_saved_variables()[0]);
    return {first, slopes[0].sub(first), {}, {}};
  }
};

}  // namespace

int ct_conv2d(ct_tensor input, ct_tensor weight, ct_tensor bias, int64_t stride, int64_t padding, int64_t groups,
              ct_tensor *out) {
  return producing(out, [&] {
    return at::conv2d(get(input), get(weight), optional(bias), at::IntArrayRef{stride, stride},
                      at::IntArrayRef{padding, padding}, /*dilation=*/1, groups);
  });
}

int ct_linear(ct_tensor input, ct_tensor weight, ct_tensor bias, ct_tensor *out) {
  return producing(out, [&] { return at::linear(get(input), get(weight), optional(bias)); });
}

int ct_relu(ct_tensor tensor, ct_tensor *out) {
  return producing(out, [&] { return get(tensor).relu(); });
}

int ct_relu_into(ct_tensor tensor) {
  return guarded([&] { get(tensor).relu_(); });
}

int ct_sigmoid(ct_tensor tensor, ct_tensor *out) {
  return producing(out, [&] { return get(tensor).sigmoid(); });
}

int ct_max_pool2d(ct_tensor tensor, int64_t size, int64_t stride, int64_t padding, ct_tensor *out) {
  return producing(out, [&] {
    return at::max_pool2d(get(tensor), at::IntArrayRef{size, size}, at::IntArrayRef{stride, stride},
                          at::IntArrayRef{padding, padding});
  });
}

int ct_avg_pool2d(ct_tensor tensor, int64_t size, ct_tensor *out) {
  return producing(out, [&] { return at::avg_pool2d(get(tensor), at::IntArrayRef{size, size}); });
}

int ct_shake(ct_tensor first, ct_tensor second, ct_tensor forward, ct_tensor backward, ct_tensor *out) {
  return producing(out, [&] {
    const at::Tensor &one = get(first), &other = get(second);
    TORCH_CHECK(one.dim() == 4 && one.sizes() == other.sizes() && one.scalar_type() == other.scalar_type(),
                one.sizes(), " and ", other.sizes());
    const auto by_image = [&](const at::Tensor &numbers) {
      return numbers.to(one.scalar_type()).view({one.size(0), 1, 1, 1});
    };
    return Shake::apply(one, other, by_image(get(forward)), by_image(get(backward)));
  });
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
