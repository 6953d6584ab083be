// Kernels of NormKernels.cpp over tensors. Numbers by channel are kept in double on the host.

#include "NormSteps.h"

#if CTORCH_HAS_LIBTORCH

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>

#include <cmath>
#include <limits>

#include "Parallel.h"

namespace ct::norm {

namespace {

std::vector<double> values(const at::Tensor &tensor) {
  auto wide = tensor.to(at::kDouble).contiguous();
  return {wide.const_data_ptr<double>(), wide.const_data_ptr<double>() + wide.numel()};
}

at::Tensor tensor(const std::vector<double> &values, int64_t count, at::ScalarType type) {
  auto result = at::empty({count}, at::kDouble);
  std::copy_n(values.begin(), count, result.mutable_data_ptr<double>());
  return result.to(type);
}

// Runs kernel(first, last) over all blocks, in parallel.
template <typename Kernel>
void for_blocks(const Layout &layout, Kernel &&kernel) {
  parallel(layout.blocks(), chunk_count(layout.blocks(), 1),
           [&](int64_t, int64_t first, int64_t last) { kernel(first, last); });
}

// Both sums by channel over all blocks, from the sums of each.
void add_blocks(const Layout &layout, const std::vector<double> &sums, std::vector<double> &a, std::vector<double> &b) {
  for (int64_t block = 0; block < layout.blocks(); block++)
    for (int64_t c = 0; c < layout.channels; c++) {
      a[c] += sums[2 * block * layout.channels + c];
      b[c] += sums[(2 * block + 1) * layout.channels + c];
    }
}

}  // namespace

at::Tensor dense(const at::Tensor &tensor, at::ScalarType type) {
  return tensor.to(type).contiguous(at::MemoryFormat::ChannelsLast);
}

Layout layout_of(const at::Tensor &x, int64_t channels) {
  auto element = Element::float32;
  switch (x.scalar_type()) {
    case at::kBFloat16: element = Element::bfloat16; break;
    case at::kFloat: break;
    case at::kDouble: element = Element::float64; break;
    default: TORCH_CHECK(false, "batch normalisation of ", x.scalar_type());
  }
  return {element, channels, x.size(0) * x.size(2) * x.size(3), x.size(1)};
}

// Sums are taken of x less a guess of its mean, an average of a few pixels from all over the batch, so that nothing is
// lost where the mean is large against the deviation.
Moments moments(const at::Tensor &x) {
  const auto layout = layout_of(x, x.size(1));
  const int64_t channels = layout.channels, sample = std::min<int64_t>(layout.pixels, 16);
  auto rows = x.permute({0, 2, 3, 1}).view({layout.pixels, channels}).slice(0, 0, {}, layout.pixels / sample);
  Moments result{values(rows.to(at::kDouble).mean(0)), std::vector<double>(channels)};
  std::vector<double> sums(2 * channels * layout.blocks()), excess(channels);
  for_blocks(layout, [&](int64_t first, int64_t last) {
    norm::moments(layout, x.const_data_ptr(), result.mean.data(), sums.data(), first, last);
  });
  add_blocks(layout, sums, excess, result.variance);
  for (int64_t c = 0; c < channels; c++) {
    const double offset = excess[c] / layout.pixels;
    result.mean[c] += offset;
    result.variance[c] = std::max(result.variance[c] / layout.pixels - offset * offset, 0.0);
  }
  return result;
}

void move_running(const at::Tensor &mean, const at::Tensor &variance, const Moments &batch, int64_t pixels,
                  double momentum) {
  const int64_t channels = mean.size(0);
  mean.lerp_(tensor(batch.mean, channels, mean.scalar_type()), momentum);
  auto unbiased = batch.variance;
  for (auto &value : unbiased) value *= static_cast<double>(pixels) / (pixels - 1);
  variance.lerp_(tensor(unbiased, channels, variance.scalar_type()), momentum);
}

Constants::Constants(const Moments &batch, const at::Tensor &weight, const at::Tensor &bias, double epsilon,
                     bool rectifies)
    : mean(batch.mean.begin(), batch.mean.begin() + weight.size(0)),
      deviation_inverse(mean.size()),
      scale(values(weight)),
      bias(values(bias)),
      floor(rectifies ? 0 : -std::numeric_limits<double>::infinity()) {
  for (size_t c = 0; c < mean.size(); c++) {
    deviation_inverse[c] = 1 / std::sqrt(batch.variance[c] + epsilon);
    scale[c] *= deviation_inverse[c];
  }
}

at::Tensor normalized(const Layout &layout, const Constants &constants, const at::Tensor &x,
                      const at::Tensor &residual) {
  auto y = at::empty({x.size(0), layout.channels, x.size(2), x.size(3)}, x.options(), at::MemoryFormat::ChannelsLast);
  for_blocks(layout, [&](int64_t first, int64_t last) {
    normalize(layout, constants.affine(), x.const_data_ptr(), residual.defined() ? residual.const_data_ptr() : nullptr,
              y.mutable_data_ptr(), first, last);
  });
  return y;
}

ParameterSlopes propagate(const Layout &layout, const Constants &constants, const at::Tensor &x, const Slope &slope,
                          const at::Tensor &dx, bool adds, at::ScalarType type) {
  const int64_t channels = layout.channels;
  std::vector<double> sums(2 * channels * layout.blocks()), bias_slope(channels), weight_slope(channels),
      slant(channels), offset(channels);
  for_blocks(layout, [&](int64_t first, int64_t last) {
    reduce(layout, constants.affine(), x.const_data_ptr(), slope, sums.data(), first, last);
  });
  add_blocks(layout, sums, bias_slope, weight_slope);
  // dx = scale (g − mean g − x̂ · mean (g x̂)) with x̂ = (x − mean) · deviation_inverse
  for (int64_t c = 0; c < channels; c++) {
    weight_slope[c] *= constants.deviation_inverse[c];
    slant[c] = -constants.scale[c] * constants.deviation_inverse[c] * weight_slope[c] / layout.pixels;
    offset[c] = -constants.scale[c] * bias_slope[c] / layout.pixels;
  }
  for_blocks(layout, [&](int64_t first, int64_t last) {
    propagate(layout, constants.affine(), slant.data(), offset.data(), x.const_data_ptr(), slope,
              dx.mutable_data_ptr(), adds, first, last);
  });
  return {tensor(weight_slope, channels, type), tensor(bias_slope, channels, type)};
}

}  // namespace ct::norm

#endif
