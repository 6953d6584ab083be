#!/usr/bin/env python3
"""Whether the PyTorch sides agree with each other, and numbers for Swift to agree with; JSON on standard output.

`isda-bench --check` runs it and says what it finds.
"""
import argparse
import json
import math

import torch

import extract
import images
import isda
import term
import walk
from networks import twins


def wave(name, shape):
    """The numbers that Check.swift computes too."""
    return torch.tensor([math.sin(0.37 * i + len(name)) for i in range(math.prod(shape))],
                        dtype=torch.float32).reshape(shape)


def difference(a, b):
    return ((a - b).abs().max() / b.abs().max()).item()


def twice(estimator, case):
    """Two updates, so that merging counts too, and the term after them."""
    features, weight, logits, upstream, labels = case
    estimator.update(features, labels)
    estimator.update(features, labels)
    augmented = estimator.augmented(logits, weight, labels, 0.5)
    return augmented, *torch.autograd.grad((augmented * upstream).sum(), (logits, weight))


differences, terms = {}, []
for shape in ((16, 4, 6), (128, 10, 64), (128, 100, 64)):
    case = term.case(*shape, values=wave)
    published = twice(isda.Published(*shape[1:]), case)
    per_class = twice(isda.PerClass(*shape[1:]), case)
    for what, a, b in zip(("augmented logits", "gradient by logits", "gradient by weight"), per_class, published):
        differences[f"PyTorch's two forms, {'x'.join(map(str, shape))}: {what}"] = difference(a, b)
    diagonal = twice(isda.PublishedDiagonal(*shape[1:]), case)
    for covariance, numbers in (("full", published), ("diagonal", diagonal)):
        terms.append({
            "shape": shape, "covariance": covariance,
            **{name: values.flatten().tolist()
               for name, values in zip(("augmented", "logitGradient", "weightGradient"), numbers)},
        })

pixels, labels = images.noise(40, 10)
draws = images.draw(40)
whole, _ = images.WholeBatches(pixels, labels).batch(torch.arange(40), *draws)
single = torch.stack([
    images.normalized(images.augmented(images.to_tensor(image), *(int(values[i]) for values in draws)))
    for i, image in enumerate(pixels)
])
differences["PyTorch's two augmentations"] = difference(whole, single)

options = argparse.Namespace(row="resnet20", images=100)
for what, a, b in zip(("features", "logits"), *(extract.SIDES[side](options)() for side in ("best-float32", "usual"))):
    differences[f"PyTorch's two extractions: {what}"] = difference(a, b)

walks = {query: walk.walk(*walk.case(500, 16, values=wave), query).flatten().tolist() for query in ("axis", "local")}

with torch.device("meta"):
    parameter_counts = {row: sum(p.numel() for p in twins.build(row, 10).parameters()) for row in twins.BUILDERS}

print(json.dumps({
    "torch": torch.__version__, "differences": differences, "terms": terms,
    "walks": walks,
    "parameterCounts": parameter_counts,
}))
