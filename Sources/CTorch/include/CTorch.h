// libtorch behind a small C interface: the only code of this package that sees C++.
//
// The contract, the same for every function:
//   * A handle is a one-field struct by value, so that one kind cannot be passed for another.
//   * Arguments are borrowed. What comes back through the last parameter is owned by the caller.
//   * The result is 0, or not 0 and then ct_error() tells why, on the same thread, until the next failure.
//     No C++ exception crosses. Nothing is written through the last parameter after a failure.
//   * Tensors may be used from one thread at a time. Gradient mode and autocast belong to the calling thread.
//
// Every function has a caller in the Swift target `Torch`; add one when it gets one.
#ifndef CTORCH_H
#define CTORCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  void *impl;
} ct_tensor;

typedef struct {
  void *impl;
} ct_generator;

// Element types, with c10::ScalarType's numbers.
typedef enum {
  CT_UINT8 = 0,
  CT_INT64 = 4,
  CT_FLOAT32 = 6,
  CT_FLOAT64 = 7,
  CT_BOOL = 11,
  CT_BFLOAT16 = 15
} ct_dtype;

// Kinds of devices that tensors lie on, with c10::DeviceType's numbers. Of several GPUs the first is taken.
typedef enum { CT_CPU = 0, CT_CUDA = 1 } ct_device;

// --- Library.cpp: what is linked, and how it runs
const char *ct_error(void);
const char *ct_version(void);
const char *ct_cpu_capability(void);
int64_t ct_live_tensors(void);
int ct_threads(void);
int ct_set_threads(int count);
void ct_keep_freed_memory(void);

// --- Device.cpp: where tensors lie
// How many devices of a kind there are; -1 if the linked libtorch is built without them.
int ct_device_count(ct_device device);
// Empty if there is none. To be asked after ct_device_count.
const char *ct_gpu_name(void);
// Whether it multiplies in bfloat16.
bool ct_has_bfloat16(ct_device device);
int ct_device_of(ct_tensor tensor);
int ct_to_device(ct_tensor tensor, ct_device device, ct_tensor *out);
// Whether operations with kernels of our own are composed of libtorch's on the processor too, as they are on a GPU, on
// this thread. So tests hold the two to each other on any machine. Returns the previous setting.
bool ct_set_composing(bool enabled);
// How many numbers of covariances a composed operation gathers at a time, at least one class's; for tests that gather in
// several goes without being large. Returns the previous setting of this thread, 2^26 at first.
int64_t ct_set_gathered(int64_t numbers);

// --- Handles.cpp: life, shape and bytes of a tensor
void ct_free(ct_tensor tensor);
int64_t ct_rank(ct_tensor tensor);
int64_t ct_size(ct_tensor tensor, int64_t dimension);
int ct_dtype_of(ct_tensor tensor);
int ct_from_bytes(const void *bytes, ct_dtype dtype, const int64_t *shape, size_t rank, ct_tensor *out);
int ct_copy_bytes(ct_tensor tensor, void *bytes, size_t count);
int ct_to(ct_tensor tensor, ct_dtype dtype, ct_tensor *out);
int ct_channels_last(ct_tensor tensor, ct_tensor *out);
int ct_detach(ct_tensor tensor, ct_tensor *out);
int ct_require_gradient(ct_tensor tensor);

// --- Creation.cpp
int ct_full(double value, ct_dtype dtype, ct_device device, const int64_t *shape, size_t rank, ct_tensor *out);
int ct_arange(int64_t end, ct_device device, ct_tensor *out);
int ct_generator_new(uint64_t seed, ct_generator *out);
void ct_generator_free(ct_generator generator);
int ct_normal(ct_generator generator, ct_dtype dtype, const int64_t *shape, size_t rank, ct_tensor *out);
int ct_random_integers(ct_generator generator, int64_t low, int64_t high, const int64_t *shape, size_t rank,
                       ct_tensor *out);
int ct_permutation(ct_generator generator, int64_t count, ct_tensor *out);
// From 0 to 1, without 1.
int ct_uniform(ct_generator generator, const int64_t *shape, size_t rank, ct_tensor *out);
// Booleans, each true with this probability.
int ct_bernoulli(ct_generator generator, double probability, const int64_t *shape, size_t rank, ct_tensor *out);

// --- Shape.cpp
int ct_reshape(ct_tensor tensor, const int64_t *shape, size_t rank, ct_tensor *out);
int ct_permute(ct_tensor tensor, const int64_t *order, size_t rank, ct_tensor *out);
int ct_unsqueeze(ct_tensor tensor, int64_t dimension, ct_tensor *out);
int ct_select(ct_tensor tensor, int64_t dimension, int64_t index, ct_tensor *out);
int ct_slice(ct_tensor tensor, int64_t dimension, int64_t start, int64_t end, ct_tensor *out);
int ct_index_select(ct_tensor tensor, int64_t dimension, ct_tensor indices, ct_tensor *out);
int ct_concatenate(const ct_tensor *tensors, size_t count, int64_t dimension, ct_tensor *out);

// --- Arithmetic.cpp
int ct_add(ct_tensor a, ct_tensor b, double alpha, ct_tensor *out);
int ct_multiply(ct_tensor a, ct_tensor b, ct_tensor *out);
int ct_divide(ct_tensor a, ct_tensor b, ct_tensor *out);
int ct_add_scalar(ct_tensor a, double b, ct_tensor *out);
int ct_multiply_scalar(ct_tensor a, double b, ct_tensor *out);
int ct_maximum_scalar(ct_tensor a, double b, ct_tensor *out);
int ct_minimum_scalar(ct_tensor a, double b, ct_tensor *out);
int ct_square_root(ct_tensor a, ct_tensor *out);
int ct_exponential(ct_tensor a, ct_tensor *out);
int ct_power(ct_tensor a, double exponent, ct_tensor *out);
int ct_equal(ct_tensor a, ct_tensor b, ct_tensor *out);
int ct_not_equal(ct_tensor a, ct_tensor b, ct_tensor *out);
int ct_less(ct_tensor a, ct_tensor b, ct_tensor *out);
// Of two tensors the first one's elements where the mask is true.
int ct_where(ct_tensor mask, ct_tensor a, ct_tensor b, ct_tensor *out);
int ct_is_finite(ct_tensor a, ct_tensor *out);
int ct_sum(ct_tensor a, const int64_t *dimensions, size_t count, bool keep, ct_tensor *out);
int ct_mean(ct_tensor a, const int64_t *dimensions, size_t count, bool keep, ct_tensor *out);
int ct_largest(ct_tensor a, const int64_t *dimensions, size_t count, bool keep, ct_tensor *out);
// How often each of 0 .. bins - 1 occurs in a one-dimensional int64 tensor.
int ct_histogram(ct_tensor a, int64_t bins, ct_tensor *out);
int ct_argmax(ct_tensor a, int64_t dimension, ct_tensor *out);
int ct_sorting_order(ct_tensor a, int64_t dimension, bool descending, ct_tensor *out);
// The `count` smallest of each row along the last dimension, rising, and where they stand.
int ct_smallest(ct_tensor a, int64_t count, ct_tensor *values, ct_tensor *places);
// Along a dimension, which goes away; of an even number of elements the lower one in the middle.
int ct_median(ct_tensor a, int64_t dimension, ct_tensor *out);
// For each row of two float32 matrices of one shape, where base + steps[k] * slope is largest: rows x count, int64.
int ct_argmax_along(ct_tensor base, ct_tensor slope, const float *steps, size_t count, ct_tensor *out);
// In place.
int ct_add_into(ct_tensor target, ct_tensor other, double alpha);
int ct_copy_into(ct_tensor target, ct_tensor source);

// --- LinearAlgebra.cpp
int ct_matmul(ct_tensor a, ct_tensor b, ct_tensor *out);
// target <- beta * target + alpha * a b, in place and in one pass
int ct_addmm_into(ct_tensor target, ct_tensor a, ct_tensor b, double beta, double alpha);
// Euclidean distances of all rows of a to all rows of b: each from its differences, or all through one product.
int ct_distances(ct_tensor a, ct_tensor b, bool through_product, ct_tensor *out);
// Eigenvalues rising, eigenvectors as columns.
int ct_eigh(ct_tensor symmetric, ct_tensor *values, ct_tensor *vectors);
// Eigenvalues rising, of a batch of matrices.
int ct_eigvalsh(ct_tensor symmetric, ct_tensor *out);

// --- ClassMoments.cpp
// The rows of a batch that belong to one class: `count` of them, in a list of row numbers from `start` on. `weight` is
// their share w = m / (m + n) of the class's moments after the update.
typedef struct {
  int64_t label;
  int64_t start;
  int64_t count;
  double weight;
} ct_group;
// Moves the means (C x A) of the classes in `groups`, in place, and makes the rows X whose products are the scatter
// that the batch adds: of group k at start + k the `count` centred rows and one for the move of the mean.
int ct_scatter_rows(ct_tensor features, const int64_t *order, const ct_group *groups, size_t group_count,
                    ct_tensor means, ct_tensor *out);
// S_c <- (1 - w) S_c + (w / m) X^T X in place, for such rows; of C x A only the diagonal of each product.
int ct_add_scatter(ct_tensor covariances, ct_tensor rows, const ct_group *groups, size_t group_count);

// --- Significance.cpp
// For each seed the largest eigenvalue and the trace of X X^T (seeds x 2), where X is `features` (A x n, float32) with each
// row shuffled, or with random signs if `flips`, and then with the orthonormal rows of `scores` (S x n) projected out of
// its rows and those of `directions` (K x A) out of its columns. Both may have no rows.
int ct_noise_spectra(ct_tensor features, ct_tensor scores, ct_tensor directions, bool flips, ct_tensor seeds,
                     ct_tensor *out);
// For each row of `orders` (S x n, a permutation) the products of the leading directions of the first half of the
// rows so ordered with those of the second, S x wanted x wanted. `rows` is n x A, float32.
int ct_half_cosines(ct_tensor rows, ct_tensor orders, int64_t wanted, ct_tensor *out);

// --- AugmentedLogits.cpp
// z_ij + (lambda / 2) (w_j - w_c)^T S_c (w_j - w_c) for c = labels[i]. `present` holds the labels that occur, each
// once; both lie on the host. S_c = matrix_c + factors_c^T factors_c + diag(diagonal_c): C x A x A, C x R x A and C x A,
// each may be null or have one entry for all classes.
int ct_augmented_logits(ct_tensor logits, ct_tensor weight, ct_tensor labels, ct_tensor present, ct_tensor matrix,
                        ct_tensor factors, ct_tensor diagonal, double lambda, ct_tensor *out);

// --- Layers.cpp
// Without bias if its handle is null.
int ct_conv2d(ct_tensor input, ct_tensor weight, ct_tensor bias, int64_t stride, int64_t padding, int64_t groups,
              ct_tensor *out);
int ct_linear(ct_tensor input, ct_tensor weight, ct_tensor bias, ct_tensor *out);
int ct_relu(ct_tensor tensor, ct_tensor *out);
int ct_relu_into(ct_tensor tensor);
int ct_sigmoid(ct_tensor tensor, ct_tensor *out);
int ct_max_pool2d(ct_tensor tensor, int64_t size, int64_t stride, int64_t padding, ct_tensor *out);
int ct_avg_pool2d(ct_tensor tensor, int64_t size, ct_tensor *out);
// second + forward (first - second), with the gradient of second + backward (first - second): both have one number for
// each of N, and no gradient.
int ct_shake(ct_tensor first, ct_tensor second, ct_tensor forward, ct_tensor backward, ct_tensor *out);
// One value for each row: -log softmax(logits)[label].
int ct_cross_entropy(ct_tensor logits, ct_tensor labels, ct_tensor *out);
// One fused step of stochastic gradient descent over all parameters, in place.
int ct_sgd(const ct_tensor *parameters, const ct_tensor *gradients, const ct_tensor *velocities, size_t count,
           double learning_rate, double momentum, double weight_decay, bool nesterov, bool first_step);

// --- FusedNorm.cpp
// max(0, batch_norm(input) + shortcut) by the batch's statistics, which move the running ones in place. Without
// shortcut if its handle is null. `out` and `again` are the same memory for two readers, whose gradients meet here.
int ct_batch_norm_relu(ct_tensor input, ct_tensor weight, ct_tensor bias, ct_tensor running_mean,
                       ct_tensor running_variance, ct_tensor shortcut, double momentum, double epsilon,
                       ct_tensor *out, ct_tensor *again);

// The same without shortcut and without cutting off.
int ct_batch_norm(ct_tensor input, ct_tensor weight, ct_tensor bias, ct_tensor running_mean,
                  ct_tensor running_variance, double momentum, double epsilon, ct_tensor *out);

// --- DenseBlock.cpp
// A normalisation's parameters and running statistics.
typedef struct {
  ct_tensor weight;
  ct_tensor bias;
  ct_tensor running_mean;
  ct_tensor running_variance;
} ct_norm;
// Normalisation and ReLU, 1x1 convolution, normalisation and ReLU, 3x3 convolution.
typedef struct {
  ct_norm first_norm;
  ct_tensor first_kernel;
  ct_norm second_norm;
  ct_tensor second_kernel;
} ct_dense_layer;
// N x C x H x W and what each layer makes of all channels before, side by side, by the batch's statistics, which move
// the running ones in place.
int ct_dense_block(ct_tensor input, const ct_dense_layer *layers, size_t count, double momentum, double epsilon,
                   ct_tensor *out);

// --- Shortcut.cpp
// Every stride-th pixel of N×C×H×W, its channels in the middle of `channels`, the others 0.
int ct_subsample(ct_tensor tensor, int64_t stride, int64_t channels, ct_tensor *out);

// --- NeighbourEmbedding.cpp
// For each row of N x A the places of its nearest other rows, nearest first (N x neighbours), and beside each place the
// affinity exp(-b d^2) / sum over these neighbours, with the b that gives the row this perplexity.
int ct_neighbours(ct_tensor rows, int64_t neighbours, double perplexity, ct_tensor *indices, ct_tensor *affinities);
// The gradient of KL(P || Q) by the places of N points on a map (N x 2). P is sparse: row i has `weights` at `columns`
// from starts[i] to starts[i + 1], and is `exaggeration` times as heavy. *divergence, of P as it is, unless null.
int ct_embedding_gradient(ct_tensor map, ct_tensor starts, ct_tensor columns, ct_tensor weights, double exaggeration,
                          double *divergence, ct_tensor *out);

// --- Autograd.cpp
int ct_gradients(ct_tensor output, const ct_tensor *inputs, size_t count, ct_tensor *out);
// Both return the previous setting.
bool ct_set_gradient_mode(bool enabled);
bool ct_set_bfloat16_autocast(ct_device device, bool enabled);

#ifdef __cplusplus
}
#endif

#endif
