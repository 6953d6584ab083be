#!/usr/bin/env python3
"""Reference numbers for what is measured of directions, from numpy, scipy and scikit-learn.

    python3 Scripts/reference/significance.py > Tests/ClassStatisticsTests/Fixtures/significance.json

Eigenvalues and directions by scikit-learn's PCA and by the A x A covariance; the bootstrap for given weights by
numpy.cov's frequency weights; halves by PCA of either; kurtosis by scipy. Needs numpy, scipy and scikit-learn; made with
numpy 2.4, scipy 1.17 and scikit-learn 1.9.
"""
import json

import numpy
from scipy import stats
from sklearn.decomposition import PCA

generator = numpy.random.default_rng(1967)


def signed(vectors):
    largest = numpy.abs(vectors).argmax(1)
    return vectors * numpy.sign(vectors[numpy.arange(len(vectors)), largest])[:, None]


def case(name, rows, wanted, half_wanted):
    rows = rows.round(3)  # shorter to write
    count, width = rows.shape
    values, vectors = numpy.linalg.eigh(numpy.cov(rows, rowvar=False, bias=True))
    values, vectors = values[::-1][:wanted], signed(vectors.T[::-1][:wanted])
    pca = PCA(n_components=wanted, svd_solver="full").fit(rows)
    assert numpy.allclose(pca.explained_variance_ * (count - 1) / count, values)
    assert numpy.allclose(signed(pca.components_), vectors)
    scores = (rows - rows.mean(0)) @ vectors.T

    weights = numpy.stack([numpy.bincount(generator.integers(0, count, count), minlength=count) for _ in range(4)])
    resampled = [numpy.linalg.eigvalsh(numpy.cov(scores, rowvar=False, bias=True, fweights=w))[::-1] for w in weights]
    totals = [numpy.trace(numpy.cov(rows, rowvar=False, bias=True, fweights=w)) for w in weights]

    orders = numpy.stack([generator.permutation(count) for _ in range(3)])
    products = []
    for order in orders:
        first, second = (PCA(half_wanted, svd_solver="full").fit(rows[part]).components_
                         for part in (order[:count // 2], order[count // 2:]))
        products.append(numpy.abs(first @ second.T))
    overlap = numpy.mean([(numpy.array(p)[:2, :2] ** 2).sum() / 2 for p in products])

    removed = 1
    left, height = width - removed, count - 1 - removed
    total = numpy.trace(numpy.cov(rows, rowvar=False, bias=True))
    edge = (total - values[:removed].sum()) / left * (1 + numpy.sqrt(left / height)) ** 2
    return {
        "name": name, "count": count, "width": width, "rows": rows.flatten().tolist(), "wanted": wanted,
        "total": total, "eigenvalues": values.tolist(), "directions": vectors.flatten().tolist(),
        "kurtosis": stats.kurtosis(scores, axis=0).tolist(),
        "weights": weights.flatten().tolist(), "resampled": numpy.concatenate(resampled).tolist(),
        "resampledTotals": totals, "halfWanted": half_wanted, "orders": orders.flatten().tolist(),
        "halfProducts": numpy.concatenate([p.flatten() for p in products]).tolist(), "overlap": overlap, "edge": edge,
    }


# Variances far enough apart that every half knows its directions, so that products can be compared one by one.
few = generator.standard_normal((16, 24)) * (3.0 * 0.7 ** numpy.arange(24)) + 2
many = generator.standard_t(6, (60, 6)) @ (numpy.linalg.qr(generator.standard_normal((6, 6)))[0]
                                           * numpy.array([4, 2.5, 1.6, 1, 0.6, 0.4])[:, None]) - 1
wide = generator.standard_normal((300, 90)) * (3.0 * 0.8 ** numpy.arange(90) + 0.05)
print(json.dumps([
    case("fewer rows than dimensions", few, 10, 3), case("many rows", many, 6, 3),
    case("so many dimensions that halves are solved by Lanczos", wide, 12, 5),
]))
