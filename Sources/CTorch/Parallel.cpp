// A team of threads from the OpenMP runtime that libtorch itself runs on. A pool of our own, or a second OpenMP
// runtime, would fight with libtorch's threads for the same cores.

#include "Parallel.h"

#if CTORCH_HAS_LIBTORCH

#include <ATen/Parallel.h>
#include <dlfcn.h>

namespace ct {

int team_size() { return at::in_parallel_region() ? 1 : at::get_num_threads(); }

void run_team(int threads, void (*task)(void *), void *argument) {
  // GNU OpenMP's entry point for a parallel region, what `#pragma omp parallel` becomes under GCC. It is looked up,
  // because libtorch brings the runtime along as a dependency; a libtorch on another runtime runs on one thread.
  using Entry = void (*)(void (*)(void *), void *, unsigned threads, unsigned flags);
  static const auto entry = reinterpret_cast<Entry>(dlsym(RTLD_DEFAULT, "GOMP_parallel"));
  if (entry && threads > 1)
    entry(task, argument, static_cast<unsigned>(threads), 0);
  else
    task(argument);
}

}  // namespace ct

#endif
