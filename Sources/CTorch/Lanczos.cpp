// The loops over float32 numbers that Lanczos' method spends its time in, for the processor at hand.

#include "Lanczos.h"

#if CTORCH_HAS_LIBTORCH

namespace ct {
namespace {

// The sum of all lanes; halves are added to halves, so `lanes` is a power of two.
template <int64_t lanes>
CT_INLINE float lane_sum(float *sums) {
  for (int64_t half = lanes / 2; half > 0; half /= 2)
    for (int64_t k = 0; k < half; k++) sums[k] += sums[k + half];
  return sums[0];
}

// A sum that the compiler can keep in vector registers: each lane adds up every 32nd product.
CT_INLINE float lane_dot(const float *x, const float *y, int64_t n) {
  constexpr int64_t lanes = 32;
  float sums[lanes] = {};
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes)
    for (int64_t k = 0; k < lanes; k++) sums[k] += x[i + k] * y[i + k];
  float rest = 0;
  for (; i < n; i++) rest += x[i] * y[i];
  return lane_sum<lanes>(sums) + rest;
}

}  // namespace

CT_VECTORIZED float dot(const float *x, const float *y, int64_t n) { return lane_dot(x, y, n); }

CT_VECTORIZED void add_scaled(float a, const float *x, float *y, int64_t n) {
  for (int64_t i = 0; i < n; i++) y[i] += a * x[i];
}

CT_VECTORIZED void add_row_products(const float *rows, int64_t count, int64_t n, const float *z, float *out) {
  // Four rows at a time, all four read side by side: rows come from memory, which serves several streams faster than one.
  constexpr int64_t block = 4, lanes = 16;
  int64_t r = 0;
  for (; r + block <= count; r += block) {
    const float *x0 = rows + r * n, *x1 = x0 + n, *x2 = x1 + n, *x3 = x2 + n;
    float sums[block][lanes] = {};
    int64_t i = 0;
    for (; i + lanes <= n; i += lanes)
      for (int64_t k = 0; k < lanes; k++) {
        const float value = z[i + k];
        sums[0][k] += x0[i + k] * value;
        sums[1][k] += x1[i + k] * value;
        sums[2][k] += x2[i + k] * value;
        sums[3][k] += x3[i + k] * value;
      }
    float c[block];
    for (int64_t b = 0; b < block; b++) {
      float rest = 0;
      for (int64_t j = i; j < n; j++) rest += rows[(r + b) * n + j] * z[j];
      c[b] = lane_sum<lanes>(sums[b]) + rest;
    }
    for (i = 0; i < n; i++) out[i] += (c[0] * x0[i] + c[1] * x1[i]) + (c[2] * x2[i] + c[3] * x3[i]);
  }
  for (; r < count; r++) {
    const float *x = rows + r * n, c = lane_dot(x, z, n);
    for (int64_t i = 0; i < n; i++) out[i] += c * x[i];
  }
}

CT_VECTORIZED void multiply_rows(const float *rows, int64_t count, int64_t n, const float *z, float *out) {
  for (int64_t r = 0; r < count; r++) out[r] = lane_dot(rows + r * n, z, n);
}

}  // namespace ct

#endif
