// The ISDA term, once for each class present, with its own backward pass. Σ_c is read where it lies, P_c = W Σ_c is
// the one large product and serves both passes: with q_c[j] = (w_j − w_c)ᵀ Σ_c (w_j − w_c) the difference
// P_c[j] − P_c[c] is Σ_c (w_j − w_c), so q_c[j] is its product with w_j − w_c, and twice it the slope along w_j.

#include "Composed.h"
#include "Parallel.h"
#include "Vectorized.h"

#if CTORCH_HAS_LIBTORCH

#include <ATen/Dispatch.h>
#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

using namespace ct;

namespace {

// Σ (p − p0)(w − w0)
template <typename T>
CT_INLINE T sum_products(const T *p, const T *p0, const T *w, const T *w0, int64_t n) {
#pragma clang fp reassociate(on)
  T sum = 0;
  for (int64_t a = 0; a < n; a++) sum += (p[a] - p0[a]) * (w[a] - w0[a]);
  return sum;
}

// Σ d (w − w0)²
template <typename T>
CT_INLINE T sum_squares(const T *d, const T *w, const T *w0, int64_t n) {
#pragma clang fp reassociate(on)
  T sum = 0;
  for (int64_t a = 0; a < n; a++) sum += d[a] * (w[a] - w0[a]) * (w[a] - w0[a]);
  return sum;
}

#define INSTANTIATE(T)                                                                                           \
  CT_VECTORIZED T quadratic(const T *p, const T *p0, const T *w, const T *w0, int64_t n) {                       \
    return sum_products(p, p0, w, w0, n);                                                                        \
  }                                                                                                              \
  CT_VECTORIZED T weighted_square(const T *d, const T *w, const T *w0, int64_t n) {                              \
    return sum_squares(d, w, w0, n);                                                                             \
  }                                                                                                              \
  /* slope += g (p − p0), slope0 −= the same */                                                                  \
  CT_VECTORIZED void spread(T g, const T *p, const T *p0, T *slope, T *slope0, int64_t n) {                      \
    for (int64_t a = 0; a < n; a++) {                                                                            \
      const T step = g * (p[a] - p0[a]);                                                                         \
      slope[a] += step;                                                                                          \
      slope0[a] -= step;                                                                                         \
    }                                                                                                            \
  }                                                                                                              \
  CT_VECTORIZED void spread_weighted(T g, const T *d, const T *w, const T *w0, T *slope, T *slope0, int64_t n) { \
    for (int64_t a = 0; a < n; a++) {                                                                            \
      const T step = g * d[a] * (w[a] - w0[a]);                                                                  \
      slope[a] += step;                                                                                          \
      slope0[a] -= step;                                                                                         \
    }                                                                                                            \
  }
INSTANTIATE(float)
INSTANTIATE(double)
#undef INSTANTIATE

// What gradients do not flow to, and so goes past autograd in a struct.
struct Constants {
  // The labels of the N samples, and those that occur among them; 64-bit integers on the host.
  at::Tensor labels, present;
  // Σ_c = M_c + F_cᵀ F_c + diag(d_c); each part may be undefined, or one for all classes.
  at::Tensor matrix;    // C×A×A or 1×A×A
  at::Tensor factors;   // C×R×A
  at::Tensor diagonal;  // C×A or 1×A
  double lambda;
};

// Classes that are worth a thread of their own, if one takes so many multiplications.
int64_t grain(int64_t multiplications) { return std::max<int64_t>(1, (1 << 19) / multiplications); }

// Where a class's part begins, counted in parts.
int64_t place(const at::Tensor &part, int64_t label) { return part.size(0) == 1 ? 0 : label; }

// Classes present whose labels follow each other. Their Σ lie side by side, so W Σ of all of them is one product: for
// small classes a call takes longer than its arithmetic.
struct Run {
  int64_t first, count;  // among the classes present
};

// As long as a thread of its own is not worth it; one class a run where W Σ_c is not made for each. Which classes go
// together does not depend on the number of threads, nor do the sums.
std::vector<Run> runs_of(const at::Tensor &present, const at::Tensor &products) {
  const int64_t *label = present.const_data_ptr<int64_t>(), count = present.size(0);
  const bool each = products.defined() && products.size(0) > 1;
  const int64_t longest = each ? grain(products.size(1) * products.size(2) * products.size(2)) : 1;
  std::vector<Run> runs;
  for (int64_t k = 0; k < count; k++) {
    if (k > 0 && label[k] == label[k - 1] + 1 && runs.back().count < longest)
      runs.back().count++;
    else
      runs.push_back({k, 1});
  }
  return runs;
}

// body(chunk, run) for every run, in parallel: a run is part of the chunk of classes in which it begins.
template <typename Body>
void parallel_runs(const std::vector<Run> &runs, int64_t count, int64_t chunks, const Body &body) {
  parallel(count, chunks, [&](int64_t chunk, int64_t begin, int64_t end) {
    // Operations here go straight to their kernels, past autograd, which has nothing to record.
    const at::AutoDispatchBelowADInplaceOrView below_autograd;
    for (const Run &run : runs)
      if (run.first >= begin && run.first < end) body(chunk, run);
  });
}

// The C rows of W Σ_c. The product of a run is C rows of all its classes, so those of one are `stride` numbers apart.
template <typename T>
struct ProductRows {
  const T *first;
  int64_t stride;

  // Of the class that is number k of those present.
  ProductRows(const at::Tensor &products, const Run &run, int64_t k) {
    const int64_t width = products.size(2), shared = products.size(0) == 1;
    first = products.const_data_ptr<T>() + (shared ? 0 : (run.first * products.size(1) + k - run.first) * width);
    stride = (shared ? 1 : run.count) * width;
  }

  const T *operator[](int64_t j) const { return first + j * stride; }
};

class AugmentedLogits : public torch::autograd::Function<AugmentedLogits> {
 public:
  using Context = torch::autograd::AutogradContext;
  using Tensors = torch::autograd::variable_list;

  static at::Tensor forward(Context *context, const at::Tensor &logits, const at::Tensor &weights,
                            const Constants &constants) {
    const at::Tensor &labels = constants.labels, &present = constants.present, &factors = constants.factors,
                     &diagonal = constants.diagonal;
    const double lambda = constants.lambda;
    // Detached, because whether gradients are recorded is a setting of each thread.
    const at::Tensor weight = weights.contiguous().detach();
    const at::Tensor matrix = constants.matrix.defined() ? constants.matrix.contiguous() : at::Tensor();
    const int64_t classes = weight.size(0), width = weight.size(1), count = present.size(0);
    const int64_t *present_labels = present.const_data_ptr<int64_t>(), *label = labels.const_data_ptr<int64_t>();

    // W Σ_c and W F_cᵀ of each class present; only one where all classes share Σ.
    at::Tensor products, projections;
    if (matrix.defined())
      products = at::empty({matrix.size(0) == 1 ? 1 : count, classes, width}, weight.options());
    if (factors.defined()) projections = at::empty({count, classes, factors.size(1)}, weight.options());
    if (matrix.defined() && matrix.size(0) == 1) {
      at::Tensor product = products.select(0, 0);
      at::mm_out(product, weight, matrix.select(0, 0));
    }

    const int64_t inner = matrix.defined() && matrix.size(0) > 1 ? width : factors.defined() ? factors.size(1) : 1;
    at::Tensor quadratics = at::zeros({classes, classes}, weight.options());
    at::Tensor result = at::empty(logits.sizes(), logits.options());
    AT_DISPATCH_FLOATING_TYPES(weight.scalar_type(), "augmented_logits", [&] {
      const scalar_t *w = weight.const_data_ptr<scalar_t>();
      scalar_t *q = quadratics.mutable_data_ptr<scalar_t>();
      const int64_t chunks = chunk_count(count, grain(classes * width * inner));
      parallel_runs(runs_of(present, products), count, chunks, [&](int64_t, const Run &run) {
        if (products.defined() && matrix.size(0) > 1) {
          at::Tensor product = products.narrow(0, run.first, run.count).view({classes, run.count * width});
          const at::Tensor squares = matrix.narrow(0, present_labels[run.first], run.count);
          at::mm_out(product, weight, squares.view({run.count * width, width}).t());
        }
        for (int64_t k = run.first; k < run.first + run.count; k++) {
          const int64_t c = present_labels[k];
          scalar_t *own = q + c * classes;
          if (products.defined()) {
            const ProductRows<scalar_t> p(products, run, k);
            for (int64_t j = 0; j < classes; j++)
              own[j] += quadratic(p[j], p[c], w + j * width, w + c * width, width);
          }
          if (factors.defined()) {
            at::Tensor projection = projections.select(0, k);
            at::mm_out(projection, weight, factors.select(0, c).t());
            const int64_t rank = factors.size(1);
            const scalar_t *z = projection.const_data_ptr<scalar_t>();
            for (int64_t j = 0; j < classes; j++)
              own[j] += quadratic(z + j * rank, z + c * rank, z + j * rank, z + c * rank, rank);
          }
          if (diagonal.defined()) {
            const scalar_t *d = diagonal.const_data_ptr<scalar_t>() + place(diagonal, c) * width;
            for (int64_t j = 0; j < classes; j++)
              own[j] += weighted_square(d, w + j * width, w + c * width, width);
          }
        }
      });
      const at::Tensor plain = logits.contiguous();
      const scalar_t *z = plain.const_data_ptr<scalar_t>(), half = static_cast<scalar_t>(lambda / 2);
      scalar_t *out = result.mutable_data_ptr<scalar_t>();
      for (int64_t i = 0; i < labels.size(0); i++)
        for (int64_t j = 0; j < classes; j++)
          out[i * classes + j] = z[i * classes + j] + half * q[label[i] * classes + j];
    });
    context->save_for_backward({weights, labels, present, products, projections, factors, diagonal});
    context->saved_data["lambda"] = lambda;
    return result;
  }

  static Tensors backward(Context *context, Tensors gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor weight = saved[0].contiguous();
    const at::Tensor &labels = saved[1], &present = saved[2], &products = saved[3], &projections = saved[4],
                     &factors = saved[5], &diagonal = saved[6];
    const double lambda = context->saved_data["lambda"].toDouble();
    const at::Tensor upstream = gradients[0].contiguous();
    const int64_t classes = weight.size(0), width = weight.size(1), count = present.size(0);
    const int64_t *present_labels = present.const_data_ptr<int64_t>(), *label = labels.const_data_ptr<int64_t>();

    const int64_t inner = factors.defined() ? factors.size(1) : 1;
    const int64_t chunks = chunk_count(count, grain(classes * width * inner));
    at::Tensor slopes = at::zeros({chunks, classes, width}, weight.options());
    AT_DISPATCH_FLOATING_TYPES(weight.scalar_type(), "augmented_logits_backward", [&] {
      // λ times the slope along q_c[j]'s half, summed over the samples of c.
      std::vector<scalar_t> slope_of(classes * classes, 0);
      const scalar_t *g = upstream.const_data_ptr<scalar_t>(), *w = weight.const_data_ptr<scalar_t>();
      for (int64_t i = 0; i < labels.size(0); i++)
        for (int64_t j = 0; j < classes; j++)
          slope_of[label[i] * classes + j] += static_cast<scalar_t>(lambda) * g[i * classes + j];

      parallel_runs(runs_of(present, products), count, chunks, [&](int64_t chunk, const Run &run) {
        scalar_t *slope = slopes.mutable_data_ptr<scalar_t>() + chunk * classes * width;
        for (int64_t k = run.first; k < run.first + run.count; k++) {
          const int64_t c = present_labels[k];
          const scalar_t *own = slope_of.data() + c * classes;
          if (products.defined()) {
            const ProductRows<scalar_t> p(products, run, k);
            for (int64_t j = 0; j < classes; j++)
              spread(own[j], p[j], p[c], slope + j * width, slope + c * width, width);
          }
          if (projections.defined()) {
            const int64_t rank = projections.size(2);
            const scalar_t *z = projections.const_data_ptr<scalar_t>() + k * classes * rank;
            at::Tensor projected = at::zeros({classes, rank}, weight.options());
            scalar_t *s = projected.mutable_data_ptr<scalar_t>();
            for (int64_t j = 0; j < classes; j++)
              spread(own[j], z + j * rank, z + c * rank, s + j * rank, s + c * rank, rank);
            slopes.select(0, chunk).addmm_(projected, factors.select(0, c));
          }
          if (diagonal.defined()) {
            const scalar_t *d = diagonal.const_data_ptr<scalar_t>() + place(diagonal, c) * width;
            for (int64_t j = 0; j < classes; j++)
              spread_weighted(own[j], d, w + j * width, w + c * width, slope + j * width, slope + c * width, width);
          }
        }
      });
    });
    return {gradients[0], chunks == 1 ? slopes.select(0, 0) : slopes.sum(0), {}};
  }
};

}  // namespace

int ct_augmented_logits(ct_tensor logits, ct_tensor weight, ct_tensor labels, ct_tensor present, ct_tensor matrix,
                        ct_tensor factors, ct_tensor diagonal, double lambda, ct_tensor *out) {
  return producing(out, [&] {
    const auto part = [](ct_tensor handle) { return optional(handle).value_or(at::Tensor()); };
    const Constants constants{on_host(labels), on_host(present), part(matrix), part(factors), part(diagonal), lambda};
    return has_kernels(get(logits))
               ? AugmentedLogits::apply(get(logits), get(weight), constants)
               : composed::augmented_logits(get(logits), get(weight), constants.labels, constants.present,
                                            constants.matrix, constants.factors, constants.diagonal, lambda);
  });
}

#endif
