// Plain loops that the compiler vectorises, compiled for several instruction sets, of which the program's start picks
// one.

#include "NormKernels.h"

#include <algorithm>
#include <cstring>
#include <vector>

#if defined(__x86_64__) && defined(__linux__)
#define EVERY_PROCESSOR __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define EVERY_PROCESSOR
#endif
// Kernels are templates, which cannot be cloned; they are compiled into the clones instead.
#define INLINE inline __attribute__((always_inline))

namespace ct::norm {
namespace {

// How an element lies in memory, and the type that it is computed in.
template <typename Number>
struct Plain {
  using Stored = Number;
  using Computed = Number;
  static INLINE Computed load(Stored value) { return value; }
  static INLINE Stored store(Computed value) { return value; }
};

struct BFloat16 {
  using Stored = uint16_t;
  using Computed = float;
  static INLINE float load(uint16_t value) {
    const uint32_t bits = uint32_t{value} << 16;
    float result;
    std::memcpy(&result, &bits, sizeof result);
    return result;
  }
  // To nearest, ties to even.
  static INLINE uint16_t store(float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    const uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    return static_cast<uint16_t>(value != value ? 0x7fc0 : rounded);
  }
};

// Values by channel, repeated over a tile.
template <typename Computed>
std::vector<Computed> repeated(const Layout &layout, const double *values) {
  std::vector<Computed> result;
  result.reserve(layout.tile() * layout.channels);
  for (int64_t pixel = 0; pixel < layout.tile(); pixel++)
    for (int64_t channel = 0; channel < layout.channels; channel++)
      result.push_back(static_cast<Computed>(values[channel]));
  return result;
}

template <typename Computed>
INLINE void fold(const Layout &layout, const Computed *lanes, double *sums) {
  std::fill_n(sums, layout.channels, 0.0);
  for (int64_t pixel = 0; pixel < layout.tile(); pixel++)
    for (int64_t channel = 0; channel < layout.channels; channel++)
      sums[channel] += static_cast<double>(lanes[pixel * layout.channels + channel]);
}

template <typename Type>
INLINE void momentsOf(const Layout &layout, const typename Type::Stored *x, const double *shift, double *sums,
                      int64_t first, int64_t last) {
  using Computed = typename Type::Computed;
  const auto shifts = repeated<Computed>(layout, shift);
  const int64_t lanes = shifts.size();
  std::vector<Computed> both(2 * lanes);
  const Computed *__restrict center = shifts.data();
  Computed *__restrict sum = both.data(), *__restrict square = sum + lanes;
  for (int64_t block = first; block < last; block++) {
    std::fill(both.begin(), both.end(), Computed{0});
    const int64_t end = std::min(layout.pixels, (block + 1) * layout.block()) * layout.channels;
    for (int64_t start = block * layout.block() * layout.channels; start < end; start += lanes) {
      const typename Type::Stored *__restrict row = x + start;
      const int64_t count = std::min(lanes, end - start);
      for (int64_t i = 0; i < count; i++) {
        const Computed value = Type::load(row[i]) - center[i];
        sum[i] += value;
        square[i] += value * value;
      }
    }
    fold(layout, sum, sums + 2 * block * layout.channels);
    fold(layout, square, sums + (2 * block + 1) * layout.channels);
  }
}

template <typename Type, bool hasResidual>
INLINE void normalizeOf(const Layout &layout, const Affine &affine, const typename Type::Stored *x,
                        const typename Type::Stored *residual, typename Type::Stored *y, int64_t first, int64_t last) {
  using Computed = typename Type::Computed;
  const auto means = repeated<Computed>(layout, affine.mean), scales = repeated<Computed>(layout, affine.scale),
             biases = repeated<Computed>(layout, affine.bias);
  const Computed *__restrict mean = means.data(), *__restrict scale = scales.data(), *__restrict bias = biases.data();
  const int64_t lanes = means.size();
  const int64_t end = std::min(layout.pixels, last * layout.block()) * layout.channels;
  for (int64_t start = first * layout.block() * layout.channels; start < end; start += lanes) {
    const typename Type::Stored *__restrict row = x + start;
    const typename Type::Stored *__restrict other = residual + (hasResidual ? start : 0);
    typename Type::Stored *__restrict result = y + start;
    const int64_t count = std::min(lanes, end - start);
    for (int64_t i = 0; i < count; i++) {
      Computed value = (Type::load(row[i]) - mean[i]) * scale[i] + bias[i];
      if (hasResidual) value += Type::load(other[i]);
      result[i] = Type::store(value < 0 ? 0 : value);  // NaN stays, so that a run that diverges is seen to
    }
  }
}

template <typename Type, bool hasResidual>
INLINE void reduceOf(const Layout &layout, const Affine &affine, const typename Type::Stored *x,
                     const typename Type::Stored *slope, const typename Type::Stored *y, typename Type::Stored *masked,
                     double *sums, int64_t first, int64_t last) {
  using Computed = typename Type::Computed;
  const auto means = repeated<Computed>(layout, affine.mean), scales = repeated<Computed>(layout, affine.scale),
             biases = repeated<Computed>(layout, affine.bias);
  const Computed *__restrict mean = means.data(), *__restrict scale = scales.data(), *__restrict bias = biases.data();
  const int64_t lanes = means.size();
  std::vector<Computed> both(2 * lanes);
  Computed *__restrict sum = both.data(), *__restrict product = sum + lanes;
  for (int64_t block = first; block < last; block++) {
    std::fill(both.begin(), both.end(), Computed{0});
    const int64_t end = std::min(layout.pixels, (block + 1) * layout.block()) * layout.channels;
    for (int64_t start = block * layout.block() * layout.channels; start < end; start += lanes) {
      const typename Type::Stored *__restrict row = x + start, *__restrict gradient = slope + start;
      const typename Type::Stored *__restrict output = y + (hasResidual ? start : 0);
      typename Type::Stored *__restrict result = masked + (hasResidual ? start : 0);
      const int64_t count = std::min(lanes, end - start);
      for (int64_t i = 0; i < count; i++) {
        const Computed value = Type::load(row[i]) - mean[i];
        const Computed gate = hasResidual ? Type::load(output[i]) : value * scale[i] + bias[i];
        const Computed g = gate <= 0 ? 0 : Type::load(gradient[i]);
        if (hasResidual) result[i] = Type::store(g);
        sum[i] += g;
        product[i] += g * value;
      }
    }
    fold(layout, sum, sums + 2 * block * layout.channels);
    fold(layout, product, sums + (2 * block + 1) * layout.channels);
  }
}

template <typename Type, bool isMasked>
INLINE void propagateOf(const Layout &layout, const Affine &affine, const double *slant, const double *offset,
                        const typename Type::Stored *x, const typename Type::Stored *slope, typename Type::Stored *dx,
                        int64_t first, int64_t last) {
  using Computed = typename Type::Computed;
  const auto means = repeated<Computed>(layout, affine.mean), scales = repeated<Computed>(layout, affine.scale),
             biases = repeated<Computed>(layout, affine.bias), slants = repeated<Computed>(layout, slant),
             offsets = repeated<Computed>(layout, offset);
  const Computed *__restrict mean = means.data(), *__restrict scale = scales.data(), *__restrict bias = biases.data(),
                 *__restrict tilt = slants.data(), *__restrict constant = offsets.data();
  const int64_t lanes = means.size();
  const int64_t end = std::min(layout.pixels, last * layout.block()) * layout.channels;
  for (int64_t start = first * layout.block() * layout.channels; start < end; start += lanes) {
    const typename Type::Stored *__restrict row = x + start, *__restrict gradient = slope + start;
    typename Type::Stored *__restrict result = dx + start;
    const int64_t count = std::min(lanes, end - start);
    for (int64_t i = 0; i < count; i++) {
      const Computed value = Type::load(row[i]) - mean[i];
      Computed g = Type::load(gradient[i]);
      if (!isMasked) g = value * scale[i] + bias[i] <= 0 ? 0 : g;
      result[i] = Type::store(g * scale[i] + (value * tilt[i] + constant[i]));
    }
  }
}

}  // namespace

// Calls kernel<Type, …>(…) for the element type of the layout.
#define FOR_ELEMENT(CALL)                                                         \
  switch (layout.element) {                                                       \
    case Element::bfloat16: { using Type = BFloat16; CALL; break; }               \
    case Element::float32: { using Type = Plain<float>; CALL; break; }            \
    case Element::float64: { using Type = Plain<double>; CALL; break; }           \
  }
#define IN(POINTER) static_cast<const typename Type::Stored *>(POINTER)
#define OUT(POINTER) static_cast<typename Type::Stored *>(POINTER)

EVERY_PROCESSOR
void moments(const Layout &layout, const void *x, const double *shift, double *sums, int64_t first, int64_t last) {
  FOR_ELEMENT(momentsOf<Type>(layout, IN(x), shift, sums, first, last))
}

EVERY_PROCESSOR
void normalize(const Layout &layout, const Affine &affine, const void *x, const void *residual, void *y, int64_t first,
               int64_t last) {
  if (residual) {
    FOR_ELEMENT((normalizeOf<Type, true>(layout, affine, IN(x), IN(residual), OUT(y), first, last)))
  } else {
    FOR_ELEMENT((normalizeOf<Type, false>(layout, affine, IN(x), nullptr, OUT(y), first, last)))
  }
}

EVERY_PROCESSOR
void reduce(const Layout &layout, const Affine &affine, const void *x, const void *slope, const void *y, void *masked,
            double *sums, int64_t first, int64_t last) {
  if (masked) {
    FOR_ELEMENT((reduceOf<Type, true>(layout, affine, IN(x), IN(slope), IN(y), OUT(masked), sums, first, last)))
  } else {
    FOR_ELEMENT((reduceOf<Type, false>(layout, affine, IN(x), IN(slope), nullptr, nullptr, sums, first, last)))
  }
}

EVERY_PROCESSOR
void propagate(const Layout &layout, const Affine &affine, const double *slant, const double *offset, const void *x,
               const void *slope, const void *masked, void *dx, int64_t first, int64_t last) {
  if (masked) {
    FOR_ELEMENT((propagateOf<Type, true>(layout, affine, slant, offset, IN(x), IN(masked), OUT(dx), first, last)))
  } else {
    FOR_ELEMENT((propagateOf<Type, false>(layout, affine, slant, offset, IN(x), IN(slope), OUT(dx), first, last)))
  }
}

}  // namespace ct::norm
