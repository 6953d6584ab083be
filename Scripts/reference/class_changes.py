#!/usr/bin/env python3
"""Reference numbers for what a linear classifier takes a moving feature for: the softmax at many steps, and where the
class of largest logit changes, found by scanning finely and halving, without geometry.

    python3 Scripts/reference/class_changes.py > Tests/ExplorerTests/Fixtures/class-changes.json

Needs numpy and scipy; made with numpy 2.4 and scipy 1.17.
"""
import json
import numpy
from scipy.special import softmax

generator = numpy.random.default_rng(9)


def changes(base, slope):
    def leader(t):
        return int(numpy.argmax(base + t * slope))

    found, grid = [], numpy.linspace(-6, 6, 120001)
    leaders = numpy.argmax(base + grid[:, None] * slope, axis=1)
    for i in numpy.flatnonzero(leaders[1:] != leaders[:-1]):
        low, high = grid[i], grid[i + 1]
        for _ in range(80):
            middle = (low + high) / 2
            low, high = (middle, high) if leader(middle) == leaders[i] else (low, middle)
        found.append({"step": (low + high) / 2, "from": int(leaders[i]), "to": int(leaders[i + 1])})
    return found


def case(classes, scale):
    base, slope = generator.standard_normal(classes) * 3, generator.standard_normal(classes) * scale
    steps = numpy.arange(-6, 6.01, 0.25)
    probabilities = softmax(base + steps[:, None] * slope, axis=1)
    order = numpy.argsort(-probabilities.max(0), kind="stable")[:6]
    return {"base": base.tolist(), "slope": slope.tolist(), "classes": order.tolist(),
            "probabilities": probabilities[:, order].T.tolist(), "changes": changes(base, slope)}


print(json.dumps([case(2, 1.0), case(10, 1.0), case(10, 0.02), case(100, 2.0), case(1, 1.0)]))
