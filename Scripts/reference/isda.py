#!/usr/bin/env python3
"""Reference numbers for the ISDA loss and its covariance estimator, from the published formulas in PyTorch.

    python3 Scripts/reference/isda.py > Tests/ISDATests/Fixtures/isda.json

Everything is written sample by sample, as the paper states it (Wang et al., NeurIPS 2019, equations 4 to 8), with no
regard to cost, so that it shares no idea with the implementation that it checks. For the last step of each case also
every other form of the covariances, from all rows at once. Inputs are numbers that float32
holds exactly; results are float64. Needs torch; made with 2.13.0.
"""
import json
import torch

torch.manual_seed(20190912)
torch.set_default_dtype(torch.float64)


def exact(tensor):
    """The same tensor rounded to float32, so that both precisions start from the same numbers."""
    return tensor.float().double()


def update(counts, means, covariances, features, labels):
    """Equation 5 ff.: moments of the batch, then the weighted merge, one class after another."""
    for c in range(len(counts)):
        rows = [features[i] for i in range(len(labels)) if labels[i] == c]
        m, n = len(rows), counts[c]
        if m == 0:
            continue
        mean = sum(rows) / m
        covariance = sum(torch.outer(r - mean, r - mean) for r in rows) / m
        w = m / (m + n)
        shift = means[c] - mean
        covariances[c] = (1 - w) * covariances[c] + w * covariance + w * (1 - w) * torch.outer(shift, shift)
        means[c] = (1 - w) * means[c] + w * mean
        counts[c] = n + m


def isda_loss(features, weight, bias, labels, covariances, strength):
    """Proposition 1: the mean over samples of -log of the softmax with (λ/2) vᵀΣv added to each logit."""
    total = 0
    for a, y in zip(features, labels):
        exponents = []
        for j in range(len(weight)):
            v = weight[j] - weight[y]
            exponents.append(v @ a + (bias[j] - bias[y]) + strength / 2 * (v @ covariances[y] @ v))
        total = total + torch.logsumexp(torch.stack(exponents), 0)
    return total / len(labels)


def weighted_moments(seen, label, retention):
    """Mean and covariance of a class from all its rows at once; a row that came k updates ago weighs retention^k."""
    last = max(step for step, _, _ in seen)
    rows = [(retention ** (last - step), row) for step, row, y in seen if y == label]
    total = sum(w for w, _ in rows)
    if not rows:
        return 0.0, None
    mean = sum(w * row for w, row in rows) / total
    return total, sum(w * torch.outer(row - mean, row - mean) for w, row in rows) / total


def forms(seen, class_count, feature_count):
    """Every class's covariance in each form that the estimator can keep, as full matrices."""
    zero = torch.zeros(feature_count, feature_count)

    def stack(retention):
        found = [weighted_moments(seen, c, retention) for c in range(class_count)]
        return [n for n, _ in found], torch.stack([zero if s is None else s for _, s in found])

    counts, full = stack(1.0)
    forgetting_counts, forgetting = stack(0.75)

    def pooled(counts, covariances):
        mean = sum(n * s for n, s in zip(counts, covariances)) / sum(counts)
        return mean.expand(class_count, -1, -1)

    return {
        "full": full, "diagonal": torch.stack([torch.diag(torch.diagonal(s)) for s in full]),
        "pooled": pooled(counts, full), "identity": torch.eye(feature_count).expand(class_count, -1, -1),
        "forgetting": forgetting, "pooled and forgetting": pooled(forgetting_counts, forgetting),
    }


def case(name, class_count, feature_count, batches, strength):
    weight = exact(torch.randn(class_count, feature_count) * 0.7)
    bias = exact(torch.randn(class_count) * 0.3)
    centers = torch.randn(class_count, feature_count)
    mix = torch.randn(class_count, feature_count, feature_count) / feature_count**0.5
    counts = [0] * class_count
    means = torch.zeros(class_count, feature_count)
    covariances = torch.zeros(class_count, feature_count, feature_count)
    steps, seen = [], []
    for step, labels in enumerate(batches):
        noise = torch.randn(len(labels), feature_count)
        features = exact(torch.stack([centers[y] + mix[y] @ e for y, e in zip(labels, noise)]))
        seen += [(step, row, y) for row, y in zip(features, labels)]
        update(counts, means, covariances, features, labels)
        a = features.clone().requires_grad_()
        w = weight.clone().requires_grad_()
        b = bias.clone().requires_grad_()
        loss = isda_loss(a, w, b, labels, covariances.clone(), strength)
        gradients = torch.autograd.grad(loss, (a, w, b))
        steps.append({
            "labels": labels, "features": features.flatten().tolist(), "counts": list(counts),
            "means": means.flatten().tolist(), "covariances": covariances.flatten().tolist(), "loss": loss.item(),
            "featureGradient": gradients[0].flatten().tolist(), "weightGradient": gradients[1].flatten().tolist(),
            "biasGradient": gradients[2].flatten().tolist(),
        })
    of_forms = {}
    for form, covariances in forms(seen, class_count, feature_count).items():
        w = weight.clone().requires_grad_()
        loss = isda_loss(features, w, bias, labels, covariances, strength)
        of_forms[form] = {
            "covariances": covariances.flatten().tolist(), "loss": loss.item(),
            "weightGradient": torch.autograd.grad(loss, w)[0].flatten().tolist(),
        }
    return {
        "name": name, "forms": of_forms, "classCount": class_count, "featureCount": feature_count, "lambda": strength,
        "weight": weight.flatten().tolist(), "bias": bias.flatten().tolist(), "steps": steps,
    }


print(json.dumps([
    # Classes that come late, come once, and never come.
    case("four classes, one never seen", 4, 6, [[0, 1, 1, 0, 0], [2, 1, 2, 2], [0], [1, 0, 2, 2, 1, 0, 0]], 0.5),
    case("two classes, one feature", 2, 1, [[0, 1], [1, 1, 1]], 0.25),
    case("more features than images", 3, 24, [[0, 1, 2, 0], [2, 2, 1, 0, 1]], 1.5),
    case("many images", 10, 16, [torch.randint(0, 10, (64,)).tolist() for _ in range(3)], 0.05),
]))
