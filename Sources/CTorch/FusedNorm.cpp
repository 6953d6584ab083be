// max(0, batch normalisation of x + shortcut), and the normalisation alone, as operations with a gradient. What lies
// between the convolutions of a residual network is memory traffic; together these steps read and write each tensor about
// a third as often. What was cut off comes out twice, because two read it: the next layer, and the shortcut around it.
// Their gradients are then added where they are read, not in a pass of their own.

#include "Composed.h"

#if CTORCH_HAS_LIBTORCH

#include <ATen/Context.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/empty_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include "NormSteps.h"

using namespace ct;

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct Norm : torch::autograd::Function<Norm> {
  static variable_list forward(AutogradContext *context, const at::Tensor &input, const at::Tensor &weight,
                               const at::Tensor &bias, const std::optional<at::Tensor> &shortcut,
                               const at::Tensor &running_mean, const at::Tensor &running_variance, double momentum,
                               double epsilon, bool rectifies) {
    context->set_materialize_grads(false);
    const auto x = norm::dense(input, input.scalar_type());
    const auto layout = norm::layout_of(x, x.size(1));
    const auto residual = shortcut ? norm::dense(*shortcut, x.scalar_type()) : at::Tensor();

    const auto moments = norm::moments(x);
    norm::move_running(running_mean, running_variance, moments, layout.pixels, momentum);
    const auto y = norm::normalized(layout, {moments, weight, bias, epsilon, rectifies}, x, residual);
    // What is not cut off anywhere has a gradient that does not ask where.
    context->save_for_backward({x, rectifies ? y : at::Tensor(), weight, bias});
    context->saved_data["has_shortcut"] = shortcut.has_value();
    context->saved_data["mean"] = moments.mean;
    context->saved_data["variance"] = moments.variance;
    context->saved_data["epsilon"] = epsilon;
    context->saved_data["rectifies"] = rectifies;
    if (rectifies) return {y, y.detach()};
    return {y};
  }

  static variable_list backward(AutogradContext *context, const variable_list &slopes) {
    const auto saved = context->get_saved_variables();
    const auto &x = saved[0], &y = saved[1], &weight = saved[2], &bias = saved[3];
    at::Tensor one, other;
    for (const auto &slope : slopes)
      if (slope.defined()) (one.defined() ? other : one) = norm::dense(slope, x.scalar_type());
    if (!one.defined()) return variable_list(9);
    const bool has_shortcut = context->saved_data["has_shortcut"].toBool();
    // What `dense` had to copy, such as the spread-out slope of a mean over pixels, is nobody else's: it is written over.
    const bool is_copy = !one.is_alias_of(slopes[0].defined() ? slopes[0] : slopes[1]);
    at::Tensor masked;
    if (has_shortcut || other.defined()) masked = is_copy ? one : at::empty_like(x);
    const norm::Slope slope{one.const_data_ptr(), other.defined() ? other.const_data_ptr() : nullptr,
                            masked.defined() ? y.const_data_ptr() : nullptr,
                            masked.defined() ? masked.mutable_data_ptr() : nullptr};

    const norm::Moments moments{context->saved_data["mean"].toDoubleVector(),
                                context->saved_data["variance"].toDoubleVector()};
    const norm::Constants constants(moments, weight, bias, context->saved_data["epsilon"].toDouble(),
                                    context->saved_data["rectifies"].toBool());
    const auto dx = at::empty_like(x);
    const auto parameters = norm::propagate(norm::layout_of(x, x.size(1)), constants, x, slope, dx, /*adds=*/false,
                                            weight.scalar_type());
    return {dx, parameters.weight, parameters.bias, has_shortcut ? masked : at::Tensor(), {}, {}, {}, {}, {}};
  }
};

// The parameters and running statistics of one normalisation, and its input.
void check_norm(const at::Tensor &x, std::initializer_list<at::Tensor> numbers) {
  TORCH_CHECK(x.dim() == 4, "batch normalisation of a tensor of rank ", x.dim());
  for (const auto &each : numbers)
    TORCH_CHECK(each.dim() == 1 && each.size(0) == x.size(1), x.size(1), " channels and ", each.sizes());
  TORCH_CHECK(x.numel() > x.size(1), "more than one value for each channel is needed, not the shape ", x.sizes());
}

}  // namespace

int ct_batch_norm_relu(ct_tensor input, ct_tensor weight, ct_tensor bias, ct_tensor running_mean,
                       ct_tensor running_variance, ct_tensor shortcut, double momentum, double epsilon,
                       ct_tensor *out, ct_tensor *again) {
  return guarded([&] {
    const at::Tensor &x = get(input), &gamma = get(weight), &beta = get(bias), &mean = get(running_mean),
                     &variance = get(running_variance);
    const auto residual = optional(shortcut);
    check_norm(x, {gamma, beta, mean, variance});
    if (residual) TORCH_CHECK(residual->sizes() == x.sizes(), x.sizes(), " and a shortcut of ", residual->sizes());
    if (has_kernels(x)) {
      const auto both = Norm::apply(x, gamma, beta, residual, mean, variance, momentum, epsilon, /*rectifies=*/true);
      own({both[0], both[1]}, out, again);
    } else {
      const auto y = composed::batch_norm_relu(x, gamma, beta, mean, variance, residual, momentum, epsilon);
      own({y, y}, out, again);
    }
  });
}

int ct_batch_norm(ct_tensor input, ct_tensor weight, ct_tensor bias, ct_tensor running_mean,
                  ct_tensor running_variance, double momentum, double epsilon, ct_tensor *out) {
  return producing(out, [&] {
    const at::Tensor &x = get(input), &gamma = get(weight), &beta = get(bias), &mean = get(running_mean),
                     &variance = get(running_variance);
    check_norm(x, {gamma, beta, mean, variance});
    if (has_kernels(x))
      return Norm::apply(x, gamma, beta, std::nullopt, mean, variance, momentum, epsilon, /*rectifies=*/false)[0];
    return at::batch_norm(x, gamma, beta, mean, variance, /*training=*/true, momentum, epsilon,
                          at::globalContext().userEnabledCuDNN());
  });
}

#endif
