#!/usr/bin/env python3
"""Reference numbers for the equivariance ladder, shifts and paths, from their definitions in numpy.

    python3 Scripts/reference/ladder.py > Tests/AnalysisTests/Fixtures/ladder.json

Needs numpy; made with numpy 2.4. Nothing here is fast: pairs are visited one by one, ridge regressions solved one by
one, so that nothing is shared with the closed forms of the package.
"""
import itertools
import json
import numpy as np

generator = np.random.default_rng(2011)


def flat(array):
    return np.asarray(array, dtype=float).flatten().tolist()


def ridge(x, y):
    """A^T - I, or zero, by generalised cross-validation over the explicit hat matrix."""
    n, width = x.shape
    gram = x.T @ x
    mean_eigenvalue = np.trace(gram) / width
    best = (np.sum(y ** 2) / (n - 1) ** 2, np.zeros((width, y.shape[1])))
    for exponent in range(-12, 9):
        penalty = mean_eigenvalue * np.sqrt(10.0) ** exponent
        inverse = np.linalg.inv(gram + penalty * np.eye(width))
        hat = x @ inverse @ x.T
        freedom = n - 1 - np.trace(hat)
        if freedom <= 0.5:
            continue
        score = np.sum((y - hat @ y) ** 2) / freedom ** 2
        if score < best[0]:
            best = (score, inverse @ x.T @ y)
    return best[1]


def ladder_case(name, n_train, n_test, width, strengths, change):
    train = generator.standard_normal((n_train, width)) * np.linspace(0.5, 2, width) + 1
    test = generator.standard_normal((n_test, width)) * np.linspace(0.5, 2, width) + 1
    moved_train = [change(train, s) for s in strengths]
    moved_test = [change(test, s) for s in strengths]
    shifts = [(m - train).mean(0) for m in moved_train]
    # Least squares of s v on all shifts of all images, by the normal equations of one unknown for each dimension.
    numerator = sum(s * (m - train).sum(0) for s, m in zip(strengths, moved_train))
    slope = numerator / sum(n_train * s * s for s in strengths)
    mean = train.mean(0)
    maps = [ridge(train - mean, m - train - v) for m, v in zip(moved_train, shifts)]
    errors = np.zeros((len(strengths), 4))
    totals = np.zeros(len(strengths))
    for i, (s, target) in enumerate(zip(strengths, moved_test)):
        predictions = [test, test + shifts[i], test + s * slope, test + shifts[i] + (test - mean) @ maps[i]]
        errors[i] = [np.sum((target - p) ** 2) for p in predictions]
        totals[i] = np.sum((target - target.mean(0)) ** 2)

    classes = 3
    weight = generator.standard_normal((classes, width))
    bias = generator.standard_normal(classes) * 0.1
    differences = np.array([weight[j] - weight[0] for j in range(1, classes)])
    _, singular, basis = np.linalg.svd(differences)
    basis = basis[: np.sum(singular > 1e-9)]
    spread = np.mean(np.sum((test - test.mean(0)) ** 2, 1))
    rows = []
    for target in moved_test:
        v = target - test
        lengths = np.linalg.norm(v, axis=1)
        cosines = [v[i] @ v[j] / lengths[i] / lengths[j] for i, j in itertools.permutations(range(n_test), 2)]
        # The unbiased estimate of |E v|^2, over pairs of different images.
        pairs = np.mean([v[i] @ v[j] for i, j in itertools.permutations(range(n_test), 2)])
        rows.append({
            "relativeLength": float(np.sqrt(np.mean(lengths ** 2) / spread)),
            "meanCosine": float(np.mean(cosines)), "explainedByMean": float(pairs / np.mean(lengths ** 2)),
            "visibleShare": float(np.sum((v @ basis.T) ** 2) / np.sum(v ** 2)),
            "predictionsKept": float(np.mean(
                np.argmax(test @ weight.T + bias, 1) == np.argmax(target @ weight.T + bias, 1))),
        })

    points = np.stack([test] + moved_test, axis=1)
    curvature, ratio, collinearity = [], [], []
    for path in points:
        steps = np.diff(path, axis=0)
        angles = [
            np.degrees(np.arccos(np.clip(a @ b / np.linalg.norm(a) / np.linalg.norm(b), -1, 1)))
            for a, b in zip(steps, steps[1:])]
        curvature.append(np.mean(angles))
        ratio.append(np.linalg.norm(path[-1] - path[0]) / np.sum(np.linalg.norm(steps, axis=1)))
        values = np.linalg.svd(path - path.mean(0), compute_uv=False) ** 2
        collinearity.append(values[0] / values.sum())
    return {
        "name": name, "width": width, "strengths": list(strengths), "train": flat(train), "test": flat(test),
        "movedTrain": [flat(m) for m in moved_train], "movedTest": [flat(m) for m in moved_test],
        "weight": flat(weight), "bias": flat(bias),
        "r2": (1 - errors / totals[:, None]).tolist(), "pooled": (1 - errors.sum(0) / totals.sum()).tolist(),
        "shifts": rows, "curvature": flat(curvature), "ratio": flat(ratio), "collinearity": flat(collinearity),
    }


twist = generator.standard_normal((5, 5)) * 0.3
push = generator.standard_normal(5)
wide = generator.standard_normal((12, 12)) * 0.2


def affine(x, s):
    return x + s * push + s * s * 0.2 + s * x @ twist + 0.1 * generator.standard_normal(x.shape)


def bent(x, s):
    return x + np.abs(s) * np.sin(x @ wide) + 0.05 * generator.standard_normal(x.shape)


def shifted(x, s):
    return x + s * push + 0.3 * generator.standard_normal(x.shape)


print(json.dumps([
    ladder_case("an affine map with noise", 60, 40, 5, (0.5, 1.0, 2.0), affine),
    ladder_case("a bent map, fewer images than dimensions allow", 10, 15, 12, (-1.0, 1.0, 1.5), bent),
    ladder_case("a noisy shift, where cross-validation may prefer no map", 30, 30, 5, (0.5, 1.0, 1.5), shifted),
]))
