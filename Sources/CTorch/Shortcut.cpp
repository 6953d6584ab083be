// The shortcut without parameters of He et al. (2016), option A: every stride-th pixel, with new channels at zero on
// both sides. Slices and padding are passes over memory of their own, more of them for the gradient; this is one each
// way.

#include "Composed.h"

#if CTORCH_HAS_LIBTORCH

#include <ATen/ops/empty.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cstring>

#include "Parallel.h"

using namespace ct;

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// From N×C×H×W to channels-last N×channels×⌈H/stride⌉×⌈W/stride⌉, or the gradient back, whose other pixels are zero.
void copy_pixels(const at::Tensor &from, const at::Tensor &to, int64_t stride, bool back) {
  const auto &large = back ? to : from, &small = back ? from : to;
  const int64_t height = large.size(2), width = small.size(3), rows = to.size(0) * to.size(2);
  const size_t element = from.element_size(), pixel = large.size(1) * element, wide_pixel = small.size(1) * element;
  const size_t before = (small.size(1) - large.size(1)) / 2 * element, row_bytes = to.size(3) * to.size(1) * element;
  const auto *source = static_cast<const char *>(from.const_data_ptr());
  auto *target = static_cast<char *>(to.mutable_data_ptr());
  parallel(rows, chunk_count(rows, 64), [&](int64_t, int64_t first, int64_t last) {
    for (int64_t row = first; row < last; row++) {
      char *const to_row = target + row * row_bytes;
      std::memset(to_row, 0, row_bytes);
      const int64_t image = row / to.size(2), y = row % to.size(2);
      if (back && y % stride != 0) continue;
      const int64_t from_row = back ? image * from.size(2) + y / stride : image * height + y * stride;
      const char *const values = source + from_row * from.size(3) * from.size(1) * element;
      for (int64_t x = 0; x < width; x++)
        if (back)
          std::memcpy(to_row + x * stride * pixel, values + x * wide_pixel + before, pixel);
        else
          std::memcpy(to_row + x * wide_pixel + before, values + x * stride * pixel, pixel);
    }
  });
}

struct Subsample : torch::autograd::Function<Subsample> {
  static at::Tensor forward(AutogradContext *context, const at::Tensor &input, int64_t stride, int64_t channels) {
    context->saved_data["sizes"] = input.sizes();
    context->saved_data["stride"] = stride;
    auto result = at::empty({input.size(0), channels, (input.size(2) + stride - 1) / stride,
                             (input.size(3) + stride - 1) / stride},
                            input.options(), at::MemoryFormat::ChannelsLast);
    copy_pixels(input.contiguous(at::MemoryFormat::ChannelsLast), result, stride, /*back=*/false);
    return result;
  }

  static variable_list backward(AutogradContext *context, const variable_list &slopes) {
    const auto slope = slopes[0].contiguous(at::MemoryFormat::ChannelsLast);
    auto result =
        at::empty(context->saved_data["sizes"].toIntVector(), slope.options(), at::MemoryFormat::ChannelsLast);
    copy_pixels(slope, result, context->saved_data["stride"].toInt(), /*back=*/true);
    return {result, {}, {}};
  }
};

}  // namespace

int ct_subsample(ct_tensor tensor, int64_t stride, int64_t channels, ct_tensor *out) {
  return producing(out, [&] {
    const at::Tensor &input = get(tensor);
    TORCH_CHECK(input.dim() == 4 && stride > 0 && channels >= input.size(1), "every ", stride, ". pixel of ",
                input.sizes(), " in ", channels, " channels");
    return has_kernels(input) ? Subsample::apply(input, stride, channels)
                              : composed::subsample(input, stride, channels);
  });
}

#endif
