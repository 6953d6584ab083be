#!/usr/bin/env python3
"""Reference numbers for the measures of ISDA's premise, from numpy and scipy.

    python3 Scripts/reference/premise.py collapse > Tests/ClassStatisticsTests/Fixtures/collapse.json
    python3 Scripts/reference/premise.py expectation > Tests/ISDATests/Fixtures/expectation.json
    python3 Scripts/reference/premise.py measures > Tests/AnalysisTests/Fixtures/measures.json

Each formula is written as its paper states it, pair by pair and image by image: pseudo-inverses for NC1, an explicit
projector for visible shares, Gauss-Hermite quadrature for expectations, a search along the line for margins. Neural
collapse as Papyan, Han and Donoho (2020), Galanti et al. (2021) and Tirer et al. (2023) define it, with the variants of
Kothapalli (2023) for NC2 and NC3. Needs numpy and scipy; made with numpy 2.4 and scipy 1.17.
"""
import itertools
import json
import sys
import numpy as np
from scipy import linalg, special, stats

generator = np.random.default_rng(2019)


def numbers(array):
    return np.asarray(array, dtype=float).flatten().tolist()


def moments(features, labels, classes):
    means = {c: features[labels == c].mean(axis=0) for c in classes}
    covariances = {c: np.cov(features[labels == c], rowvar=False, bias=True).reshape(features.shape[1], -1) for c in classes}
    return means, covariances


# --- Neural collapse

def frame_distance(structure):
    size = len(structure)
    frame = (np.eye(size) - np.ones((size, size)) / size) / np.sqrt(size - 1)
    return np.linalg.norm(structure / np.linalg.norm(structure) - frame)


def collapse(features, labels, predictions, weight):
    classes = [c for c in range(len(weight)) if np.any(labels == c)]
    size, width = len(classes), features.shape[1]
    means, covariances = moments(features, labels, classes)
    center = np.mean([means[c] for c in classes], axis=0)
    centered = np.array([means[c] - center for c in classes])
    between = centered.T @ centered / size
    within = sum(np.outer(a - means[y], a - means[y]) for a, y in zip(features, labels)) / len(labels)
    radii = np.linalg.norm(centered, axis=1)
    pairs = list(itertools.combinations(classes, 2))
    ordered = list(itertools.permutations(classes, 2))
    cosines = [centered[classes.index(i)] @ centered[classes.index(j)]
               / (radii[classes.index(i)] * radii[classes.index(j)]) for i, j in pairs]
    nearest = [min(classes, key=lambda c: np.linalg.norm(a - means[c])) for a in features]

    def term(c, j):
        v = weight[j] - weight[c]
        return v @ covariances[c] @ v

    def visible(c):
        differences = np.array([weight[j] - weight[c] for j in range(len(weight)) if j != c])
        basis = linalg.orth(differences.T, rcond=1e-6)
        return np.trace(basis @ basis.T @ covariances[c]) / np.trace(covariances[c])

    isotropic = [np.sum((weight[j] - weight[c]) ** 2) * np.trace(covariances[c]) for c, j in ordered]
    return {
        "nc1": np.trace(np.linalg.pinv(between, rcond=1e-12) @ within) / size,
        "traceRatio": np.trace(within) / np.trace(between),
        "cdnv": np.mean([(np.trace(covariances[i]) + np.trace(covariances[j])) / 2
                         / np.sum((means[i] - means[j]) ** 2) for i, j in pairs]),
        "frameError": frame_distance(centered @ centered.T),
        "equinorm": radii.std() / radii.mean(),
        "equiangularity": np.mean(np.abs(np.array(cosines) + 1 / (size - 1))),
        "dualityError": frame_distance(weight[classes] @ centered.T),
        "nearestMeanAgreement": np.mean([n == p for n, p in zip(nearest, predictions)]),
        "visibleShare": np.mean([visible(c) for c in classes]),
        "withinTrace": np.mean([np.trace(covariances[c]) for c in classes]),
        "meanDistance": np.mean([np.linalg.norm(means[i] - means[j]) for i, j in pairs]),
        "weightDistance": np.mean([np.linalg.norm(weight[i] - weight[j]) for i, j in pairs]),
        "term": np.mean([term(c, j) for c, j in ordered]),
        "alignment": width * np.sum([term(c, j) for c, j in ordered]) / np.sum(isotropic),
        "marginVariance": np.mean([term(c, j) / ((weight[j] - weight[c]) @ (means[j] - means[c])) ** 2
                                   for c, j in ordered]),
    }


def collapse_case(name, class_count, width, labels, weight=None, spread=1.0, centers=None):
    labels = np.array(labels)
    centers = generator.standard_normal((class_count, width)) * 2 if centers is None else centers
    mixes = generator.standard_normal((class_count, width, width)) / np.sqrt(width)
    features = np.array([centers[y] + spread * mixes[y] @ generator.standard_normal(width) for y in labels])
    weight = generator.standard_normal((class_count, width)) if weight is None else weight
    predictions = (features @ weight.T).argmax(axis=1)
    return {
        "name": name, "classCount": class_count, "featureCount": width, "labels": labels.tolist(),
        "features": numbers(features), "weight": numbers(weight), "predictions": predictions.tolist(),
        "expected": {k: float(v) for k, v in collapse(features, labels, predictions, weight).items()},
    }


def collapse_cases():
    simplex = np.eye(4, 7) - np.eye(4, 7)[:, :4].mean() * np.array([1.0] * 4 + [0.0] * 3)
    return [
        collapse_case("three classes of six dimensions", 3, 6, generator.integers(0, 3, 40).tolist()),
        collapse_case("unequal classes, one without images", 5, 8, [0] * 5 + [1] * 20 + [3] * 9 + [4] * 12),
        collapse_case("more classes than dimensions", 9, 4, list(range(9)) * 6),
        collapse_case("two classes", 2, 3, [0] * 10 + [1] * 7),
        collapse_case("nearly collapsed onto a frame", 4, 7, list(range(4)) * 8, weight=3 * simplex, spread=0.01,
                      centers=5 * simplex),
        collapse_case("weights that see one direction", 3, 5, list(range(3)) * 9,
                      weight=np.outer([1.0, -2.0, 0.5], generator.standard_normal(5))),
    ]


# --- Expectation under augmentation, by quadrature

def expectation(logits, label, covariance, strength, nodes=60):
    """E log sum exp(z_j - z_y + g_j - g_y) for g ~ N(0, strength * covariance); exact but for the quadrature."""
    values, vectors = np.linalg.eigh(covariance)
    kept = values > 1e-12 * values.max()
    root = vectors[:, kept] * np.sqrt(strength * values[kept])
    points, weights = np.polynomial.hermite_e.hermegauss(nodes)
    total = 0.0
    for index in itertools.product(range(nodes), repeat=root.shape[1]):
        g = root @ points[list(index)]
        total += np.prod(weights[list(index)] / np.sqrt(2 * np.pi)) * special.logsumexp(
            logits - logits[label] + g - g[label])
    return total


def expectation_case(name, class_count, width, count, scale):
    weight = generator.standard_normal((class_count, width))
    mixes = scale * generator.standard_normal((class_count, width, width)) / np.sqrt(width)
    covariances = np.array([m @ m.T for m in mixes])
    labels = generator.integers(0, class_count, count)
    features = generator.standard_normal((count, width)) + weight[labels]
    bias = generator.standard_normal(class_count)
    logits = features @ weight.T + bias
    strengths = [0.0, 0.25, 1.0, 2.0]
    rows = []
    for strength in strengths:
        for z, y in zip(logits, labels):
            v = weight - weight[y]
            exponent = z - z[y] + strength / 2 * np.einsum("ja,ab,jb->j", v, covariances[y], v)
            # Only differences from the label's logit matter, so one dimension less needs nodes.
            rows.append({
                "crossEntropy": special.logsumexp(z - z[y]), "bound": special.logsumexp(exponent),
                "expectation": expectation(z, y, v @ covariances[y] @ v.T, strength) if strength > 0
                else special.logsumexp(z - z[y]),
            })
    return {
        "name": name, "classCount": class_count, "featureCount": width, "labels": labels.tolist(),
        "features": numbers(features), "weight": numbers(weight), "bias": numbers(bias),
        "covariances": numbers(covariances), "lambdas": strengths,
        **{key: [float(row[key]) for row in rows] for key in ["crossEntropy", "bound", "expectation"]},
    }


# --- Measures of a run

def budget(logits, rates, label):
    """The smallest t > 0 at which label no longer has the largest of logits + t * rates: by search, not by formula."""
    def holds(t):
        z = logits + t * rates
        return all(z[label] >= z[j] for j in range(len(z)))
    if holds(1e9):
        return None
    low, high = 0.0, 1e9
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return high


def measures():
    logits = generator.standard_normal((40, 6)) * 2
    logits[np.arange(40), np.arange(40) % 6] = logits.max(axis=1) + generator.random(40)
    rates = generator.standard_normal((40, 6))
    rates[7] = 0.5
    budgets = [
        {"logits": z.tolist(), "rates": r.tolist(), "label": i % 6, "positive": budget(z, r, i % 6),
         "negative": budget(z, -r, i % 6)} for i, (z, r) in enumerate(zip(logits, rates))]

    shares = []
    for successes, count in [(0, 10), (3, 10), (10, 10), (711, 1000), (1, 1)]:
        interval = stats.binomtest(successes, count).proportion_ci(method="wilson")
        shares.append({"successes": successes, "count": count, "low": interval.low, "high": interval.high})

    above, below = generator.random(200) * 3, generator.random(200) + 0.5
    ratio = above.sum() / below.sum()
    # Cochran, "Sampling Techniques", equation 6.13: variance of a ratio, here with divisor n - 1.
    error = np.sqrt(np.sum((above - ratio * below) ** 2) / 199 / 200) / below.mean()

    width, count = 6, 3
    mix = generator.standard_normal((2, width, width))
    exact, kept = mix[0] @ mix[0].T, mix[0] @ mix[0].T + 0.3 * mix[1] @ mix[1].T
    first = np.linalg.eigh(exact)[1][:, ::-1][:, :count]
    second = np.linalg.eigh(kept)[1][:, ::-1][:, :count]
    angles = linalg.subspace_angles(first, second)
    weight = generator.standard_normal((4, width))
    means = generator.standard_normal((2, width))

    def term(covariance):
        return sum((w - weight[1]) @ covariance @ (w - weight[1]) for w in weight)
    return {
        "budgets": budgets, "shares": shares,
        "ratio": {"above": numbers(above), "below": numbers(below), "value": ratio,
                  "low": ratio + stats.norm.ppf(0.025) * error, "high": ratio + stats.norm.ppf(0.975) * error},
        "drift": {
            "featureCount": width, "directions": count, "exact": numbers(exact), "kept": numbers(kept),
            "weight": numbers(weight), "mean": numbers(means[0]), "keptMean": numbers(means[1]),
            "relativeError": np.linalg.norm(kept - exact) / np.linalg.norm(exact),
            "traceRatio": np.trace(kept) / np.trace(exact),
            "cosine": np.sum(kept * exact) / np.linalg.norm(kept) / np.linalg.norm(exact),
            "overlap": np.mean(np.cos(angles) ** 2),
            "meanShift": np.linalg.norm(means[1] - means[0]) / np.sqrt(np.trace(exact)),
            "termRatio": term(kept) / term(exact),
        },
    }


if __name__ == "__main__":
    what = sys.argv[1] if len(sys.argv) > 1 else ""
    cases = {
        "collapse": collapse_cases,
        "expectation": lambda: [
            expectation_case("two classes", 2, 5, 12, 0.7), expectation_case("three classes", 3, 4, 8, 0.7),
            expectation_case("three classes, strong augmentation", 3, 2, 6, 2.0)],
        "measures": lambda: [measures()],
    }
    if what not in cases:
        sys.exit("usage: premise.py collapse|expectation|measures")
    print(json.dumps(cases[what](), default=float))
