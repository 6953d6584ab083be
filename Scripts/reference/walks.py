#!/usr/bin/env python3
"""Reference numbers for walks, straight from the definitions: every cost formed for every feature, no algebra saved.

    python3 Scripts/reference/walks.py > Tests/AnalysisTests/Fixtures/walks.json

Needs numpy and scipy; made with numpy 2.4 and scipy 1.17.
"""
import json
import numpy
from scipy.stats import kendalltau, skew

generator = numpy.random.default_rng(2019)


def walk(features, directions, sigmas, anchor, steps, query, beta, damping=1):
    """First choices and choices without repetition, and what they achieve; squared distances are times `damping`."""
    offsets = features - features[anchor]
    cells, first = {}, {}
    taken = {anchor}
    order = sorted(((r, s) for r in range(len(directions)) for s in range(len(steps)) if steps[s] != 0),
                   key=lambda cell: (-abs(steps[cell[1]]), cell))
    for r, s in order:
        u, sigma, t = directions[r], sigmas[r], steps[s]
        beside = offsets - numpy.outer(offsets @ u, u)
        off = (beside ** 2).sum(1)
        if query == "local":
            cost = ((features - (features[anchor] + t * sigma * u)) ** 2).sum(1) * damping
        else:
            median = numpy.sort(off)[(len(off) - 1) // 2]
            cost = ((offsets @ u - t * sigma) / sigma) ** 2 + beta * off * damping / median
        ranked = numpy.argsort(cost, kind="stable")
        first[r, s] = next(i for i in ranked if i != anchor)
        cells[r, s] = next(i for i in ranked if i not in taken)
        taken.add(cells[r, s])
    rows = []
    for r, u in enumerate(directions):
        chosen = [anchor if step == 0 else int(cells[r, s]) for s, step in enumerate(steps)]
        along = offsets[chosen] @ u
        beside = offsets[chosen] - numpy.outer(along, u)
        rows.append({
            "rows": chosen, "achieved": (along / sigmas[r]).tolist(),
            "offAxis": (numpy.sqrt((beside ** 2).sum(1)) / sigmas[r]).tolist(),
            "tau": float(kendalltau(steps, along).statistic),
        })
    return {"rows": rows, "distinctShare": len(set(first.values())) / len(first)}


def hubness(features, k):
    distances = numpy.sqrt(((features[:, None] - features[None]) ** 2).sum(2))
    numpy.fill_diagonal(distances, numpy.inf)

    def occurrences(values):
        nearest = numpy.argsort(values, axis=1, kind="stable")[:, :k]
        return numpy.bincount(nearest.flatten(), minlength=len(features))

    usual = numpy.sort(distances, axis=1)[:, :k].mean(1)
    middle = numpy.sort(usual)[len(usual) // 2]
    damping = numpy.minimum(middle / numpy.maximum(usual, middle / 10), 10)
    plain, damped = occurrences(distances), occurrences(distances * numpy.sqrt(damping))
    return {
        "k": k, "occurrences": plain.tolist(), "damped": damped.tolist(), "damping": damping.tolist(),
        "skewness": float(skew(plain)), "dampedSkewness": float(skew(damped)),
    }


def case(query, beta):
    count, width = 100, 8
    features = generator.standard_normal((count, width)) * numpy.linspace(2, 0.3, width) + 3
    directions = numpy.linalg.qr(generator.standard_normal((width, 4)))[0].T
    sigmas = features.std(0) @ numpy.abs(directions.T)
    steps = [-2, -1, 0, 0.5, 1.5]
    hubs = hubness(features, 5)
    damped = walk(features, directions, sigmas, 17, steps, query, beta, numpy.array(hubs["damping"]))
    return {
        "query": query, "beta": beta, "count": count, "width": width, "features": features.flatten().tolist(),
        "directions": directions.flatten().tolist(), "sigmas": sigmas.tolist(), "anchor": 17, "steps": steps,
        **walk(features, directions, sigmas, 17, steps, query, beta), "hubness": hubs,
        "dampedRows": [row["rows"] for row in damped["rows"]],
    }


print(json.dumps([case("axis", 1.0), case("axis", 0.0), case("axis", 8.0), case("local", 1.0)]))
