// Element-wise operations, reductions and order.

#include "Guard.h"

#if CTORCH_HAS_LIBTORCH

#include <ATen/ops/argsort.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/topk.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

#include <cmath>

using namespace ct;

// A whole number keeps whole numbers whole: an int64 tensor times 2.0 would become a float one.
static at::Scalar matching(const at::Tensor &tensor, double value) {
  if (at::isIntegralType(tensor.scalar_type(), /*includeBool=*/false) && value == std::floor(value))
    return at::Scalar(static_cast<int64_t>(value));
  return at::Scalar(value);
}

int ct_add(ct_tensor a, ct_tensor b, double alpha, ct_tensor *out) {
  return producing(out, [&] { return get(a).add(get(b), matching(get(a), alpha)); });
}

int ct_multiply(ct_tensor a, ct_tensor b, ct_tensor *out) {
  return producing(out, [&] { return get(a).mul(get(b)); });
}

int ct_divide(ct_tensor a, ct_tensor b, ct_tensor *out) {
  return producing(out, [&] { return get(a).div(get(b)); });
}

int ct_add_scalar(ct_tensor a, double b, ct_tensor *out) {
  return producing(out, [&] { return get(a).add(matching(get(a), b)); });
}

int ct_multiply_scalar(ct_tensor a, double b, ct_tensor *out) {
  return producing(out, [&] { return get(a).mul(matching(get(a), b)); });
}

int ct_maximum_scalar(ct_tensor a, double b, ct_tensor *out) {
  return producing(out, [&] { return get(a).clamp_min(matching(get(a), b)); });
}

int ct_minimum_scalar(ct_tensor a, double b, ct_tensor *out) {
  return producing(out, [&] { return get(a).clamp_max(matching(get(a), b)); });
}

int ct_square_root(ct_tensor a, ct_tensor *out) {
  return producing(out, [&] { return get(a).sqrt(); });
}

int ct_exponential(ct_tensor a, ct_tensor *out) {
  return producing(out, [&] { return get(a).exp(); });
}

int ct_power(ct_tensor a, double exponent, ct_tensor *out) {
  return producing(out, [&] { return get(a).pow(exponent); });
}

int ct_equal(ct_tensor a, ct_tensor b, ct_tensor *out) {
  return producing(out, [&] { return get(a).eq(get(b)); });
}

int ct_not_equal(ct_tensor a, ct_tensor b, ct_tensor *out) {
  return producing(out, [&] { return get(a).ne(get(b)); });
}

int ct_less(ct_tensor a, ct_tensor b, ct_tensor *out) {
  return producing(out, [&] { return get(a).lt(get(b)); });
}

int ct_where(ct_tensor mask, ct_tensor a, ct_tensor b, ct_tensor *out) {
  return producing(out, [&] { return at::where(get(mask), get(a), get(b)); });
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

int ct_largest(ct_tensor a, const int64_t *dimensions, size_t count, bool keep, ct_tensor *out) {
  return producing(out, [&] { return get(a).amax(sizes(dimensions, count), keep); });
}

// By addition at places, which unlike bincount does not look at the values first and so waits for no device.
int ct_histogram(ct_tensor a, int64_t bins, ct_tensor *out) {
  return producing(out, [&] {
    return at::zeros({bins}, get(a).options()).scatter_add_(0, get(a), at::ones_like(get(a)));
  });
}

int ct_argmax(ct_tensor a, int64_t dimension, ct_tensor *out) {
  return producing(out, [&] { return get(a).argmax(dimension); });
}

int ct_sorting_order(ct_tensor a, int64_t dimension, bool descending, ct_tensor *out) {
  return producing(out, [&] { return at::argsort(get(a), /*stable=*/true, dimension, descending); });
}

int ct_smallest(ct_tensor a, int64_t count, ct_tensor *values, ct_tensor *places) {
  return guarded([&] { own(get(a).topk(count, /*dim=*/-1, /*largest=*/false, /*sorted=*/true), values, places); });
}

int ct_median(ct_tensor a, int64_t dimension, ct_tensor *out) {
  return producing(out, [&] { return std::get<0>(get(a).median(dimension)); });
}

int ct_add_into(ct_tensor target, ct_tensor other, double alpha) {
  return guarded([&] { get(target).add_(get(other), matching(get(target), alpha)); });
}

int ct_copy_into(ct_tensor target, ct_tensor source) {
  return guarded([&] { get(target).copy_(get(source)); });
}

#endif
