// Which directions of a class are more than noise: the same rows with what ties their features together destroyed, over
// and over, and the same directions from halves of the rows. Each draw and each split is one thread's work.

#include "Device.h"
#include "Lanczos.h"
#include "Parallel.h"

#if CTORCH_HAS_LIBTORCH

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mm.h>

using namespace ct;

namespace {

// An unbiased number below `bound` from 32 random bits and, seldom, more (Lemire 2019).
CT_INLINE uint32_t below(uint32_t bound, uint32_t bits, SplitMix &random) {
  uint64_t product = uint64_t{bits} * bound;
  if (static_cast<uint32_t>(product) < bound) {
    const uint32_t least = -bound % bound;
    while (static_cast<uint32_t>(product) < least) product = (random.next() >> 32) * bound;
  }
  return static_cast<uint32_t>(product >> 32);
}

// The numbers of a row in random order (Fisher and Yates); two places from each 64 random bits.
void shuffle(float *row, int64_t n, SplitMix &random) {
  uint64_t bits = 0;
  for (int64_t i = n - 1; i > 0; i--) {
    bits = (n - 1 - i) % 2 == 0 ? random.next() : bits >> 32;
    std::swap(row[i], row[below(static_cast<uint32_t>(i + 1), static_cast<uint32_t>(bits), random)]);
  }
}

// The numbers of a row with random signs.
void flip(float *row, int64_t n, SplitMix &random) {
  for (int64_t start = 0; start < n; start += 64) {
    const uint64_t bits = random.next();
    const int64_t end = std::min<int64_t>(64, n - start);
    for (int64_t i = 0; i < end; i++) row[start + i] = bits >> i & 1 ? -row[start + i] : row[start + i];
  }
}

// The largest eigenvalue and the trace of X Xᵀ, where X is the drawn `features` (A x n) with the orthonormal `scores`
// (S x n) projected out of its rows and the orthonormal `directions` (K x A) out of its columns.
std::pair<double, double> spectrum(const at::Tensor &features, const at::Tensor &scores, const at::Tensor &directions,
                                   SplitMix random) {
  const int64_t width = features.size(0), n = features.size(1), score_count = scores.size(0),
                direction_count = directions.size(0);
  const float *rows = features.const_data_ptr<float>(), *score = scores.const_data_ptr<float>();
  double trace = 0;
  for (int64_t a = 0; a < width; a++) trace += dot(rows + a * n, rows + a * n, n);
  if (score_count > 0) trace -= at::mm(features, scores.t()).to(at::kDouble).square().sum().item<double>();
  at::Tensor along = at::mm(directions, features);
  if (direction_count > 0) {
    if (score_count > 0) along.sub_(at::mm(at::mm(along, scores.t()), scores));
    trace -= along.to(at::kDouble).square().sum().item<double>();
  }
  const float *removed = along.const_data_ptr<float>();
  const auto project = [&](float *z) {
    for (int64_t k = 0; k < score_count; k++)
      add_scaled(-dot(score + k * n, z, n), score + k * n, z, n);
  };
  std::vector<float> seen(n);
  const auto pairs = lanczos(n, 1, 200, 1e-4, Converged::value, random, [&](const float *v, float *w) {
    std::copy(v, v + n, seen.begin());
    project(seen.data());
    std::fill(w, w + n, 0.0f);
    add_row_products(rows, width, n, seen.data(), w);
    for (int64_t k = 0; k < direction_count; k++)
      add_scaled(-dot(removed + k * n, seen.data(), n), removed + k * n, w, n);
    project(w);
  });
  return {pairs.values.empty() ? 0 : pairs.values[0], trace};
}

// The `wanted` leading principal directions of the rows that `order` names, as rows; zeros where there are no more.
at::Tensor leading_directions(const at::Tensor &rows, const int64_t *order, int64_t n, int64_t wanted, SplitMix random) {
  const int64_t width = rows.size(1);
  at::Tensor part = at::empty({n, width}, rows.options());
  const float *from = rows.const_data_ptr<float>();
  float *to = part.mutable_data_ptr<float>();
  for (int64_t i = 0; i < n; i++) std::copy_n(from + order[i] * width, width, to + i * width);
  part.sub_(part.mean(0, /*keepdim=*/true));

  // On the shorter side: the products of features, or of rows.
  const bool by_rows = n < width;
  const int64_t extent = std::min(n, width);
  const at::Tensor square = by_rows ? at::mm(part, part.t()) : at::mm(part.t(), part);
  at::Tensor result = at::zeros({wanted, width}, rows.options());
  at::Tensor vectors;
  std::vector<double> values;
  if (extent <= 64 || 4 * wanted >= extent) {
    auto [rising, columns] = at::linalg_eigh(square.to(at::kDouble));
    const double *value = rising.const_data_ptr<double>();
    const int64_t found = std::min(wanted, extent);
    for (int64_t k = 0; k < found; k++) values.push_back(value[extent - 1 - k]);
    vectors = columns.narrow(1, extent - found, found).t().flip(0).to(at::kFloat);
  } else {
    const float *entries = square.const_data_ptr<float>();
    const auto pairs = lanczos(extent, wanted, 300, 1e-3, Converged::vectors, random, [&](const float *v, float *w) {
      multiply_rows(entries, extent, extent, v, w);
    });
    values = pairs.values;
    vectors = at::empty({static_cast<int64_t>(values.size()), extent}, rows.options());
    std::copy(pairs.vectors.begin(), pairs.vectors.end(), vectors.mutable_data_ptr<float>());
  }
  // Beyond the rank there are no directions, only rounding.
  int64_t found = 0;
  while (found < static_cast<int64_t>(values.size()) && values[found] > 1e-6 * values[0]) found++;
  if (found == 0) return result;
  vectors = vectors.narrow(0, 0, found);
  if (by_rows) {
    vectors = at::mm(vectors, part);
    vectors.div_(vectors.norm(2, 1, /*keepdim=*/true));
  }
  result.narrow(0, 0, found).copy_(vectors);
  return result;
}

}  // namespace

int ct_noise_spectra(ct_tensor features, ct_tensor scores, ct_tensor directions, bool flips, ct_tensor seeds,
                     ct_tensor *out) {
  return producing(out, [&] {
    const at::Tensor source = on_host(features).contiguous(), outside = on_host(scores).contiguous(),
                     removed = on_host(directions).contiguous();
    const at::Tensor chosen = on_host(seeds).contiguous();
    const int64_t count = chosen.size(0), n = source.size(1), width = source.size(0);
    const int64_t *seed = chosen.const_data_ptr<int64_t>();
    at::Tensor spectra = at::empty({count, 2}, at::kDouble);
    double *result = spectra.mutable_data_ptr<double>();
    parallel(count, chunk_count(count, 1), [&](int64_t, int64_t begin, int64_t end) {
      at::NoGradGuard guard;
      at::Tensor drawn = at::empty({width, n}, source.options());
      for (int64_t k = begin; k < end; k++) {
        SplitMix random{static_cast<uint64_t>(seed[k])};
        float *rows = drawn.mutable_data_ptr<float>();
        std::memcpy(rows, source.const_data_ptr<float>(), sizeof(float) * width * n);
        for (int64_t a = 0; a < width; a++) flips ? flip(rows + a * n, n, random) : shuffle(rows + a * n, n, random);
        std::tie(result[2 * k], result[2 * k + 1]) = spectrum(drawn, outside, removed, random);
      }
    });
    return spectra;
  });
}

int ct_half_cosines(ct_tensor rows, ct_tensor orders, int64_t wanted, ct_tensor *out) {
  return producing(out, [&] {
    const at::Tensor source = on_host(rows).contiguous(), chosen = on_host(orders).contiguous();
    const int64_t count = chosen.size(0), n = chosen.size(1);
    at::Tensor cosines = at::empty({count, wanted, wanted}, source.options());
    parallel(count, chunk_count(count, 1), [&](int64_t, int64_t begin, int64_t end) {
      at::NoGradGuard guard;
      for (int64_t k = begin; k < end; k++) {
        const int64_t *order = chosen.const_data_ptr<int64_t>() + k * n, half = n / 2;
        SplitMix random{static_cast<uint64_t>(k)};
        const SplitMix one{random.next()}, other{random.next()};
        const at::Tensor first = leading_directions(source, order, half, wanted, one),
                         second = leading_directions(source, order + half, n - half, wanted, other);
        cosines.select(0, k).copy_(at::mm(first, second.t()));
      }
    });
    return cosines;
  });
}

#endif
