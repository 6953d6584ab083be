#!/usr/bin/env python3
"""Reference numbers for varimax rotations, from the definition.

    python3 Scripts/reference/varimax.py > Tests/AnalysisTests/Fixtures/varimax.json

The rotation is found by the singular value decomposition of the criterion's gradient (Horst 1965), another way than the
package's planar rotations, from several starts; the best one counts. Needs numpy; made with numpy 2.4.
"""
import json
import numpy

generator = numpy.random.default_rng(1958)


def criterion(rows):
    """sum over k of [sum_a v^4 - (sum_a v^2)^2 / A], rows K x A."""
    return ((rows ** 4).sum(1) - (rows ** 2).sum(1) ** 2 / rows.shape[1]).sum()


def varimax(basis, start):
    loadings, rotation = basis.T, start
    for _ in range(20_000):
        rotated = loadings @ rotation
        gradient = loadings.T @ (rotated ** 3 - rotated * (rotated ** 2).mean(0))
        u, _, v = numpy.linalg.svd(gradient)
        if numpy.abs(u @ v - rotation).max() < 1e-14:
            break
        rotation = u @ v
    return (loadings @ rotation).T


def orthogonal(count):
    return numpy.linalg.qr(generator.standard_normal((count, count)))[0]


def case(name, basis):
    starts = [numpy.eye(len(basis))] + [orthogonal(len(basis)) for _ in range(30)]
    best = max((varimax(basis, start) for start in starts), key=criterion)
    best = best[numpy.argsort(-(best ** 4).sum(1))]
    best *= numpy.sign(best[numpy.arange(len(best)), numpy.abs(best).argmax(1)])[:, None]
    return {
        "name": name, "count": basis.shape[0], "width": basis.shape[1], "basis": basis.flatten().tolist(),
        "criterion": criterion(best), "rotated": best.flatten().tolist(),
    }


# Rows of few components, hidden by a rotation.
sparse = generator.standard_normal((4, 40)) * (generator.random((4, 40)) < 0.2)
sparse = numpy.linalg.qr(sparse.T)[0].T
dense = numpy.linalg.qr(generator.standard_normal((30, 3)))[0].T
print(json.dumps([
    case("few components, hidden", orthogonal(4) @ sparse), case("two rows", orthogonal(2) @ sparse[:2]),
    case("no structure", dense), case("one row", dense[:1]),
]))
