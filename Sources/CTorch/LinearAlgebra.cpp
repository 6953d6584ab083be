// Products and decompositions of matrices.

#include "Guard.h"

#if CTORCH_HAS_LIBTORCH

#include <ATen/ops/cdist.h>
#include <ATen/ops/linalg_eigh.h>
#include <ATen/ops/linalg_eigvalsh.h>

using namespace ct;

int ct_matmul(ct_tensor a, ct_tensor b, ct_tensor *out) {
  return producing(out, [&] { return get(a).matmul(get(b)); });
}

int ct_addmm_into(ct_tensor target, ct_tensor a, ct_tensor b, double beta, double alpha) {
  return guarded([&] { get(target).addmm_(get(a), get(b), beta, alpha); });
}

int ct_distances(ct_tensor a, ct_tensor b, bool through_product, ct_tensor *out) {
  return producing(out, [&] { return at::cdist(get(a), get(b), /*p=*/2, /*compute_mode=*/through_product ? 1 : 2); });
}

int ct_eigh(ct_tensor symmetric, ct_tensor *values, ct_tensor *vectors) {
  return guarded([&] { own(at::linalg_eigh(get(symmetric)), values, vectors); });
}

int ct_eigvalsh(ct_tensor symmetric, ct_tensor *out) {
  return producing(out, [&] { return at::linalg_eigvalsh(get(symmetric)); });
}

#endif
