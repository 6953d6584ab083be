#!/usr/bin/env python3
"""Reference numbers for the measures with attributes, from scikit-learn and scipy, on planted features.

    python3 Scripts/reference/attributes.py [seed] > Tests/AnalysisTests/Fixtures/attributes.json

Every number is computed the long way round (pairs of cosines, one fit a class, nested least squares), never by the
closed forms of the package. Needs numpy, scipy and scikit-learn; made with numpy 2.4, scipy 1.17 and scikit-learn 1.9.
"""
import itertools
import json
import sys

import numpy
from scipy.stats import entropy
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge, RidgeCV
from sklearn.metrics import mutual_info_score, r2_score, roc_auc_score
from sklearn.neighbors import KNeighborsRegressor, NearestNeighbors
from sklearn.preprocessing import StandardScaler

WIDTH, CLASSES = 8, 4
PENALTIES = [10.0 ** power for power in range(-6, 3)]
NEIGHBOURS = [1, 3, 10, 30, 100]
BINARY = [True, False, True, False]


def planted(generator, vectors, count, noise, permuted):
    """Class vectors and attributes times their vectors plus noise; attributes paired with other images if permuted."""
    labels = numpy.arange(count) % CLASSES
    attributes = numpy.stack([
        generator.random(count) < 0.4, generator.uniform(-1, 1, count), generator.random(count) < 0.5,
        generator.standard_normal(count)], axis=1).astype(float)
    shift = attributes @ vectors["attributes"] + attributes[:, :1] * vectors["interaction"][labels]
    features = vectors["classes"][labels] + shift + noise * generator.standard_normal((count, WIDTH))
    if permuted:
        attributes = attributes[generator.permutation(count)]
    return labels, attributes, features


def score(binary, truth, prediction):
    return roc_auc_score(truth, prediction) if binary else r2_score(truth, prediction)


def probes(fit, test):
    scaler = StandardScaler().fit(fit["x"])
    x, y = scaler.transform(fit["x"]), scaler.transform(test["x"])
    count = len(x)
    ridge = RidgeCV(alphas=[count * p for p in PENALTIES], alpha_per_target=True).fit(x, fit["s"])
    linear = ridge.predict(y)
    # Leaving each image out: its neighbours without itself.
    order = NearestNeighbors(n_neighbors=NEIGHBOURS[-1]).fit(x).kneighbors(return_distance=False)
    chosen, nearest, logistic = [], [], []
    for f in range(fit["s"].shape[1]):
        errors = [numpy.mean((fit["s"][order[:, :k], f].mean(axis=1) - fit["s"][:, f]) ** 2) for k in NEIGHBOURS]
        chosen.append(NEIGHBOURS[int(numpy.argmin(errors))])
        nearest.append(KNeighborsRegressor(chosen[-1]).fit(x, fit["s"][:, f]).predict(y))
        logistic.append(roc_auc_score(test["s"][:, f], LogisticRegression().fit(x, fit["s"][:, f]).decision_function(y))
                        if BINARY[f] else None)
    return {
        "penalties": [float(a) / count for a in ridge.alpha_], "linear": linear.flatten().tolist(),
        "linearScores": [score(b, test["s"][:, f], linear[:, f]) for f, b in enumerate(BINARY)],
        "neighbourCounts": chosen, "neighbours": [n.tolist() for n in nearest],
        "neighbourScores": [score(b, test["s"][:, f], nearest[f]) for f, b in enumerate(BINARY)],
        "logisticAreas": logistic,
    }


def residual(design, rows):
    fitted = design @ numpy.linalg.lstsq(design, rows, rcond=None)[0]
    return float(numpy.sum((rows - fitted) ** 2))


def consistency(test):
    """Difference vectors as slopes of per-class regressions, compared pair by pair."""
    results, means = [], []
    indicators = numpy.eye(CLASSES)[test["labels"]]
    for f in range(test["s"].shape[1]):
        vectors, spreads, noise = [], [], []
        for c in range(CLASSES):
            rows = test["labels"] == c
            x, s = test["x"][rows], test["s"][rows, f]
            model = LinearRegression().fit(s[:, None], x)
            vectors.append(model.coef_[:, 0])
            spreads.append(float(numpy.sum((s - s.mean()) ** 2)))
            left = numpy.sum((x - model.predict(s[:, None])) ** 2)
            noise.append(left / (len(s) - 2) / spreads[-1])
        pairs = list(itertools.permutations(range(CLASSES), 2))
        lengths = [numpy.linalg.norm(v) for v in vectors]
        dot = numpy.mean([vectors[a] @ vectors[b] for a, b in pairs])
        squared = numpy.mean([v @ v for v in vectors])
        # a ~ class; class + s; class + s + class × s.
        s = test["s"][:, f:f + 1]
        nested = [residual(design, test["x"]) for design in (
            indicators, numpy.hstack([indicators, s]), numpy.hstack([indicators, s, indicators[:, 1:] * s]))]
        mean_square = nested[2] / (len(s) - 2 * CLASSES)
        main = max(nested[0] - nested[1] - mean_square, 0)
        interaction = max(nested[1] - nested[2] - (CLASSES - 1) * mean_square, 0)
        results.append({
            "parallelism": float(numpy.mean([vectors[a] @ vectors[b] / lengths[a] / lengths[b] for a, b in pairs])),
            "sharedShift": float(dot / squared),
            "sharedShiftBeyondNoise":
                float(dot / (squared - numpy.mean(noise))) if squared > 2 * numpy.mean(noise) else None,
            "interactionShare": float(interaction / (main + interaction)) if main + interaction > 0 else None,
            "varianceShare": float((nested[0] - nested[1]) / nested[0]),
        })
        mean = numpy.average(vectors, axis=0, weights=spreads)
        means.append(mean / numpy.linalg.norm(mean))
    return {"attributes": results, "cosines": (numpy.array(means) @ numpy.array(means).T).flatten().tolist()}


def centered(part):
    means = numpy.eye(CLASSES)[part["labels"]]
    take = lambda rows: rows - means @ numpy.stack([rows[part["labels"] == c].mean(axis=0) for c in range(CLASSES)])
    return take(part["x"]), take(part["s"])


def generalization(fit, test):
    (x, s), (y, truth) = centered(fit), centered(test)
    scale = x.std(axis=0)
    x, y = x / scale, y / scale
    count = len(x)
    whole = RidgeCV(alphas=[count * p for p in PENALTIES], alpha_per_target=True).fit(x, s)
    across = numpy.zeros_like(truth)
    for c in range(CLASSES):
        others, own = fit["labels"] != c, test["labels"] == c
        for f in range(s.shape[1]):
            alpha = whole.alpha_[f] / count * others.sum()
            across[own, f] = Ridge(alpha=alpha, fit_intercept=False).fit(x[others], s[others, f]).predict(y[own])

    def scored(prediction):
        results = []
        for f, binary in enumerate(BINARY):
            if not binary:
                results.append(1 - float(numpy.sum((truth[:, f] - prediction[:, f]) ** 2) / numpy.sum(truth[:, f] ** 2)))
                continue
            ordered, pairs = 0.0, 0.0
            for c in range(CLASSES):
                rows = test["labels"] == c
                positives = test["s"][rows, f].sum()
                ordered += roc_auc_score(test["s"][rows, f], prediction[rows, f]) * positives * (rows.sum() - positives)
                pairs += positives * (rows.sum() - positives)
            results.append(float(ordered / pairs))
        return results
    return {"within": scored(whole.predict(y)), "across": scored(across)}


def factorization(fit, test):
    covariance = numpy.cov(fit["x"], rowvar=False, bias=True)
    values, vectors = numpy.linalg.eigh(covariance)
    whitening = vectors @ numpy.diag(values ** -0.5) @ vectors.T
    result = {}
    for name, transform in (("", numpy.eye(WIDTH)), ("Whitened", whitening)):
        x, y = fit["x"] @ transform, test["x"] @ transform
        for part, wide in (("classes", False), ("additive", True)):
            design = [numpy.hstack([numpy.eye(CLASSES)[p["labels"]]] + ([p["s"]] if wide else [])) for p in (fit, test)]
            left = y - LinearRegression().fit(design[0], x).predict(design[1])
            result[part + name] = 1 - float(numpy.sum(left ** 2) / numpy.sum((y - y.mean(axis=0)) ** 2))
    return result


def disentanglement(fit, test):
    """Of the first three features as codes."""
    codes, here = fit["x"][:, :3], test["x"][:, :3]
    scaler = StandardScaler().fit(codes)
    targets = StandardScaler().fit(fit["s"])
    model = Ridge(alpha=0.01 * len(codes)).fit(scaler.transform(codes), targets.transform(fit["s"]))
    importance = numpy.abs(model.coef_.T)
    prediction, truth = model.predict(scaler.transform(here)), targets.transform(test["s"])
    bins = int(min(20, max(2, round(len(here) ** (1 / 3)))))
    bin_of = lambda values, n: numpy.digitize(values, numpy.histogram(values, n)[1][:-1])
    binned = [bin_of(here[:, k], bins) for k in range(3)]
    attributes = [bin_of(test["s"][:, f], 2 if b else bins) for f, b in enumerate(BINARY)]
    information = numpy.array([[mutual_info_score(a, c) for a in attributes] for c in binned])
    entropies = numpy.array([mutual_info_score(a, a) for a in attributes])
    ranked = numpy.sort(information, axis=0)
    correlations = numpy.sort(numpy.corrcoef(here.T, test["s"].T)[:3, 3:] ** 2, axis=0)
    squares = information ** 2
    largest = squares.max(axis=1)
    per_code = 1 - entropy(importance.T, base=importance.shape[1])
    per_attribute = 1 - entropy(importance, base=importance.shape[0])
    return {
        "importance": importance.flatten().tolist(), "information": information.flatten().tolist(),
        "disentanglement": float(per_code @ importance.sum(axis=1) / importance.sum()),
        "completeness": float(per_attribute @ importance.sum(axis=0) / importance.sum()),
        "informativeness": float(numpy.mean([r2_score(truth[:, f], prediction[:, f]) for f in range(len(BINARY))])),
        "mutualInformationGap": float(numpy.mean((ranked[-1] - ranked[-2]) / entropies)),
        "separatedAttributePredictability": float(numpy.mean(correlations[-1] - correlations[-2])),
        "modularity": float(numpy.mean(1 - (squares.sum(axis=1) - largest) / (largest * (len(BINARY) - 1)))),
        "explicitness": float(numpy.mean([
            roc_auc_score(test["s"][:, f], prediction[:, f]) for f, b in enumerate(BINARY) if b])),
    }


def ranks(test):
    """Of the nearest image of the class with the first attribute, for the images without it, a little moved."""
    result = []
    for i in numpy.flatnonzero(test["s"][:, 0] == 0):
        distances = numpy.linalg.norm(test["x"] - (test["x"][i] + 0.5), axis=1)
        distances[i] = numpy.inf
        targets = (test["labels"] == test["labels"][i]) & (test["s"][:, 0] == 1)
        order = numpy.argsort(distances)
        result.append(int(numpy.flatnonzero(targets[order])[0]) + 1)
    return result


def case(name, generator, noise, interaction, permuted):
    vectors = {
        "classes": 2 * generator.standard_normal((CLASSES, WIDTH)),
        "attributes": generator.standard_normal((len(BINARY), WIDTH)),
        "interaction": interaction * generator.standard_normal((CLASSES, WIDTH)),
    }
    parts = {}
    for part, count in (("fit", 160), ("test", 96)):
        labels, attributes, features = planted(generator, vectors, count, noise, permuted)
        parts[part] = {"labels": labels, "s": attributes, "x": features}
    fit, test = parts["fit"], parts["test"]
    flat = lambda part: {
        "labels": part["labels"].tolist(), "attributes": part["s"].flatten().tolist(),
        "features": part["x"].flatten().tolist()}
    return {
        "name": name, "fit": flat(fit), "test": flat(test), "probes": probes(fit, test),
        "consistency": consistency(test), "generalization": generalization(fit, test),
        "factorization": factorization(fit, test), "disentanglement": disentanglement(fit, test), "ranks": ranks(test),
    }


seed = int(sys.argv[1]) if len(sys.argv) > 1 else 2019
print(json.dumps([
    case("a linear map with little noise", numpy.random.default_rng(seed), 0.05, 0, False),
    case("noise and an interaction with the class", numpy.random.default_rng(seed + 1), 1.0, 1, False),
    case("attributes of other images", numpy.random.default_rng(seed + 2), 0.5, 0, True),
]))
