#!/usr/bin/env python3
"""Reference numbers for what two runs share: CKA and SVCCA from their definitions with numpy, assignments from scipy.

    python3 Scripts/reference/similarity.py > Tests/AnalysisTests/Fixtures/similarity.json

Needs numpy and scipy; made with numpy 2.4 and scipy 1.17.
"""
import json
import numpy
from scipy.optimize import linear_sum_assignment

generator = numpy.random.default_rng(2019)


def hsic(k, l):
    """Song et al. 2012, equation 5, on whole kernel matrices."""
    n = len(k)
    k, l = k - numpy.diag(numpy.diag(k)), l - numpy.diag(numpy.diag(l))
    one = numpy.ones(n)
    return (numpy.trace(k @ l) + (one @ k @ one) * (one @ l @ one) / ((n - 1) * (n - 2))
            - 2 / (n - 2) * (one @ k @ l @ one)) / (n * (n - 3))


def cka(x, y):
    k, l = x @ x.T, y @ y.T
    return hsic(k, l) / numpy.sqrt(hsic(k, k) * hsic(l, l))


def svcca(x, y):
    def basis(rows):
        u, s, _ = numpy.linalg.svd(rows - rows.mean(0), full_matrices=False)
        kept = numpy.searchsorted(numpy.cumsum(s**2) / numpy.sum(s**2), 0.99) + 1
        return u[:, :kept]
    return numpy.linalg.svd(basis(x).T @ basis(y), compute_uv=False).mean()


def pair(name, x, y):
    return {"name": name, "first": x.flatten().tolist(), "firstShape": x.shape, "second": y.flatten().tolist(),
            "secondShape": y.shape, "cka": float(cka(x, y)), "svcca": float(svcca(x, y))}


def assignment(rows, columns):
    weights = generator.standard_normal((rows, columns))
    return {"weights": weights.tolist(), "columns": linear_sum_assignment(weights, maximize=True)[1].tolist()}


shared = generator.standard_normal((40, 3)) * [3, 2, 1]
x = shared @ generator.standard_normal((3, 6)) + 0.3 * generator.standard_normal((40, 6)) + 5
y = shared @ generator.standard_normal((3, 9)) + 0.5 * generator.standard_normal((40, 9)) - 2
rotation = numpy.linalg.qr(generator.standard_normal((6, 6)))[0]
print(json.dumps([{
    "pairs": [
        pair("something shared", x, y), pair("the same, turned and shifted", x, 3 * x @ rotation + 1),
        pair("nothing shared, more features than images", generator.standard_normal((12, 30)),
             generator.standard_normal((12, 20))),
    ],
    "assignments": [assignment(*shape) for shape in [(1, 1), (1, 4), (5, 5), (7, 11), (16, 16), (24, 24), (3, 60)]],
}]))
