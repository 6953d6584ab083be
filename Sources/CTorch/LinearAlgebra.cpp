// Products and decompositions of matrices.

#include "Guard.h"

#if CTORCH_HAS_LIBTORCH

#include <ATen/ops/linalg_eigh.h>
#include <ATen/ops/linalg_eigvalsh.h>

using namespace ct;

int ct_matmul(ct_tensor a, ct_tensor b, ct_tensor *out) {
  return producing(out, [&] { return get(a).matmul(get(b)); });
}

int ct_addmm_into(ct_tensor target, ct_tensor a, ct_tensor b, double beta, double alpha) {
  return guarded([&] { get(target).addmm_(get(a), get(b), beta, alpha); });
}

int ct_eigh(ct_tensor symmetric, ct_tensor *values, ct_tensor *vectors) {
  return guarded([&] {
    auto [eigenvalues, eigenvectors] = at::linalg_eigh(get(symmetric));
    ct_tensor first = own(std::move(eigenvalues));
    try {
      *vectors = own(std::move(eigenvectors));
    } catch (...) {
      ct_free(first);
      throw;
    }
    *values = first;
  });
}

int ct_eigvalsh(ct_tensor symmetric, ct_tensor *out) {
  return producing(out, [&] { return at::linalg_eigvalsh(get(symmetric)); });
}

#endif
