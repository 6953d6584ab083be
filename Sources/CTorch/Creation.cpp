// Tensors from nothing, and random ones from a generator with a seed. Those are drawn on the processor, so that the
// numbers do not depend on the device that they are for.

#include "Device.h"

#if CTORCH_HAS_LIBTORCH

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/randperm.h>

using namespace ct;

static at::Generator &get(ct_generator handle) { return *static_cast<at::Generator *>(handle.impl); }

int ct_full(double value, ct_dtype dtype, ct_device device, const int64_t *shape, size_t rank, ct_tensor *out) {
  return producing(out, [&] {
    return at::full(sizes(shape, rank), value, at::TensorOptions().dtype(type(dtype)).device(place(device)));
  });
}

int ct_arange(int64_t end, ct_device device, ct_tensor *out) {
  return producing(out, [&] { return at::arange(end, at::TensorOptions().dtype(at::kLong).device(place(device))); });
}

int ct_generator_new(uint64_t seed, ct_generator *out) {
  return guarded([&] { out->impl = new at::Generator(at::make_generator<at::CPUGeneratorImpl>(seed)); });
}

void ct_generator_free(ct_generator generator) { delete &get(generator); }

int ct_normal(ct_generator generator, ct_dtype dtype, const int64_t *shape, size_t rank, ct_tensor *out) {
  return producing(out, [&] {
    return at::randn(sizes(shape, rank), get(generator), at::TensorOptions().dtype(type(dtype)));
  });
}

int ct_random_integers(ct_generator generator, int64_t low, int64_t high, const int64_t *shape, size_t rank,
                       ct_tensor *out) {
  return producing(out, [&] {
    return at::randint(low, high, sizes(shape, rank), get(generator), at::TensorOptions().dtype(at::kLong));
  });
}

int ct_permutation(ct_generator generator, int64_t count, ct_tensor *out) {
  return producing(out, [&] { return at::randperm(count, get(generator), at::TensorOptions().dtype(at::kLong)); });
}

int ct_uniform(ct_generator generator, const int64_t *shape, size_t rank, ct_tensor *out) {
  return producing(out, [&] { return at::rand(sizes(shape, rank), get(generator), at::TensorOptions()); });
}

int ct_bernoulli(ct_generator generator, double probability, const int64_t *shape, size_t rank, ct_tensor *out) {
  return producing(out, [&] {
    return at::empty(sizes(shape, rank), at::TensorOptions().dtype(at::kBool)).bernoulli_(probability, get(generator));
  });
}

#endif
