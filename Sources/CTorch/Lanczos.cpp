// The loops over float32 numbers that Lanczos' method spends its time in, for the processor at hand.

#include "Lanczos.h"

#if CTORCH_HAS_LIBTORCH

namespace ct {
namespace {

// A sum that the compiler can keep in vector registers: each lane adds up every 32nd product.
constexpr int64_t lanes = 32;

CT_INLINE float lane_dot(const float *x, const float *y, int64_t n) {
  float sums[lanes] = {};
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes)
    for (int64_t k = 0; k < lanes; k++) sums[k] += x[i + k] * y[i + k];
  float rest = 0;
  for (; i < n; i++) rest += x[i] * y[i];
  for (int64_t half = lanes / 2; half > 0; half /= 2)
    for (int64_t k = 0; k < half; k++) sums[k] += sums[k + half];
  return sums[0] + rest;
}

}  // namespace

CT_VECTORIZED float dot(const float *x, const float *y, int64_t n) { return lane_dot(x, y, n); }

CT_VECTORIZED void add_scaled(float a, const float *x, float *y, int64_t n) {
  for (int64_t i = 0; i < n; i++) y[i] += a * x[i];
}

CT_VECTORIZED void add_row_products(const float *rows, int64_t count, int64_t n, const float *z, float *out) {
  int64_t r = 0;
  // Four rows a pass over `out`.
  for (; r + 4 <= count; r += 4) {
    const float *x0 = rows + r * n, *x1 = x0 + n, *x2 = x1 + n, *x3 = x2 + n;
    const float c0 = lane_dot(x0, z, n), c1 = lane_dot(x1, z, n), c2 = lane_dot(x2, z, n), c3 = lane_dot(x3, z, n);
    for (int64_t i = 0; i < n; i++) out[i] += (c0 * x0[i] + c1 * x1[i]) + (c2 * x2[i] + c3 * x3[i]);
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
