// A block of a densely connected network (Huang et al., 2017) in one tensor: each layer reads its first channels and
// writes the next ones, so nothing is concatenated, forward or backward. A channel's mean and variance over the batch
// are the same for every layer that reads it, and are taken once. Kept for the backward pass are that tensor and what
// the 1×1 convolutions make; normalised tensors, which would be the most, are made again from them by one pass each
// (Pleiss et al., "Memory-Efficient Implementation of DenseNets", 2017). Gradients of all readers are added in one
// tensor.

#include "Composed.h"

#if CTORCH_HAS_LIBTORCH

#include <ATen/ops/conv2d.h>
#include <ATen/ops/convolution_backward.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include "NormSteps.h"

using namespace ct;

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

void append(norm::Moments &moments, const norm::Moments &more) {
  moments.mean.insert(moments.mean.end(), more.mean.begin(), more.mean.end());
  moments.variance.insert(moments.variance.end(), more.variance.begin(), more.variance.end());
}

at::Tensor empty(const at::Tensor &like, int64_t channels) {
  return at::empty({like.size(0), channels, like.size(2), like.size(3)}, like.options(),
                   at::MemoryFormat::ChannelsLast);
}

struct DenseBlock : torch::autograd::Function<DenseBlock> {
  // Of each layer the weights that have gradients.
  enum { first_weight, first_bias, first_kernel, second_weight, second_bias, second_kernel, each };

  static at::Tensor forward(AutogradContext *context, const at::Tensor &input, at::TensorList parameters,
                            const std::vector<DenseLayer> &layers, double momentum, double epsilon) {
    const auto x = norm::dense(input, input.scalar_type());
    int64_t channels = x.size(1), total = channels;
    for (const auto &layer : layers) total += layer.second_kernel.size(0);
    const auto features = empty(x, total);
    features.narrow(1, 0, channels).copy_(x);
    auto moments = norm::moments(x);
    norm::Moments inner;

    variable_list kept{features};
    for (const auto &layer : layers) {
      const auto front = norm::layout_of(features, channels);
      norm::move_running(layer.first_norm.running_mean, layer.first_norm.running_variance, moments, front.pixels,
                         momentum);
      const auto read = norm::normalized(
          front, {moments, layer.first_norm.weight, layer.first_norm.bias, epsilon}, features);
      const auto bottleneck = norm::dense(at::conv2d(read, layer.first_kernel), x.scalar_type());

      const auto own_moments = norm::moments(bottleneck);
      norm::move_running(layer.second_norm.running_mean, layer.second_norm.running_variance, own_moments, front.pixels,
                         momentum);
      const auto rectified =
          norm::normalized(norm::layout_of(bottleneck, bottleneck.size(1)),
                           {own_moments, layer.second_norm.weight, layer.second_norm.bias, epsilon}, bottleneck);
      const auto made =
          norm::dense(at::conv2d(rectified, layer.second_kernel, {}, /*stride=*/1, /*padding=*/1), x.scalar_type());

      append(moments, norm::moments(made));
      append(inner, own_moments);
      features.narrow(1, channels, made.size(1)).copy_(made);
      channels += made.size(1);
      kept.push_back(bottleneck);
    }
    kept.insert(kept.end(), parameters.begin(), parameters.end());
    context->save_for_backward(kept);
    context->saved_data["layers"] = static_cast<int64_t>(layers.size());
    context->saved_data["epsilon"] = epsilon;
    context->saved_data["mean"] = moments.mean;
    context->saved_data["variance"] = moments.variance;
    context->saved_data["inner mean"] = inner.mean;
    context->saved_data["inner variance"] = inner.variance;
    return features;
  }

  static variable_list backward(AutogradContext *context, const variable_list &slopes) {
    const auto kept = context->get_saved_variables();
    const auto &features = kept[0];
    const int64_t count = context->saved_data["layers"].toInt();
    const double epsilon = context->saved_data["epsilon"].toDouble();
    const norm::Moments moments{context->saved_data["mean"].toDoubleVector(),
                                context->saved_data["variance"].toDoubleVector()};
    const auto inner_mean = context->saved_data["inner mean"].toDoubleVector(),
               inner_variance = context->saved_data["inner variance"].toDoubleVector();

    // Each layer takes the gradient by the channels that it made, and adds what it has to those before.
    const auto slope = at::empty_like(features);
    slope.copy_(slopes[0]);
    variable_list results(1 + each * count);
    int64_t channels = features.size(1), inner_end = static_cast<int64_t>(inner_mean.size());
    for (int64_t index = count; index-- > 0;) {
      const auto &bottleneck = kept[1 + index];
      const at::Tensor *const parameters = &kept[1 + count + each * index];
      at::Tensor *const gradients = &results[1 + each * index];
      const int64_t made = parameters[second_kernel].size(0), inner = bottleneck.size(1);
      channels -= made;
      inner_end -= inner;

      const auto whole = norm::layout_of(bottleneck, inner);
      const norm::Constants second(
          {{inner_mean.begin() + inner_end, inner_mean.begin() + inner_end + inner},
           {inner_variance.begin() + inner_end, inner_variance.begin() + inner_end + inner}},
          parameters[second_weight], parameters[second_bias], epsilon);
      const auto own_slope = norm::dense(slope.narrow(1, channels, made), features.scalar_type());
      const auto by_rectified = through_convolution(own_slope, norm::normalized(whole, second, bottleneck),
                                                    parameters[second_kernel], /*padding=*/1, gradients[second_kernel]);
      const auto by_bottleneck = at::empty_like(bottleneck);
      through_norm(whole, second, bottleneck, by_rectified, by_bottleneck, /*adds=*/false, parameters + second_weight,
                   gradients + second_weight);

      const auto front = norm::layout_of(features, channels);
      const norm::Constants first(moments, parameters[first_weight], parameters[first_bias], epsilon);
      const auto by_read = through_convolution(by_bottleneck, norm::normalized(front, first, features),
                                               parameters[first_kernel], /*padding=*/0, gradients[first_kernel]);
      through_norm(front, first, features, by_read, slope, /*adds=*/true, parameters + first_weight,
                   gradients + first_weight);
    }
    results[0] = norm::dense(slope.narrow(1, 0, channels), features.scalar_type());
    results.resize(results.size() + 3);
    return results;
  }

  static at::Tensor through_convolution(const at::Tensor &slope, const at::Tensor &input, const at::Tensor &kernel,
                                        int64_t padding, at::Tensor &by_kernel) {
    at::Tensor by_input, by_bias;
    std::tie(by_input, by_kernel, by_bias) = at::convolution_backward(
        slope, input, kernel.to(input.scalar_type()), /*bias_sizes=*/std::nullopt, /*stride=*/{1, 1},
        {padding, padding}, /*dilation=*/{1, 1}, /*transposed=*/false, /*output_padding=*/{0, 0}, /*groups=*/1,
        {true, true, false});
    return norm::dense(by_input, input.scalar_type());
  }

  // From the gradient by a normalised tensor to that by x; `parameters` and `gradients` are weight and bias.
  static void through_norm(const norm::Layout &layout, const norm::Constants &constants, const at::Tensor &x,
                           const at::Tensor &slope, const at::Tensor &dx, bool adds, const at::Tensor *parameters,
                           at::Tensor *gradients) {
    auto slopes = norm::propagate(layout, constants, x, {slope.const_data_ptr(), nullptr, nullptr, nullptr}, dx, adds,
                                  parameters[0].scalar_type());
    gradients[0] = slopes.weight;
    gradients[1] = slopes.bias;
  }
};

DenseLayer::Norm norm_of(const ct_norm &norm) {
  return {get(norm.weight), get(norm.bias), get(norm.running_mean), get(norm.running_variance)};
}

void check_norm(const DenseLayer::Norm &norm, int64_t channels) {
  for (const auto &numbers : {norm.weight, norm.bias, norm.running_mean, norm.running_variance})
    TORCH_CHECK(numbers.dim() == 1 && numbers.size(0) == channels, channels, " channels and ", numbers.sizes());
}

// Whether each layer's tensors fit the channels that come to it.
void check(const at::Tensor &input, const std::vector<DenseLayer> &layers) {
  TORCH_CHECK(input.dim() == 4 && input.numel() > input.size(1), "a dense block of ", input.sizes());
  int64_t channels = input.size(1);
  for (const auto &[first_norm, first_kernel, second_norm, second_kernel] : layers) {
    const int64_t inner = first_kernel.size(0);
    check_norm(first_norm, channels);
    check_norm(second_norm, inner);
    TORCH_CHECK(first_kernel.sizes() == at::IntArrayRef({inner, channels, 1, 1}), channels, " channels and kernels of ",
                first_kernel.sizes());
    TORCH_CHECK(second_kernel.dim() == 4 && second_kernel.sizes().slice(1) == at::IntArrayRef({inner, 3, 3}), inner,
                " channels and kernels of ", second_kernel.sizes());
    channels += second_kernel.size(0);
  }
}

}  // namespace

int ct_dense_block(ct_tensor input, const ct_dense_layer *layers, size_t count, double momentum, double epsilon,
                   ct_tensor *out) {
  return producing(out, [&] {
    std::vector<DenseLayer> tensors;
    std::vector<at::Tensor> parameters;
    for (const auto *layer = layers; layer != layers + count; layer++) {
      tensors.push_back({norm_of(layer->first_norm), get(layer->first_kernel), norm_of(layer->second_norm),
                         get(layer->second_kernel)});
      const auto &own = tensors.back();
      for (const auto &parameter : {own.first_norm.weight, own.first_norm.bias, own.first_kernel,
                                    own.second_norm.weight, own.second_norm.bias, own.second_kernel})
        parameters.push_back(parameter);
    }
    const at::Tensor &x = get(input);
    check(x, tensors);
    return has_kernels(x) ? DenseBlock::apply(x, at::TensorList(parameters), tensors, momentum, epsilon)
                          : composed::dense_block(x, tensors, momentum, epsilon);
  });
}

#endif
