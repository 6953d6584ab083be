// Plain loops that the compiler vectorises, compiled for several instruction sets, of which the program's start picks
// one.

#include "NormKernels.h"

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <vector>

#include "Vectorized.h"

namespace ct::norm {
namespace {

// How an element lies in memory, and the type that it is computed in.
template <typename Number>
struct Plain {
  using Stored = Number;
  using Computed = Number;
  static CT_INLINE Computed load(Stored value) { return value; }
  static CT_INLINE Stored store(Computed value) { return value; }
};

struct BFloat16 {
  using Stored = uint16_t;
  using Computed = float;
  static CT_INLINE float load(uint16_t value) {
    const uint32_t bits = uint32_t{value} << 16;
    float result;
    std::memcpy(&result, &bits, sizeof result);
    return result;
  }
  // To nearest, ties to even.
  static CT_INLINE uint16_t store(float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    const uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    return static_cast<uint16_t>(value != value ? 0x7fc0 : rounded);
  }
};

// Values by channel, repeated over a tile.
template <typename Computed>
std::vector<Computed> repeated(const Layout &layout, const double *values) {
  std::vector<Computed> result(layout.tile());
  for (int64_t i = 0; i < layout.tile(); i++) result[i] = static_cast<Computed>(values[i % layout.channels]);
  return result;
}

// Tiles are either of the usual size, which the compiler then knows, or of any other: `usual` is 0 then.

// Where x has the element that dense tensors have at `start`, the first of a pixel.
CT_INLINE int64_t placeInX(const Layout &layout, int64_t start) {
  return layout.isFront() ? start / layout.channels * layout.width : start;
}

// step(start, place, i) for every element i of every tile, which begin at `start`, and in x at `place`.
template <int64_t usual, typename Step>
CT_INLINE void forTiles(const Layout &layout, int64_t first, int64_t last, Step &&step) {
  const int64_t end = std::min(layout.elements(), last * layout.block()), lanes = usual > 0 ? usual : layout.tile();
  const int64_t stride = layout.isFront() ? layout.width : lanes;
  int64_t start = first * layout.block(), place = placeInX(layout, start);
  for (; start + lanes <= end; start += lanes, place += stride)
#pragma clang loop vectorize(assume_safety)
    for (int64_t i = 0; i < lanes; i++) step(start, place, i);
  for (int64_t i = 0; i < end - start; i++) step(start, place, i);
}

// Two sums by channel for every block, to which step(start, place, i, a, b) adds what element i of the tile has to add
// that begins at `start`, and in x at `place`.
template <typename Computed, int64_t usual, typename Step>
CT_INLINE void sumTiles(const Layout &layout, double *sums, int64_t first, int64_t last, Step &&step) {
  const int64_t lanes = usual > 0 ? usual : layout.tile(), stride = layout.isFront() ? layout.width : lanes;
  std::vector<Computed> tile(2 * lanes);
  Computed *const a = tile.data(), *const b = a + lanes;
  for (int64_t block = first; block < last; block++) {
    std::fill(tile.begin(), tile.end(), Computed{0});
    const int64_t end = std::min(layout.elements(), (block + 1) * layout.block());
    int64_t start = block * layout.block(), place = placeInX(layout, start);
    if constexpr (usual > 0) {
      // These stay in registers.
      Computed x[usual] = {}, y[usual] = {};
      for (; start + usual <= end; start += usual, place += stride)
#pragma clang loop vectorize(assume_safety)
        for (int64_t i = 0; i < usual; i++) step(start, place, i, x[i], y[i]);
      std::copy_n(x, usual, a);
      std::copy_n(y, usual, b);
    } else {
      for (; start + lanes <= end; start += lanes, place += stride)
#pragma clang loop vectorize(assume_safety)
        for (int64_t i = 0; i < lanes; i++) step(start, place, i, a[i], b[i]);
    }
    for (int64_t i = 0; i < end - start; i++) step(start, place, i, a[i], b[i]);

    double *const result = sums + 2 * block * layout.channels;
    std::fill_n(result, 2 * layout.channels, 0.0);
    for (int64_t i = 0; i < lanes; i++) {
      result[i % layout.channels] += static_cast<double>(a[i]);
      result[layout.channels + i % layout.channels] += static_cast<double>(b[i]);
    }
  }
}

template <typename Type, int64_t usual>
CT_INLINE void momentsOf(const Layout &layout, const void *input, const double *shift, double *sums, int64_t first,
                      int64_t last) {
  using Computed = typename Type::Computed;
  const auto *x = static_cast<const typename Type::Stored *>(input);
  const auto shifts = repeated<Computed>(layout, shift);
  const Computed *center = shifts.data();
  sumTiles<Computed, usual>(
      layout, sums, first, last,
      [=](int64_t, int64_t place, int64_t i, Computed &sum, Computed &square) CT_INLINE_LAMBDA {
        const Computed value = Type::load(x[place + i]) - center[i];
        sum += value;
        square += value * value;
      });
}

template <typename Type, int64_t usual, bool hasResidual>
CT_INLINE void normalizeOf(const Layout &layout, const Affine &affine, const void *input, const void *residual,
                        void *output, int64_t first, int64_t last) {
  using Computed = typename Type::Computed;
  const auto *x = static_cast<const typename Type::Stored *>(input),
             *other = static_cast<const typename Type::Stored *>(residual);
  auto *y = static_cast<typename Type::Stored *>(output);
  const auto means = repeated<Computed>(layout, affine.mean), scales = repeated<Computed>(layout, affine.scale),
             biases = repeated<Computed>(layout, affine.bias);
  const Computed *mean = means.data(), *scale = scales.data(), *bias = biases.data();
  const auto floor = static_cast<Computed>(affine.floor);
  forTiles<usual>(layout, first, last, [=](int64_t start, int64_t place, int64_t i) CT_INLINE_LAMBDA {
    Computed value = (Type::load(x[place + i]) - mean[i]) * scale[i] + bias[i];
    if (hasResidual) value += Type::load(other[start + i]);
    y[start + i] = Type::store(value < floor ? floor : value);  // NaN stays, so that a run that diverges is seen to
  });
}

template <typename Type, int64_t usual, bool isMasked, bool hasOther>
CT_INLINE void reduceOf(const Layout &layout, const Affine &affine, const void *input, const Slope &slope, double *sums,
                     int64_t first, int64_t last) {
  using Computed = typename Type::Computed;
  using Stored = typename Type::Stored;
  const auto *x = static_cast<const Stored *>(input), *one = static_cast<const Stored *>(slope.one),
             *other = static_cast<const Stored *>(slope.other), *y = static_cast<const Stored *>(slope.y);
  auto *masked = static_cast<Stored *>(slope.masked);
  const auto means = repeated<Computed>(layout, affine.mean), scales = repeated<Computed>(layout, affine.scale),
             biases = repeated<Computed>(layout, affine.bias);
  const Computed *mean = means.data(), *scale = scales.data(), *bias = biases.data();
  const auto floor = static_cast<Computed>(affine.floor);
  sumTiles<Computed, usual>(
      layout, sums, first, last,
      [=](int64_t start, int64_t place, int64_t i, Computed &sum, Computed &product) CT_INLINE_LAMBDA {
        const Computed value = Type::load(x[place + i]) - mean[i];
        const Computed gate = isMasked ? Type::load(y[start + i]) : value * scale[i] + bias[i];
        Computed g = Type::load(one[start + i]);
        if (hasOther) g += Type::load(other[start + i]);
        g = gate <= floor ? 0 : g;
        if (isMasked) masked[start + i] = Type::store(g);
        sum += g;
        product += g * value;
      });
}

template <typename Type, int64_t usual, bool isMasked, bool adds>
CT_INLINE void propagateOf(const Layout &layout, const Affine &affine, const double *slant, const double *offset,
                        const void *input, const Slope &slope, void *output, int64_t first, int64_t last) {
  using Computed = typename Type::Computed;
  using Stored = typename Type::Stored;
  const auto *x = static_cast<const Stored *>(input),
             *gradient = static_cast<const Stored *>(isMasked ? slope.masked : slope.one);
  auto *dx = static_cast<Stored *>(output);
  const auto means = repeated<Computed>(layout, affine.mean), scales = repeated<Computed>(layout, affine.scale),
             biases = repeated<Computed>(layout, affine.bias), slants = repeated<Computed>(layout, slant),
             offsets = repeated<Computed>(layout, offset);
  const Computed *mean = means.data(), *scale = scales.data(), *bias = biases.data(), *tilt = slants.data(),
                 *constant = offsets.data();
  const auto floor = static_cast<Computed>(affine.floor);
  forTiles<usual>(layout, first, last, [=](int64_t start, int64_t place, int64_t i) CT_INLINE_LAMBDA {
    const Computed value = Type::load(x[place + i]) - mean[i];
    Computed g = Type::load(gradient[start + i]);
    if (!isMasked) g = value * scale[i] + bias[i] <= floor ? 0 : g;
    const Computed step = g * scale[i] + (value * tilt[i] + constant[i]);
    dx[place + i] = Type::store(adds ? Type::load(dx[place + i]) + step : step);
  });
}

// body(type, usual) for the layout's element type and tile.
template <typename Body>
CT_INLINE void specialized(const Layout &layout, Body &&body) {
  const auto tiled = [&](auto type) CT_INLINE_LAMBDA {
    if (layout.isUsual())
      body(type, std::integral_constant<int64_t, usualTile>());
    else
      body(type, std::integral_constant<int64_t, 0>());
  };
  switch (layout.element) {
    case Element::bfloat16: return tiled(BFloat16());
    case Element::float32: return tiled(Plain<float>());
    case Element::float64: return tiled(Plain<double>());
  }
}

}  // namespace

CT_VECTORIZED
void moments(const Layout &layout, const void *x, const double *shift, double *sums, int64_t first, int64_t last) {
  specialized(layout, [&](auto type, auto usual) CT_INLINE_LAMBDA {
    momentsOf<decltype(type), usual>(layout, x, shift, sums, first, last);
  });
}

CT_VECTORIZED
void normalize(const Layout &layout, const Affine &affine, const void *x, const void *residual, void *y, int64_t first,
               int64_t last) {
  specialized(layout, [&](auto type, auto usual) CT_INLINE_LAMBDA {
    if (residual)
      normalizeOf<decltype(type), usual, true>(layout, affine, x, residual, y, first, last);
    else
      normalizeOf<decltype(type), usual, false>(layout, affine, x, residual, y, first, last);
  });
}

CT_VECTORIZED
void reduce(const Layout &layout, const Affine &affine, const void *x, const Slope &slope, double *sums, int64_t first,
            int64_t last) {
  specialized(layout, [&](auto type, auto usual) CT_INLINE_LAMBDA {
    if (slope.other)
      reduceOf<decltype(type), usual, true, true>(layout, affine, x, slope, sums, first, last);
    else if (slope.masked)
      reduceOf<decltype(type), usual, true, false>(layout, affine, x, slope, sums, first, last);
    else
      reduceOf<decltype(type), usual, false, false>(layout, affine, x, slope, sums, first, last);
  });
}

CT_VECTORIZED
void propagate(const Layout &layout, const Affine &affine, const double *slant, const double *offset, const void *x,
               const Slope &slope, void *dx, bool adds, int64_t first, int64_t last) {
  specialized(layout, [&](auto type, auto usual) CT_INLINE_LAMBDA {
    if (slope.masked)
      propagateOf<decltype(type), usual, true, false>(layout, affine, slant, offset, x, slope, dx, first, last);
    else if (adds)
      propagateOf<decltype(type), usual, false, true>(layout, affine, slant, offset, x, slope, dx, first, last);
    else
      propagateOf<decltype(type), usual, false, false>(layout, affine, slant, offset, x, slope, dx, first, last);
  });
}

}  // namespace ct::norm
