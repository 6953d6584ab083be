// The threads of libtorch, for kernels of our own.
#pragma once

#include "Guard.h"

#if CTORCH_HAS_LIBTORCH

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>

namespace ct {

// How many threads a kernel may use here: libtorch's setting, or 1 inside a parallel region.
int team_size();

// Runs task(argument) on `threads` threads, the calling one among them, and waits for all of them.
void run_team(int threads, void (*task)(void *), void *argument);

// How many chunks `parallel` cuts 0 ..< count into: at most one a thread, each of at least `grain`.
inline int64_t chunk_count(int64_t count, int64_t grain) {
  return std::clamp<int64_t>(count / std::max<int64_t>(grain, 1), 1, team_size());
}

// Cuts 0 ..< count into `chunks` even parts and calls body(chunk, begin, end) for each, in parallel. What belongs to
// a chunk does not depend on the thread that takes it, so sums that are kept by chunk come out the same every time.
// The first exception of a body is thrown again here.
template <typename Body>
void parallel(int64_t count, int64_t chunks, Body &&body) {
  if (chunks <= 1) {
    body(int64_t{0}, int64_t{0}, count);
    return;
  }
  struct Work {
    Body &body;
    const int64_t count, chunks;
    std::atomic<int64_t> next{0};
    std::mutex lock;
    std::exception_ptr failure;

    static void run(void *argument) noexcept {
      auto &work = *static_cast<Work *>(argument);
      for (int64_t chunk; (chunk = work.next.fetch_add(1)) < work.chunks;) {
        try {
          work.body(chunk, work.count * chunk / work.chunks, work.count * (chunk + 1) / work.chunks);
        } catch (...) {
          std::lock_guard<std::mutex> hold(work.lock);
          if (!work.failure) work.failure = std::current_exception();
        }
      }
    }
  } work{body, count, chunks};
  run_team(static_cast<int>(chunks), Work::run, &work);
  if (work.failure) std::rethrow_exception(work.failure);
}

}  // namespace ct

#endif
