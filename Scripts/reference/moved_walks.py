#!/usr/bin/env python3
"""Reference numbers for walks from an anchor that was moved along other directions, straight from the definition: the
moved feature is formed, and every cost for every feature from it.

    python3 Scripts/reference/moved_walks.py > Tests/AnalysisTests/Fixtures/moved-walks.json

Needs numpy; made with numpy 2.4.
"""
import json
import numpy

generator = numpy.random.default_rng(640)


def case(query, moves):
    count, width, anchor = 120, 7, 41
    features = generator.standard_normal((count, width)) * numpy.linspace(1.5, 0.4, width) - 2
    # Not orthogonal: the directions of the sliders need not be.
    directions = generator.standard_normal((2 + len(moves), width))
    directions /= numpy.linalg.norm(directions, axis=1, keepdims=True)
    sigmas = features.std(0) @ numpy.abs(directions.T)
    steps = [-1.5, -0.75, 0, 0.75, 1.5]
    damping = generator.uniform(0.5, 2, count)
    start = features[anchor] + sum(t * sigmas[2 + i] * directions[2 + i] for i, t in enumerate(moves))
    offsets = features - start
    taken = set() if moves else {anchor}
    cells = {}
    order = sorted(((r, s) for r in range(2) for s in range(len(steps)) if moves or steps[s] != 0),
                   key=lambda cell: (-abs(steps[cell[1]]), cell))
    for r, s in order:
        u, sigma, t = directions[r], sigmas[r], steps[s]
        off = ((offsets - numpy.outer(offsets @ u, u)) ** 2).sum(1)
        if query == "local":
            cost = ((features - (start + t * sigma * u)) ** 2).sum(1) * damping
        else:
            cost = ((offsets @ u - t * sigma) / sigma) ** 2 + off * damping / numpy.sort(off)[(count - 1) // 2]
        cells[r, s] = next(i for i in numpy.argsort(cost, kind="stable") if i not in taken)
        taken.add(cells[r, s])
    rows = []
    for r in range(2):
        chosen = [int(cells.get((r, s), anchor)) for s in range(len(steps))]
        along = offsets[chosen] @ directions[r]
        beside = offsets[chosen] - numpy.outer(along, directions[r])
        rows.append({"rows": chosen, "achieved": (along / sigmas[r]).tolist(),
                     "offAxis": (numpy.linalg.norm(beside, axis=1) / sigmas[r]).tolist()})
    return {"query": query, "count": count, "width": width, "anchor": anchor, "features": features.flatten().tolist(),
            "directions": directions.tolist(), "sigmas": sigmas.tolist(), "steps": steps, "moves": list(moves),
            "damping": damping.tolist(), "rows": rows}


print(json.dumps([case(query, moves) for query in ("axis", "local") for moves in ([], [2.0], [-1.25, 3.0])]))
