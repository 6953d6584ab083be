// The loops of NormSteps.cpp over memory, without libtorch. They are bound by memory, so each reads and writes every
// tensor at most once. What they need by channel is repeated over a tile that several pixels fill, so that the inner
// loop is long, and of one length for all usual numbers of channels.
#pragma once

#include <cstdint>

namespace ct::norm {

enum class Element { bfloat16, float32, float64 };

// Elements of a tile if the channels divide it; known to the compiler, so that sums stay in registers.
constexpr int64_t usualTile = 64;

// A tensor of `pixels` rows of `channels`, cut into blocks. What belongs to a block follows from the shape alone, so
// sums by block do not depend on the number of threads. Sums run in float within a block (in double for float64) and in
// double over blocks.
struct Layout {
  Element element;
  int64_t channels, pixels;
  // Of the tensor whose first channels x and its gradient are; every other tensor has `channels`, and so have they
  // if this is 0.
  int64_t width = 0;

  bool isFront() const { return width > channels; }
  bool isUsual() const { return usualTile % channels == 0 && !isFront(); }
  // Elements of a tile and of a block.
  int64_t tile() const {
    return isUsual() ? usualTile : channels < 256 && !isFront() ? 256 / channels * channels : channels;
  }
  int64_t block() const { return tile() < 16384 ? 32768 / tile() * tile() : tile(); }
  int64_t elements() const { return pixels * channels; }
  int64_t blocks() const { return (elements() + block() - 1) / block(); }
};

// y = max(floor, (x − mean) · scale + bias + residual); an array has one value a channel. The floor is 0 with ReLU and −∞
// without.
struct Affine {
  const double *mean, *scale, *bias;
  double floor;
};

// All kernels work on the blocks first ..< last. `sums` holds two rows of `channels` for each block of the layout.

// Σ (x − shift) and Σ (x − shift)².
void moments(const Layout &, const void *x, const double *shift, double *sums, int64_t first, int64_t last);

// y as above; `residual` may be null.
void normalize(const Layout &, const Affine &, const void *x, const void *residual, void *y, int64_t first,
               int64_t last);

// The gradient at y, and g, what is left of it where y lies above the floor. Without `masked` g is not written, where that
// is follows from x, and `y` and `other` are null.
struct Slope {
  const void *one, *other;  // the gradient is their sum; `other` may be null
  const void *y;
  void *masked;
};

// Σ g and Σ g (x − mean).
void reduce(const Layout &, const Affine &, const void *x, const Slope &, double *sums, int64_t first, int64_t last);

// dx = scale · g + slant · (x − mean) + offset, with g as `reduce` left it; or dx has that added, without `masked`.
void propagate(const Layout &, const Affine &, const double *slant, const double *offset, const void *x, const Slope &,
               void *dx, bool adds, int64_t first, int64_t last);

}  // namespace ct::norm
