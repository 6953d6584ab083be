// The steps that batch normalisation with ReLU or without is made of, each a kernel over a tensor in parallel: moments of a batch,
// the values that they make, and the way back. x is dense and channels-last, or the first channels of such a tensor.
#pragma once

#include "Guard.h"

#if CTORCH_HAS_LIBTORCH

#include "NormKernels.h"

namespace ct::norm {

// The kernels' view of memory: dense, channels innermost, of one type.
at::Tensor dense(const at::Tensor &tensor, at::ScalarType type);

// Of the first `channels` of x.
Layout layout_of(const at::Tensor &x, int64_t channels);

struct Moments {
  // By channel; the variance with the pixels as divisor.
  std::vector<double> mean, variance;
};
Moments moments(const at::Tensor &x);

// running ← (1 − momentum) · running + momentum · batch, of the first channels of the moments, with divisor pixels − 1
// for the variance.
void move_running(const at::Tensor &mean, const at::Tensor &variance, const Moments &batch, int64_t pixels,
                  double momentum);

// What turns x into y by channel.
struct Constants {
  std::vector<double> mean, deviation_inverse, scale, bias;
  double floor;

  // By the first of the moments, as many as there are weights.
  Constants(const Moments &, const at::Tensor &weight, const at::Tensor &bias, double epsilon, bool rectifies = true);

  Affine affine() const { return {mean.data(), scale.data(), bias.data(), floor}; }
};

// max(floor, (x − mean) · scale + bias + residual); `residual` may be undefined.
at::Tensor normalized(const Layout &, const Constants &, const at::Tensor &x, const at::Tensor &residual = {});

struct ParameterSlopes {
  at::Tensor weight, bias;
};
// The way back through `normalized`: writes the gradient by x to `dx`, or adds it to what is there.
ParameterSlopes propagate(const Layout &, const Constants &, const at::Tensor &x, const Slope &, const at::Tensor &dx,
                          bool adds, at::ScalarType type);

}  // namespace ct::norm

#endif
