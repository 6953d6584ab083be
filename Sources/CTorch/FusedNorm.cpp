// max(0, batch normalisation of x + shortcut) as one operation with a gradient. What lies between the convolutions of
// a residual network is memory traffic; together these steps read and write each tensor about a third as often. The
// result comes out twice, because two read it: the next layer, and the shortcut around it. Their gradients are then
// added where they are read, not in a pass of their own.

#include "Composed.h"

#if CTORCH_HAS_LIBTORCH

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>

#include "NormKernels.h"
#include "Parallel.h"

using namespace ct;

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

norm::Layout layout_of(const at::Tensor &x) {
  auto element = norm::Element::float32;
  switch (x.scalar_type()) {
    case at::kBFloat16: element = norm::Element::bfloat16; break;
    case at::kFloat: break;
    case at::kDouble: element = norm::Element::float64; break;
    default: TORCH_CHECK(false, "batch normalisation of ", x.scalar_type());
  }
  return {element, x.size(1), x.size(0) * x.size(2) * x.size(3)};
}

// The kernels' view of memory: dense, channels innermost, of one type.
at::Tensor dense(const at::Tensor &tensor, at::ScalarType type) {
  return tensor.to(type).contiguous(at::MemoryFormat::ChannelsLast);
}

std::vector<double> values(const at::Tensor &tensor) {
  auto wide = tensor.to(at::kDouble).contiguous();
  return {wide.const_data_ptr<double>(), wide.const_data_ptr<double>() + wide.numel()};
}

at::Tensor tensor(const std::vector<double> &values, at::ScalarType type) {
  auto result = at::empty({static_cast<int64_t>(values.size())}, at::kDouble);
  std::copy(values.begin(), values.end(), result.mutable_data_ptr<double>());
  return result.to(type);
}

// Runs kernel(first, last) over all blocks, in parallel.
template <typename Kernel>
void for_blocks(const norm::Layout &layout, Kernel &&kernel) {
  parallel(layout.blocks(), chunk_count(layout.blocks(), 1),
           [&](int64_t, int64_t first, int64_t last) { kernel(first, last); });
}

// Both sums by channel over all blocks, from the sums of each.
void add_blocks(const norm::Layout &layout, const std::vector<double> &sums, std::vector<double> &a,
                std::vector<double> &b) {
  for (int64_t block = 0; block < layout.blocks(); block++)
    for (int64_t c = 0; c < layout.channels; c++) {
      a[c] += sums[2 * block * layout.channels + c];
      b[c] += sums[(2 * block + 1) * layout.channels + c];
    }
}

// Mean and variance (divisor: the pixels) by channel. Sums are taken of x less a guess of its mean, an average of a few
// pixels from all over the batch, so that nothing is lost where the mean is large against the deviation.
std::pair<std::vector<double>, std::vector<double>> moments(const norm::Layout &layout, const at::Tensor &x) {
  const int64_t channels = layout.channels, sample = std::min<int64_t>(layout.pixels, 16);
  auto rows = x.permute({0, 2, 3, 1}).view({layout.pixels, channels}).slice(0, 0, {}, layout.pixels / sample);
  auto mean = values(rows.to(at::kDouble).mean(0));
  std::vector<double> sums(2 * channels * layout.blocks()), excess(channels), variance(channels);
  for_blocks(layout, [&](int64_t first, int64_t last) {
    norm::moments(layout, x.const_data_ptr(), mean.data(), sums.data(), first, last);
  });
  add_blocks(layout, sums, excess, variance);
  for (int64_t c = 0; c < channels; c++) {
    const double offset = excess[c] / layout.pixels;
    mean[c] += offset;
    variance[c] = std::max(variance[c] / layout.pixels - offset * offset, 0.0);
  }
  return {mean, variance};
}

struct NormReLU : torch::autograd::Function<NormReLU> {
  static variable_list forward(AutogradContext *context, const at::Tensor &input, const at::Tensor &weight,
                               const at::Tensor &bias, const std::optional<at::Tensor> &shortcut,
                               const at::Tensor &running_mean, const at::Tensor &running_variance, double momentum,
                               double epsilon) {
    context->set_materialize_grads(false);
    const auto x = dense(input, input.scalar_type());
    const auto layout = layout_of(x);
    const auto residual = shortcut ? dense(*shortcut, x.scalar_type()) : at::Tensor();

    const auto [mean, variance] = moments(layout, x);
    const auto gamma = values(weight), beta = values(bias);
    std::vector<double> deviation_inverse(layout.channels), scale(layout.channels);
    auto unbiased = variance;
    for (int64_t c = 0; c < layout.channels; c++) {
      deviation_inverse[c] = 1 / std::sqrt(variance[c] + epsilon);
      scale[c] = gamma[c] * deviation_inverse[c];
      unbiased[c] *= static_cast<double>(layout.pixels) / (layout.pixels - 1);
    }
    running_mean.lerp_(tensor(mean, running_mean.scalar_type()), momentum);
    running_variance.lerp_(tensor(unbiased, running_variance.scalar_type()), momentum);

    auto y = at::empty_like(x);
    const norm::Affine affine{mean.data(), scale.data(), beta.data()};
    for_blocks(layout, [&](int64_t first, int64_t last) {
      norm::normalize(layout, affine, x.const_data_ptr(), shortcut ? residual.const_data_ptr() : nullptr,
                      y.mutable_data_ptr(), first, last);
    });
    context->save_for_backward({x, y, weight, bias});
    context->saved_data["has_shortcut"] = shortcut.has_value();
    context->saved_data["mean"] = mean;
    context->saved_data["deviation_inverse"] = deviation_inverse;
    return {y, y.detach()};
  }

  static variable_list backward(AutogradContext *context, const variable_list &slopes) {
    const auto saved = context->get_saved_variables();
    const auto &x = saved[0], &y = saved[1], &weight = saved[2], &bias = saved[3];
    const auto layout = layout_of(x);
    at::Tensor one, other;
    for (const auto &slope : slopes)
      if (slope.defined()) (one.defined() ? other : one) = dense(slope, x.scalar_type());
    if (!one.defined()) return variable_list(8);
    const bool has_shortcut = context->saved_data["has_shortcut"].toBool();
    const auto masked = has_shortcut || other.defined() ? at::empty_like(x) : at::Tensor();
    const norm::Slope slope{one.const_data_ptr(), other.defined() ? other.const_data_ptr() : nullptr,
                            masked.defined() ? y.const_data_ptr() : nullptr,
                            masked.defined() ? masked.mutable_data_ptr() : nullptr};

    const auto mean = context->saved_data["mean"].toDoubleVector();
    const auto deviation_inverse = context->saved_data["deviation_inverse"].toDoubleVector();
    const auto gamma = values(weight), beta = values(bias);
    std::vector<double> scale(layout.channels), slant(layout.channels), offset(layout.channels);
    for (int64_t c = 0; c < layout.channels; c++) scale[c] = gamma[c] * deviation_inverse[c];
    const norm::Affine affine{mean.data(), scale.data(), beta.data()};

    std::vector<double> sums(2 * layout.channels * layout.blocks()), bias_slope(layout.channels),
        weight_slope(layout.channels);
    for_blocks(layout, [&](int64_t first, int64_t last) {
      norm::reduce(layout, affine, x.const_data_ptr(), slope, sums.data(), first, last);
    });
    add_blocks(layout, sums, bias_slope, weight_slope);
    // dx = scale (g − mean g − x̂ · mean (g x̂)) with x̂ = (x − mean) · deviation_inverse
    for (int64_t c = 0; c < layout.channels; c++) {
      weight_slope[c] *= deviation_inverse[c];
      slant[c] = -scale[c] * deviation_inverse[c] * weight_slope[c] / layout.pixels;
      offset[c] = -scale[c] * bias_slope[c] / layout.pixels;
    }
    auto dx = at::empty_like(x);
    for_blocks(layout, [&](int64_t first, int64_t last) {
      norm::propagate(layout, affine, slant.data(), offset.data(), x.const_data_ptr(), slope, dx.mutable_data_ptr(),
                      first, last);
    });
    const auto type = weight.scalar_type();
    return {dx, tensor(weight_slope, type), tensor(bias_slope, type), has_shortcut ? masked : at::Tensor(),
            {}, {}, {}, {}};
  }
};

}  // namespace

int ct_batch_norm_relu(ct_tensor input, ct_tensor weight, ct_tensor bias, ct_tensor running_mean,
                       ct_tensor running_variance, ct_tensor shortcut, double momentum, double epsilon,
                       ct_tensor *out, ct_tensor *again) {
  return guarded([&] {
    const at::Tensor &x = get(input), &gamma = get(weight), &beta = get(bias), &mean = get(running_mean),
                     &variance = get(running_variance);
    const auto residual = optional(shortcut);
    TORCH_CHECK(x.dim() == 4, "batch normalisation of a tensor of rank ", x.dim());
    for (const auto &each : {gamma, beta, mean, variance})
      TORCH_CHECK(each.dim() == 1 && each.size(0) == x.size(1), x.size(1), " channels and ", each.sizes());
    TORCH_CHECK(x.numel() > x.size(1), "more than one value for each channel is needed, not the shape ", x.sizes());
    if (residual) TORCH_CHECK(residual->sizes() == x.sizes(), x.sizes(), " and a shortcut of ", residual->sizes());
    if (has_kernels(x)) {
      const auto both = NormReLU::apply(x, gamma, beta, residual, mean, variance, momentum, epsilon);
      own({both[0], both[1]}, out, again);
    } else {
      const auto y = composed::batch_norm_relu(x, gamma, beta, mean, variance, residual, momentum, epsilon);
      own({y, y}, out, again);
    }
  });
}

#endif
