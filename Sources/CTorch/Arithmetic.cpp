// Element-wise operations, reductions and order.

#include "Guard.h"

#if __has_include(<ATen/core/Tensor.h>)

#include <ATen/ops/argsort.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/where.h>

using namespace ct;

int ct_add(ct_tensor a, ct_tensor b, double alpha, ct_tensor *out) {
  return producing(out, [&] { return get(a).add(get(b), alpha); });
}

int ct_multiply(ct_tensor a, ct_tensor b, ct_tensor *out) {
  return producing(out, [&] { return get(a).mul(get(b)); });
}

int ct_divide(ct_tensor a, ct_tensor b, ct_tensor *out) {
  return producing(out, [&] { return get(a).div(get(b)); });
}

int ct_add_scalar(ct_tensor a, double b, ct_tensor *out) {
  return producing(out, [&] { return get(a).add(b); });
}

int ct_multiply_scalar(ct_tensor a, double b, ct_tensor *out) {
  return producing(out, [&] { return get(a).mul(b); });
}

int ct_maximum_scalar(ct_tensor a, double b, ct_tensor *out) {
  return producing(out, [&] { return get(a).clamp_min(b); });
}

int ct_square_root(ct_tensor a, ct_tensor *out) {
  return producing(out, [&] { return get(a).sqrt(); });
}

int ct_absolute(ct_tensor a, ct_tensor *out) {
  return producing(out, [&] { return get(a).abs(); });
}

int ct_equal(ct_tensor a, ct_tensor b, ct_tensor *out) {
  return producing(out, [&] { return get(a).eq(get(b)); });
}

int ct_not_equal(ct_tensor a, ct_tensor b, ct_tensor *out) {
  return producing(out, [&] { return get(a).ne(get(b)); });
}

int ct_where(ct_tensor condition, ct_tensor a, ct_tensor b, ct_tensor *out) {
  return producing(out, [&] { return at::where(get(condition), get(a), get(b)); });
}

int ct_is_finite(ct_tensor a, ct_tensor *out) {
  return producing(out, [&] { return at::isfinite(get(a)); });
}

int ct_sum(ct_tensor a, const int64_t *dimensions, size_t count, bool keep, ct_tensor *out) {
  return producing(out, [&] { return get(a).sum(sizes(dimensions, count), keep); });
}

int ct_mean(ct_tensor a, const int64_t *dimensions, size_t count, bool keep, ct_tensor *out) {
  return producing(out, [&] { return get(a).mean(sizes(dimensions, count), keep); });
}

int ct_argmax(ct_tensor a, int64_t dimension, ct_tensor *out) {
  return producing(out, [&] { return get(a).argmax(dimension); });
}

int ct_sorting_order(ct_tensor a, int64_t dimension, bool descending, ct_tensor *out) {
  return producing(out, [&] { return at::argsort(get(a), /*stable=*/true, dimension, descending); });
}

int ct_add_into(ct_tensor target, ct_tensor other, double alpha) {
  return guarded([&] { get(target).add_(get(other), alpha); });
}

int ct_multiply_into(ct_tensor target, double factor) {
  return guarded([&] { get(target).mul_(factor); });
}

int ct_copy_into(ct_tensor target, ct_tensor source) {
  return guarded([&] { get(target).copy_(get(source)); });
}

#endif
