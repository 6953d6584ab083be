// What every function body of the C interface goes through: exceptions become a status and a message.
#pragma once

#if !__has_include(<ATen/core/Tensor.h>)
#error "libtorch is missing: run 'make setup', or set LIBTORCH to a folder that holds libtorch's include and lib."
#elif !__has_include(<torch/headeronly/version.h>)
#error "libtorch is too old: 2.11 or later is needed; run 'make setup', or set LIBTORCH to a newer one."
#else
#include <torch/headeronly/version.h>
#if TORCH_VERSION_MAJOR < 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR < 11)
#error "libtorch is too old: 2.11 or later is needed; run 'make setup', or set LIBTORCH to a newer one."
#else
// Every file is empty without this, so that the error above stands alone.
#define CTORCH_HAS_LIBTORCH 1
#endif
#endif

#if CTORCH_HAS_LIBTORCH

#include <ATen/core/Tensor.h>

#include <atomic>
#include <new>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "CTorch.h"

namespace ct {

// Handles that Swift holds; a test that ends with more than it began with has leaked.
extern std::atomic<int64_t> live_tensors;

void remember(const char *message) noexcept;

template <typename Body>
int guarded(Body &&body) noexcept {
  try {
    body();
    return 0;
  } catch (const c10::Error &error) {
    remember(error.what_without_backtrace());
  } catch (const std::bad_alloc &) {
    remember("out of memory");
  } catch (const std::exception &error) {
    remember(error.what());
  } catch (...) {
    remember("an unknown C++ exception");
  }
  return 1;
}

inline at::Tensor &get(ct_tensor handle) { return *static_cast<at::Tensor *>(handle.impl); }

inline std::optional<at::Tensor> optional(ct_tensor handle) {
  return handle.impl ? std::optional<at::Tensor>(get(handle)) : std::nullopt;
}

inline ct_tensor own(at::Tensor tensor) {
  auto *impl = new at::Tensor(std::move(tensor));
  live_tensors.fetch_add(1, std::memory_order_relaxed);
  return ct_tensor{impl};
}

// Hands over two tensors, or neither.
inline void own(std::tuple<at::Tensor, at::Tensor> tensors, ct_tensor *first, ct_tensor *second) {
  ct_tensor kept = own(std::move(std::get<0>(tensors)));
  try {
    *second = own(std::move(std::get<1>(tensors)));
  } catch (...) {
    ct_free(kept);
    throw;
  }
  *first = kept;
}

// Runs a body that makes one tensor.
template <typename Body>
int producing(ct_tensor *out, Body &&body) noexcept {
  return guarded([&] { *out = own(body()); });
}

inline at::IntArrayRef sizes(const int64_t *values, size_t count) { return {values, count}; }
inline at::ScalarType type(ct_dtype dtype) { return static_cast<at::ScalarType>(dtype); }

inline std::vector<at::Tensor> list(const ct_tensor *handles, size_t count) {
  std::vector<at::Tensor> tensors;
  tensors.reserve(count);
  for (size_t i = 0; i < count; i++) tensors.push_back(get(handles[i]));
  return tensors;
}

}  // namespace ct

#endif
