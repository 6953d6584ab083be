"""A walk through features in numpy, as one writes it who knows numpy well: products and partial selection, no loop over
features. Walk.swift is its twin."""
import numpy

ANCHOR = 17
STEPS = numpy.arange(-4, 5) * 0.75


def case(count, width, values=None):
    """What is walked through; WalkInput in Walk.swift is its twin."""
    if values is None:
        features = numpy.random.default_rng(0).standard_normal((count, width), dtype=numpy.float32)
    else:
        features = values("features", (count, width)).numpy()
    features = features * (2 / (1 + 0.1 * numpy.arange(width))).astype(numpy.float32)
    return features, numpy.eye(9, width, dtype=numpy.float32)


def walk(features, directions, query):
    """The row of every cell, 9 x 9; -1 nowhere."""
    start = features[ANCHOR]
    along = (features @ directions.T - directions @ start).T
    sigmas = along.std(1)
    lengths = numpy.einsum("na,na->n", features, features)
    squares = lengths - 2 * (features @ start) + start @ start
    beside = numpy.maximum(squares - along ** 2, 0)
    count = len(STEPS) * len(directions)
    candidates = {}
    for r, p in enumerate(along):
        if query == "axis":
            middle = (len(features) - 1) // 2  # the lower of two medians, as PyTorch has it
            penalty = beside[r] / numpy.partition(beside[r], middle)[middle]
        for s, t in enumerate(STEPS.astype(numpy.float32)):
            if query == "local":
                cost = squares - (2 * t * sigmas[r]) * p + (t * sigmas[r]) ** 2
            else:
                cost = (p / sigmas[r] - t) ** 2 + penalty
            nearest = numpy.argpartition(cost, count + 1)[:count + 1]
            candidates[r, s] = nearest[numpy.argsort(cost[nearest])]
    cells = numpy.full((len(directions), len(STEPS)), -1)
    taken = {ANCHOR}
    for r, s in sorted(candidates, key=lambda cell: (-abs(STEPS[cell[1]]), cell)):
        if STEPS[s] == 0:
            cells[r, s] = ANCHOR
            continue
        cells[r, s] = next(i for i in candidates[r, s] if i not in taken)
        taken.add(cells[r, s])
    return cells


def numpy_walk(options):
    shape, query = options.row.split("-")
    features, directions = case(*(int(extent) for extent in shape.split("x")))
    return lambda: walk(features, directions, query)


SIDES = {"numpy": numpy_walk}
