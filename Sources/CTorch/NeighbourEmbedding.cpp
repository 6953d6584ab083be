// The two parts of t-SNE that grow with the square of the number of points: who is whose neighbour, and how all points
// push each other apart on the map. No matrix of all pairs is kept; a row of it lives in a core's cache and is gone.

#include "Device.h"
#include "Parallel.h"
#include "Vectorized.h"

#if CTORCH_HAS_LIBTORCH

#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>

using namespace ct;

namespace {

// p_j = exp(-b d_j) / sum, with the b whose entropy is log(perplexity); `distances` are squared and relative to the
// least, so that no sum is 0. Bisection, after doubling or halving until the value is enclosed.
void conditional(const double *distances, int64_t k, double perplexity, double *p) {
  const double wanted = std::log(perplexity);
  double low = 0, high = INFINITY, precision = 1;
  for (int step = 0; step < 200; step++) {
    double sum = 0, mean = 0;
    for (int64_t j = 0; j < k; j++) {
      p[j] = std::exp(-precision * distances[j]);
      sum += p[j];
      mean += p[j] * distances[j];
    }
    const double entropy = std::log(sum) + precision * mean / sum;
    for (int64_t j = 0; j < k; j++) p[j] /= sum;
    if (std::abs(entropy - wanted) < 1e-9) return;
    (entropy > wanted ? low : high) = precision;
    precision = std::isinf(high) ? 2 * precision : (low + high) / 2;
    if (precision == low || precision == high || std::isinf(precision)) return;
  }
}

constexpr int64_t sum_lanes = 16, stretch = 512;

// For a point (px, py): the sums over all (x, y) of w, w² dx and w² dy with w = 1 / (1 + dx² + dy²). `n` is a multiple of
// `sum_lanes`. Lanes are added up in a fixed order, and in double after every stretch.
CT_VECTORIZED void repulsion(const float *x, const float *y, int64_t n, float px, float py, double *out) {
  double weight = 0, across = 0, along = 0;
  for (int64_t begin = 0; begin < n; begin += stretch) {
    const int64_t end = begin + stretch < n ? begin + stretch : n;
    float w_sum[sum_lanes] = {}, x_sum[sum_lanes] = {}, y_sum[sum_lanes] = {};
    for (int64_t j = begin; j < end; j += sum_lanes) {
      for (int64_t l = 0; l < sum_lanes; l++) {
        const float dx = px - x[j + l], dy = py - y[j + l];
        const float w = 1.0f / (1.0f + dx * dx + dy * dy), square = w * w;
        w_sum[l] += w;
        x_sum[l] += square * dx;
        y_sum[l] += square * dy;
      }
    }
    for (int64_t l = 0; l < sum_lanes; l++) {
      weight += w_sum[l];
      across += x_sum[l];
      along += y_sum[l];
    }
  }
  out[0] = weight;
  out[1] = across;
  out[2] = along;
}

}  // namespace

int ct_neighbours(ct_tensor rows, int64_t neighbours, double perplexity, ct_tensor *indices, ct_tensor *affinities) {
  return guarded([&] {
    const at::Tensor source = on_host(rows).to(at::kDouble).contiguous(), turned = source.t();
    const int64_t n = source.size(0);
    TORCH_CHECK(neighbours >= 1 && neighbours < n, neighbours, " neighbours among ", n, " points");
    const at::Tensor squares = source.square().sum(1);
    const double *square = squares.const_data_ptr<double>();
    at::Tensor places = at::empty({n, neighbours}, source.options().dtype(at::kLong));
    at::Tensor values = at::empty({n, neighbours}, source.options());
    int64_t *place = places.mutable_data_ptr<int64_t>();
    double *value = values.mutable_data_ptr<double>();
    const int64_t block = 256;
    for (int64_t first = 0; first < n; first += block) {
      const int64_t count = std::min(block, n - first);
      const at::Tensor products = source.narrow(0, first, count).matmul(turned);
      const double *product = products.const_data_ptr<double>();
      parallel(count, chunk_count(count, 8), [&](int64_t, int64_t begin, int64_t end) {
        std::vector<std::pair<double, int64_t>> others(n - 1);
        std::vector<double> distances(neighbours);
        for (int64_t row = begin; row < end; row++) {
          const int64_t i = first + row;
          for (int64_t j = 0, at = 0; j < n; j++)
            if (j != i) others[at++] = {std::max(square[i] + square[j] - 2 * product[row * n + j], 0.0), j};
          std::nth_element(others.begin(), others.begin() + (neighbours - 1), others.end());
          std::sort(others.begin(), others.begin() + neighbours);
          for (int64_t k = 0; k < neighbours; k++) {
            place[i * neighbours + k] = others[k].second;
            distances[k] = others[k].first - others[0].first;
          }
          conditional(distances.data(), neighbours, perplexity, value + i * neighbours);
        }
      });
    }
    ct_tensor first = own(std::move(places));
    try {
      *affinities = own(std::move(values));
    } catch (...) {
      ct_free(first);
      throw;
    }
    *indices = first;
  });
}

int ct_embedding_gradient(ct_tensor map, ct_tensor starts, ct_tensor columns, ct_tensor weights, double exaggeration,
                          double *divergence, ct_tensor *out) {
  return producing(out, [&] {
    const at::Tensor points = on_host(map).to(at::kDouble).contiguous();
    const int64_t n = points.size(0), padded = (n + sum_lanes - 1) / sum_lanes * sum_lanes;
    const double *point = points.const_data_ptr<double>();
    // So far away that they weigh nothing.
    std::vector<float> x(padded, 1e18f), y(padded, 1e18f);
    for (int64_t i = 0; i < n; i++) {
      x[i] = static_cast<float>(point[2 * i]);
      y[i] = static_cast<float>(point[2 * i + 1]);
    }
    const int64_t *start = on_host(starts).const_data_ptr<int64_t>(), *column = on_host(columns).const_data_ptr<int64_t>();
    const double *weight = on_host(weights).const_data_ptr<double>();

    // Of each point: its share of Z, what pushes it, what pulls it, and its share of the divergence.
    struct Forces {
      double sums[3], pull[2], divergence;
    };
    std::vector<Forces> forces(n);
    parallel(n, chunk_count(n, 64), [&](int64_t, int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        Forces &force = forces[i];
        force = {};
        repulsion(x.data(), y.data(), padded, x[i], y[i], force.sums);
        force.sums[0] -= 1;  // itself
        for (int64_t e = start[i]; e < start[i + 1]; e++) {
          const double dx = point[2 * i] - point[2 * column[e]], dy = point[2 * i + 1] - point[2 * column[e] + 1];
          const double w = 1 / (1 + dx * dx + dy * dy);
          force.pull[0] += weight[e] * w * dx;
          force.pull[1] += weight[e] * w * dy;
          if (divergence && weight[e] > 0) force.divergence += weight[e] * std::log(weight[e] / w);
        }
      }
    });
    double z = 0, sum = 0, total = 0;
    for (const Forces &force : forces) {
      z += force.sums[0];
      sum += force.divergence;
    }
    for (int64_t e = 0; e < start[n]; e++) total += weight[e];
    if (divergence) *divergence = sum + total * std::log(z);
    at::Tensor gradient = at::empty({n, 2}, points.options());
    double *result = gradient.mutable_data_ptr<double>();
    for (int64_t i = 0; i < n; i++)
      for (int64_t axis = 0; axis < 2; axis++)
        result[2 * i + axis] = 4 * (exaggeration * forces[i].pull[axis] - forces[i].sums[1 + axis] / z);
    return gradient;
  });
}

#endif
