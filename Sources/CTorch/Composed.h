// The operations that have kernels of our own on the processor, composed of libtorch's, for tensors that lie elsewhere.
// The formulas are the same, sums are made in another order. What libtorch's operations need as memory between them is
// said with each.
#pragma once

#include "Device.h"

#if CTORCH_HAS_LIBTORCH

namespace ct {

// A layer of a dense block.
struct DenseLayer {
  struct Norm {
    at::Tensor weight, bias, running_mean, running_variance;
  };
  Norm first_norm;
  at::Tensor first_kernel;
  Norm second_norm;
  at::Tensor second_kernel;
};

}  // namespace ct

namespace ct::composed {

// See CTorch.h for what these compute. Gradients are libtorch's own for the first three.
at::Tensor batch_norm_relu(const at::Tensor &input, const at::Tensor &weight, const at::Tensor &bias,
                           const at::Tensor &running_mean, const at::Tensor &running_variance,
                           const std::optional<at::Tensor> &shortcut, double momentum, double epsilon);
at::Tensor subsample(const at::Tensor &input, int64_t stride, int64_t channels);
// What each layer reads is concatenated anew and kept, so memory grows with the square of the layers.
at::Tensor dense_block(const at::Tensor &input, const std::vector<DenseLayer> &layers, double momentum,
                       double epsilon);

// For K labels present: 2·K·C·A numbers, and copies of the covariances of some classes at a time. Kept for the backward
// pass are K·C·A, and nothing more is needed there. `labels` and `present` lie on the host.
at::Tensor augmented_logits(const at::Tensor &logits, const at::Tensor &weight, const at::Tensor &labels,
                            const at::Tensor &present, const at::Tensor &matrix, const at::Tensor &factors,
                            const at::Tensor &diagonal, double lambda);

// 2·N·A numbers beside the result.
at::Tensor scatter_rows(const at::Tensor &features, const int64_t *order, const ct_group *groups, size_t count,
                        const at::Tensor &means);
// Copies of the covariances of some classes at a time, and as much again.
void add_scatter(const at::Tensor &covariances, const at::Tensor &rows, const ct_group *groups, size_t count);

}  // namespace ct::composed

#endif
