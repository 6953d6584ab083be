// Which libtorch is linked, how many threads it uses, and the last error.

#include "Guard.h"

#if CTORCH_HAS_LIBTORCH

#include <ATen/Parallel.h>
#include <ATen/Version.h>

#include <string>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace ct {
std::atomic<int64_t> live_tensors{0};

static std::string &last_error() {
  static thread_local std::string message;
  return message;
}

void remember(const char *message) noexcept {
  try {
    last_error() = message;
  } catch (...) {
    last_error().clear();
  }
}
}  // namespace ct

const char *ct_error() { return ct::last_error().c_str(); }
const char *ct_version() { return TORCH_VERSION; }

const char *ct_cpu_capability() {
  static const std::string name = at::get_cpu_capability();
  return name.c_str();
}

int64_t ct_live_tensors() { return ct::live_tensors.load(std::memory_order_relaxed); }
int ct_threads() { return at::get_num_threads(); }

void ct_keep_freed_memory() {
#if defined(__GLIBC__)
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, -1);
#endif
}

int ct_set_threads(int count) {
  return ct::guarded([&] { at::set_num_threads(count); });
}

#endif
