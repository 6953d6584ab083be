// The loops of FusedNorm.cpp over memory, without libtorch. They are bound by memory, so each reads and writes every
// tensor at most once; what they need by channel is repeated to a tile that several pixels fill, so that the inner loop
// is long and has no remainder whatever the number of channels.
#pragma once

#include <cstdint>

namespace ct::norm {

enum class Element { bfloat16, float32, float64 };

// A tensor of `pixels` rows of `channels`, cut into blocks. What belongs to a block follows from the shape alone, so
// sums by block do not depend on the number of threads. Sums run in float within a block (in double for float64) and in
// double over blocks.
struct Layout {
  Element element;
  int64_t channels, pixels;

  // Pixels of a tile, and of a block.
  int64_t tile() const { return channels < 256 ? 256 / channels : 1; }
  int64_t block() const { return tile() * (tile() * channels < 16384 ? 32768 / (tile() * channels) : 1); }
  int64_t blocks() const { return (pixels + block() - 1) / block(); }
};

// y = max(0, (x − mean) · scale + bias + residual); an array has one value a channel.
struct Affine {
  const double *mean, *scale, *bias;
};

// All kernels work on the blocks first ..< last. `sums` holds two rows of `channels` for each block of the layout.

// Σ (x − shift) and Σ (x − shift)².
void moments(const Layout &, const void *x, const double *shift, double *sums, int64_t first, int64_t last);

// y as above; `residual` may be null.
void normalize(const Layout &, const Affine &, const void *x, const void *residual, void *y, int64_t first,
               int64_t last);

// g = slope where y > 0, else 0: Σ g and Σ g (x − mean). With a residual `y` is given and g is written to `masked`;
// without one both are null, and whether y > 0 is found from x.
void reduce(const Layout &, const Affine &, const void *x, const void *slope, const void *y, void *masked,
            double *sums, int64_t first, int64_t last);

// dx = scale · g + slant · (x − mean) + offset, with g from `masked`, or from `slope` and x if that is null.
void propagate(const Layout &, const Affine &, const double *slant, const double *offset, const void *x,
               const void *slope, const void *masked, void *dx, int64_t first, int64_t last);

}  // namespace ct::norm
