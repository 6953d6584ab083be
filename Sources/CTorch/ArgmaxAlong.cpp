// Where points that move along rays come nearest: the largest of base + t * slope in a row, for several t at once, so
// that both are read from memory once.

#include "Device.h"
#include "Parallel.h"
#include "Vectorized.h"

#if CTORCH_HAS_LIBTORCH

#include <ATen/ops/empty.h>

using namespace ct;

namespace {

constexpr int64_t max_lanes = 32, search_block = 1024;

// The largest of base[i] + t * slope[i] for n numbers, n a multiple of `max_lanes`.
CT_VECTORIZED float largest(const float *base, const float *slope, float t, int64_t n) {
  float best[max_lanes];
  for (int64_t l = 0; l < max_lanes; l++) best[l] = base[l] + t * slope[l];
  for (int64_t i = max_lanes; i < n; i += max_lanes)
    for (int64_t l = 0; l < max_lanes; l++) {
      const float value = base[i + l] + t * slope[i + l];
      best[l] = value > best[l] ? value : best[l];
    }
  float result = best[0];
  for (int64_t l = 1; l < max_lanes; l++) result = best[l] > result ? best[l] : result;
  return result;
}

// The first place of the largest, block by block: only in a block that beats those before it the place is looked for.
void search(const float *base, const float *slope, int64_t n, const float *steps, size_t count, int64_t *out) {
  std::vector<float> best(count, -INFINITY);
  std::fill(out, out + count, int64_t{0});
  for (int64_t start = 0; start < n; start += search_block) {
    const int64_t end = std::min(n, start + search_block);
    const int64_t whole = (end - start) / max_lanes * max_lanes;
    for (size_t k = 0; k < count; k++) {
      if (whole > 0 && !(largest(base + start, slope + start, steps[k], whole) > best[k]) && start + whole == end)
        continue;
      for (int64_t i = start; i < end; i++) {
        const float value = base[i] + steps[k] * slope[i];
        if (value > best[k]) {
          best[k] = value;
          out[k] = i;
        }
      }
    }
  }
}

}  // namespace

int ct_argmax_along(ct_tensor base, ct_tensor slope, const float *steps, size_t count, ct_tensor *out) {
  return producing(out, [&] {
    const at::Tensor a = on_host(base).contiguous(), b = on_host(slope).contiguous();
    TORCH_CHECK(a.dim() == 2 && a.sizes() == b.sizes() && a.size(1) > 0, "base ", a.sizes(), ", slope ", b.sizes());
    TORCH_CHECK(a.scalar_type() == at::kFloat && b.scalar_type() == at::kFloat, "expected float32");
    const int64_t rows = a.size(0), columns = a.size(1);
    at::Tensor result = at::empty({rows, static_cast<int64_t>(count)}, at::TensorOptions().dtype(at::kLong));
    const float *p = a.const_data_ptr<float>(), *q = b.const_data_ptr<float>();
    int64_t *r = result.mutable_data_ptr<int64_t>();
    parallel(rows, chunk_count(rows, 4), [&](int64_t, int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; row++)
        search(p + row * columns, q + row * columns, columns, steps, count, r + row * count);
    });
    return result;
  });
}

#endif
