#!/usr/bin/env python3
"""Reference numbers for t-SNE, from scikit-learn's own functions.

    python3 Scripts/reference/embedding.py > Tests/AnalysisTests/Fixtures/embedding.json

With a run folder that `isda analyze` has left, compares its map with scikit-learn's of the same features instead:

    python3 Scripts/reference/embedding.py runs/isda-s0

Needs numpy, scipy and scikit-learn; made with numpy 2.4 and scikit-learn 1.9.
"""
import json
import pathlib
import sys
import time
import numpy
from scipy.spatial.distance import squareform
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, trustworthiness
from sklearn.manifold._t_sne import _joint_probabilities_nn, _kl_divergence
from sklearn.neighbors import NearestNeighbors


def joint(features, perplexity):
    """p_ij over the nearest neighbours, as scikit-learn's Barnes-Hut method has it."""
    count = min(int(3 * perplexity), len(features) - 1)
    distances = NearestNeighbors(n_neighbors=count).fit(features).kneighbors_graph(mode="distance")
    distances.data **= 2
    return _joint_probabilities_nn(distances, perplexity, 0)


def divergence(p, places):
    """KL(P‖Q) with all pairs in Q."""
    p, total = p.tocoo(), 0.0
    for row in places:
        total += (1 / (1 + ((places - row) ** 2).sum(1))).sum() - 1
    near = 1 / (1 + ((places[p.row] - places[p.col]) ** 2).sum(1))
    return float((p.data * numpy.log(p.data * total / near)).sum())


def fixture():
    generator = numpy.random.default_rng(2008)
    centres = 3 * generator.standard_normal((4, 6))
    features = numpy.concatenate([c + generator.standard_normal((30, 6)) for c in centres]).astype(numpy.float32)
    perplexity = 10.0
    p = joint(features, perplexity)
    p.sort_indices()
    places = generator.standard_normal((len(features), 2)) * [3, 5]
    dense = p.toarray()
    # Its exact method wants the pairs i < j.
    value, gradient = _kl_divergence(places.flatten(), squareform(dense, checks=False), 1, len(features), 2)
    found = TSNE(perplexity=perplexity, init="pca", method="exact").fit(features)
    print(json.dumps([{
        "features": features.flatten().tolist(), "shape": features.shape, "perplexity": perplexity,
        "starts": p.indptr.tolist(), "columns": p.indices.tolist(), "weights": p.data.tolist(),
        "places": places.flatten().tolist(), "gradient": gradient.tolist(), "divergence": float(value),
        "best": divergence(p, found.embedding_.astype(float)),
    }]))


def compare(folder):
    data = (folder / "features/test.safetensors").read_bytes()
    length = int.from_bytes(data[:8], "little")
    entry = json.loads(data[8:8 + length])["features"]
    begin, end = entry["data_offsets"]
    features = numpy.frombuffer(data[8 + length + begin:8 + length + end], numpy.float32).reshape(entry["shape"])
    measure = json.loads((folder / "measures/map.json").read_text())["values"]
    rows = [e["image"]["row"] for e in measure["entries"]]
    features = features[rows].astype(float)
    places = numpy.array([[e["x"], e["y"]] for e in measure["entries"]])
    p = joint(features, measure["perplexity"])
    principal = PCA(2).fit_transform(features)
    begin = time.time()
    theirs = TSNE(perplexity=measure["perplexity"], init="pca", random_state=0).fit(features)
    seconds = time.time() - begin
    print(f"{folder}: {len(rows)} points; isda says KL = {measure['divergence']:.4f}")
    print(f"{'':24}{'KL':>8}{'trustworthiness at 12':>24}  (of every other point)")
    for name, map in [("principal components", principal), ("isda", places),
                      (f"scikit-learn, {seconds:.0f} s", theirs.embedding_.astype(float))]:
        trust = trustworthiness(features[::2], map[::2], n_neighbors=12)
        print(f"{name:24}{divergence(p, map):8.4f}{trust:24.4f}")


if len(sys.argv) > 1:
    compare(pathlib.Path(sys.argv[1]))
else:
    fixture()
