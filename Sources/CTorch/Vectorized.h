// Kernels for the processor at hand: a function marked CT_VECTORIZED is compiled once for each of the instruction
// sets that libtorch's own kernels know, and the loader takes the best one. Elsewhere it is compiled as it is.
#pragma once

#if defined(__x86_64__) && defined(__linux__)
#define CT_VECTORIZED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CT_VECTORIZED
#endif

// For the templates that such functions share, because those cannot be cloned: inlined, they take on the instruction
// set of each.
#define CT_INLINE inline __attribute__((always_inline))
#define CT_INLINE_LAMBDA __attribute__((always_inline))
