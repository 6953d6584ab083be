// The ISDA term and the update of the class moments out of libtorch's operations. Which rows are of which class is known
// to the host; it goes to the device in a few small copies that nothing waits for, and nothing is read back.

#include "Composed.h"

#if CTORCH_HAS_LIBTORCH

#include <ATen/ops/bmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/segment_reduce.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>

namespace ct::composed {
namespace {

// A copy of numbers of the host, where a tensor lies.
template <typename Number>
at::Tensor placed(const std::vector<Number> &numbers, const at::Tensor &beside) {
  at::Tensor copy = at::empty({static_cast<int64_t>(numbers.size())}, c10::CppTypeToScalarType<Number>::value);
  if (!numbers.empty()) std::memcpy(copy.mutable_data_ptr(), numbers.data(), copy.nbytes());
  return moved(copy, beside.device());
}

// A batched product reads its matrices one behind the other, so those of the classes present are gathered: at most so
// many numbers at a time (256 MB in float32), or one class's.
thread_local int64_t gathered = int64_t{1} << 26;

// How many classes' matrices are gathered at a time, each of so many numbers.
int64_t classes_at_a_time(int64_t numbers) { return std::max<int64_t>(1, gathered / numbers); }

// Of all classes or the one for all: those of the labels, or that one.
at::Tensor parts(const at::Tensor &part, const at::Tensor &labels) {
  return part.size(0) == 1 ? part : part.index_select(0, labels);
}

// With v = w_j − w_c for the K labels present and all C rows of W: Σ_c v (K×C×A), which is half the slope of vᵀ Σ_c v
// along w_j, and vᵀ Σ_c v (K×C).
std::pair<at::Tensor, at::Tensor> quadratics(const at::Tensor &weight, const at::Tensor &present,
                                             const at::Tensor &matrix, const at::Tensor &factors,
                                             const at::Tensor &diagonal) {
  const int64_t count = present.size(0), width = weight.size(1);
  at::Tensor differences = weight.unsqueeze(0).sub(weight.index_select(0, present).unsqueeze(1));
  at::Tensor products;
  if (matrix.defined() && matrix.size(0) == 1) {
    const at::Tensor product = weight.mm(matrix.select(0, 0));
    products = product.unsqueeze(0).sub(product.index_select(0, present).unsqueeze(1));
  } else if (matrix.defined()) {
    products = at::empty_like(differences);
    const int64_t step = classes_at_a_time(width * width);
    for (int64_t first = 0; first < count; first += step) {
      const int64_t some = std::min(step, count - first);
      at::Tensor target = products.narrow(0, first, some);
      at::bmm_out(target, differences.narrow(0, first, some),
                  matrix.index_select(0, present.narrow(0, first, some)));
    }
  } else {
    products = at::zeros_like(differences);
  }
  if (factors.defined()) {
    const at::Tensor rows = factors.index_select(0, present);
    products.baddbmm_(at::bmm(differences, rows.transpose(1, 2)), rows);
  }
  if (diagonal.defined()) products.addcmul_(differences, parts(diagonal, present).unsqueeze(1));
  return {products, differences.mul_(products).sum(-1)};
}

class AugmentedLogits : public torch::autograd::Function<AugmentedLogits> {
 public:
  using Context = torch::autograd::AutogradContext;
  using Tensors = torch::autograd::variable_list;

  // What gradients do not flow to. `rows` says for each sample which of the labels present it has.
  struct Constants {
    at::Tensor rows, present, matrix, factors, diagonal;
    double lambda;
  };

  static at::Tensor forward(Context *context, const at::Tensor &logits, const at::Tensor &weight,
                            const Constants &constants) {
    const auto [products, terms] = quadratics(weight.detach(), constants.present, constants.matrix, constants.factors,
                                              constants.diagonal);
    context->save_for_backward({products, constants.rows, constants.present});
    context->saved_data["lambda"] = constants.lambda;
    return logits.add(terms.index_select(0, constants.rows), constants.lambda / 2);
  }

  static Tensors backward(Context *context, Tensors gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &products = saved[0], &rows = saved[1], &present = saved[2];
    // λ times the slope along half of each term, summed over the samples of its class.
    const at::Tensor slopes = at::zeros({present.size(0), products.size(1)}, products.options())
                                  .index_add_(0, rows, gradients[0], context->saved_data["lambda"].toDouble());
    // Σ_k g_kj Σ_k v_kj for each row j, and what class k's own row gets of the opposite sign; as products of matrices
    // where they lie, so that there is no second tensor of K×C×A.
    at::Tensor of_rows = at::bmm(products.permute({1, 2, 0}), slopes.t().unsqueeze(2)).squeeze(2);
    const at::Tensor of_classes = at::bmm(slopes.unsqueeze(1), products).squeeze(1);
    return {gradients[0], of_rows.index_add_(0, present, of_classes, -1), {}};
  }
};

}  // namespace

at::Tensor augmented_logits(const at::Tensor &logits, const at::Tensor &weight, const at::Tensor &labels,
                            const at::Tensor &present, const at::Tensor &matrix, const at::Tensor &factors,
                            const at::Tensor &diagonal, double lambda) {
  const int64_t samples = labels.size(0), count = present.size(0);
  const int64_t *label = labels.const_data_ptr<int64_t>(), *occurring = present.const_data_ptr<int64_t>();
  std::vector<int64_t> place_of(weight.size(0), 0), numbers(occurring, occurring + count);
  for (int64_t k = 0; k < count; k++) place_of[occurring[k]] = k;
  for (int64_t i = 0; i < samples; i++) numbers.push_back(place_of[label[i]]);
  const at::Tensor there = placed(numbers, logits);
  return AugmentedLogits::apply(logits, weight,
                                AugmentedLogits::Constants{there.narrow(0, count, samples), there.narrow(0, 0, count),
                                                           matrix, factors, diagonal, lambda});
}

at::Tensor scatter_rows(const at::Tensor &features, const int64_t *order, const ct_group *groups, size_t group_count,
                        const at::Tensor &means) {
  const int64_t samples = features.size(0), count = static_cast<int64_t>(group_count);
  // For the rows in order: which they are, of which group, and where they go. For the groups: how many rows, whose, and
  // where the move of the mean goes.
  std::vector<int64_t> numbers(order, order + samples);
  numbers.resize(3 * samples + 3 * count);
  std::vector<double> factors(2 * count);
  int64_t *const group_of = numbers.data() + samples, *const places = group_of + samples,
                *const lengths = places + samples, *const labels = lengths + count, *const last_places = labels + count;
  for (int64_t k = 0; k < count; k++) {
    const ct_group &group = groups[k];
    for (int64_t i = group.start; i < group.start + group.count; i++) {
      group_of[i] = k;
      places[i] = i + k;
    }
    lengths[k] = group.count;
    labels[k] = group.label;
    last_places[k] = group.start + group.count + k;
    factors[k] = -group.weight;
    factors[count + k] = std::sqrt(group.count * (1 - group.weight));
  }
  const at::Tensor there = placed(numbers, features), groups_from = there.narrow(0, 3 * samples, 3 * count),
                   scales = placed(factors, features).to(features.scalar_type()).unsqueeze(1);
  const auto rows_of = [&](int64_t part) { return there.narrow(0, part * samples, samples); };
  const auto groups_of = [&](int64_t part) { return groups_from.narrow(0, part * count, count); };

  at::Tensor sorted = features.index_select(0, rows_of(0));
  // Without its own checks of the lengths, for which the host would wait.
  const at::Tensor mean = at::segment_reduce(sorted, "mean", groups_of(0), {}, {}, /*axis=*/0, /*unsafe=*/true);
  const at::Tensor shift = means.index_select(0, groups_of(1)).sub_(mean);
  means.index_add_(0, groups_of(1), shift.mul(scales.narrow(0, 0, count)));
  return at::empty({samples + count, features.size(1)}, features.options())
      .index_copy_(0, rows_of(2), sorted.sub_(mean.index_select(0, rows_of(1))))
      .index_copy_(0, groups_of(2), shift.mul(scales.narrow(0, count, count)));
}

void add_scatter(const at::Tensor &covariances, const at::Tensor &rows, const ct_group *groups, size_t group_count) {
  const int64_t count = static_cast<int64_t>(group_count), total = rows.size(0), width = rows.size(1);
  int64_t longest = 0;
  for (int64_t k = 0; k < count; k++) longest = std::max(longest, groups[k].count + 1);
  // Of the groups: whose and how many rows; of the rows: where they go if every group had the longest's number.
  std::vector<int64_t> numbers(2 * count);
  std::vector<double> factors(2 * count);
  for (int64_t k = 0; k < count; k++) {
    const ct_group &group = groups[k];
    numbers[k] = group.label;
    numbers[count + k] = group.count + 1;
    for (int64_t i = 0; i <= group.count; i++) numbers.push_back(k * longest + i);
    factors[k] = 1 - group.weight;
    factors[count + k] = group.weight / group.count;
  }
  const at::Tensor there = placed(numbers, rows), labels = there.narrow(0, 0, count),
                   places = there.narrow(0, 2 * count, total),
                   scales = placed(factors, rows).to(rows.scalar_type());
  const at::Tensor keep = scales.narrow(0, 0, count), scale = scales.narrow(0, count, count);
  if (covariances.dim() == 2) {
    const at::Tensor squares =
        at::segment_reduce(rows.square(), "sum", there.narrow(0, count, count), {}, {}, /*axis=*/0, /*unsafe=*/true);
    covariances.index_copy_(
        0, labels,
        covariances.index_select(0, labels).mul_(keep.unsqueeze(1)).addcmul_(squares, scale.unsqueeze(1)));
    return;
  }
  const int64_t step = classes_at_a_time(width * std::max(width, longest));
  for (int64_t first = 0; first < count; first += step) {
    const int64_t some = std::min(step, count - first), last = first + some - 1;
    const int64_t begin = groups[first].start + first, end = groups[last].start + groups[last].count + last + 1;
    const at::Tensor padded = at::zeros({some * longest, width}, rows.options())
                                  .index_copy_(0, places.narrow(0, begin, end - begin).sub(first * longest),
                                               rows.narrow(0, begin, end - begin))
                                  .view({some, longest, width});
    const auto of_classes = [&](const at::Tensor &values) { return values.narrow(0, first, some).view({-1, 1, 1}); };
    const at::Tensor chosen = labels.narrow(0, first, some);
    at::Tensor moved = covariances.index_select(0, chosen).mul_(of_classes(keep));
    covariances.index_copy_(0, chosen, moved.baddbmm_(padded.mul(of_classes(scale)).transpose(1, 2), padded));
  }
}

}  // namespace ct::composed

int64_t ct_set_gathered(int64_t numbers) { return std::exchange(ct::composed::gathered, numbers); }

#endif
