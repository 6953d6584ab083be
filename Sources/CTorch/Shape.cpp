// Views and rearrangements.

#include "Guard.h"

#if CTORCH_HAS_LIBTORCH

#include <ATen/ops/cat.h>

using namespace ct;

int ct_reshape(ct_tensor tensor, const int64_t *shape, size_t rank, ct_tensor *out) {
  return producing(out, [&] { return get(tensor).reshape(sizes(shape, rank)); });
}

int ct_permute(ct_tensor tensor, const int64_t *order, size_t rank, ct_tensor *out) {
  return producing(out, [&] { return get(tensor).permute(sizes(order, rank)); });
}

int ct_unsqueeze(ct_tensor tensor, int64_t dimension, ct_tensor *out) {
  return producing(out, [&] { return get(tensor).unsqueeze(dimension); });
}

int ct_select(ct_tensor tensor, int64_t dimension, int64_t index, ct_tensor *out) {
  return producing(out, [&] { return get(tensor).select(dimension, index); });
}

int ct_slice(ct_tensor tensor, int64_t dimension, int64_t start, int64_t end, ct_tensor *out) {
  return producing(out, [&] { return get(tensor).slice(dimension, start, end); });
}

int ct_index_select(ct_tensor tensor, int64_t dimension, ct_tensor indices, ct_tensor *out) {
  return producing(out, [&] { return get(tensor).index_select(dimension, get(indices)); });
}

int ct_concatenate(const ct_tensor *tensors, size_t count, int64_t dimension, ct_tensor *out) {
  return producing(out, [&] { return at::cat(list(tensors, count), dimension); });
}

#endif
