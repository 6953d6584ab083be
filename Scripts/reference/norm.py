#!/usr/bin/env python3
"""Reference numbers for the fused normalisation: max(0, batch_norm(x) + shortcut) and its gradients in PyTorch, float64.

    python3 Scripts/reference/norm.py > Tests/TorchTests/Fixtures/norm.json

Inputs follow from a formula that both sides compute, so that only results need to be stored. Needs torch; made with
2.13.0.
"""
import json
import math
import torch
from torch.nn import functional as F


def pattern(shape, phase):
    count = math.prod(shape)
    return torch.tensor([math.sin(0.37 * i + phase) for i in range(count)], dtype=torch.float64).view(shape)


def numbers(tensor):
    return [float(f"{value:.13g}") for value in tensor.flatten().tolist()]


def case(shape, has_shortcut):
    channels = shape[1]
    x, weight, bias, shortcut = (
        tensor.requires_grad_() for tensor in
        (2 + pattern(shape, 0.1), 1 + 0.5 * pattern([channels], 0.2), pattern([channels], 0.3), pattern(shape, 0.4)))
    mean, variance = pattern([channels], 0.5), 1 + 0.5 * pattern([channels], 0.6)
    y = F.batch_norm(x, mean, variance, weight, bias, training=True, momentum=0.1, eps=1e-5)
    y = F.relu(y + shortcut if has_shortcut else y)
    (y * pattern(shape, 0.7)).sum().backward()
    result = {
        "shape": shape, "y": numbers(y), "runningMean": numbers(mean), "runningVariance": numbers(variance),
        "x": numbers(x.grad), "weight": numbers(weight.grad), "bias": numbers(bias.grad)}
    if has_shortcut:
        result["shortcut"] = numbers(shortcut.grad)
    return result


print(json.dumps([
    case([3, 1, 5, 7], False), case([2, 3, 5, 7], True), case([2, 17, 3, 5], False), case([2, 64, 2, 3], True),
    case([2, 16, 3, 3], False), case([2, 17, 2, 3], True)]))
