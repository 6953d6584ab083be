// The leading eigenpairs of a symmetric, positive semidefinite operator that is known only by its products. A class of
// 5000 images in 640 dimensions needs its 20 leading directions a hundred times over, and its largest eigenvalue a
// thousand times; a whole decomposition each time would take ten times as long.
#pragma once

#include "Guard.h"

#if CTORCH_HAS_LIBTORCH

#include "Vectorized.h"

#include <ATen/ops/linalg_eigh.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace ct {

// Sums of products of n float32 numbers, in lanes.
float dot(const float *x, const float *y, int64_t n);
// y += a x
void add_scaled(float a, const float *x, float *y, int64_t n);
// out += sum over rows x of (x . z) x, for `count` rows of n numbers: one pass over the rows.
void add_row_products(const float *rows, int64_t count, int64_t n, const float *z, float *out);
// out[i] = row_i . z for `count` rows of n numbers
void multiply_rows(const float *rows, int64_t count, int64_t n, const float *z, float *out);

// A stream of 64-bit numbers: SplitMix64 (Steele, Lea and Flood 2014).
struct SplitMix {
  uint64_t state;

  CT_INLINE uint64_t next() {
    uint64_t z = state += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
};

// What is enough: that the eigenvalue lies within the tolerance, or that the vectors leave no more residual.
enum class Converged { value, vectors };

struct Eigenpairs {
  // Falling; as many as were wanted, or as there are.
  std::vector<double> values;
  // One row of n numbers each, of unit length.
  std::vector<float> vectors;
};

// Lanczos' method with full reorthogonalisation (Golub and Van Loan, "Matrix Computations", 4th ed., 10.1 and 10.3) from a
// random start. `apply(v, w)` sets w to the product of the operator and v. Vectors are float32, so eigenvalues hold to
// about 1e-6 of the largest. Stops when the `wanted` leading pairs have converged to `tolerance`, relative to each
// eigenvalue; when the operator has no more of them; or after `most_steps`.
template <typename Apply>
Eigenpairs lanczos(int64_t n, int64_t wanted, int64_t most_steps, double tolerance, Converged what, SplitMix random,
                   const Apply &apply) {
  std::vector<float> basis, next(n);
  std::vector<double> diagonal, beside;
  for (float &value : next) value = static_cast<float>(static_cast<int64_t>(random.next() >> 11)) * 0x1p-52f - 1;
  {
    // A first product leaves of the start only what the operator can see.
    std::vector<float> seen(n);
    apply(next.data(), seen.data());
    next.swap(seen);
  }
  double length = std::sqrt(dot(next.data(), next.data(), n));
  const double start = length;
  Eigenpairs pairs;
  at::Tensor values, vectors;
  int64_t steps = 0, check = wanted + 8;
  most_steps = std::min(most_steps, n);
  while (steps < most_steps && length > 1e-6 * start && length > 0) {
    basis.resize((steps + 1) * n);
    float *current = basis.data() + steps * n;
    for (int64_t i = 0; i < n; i++) current[i] = static_cast<float>(next[i] / length);
    apply(current, next.data());
    diagonal.push_back(dot(current, next.data(), n));
    steps++;
    // Twice, because once leaves what rounding made of the largest parts.
    for (int pass = 0; pass < 2; pass++)
      for (int64_t k = steps - 1; k >= 0; k--) {
        const float *before = basis.data() + k * n;
        add_scaled(-dot(before, next.data(), n), before, next.data(), n);
      }
    length = std::sqrt(std::max(0.0f, dot(next.data(), next.data(), n)));
    beside.push_back(length);
    const bool last = steps == most_steps || !(length > 1e-6 * start && length > 0);
    if (steps < check && !last) continue;
    check = steps + std::max<int64_t>(8, steps / 4);

    at::Tensor small = at::zeros({steps, steps}, at::kDouble);
    double *entries = small.mutable_data_ptr<double>();
    for (int64_t k = 0; k < steps; k++) {
      entries[k * steps + k] = diagonal[k];
      if (k > 0) entries[k * steps + k - 1] = entries[(k - 1) * steps + k] = beside[k - 1];
    }
    std::tie(values, vectors) = at::linalg_eigh(small);
    vectors = vectors.t().contiguous();
    const double *value = values.const_data_ptr<double>(), *vector = vectors.const_data_ptr<double>();
    bool done = steps >= wanted;
    for (int64_t k = 0; k < wanted && done; k++) {
      const int64_t place = steps - 1 - k;
      double residual = length * std::abs(vector[place * steps + steps - 1]);
      if (what == Converged::value && place > 0)
        residual = std::min(residual, residual * residual / std::max(value[place] - value[place - 1], 1e-300));
      done = residual <= tolerance * value[place];
    }
    if (done) break;
  }
  const int64_t found = std::min(steps, wanted);
  const double *value = steps ? values.const_data_ptr<double>() : nullptr;
  for (int64_t k = 0; k < found; k++) pairs.values.push_back(value[steps - 1 - k]);
  if (what == Converged::vectors) {
    pairs.vectors.assign(found * n, 0);
    for (int64_t k = 0; k < found; k++) {
      const double *weights = vectors.const_data_ptr<double>() + (steps - 1 - k) * steps;
      for (int64_t j = 0; j < steps; j++)
        add_scaled(static_cast<float>(weights[j]), basis.data() + j * n, pairs.vectors.data() + k * n, n);
    }
  }
  return pairs;
}

}  // namespace ct

#endif
