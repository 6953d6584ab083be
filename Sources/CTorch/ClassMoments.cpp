// The mean and covariance of every class's features, moved on by a batch. Only the classes present are touched,
// and each covariance is read and written once.

#include "Composed.h"
#include "Parallel.h"
#include "Vectorized.h"

#if CTORCH_HAS_LIBTORCH

#include <ATen/Dispatch.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

#include <cmath>

using namespace ct;

namespace {

template <typename T>
CT_INLINE void take_mean(const T *const *rows, int64_t m, int64_t n, T *mean) {
  for (int64_t a = 0; a < n; a++) mean[a] = rows[0][a];
  for (int64_t i = 1; i < m; i++)
    for (int64_t a = 0; a < n; a++) mean[a] += rows[i][a];
  for (int64_t a = 0; a < n; a++) mean[a] /= static_cast<T>(m);
}

template <typename T>
CT_INLINE void subtract(const T *x, const T *y, int64_t n, T *out) {
  for (int64_t a = 0; a < n; a++) out[a] = x[a] - y[a];
}

// mean -= weight * shift;  shift *= length
template <typename T>
CT_INLINE void move(T *mean, T *shift, int64_t n, T weight, T length) {
  for (int64_t a = 0; a < n; a++) {
    mean[a] -= weight * shift[a];
    shift[a] *= length;
  }
}

// Classes with more rows than this in a batch go through the library's product, which is slower for a few rows.
constexpr int64_t widest_streamed = 32;

// So many numbers of a row are 64 bytes, a line of the cache.
template <typename T>
constexpr int64_t line = 64 / sizeof(T);

// square <- keep * square + scale * YᵀX for R rows of a square of n numbers each and up to one line of their columns:
// m rows X of those columns, `spacing` numbers apart, and m rows Y of R numbers, n apart. The sums stay in registers,
// so the square is read and written once. The R rows below come next; their lines are called for meanwhile, because
// rows lie too far apart for the processor to guess them.
template <typename T, int R>
CT_INLINE void add_tile(T *square, int64_t n, const T *x, int64_t spacing, const T *y, int64_t m, int64_t columns,
                        T keep, T scale) {
  typedef T Line __attribute__((vector_size(64)));
  Line sums[R] = {};
  for (int r = 0; r < R; r++) __builtin_prefetch(square + (R + r) * n, 1);
  for (int64_t k = 0; k < m; k++) {
    Line values;
    __builtin_memcpy(&values, x + k * spacing, sizeof(Line));
    for (int r = 0; r < R; r++) sums[r] += y[k * n + r] * values;
  }
  for (int r = 0; r < R; r++) {
    T *s = square + r * n;
    if (columns == line<T>) {
      Line old;
      __builtin_memcpy(&old, s, sizeof(Line));
      old = keep * old + scale * sums[r];
      __builtin_memcpy(s, &old, sizeof(Line));
    } else {
      for (int64_t b = 0; b < columns; b++) s[b] = keep * s[b] + scale * sums[r][b];
    }
  }
}

// R rows of the square, from row a on. `rest` holds the last columns of X that fill no line, m rows of a line each.
template <typename T, int R>
CT_INLINE void add_tiles(T *square, const T *rows, const T *rest, int64_t a, int64_t m, int64_t n, T keep, T scale) {
  const int64_t whole = n / line<T> * line<T>;
  for (int64_t b = 0; b < whole; b += line<T>)
    add_tile<T, R>(square + a * n + b, n, rows + b, n, rows + a, m, line<T>, keep, scale);
  if (whole < n)
    add_tile<T, R>(square + a * n + whole, n, rest, line<T>, rows + a, m, n - whole, keep, scale);
}

// square <- keep * square + scale * XᵀX for m rows X of n numbers, m at most `widest_streamed`.
template <typename T>
CT_INLINE void stream_products(T *square, const T *rows, int64_t m, int64_t n, T keep, T scale) {
  T rest[widest_streamed * line<T>];
  const int64_t whole = n / line<T> * line<T>, columns = n - whole;
  for (int64_t k = 0; columns > 0 && k < m; k++)
    for (int64_t b = 0; b < line<T>; b++) rest[k * line<T> + b] = b < columns ? rows[k * n + whole + b] : T(0);
  int64_t a = 0;
  for (; a + 4 <= n; a += 4) add_tiles<T, 4>(square, rows, rest, a, m, n, keep, scale);
  for (; a < n; a++) add_tiles<T, 1>(square, rows, rest, a, m, n, keep, scale);
}

#define INSTANTIATE(T)                                                                                       \
  CT_VECTORIZED void scatter(const T *const *rows, int64_t m, int64_t n, T *mean, T weight, T length, T *out) { \
    T *shift = out + m * n;                                                                                  \
    take_mean(rows, m, n, shift);                                                                            \
    for (int64_t i = 0; i < m; i++) subtract(rows[i], shift, n, out + i * n);                                \
    subtract(mean, shift, n, shift);                                                                         \
    move(mean, shift, n, weight, length);                                                                    \
  }                                                                                                          \
  CT_VECTORIZED void add_products(T *square, const T *rows, int64_t m, int64_t n, T keep, T scale) {         \
    stream_products(square, rows, m, n, keep, scale);                                                        \
  }                                                                                                          \
  CT_VECTORIZED void add_squares(T *diagonal, const T *rows, int64_t m, int64_t n, T keep, T scale) {        \
    for (int64_t a = 0; a < n; a++) diagonal[a] *= keep;                                                     \
    for (int64_t k = 0; k < m; k++)                                                                          \
      for (int64_t a = 0; a < n; a++) diagonal[a] += scale * rows[k * n + a] * rows[k * n + a];              \
  }
INSTANTIATE(float)
INSTANTIATE(double)
#undef INSTANTIATE

}  // namespace

int ct_scatter_rows(ct_tensor features, const int64_t *order, const ct_group *groups, size_t group_count,
                    ct_tensor means, ct_tensor *out) {
  return producing(out, [&] {
    const at::Tensor &mean = get(means);
    if (!has_kernels(mean)) return composed::scatter_rows(get(features), order, groups, group_count, mean);
    const at::Tensor source = get(features).contiguous();
    const int64_t n = source.size(1), count = static_cast<int64_t>(group_count);
    at::Tensor rows = at::empty({source.size(0) + count, n}, source.options());
    AT_DISPATCH_FLOATING_TYPES(source.scalar_type(), "scatter_rows", [&] {
      const scalar_t *from = source.const_data_ptr<scalar_t>();
      scalar_t *to = rows.mutable_data_ptr<scalar_t>(), *means = mean.mutable_data_ptr<scalar_t>();
      parallel(count, chunk_count(source.numel(), 1 << 15), [&](int64_t, int64_t begin, int64_t end) {
        std::vector<const scalar_t *> members;
        for (int64_t k = begin; k < end; k++) {
          const ct_group &group = groups[k];
          members.clear();
          for (int64_t i = 0; i < group.count; i++) members.push_back(from + order[group.start + i] * n);
          const double length = std::sqrt(group.count * (1 - group.weight));
          scatter(members.data(), group.count, n, means + group.label * n, static_cast<scalar_t>(group.weight),
                  static_cast<scalar_t>(length), to + (group.start + k) * n);
        }
      });
    });
    return rows;
  });
}

int ct_add_scatter(ct_tensor covariances, ct_tensor rows, const ct_group *groups, size_t group_count) {
  return guarded([&] {
    const at::Tensor &target = get(covariances), &source = get(rows);
    if (!has_kernels(target)) return composed::add_scatter(target, source, groups, group_count);
    const int64_t n = source.size(1), count = static_cast<int64_t>(group_count);
    const bool diagonal = target.dim() == 2;
    AT_DISPATCH_FLOATING_TYPES(source.scalar_type(), "add_scatter", [&] {
      const scalar_t *from = source.const_data_ptr<scalar_t>();
      scalar_t *to = target.mutable_data_ptr<scalar_t>();
      const int64_t grain = std::max<int64_t>(1, (1 << 16) / (diagonal ? n : n * n));
      parallel(count, chunk_count(count, grain), [&](int64_t, int64_t begin, int64_t end) {
        for (int64_t k = begin; k < end; k++) {
          const ct_group &group = groups[k];
          const int64_t first = group.start + k, m = group.count + 1;
          const double keep = 1 - group.weight, scale = group.weight / group.count;
          if (diagonal) {
            add_squares(to + group.label * n, from + first * n, m, n, static_cast<scalar_t>(keep),
                        static_cast<scalar_t>(scale));
          } else if (m <= widest_streamed) {
            add_products(to + group.label * n * n, from + first * n, m, n, static_cast<scalar_t>(keep),
                         static_cast<scalar_t>(scale));
          } else {
            at::Tensor block = source.narrow(0, first, m);
            target.select(0, group.label).addmm_(block.t(), block, keep, scale);
          }
        }
      });
    });
  });
}

#endif
