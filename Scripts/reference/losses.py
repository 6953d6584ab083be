#!/usr/bin/env python3
"""Reference numbers for the losses that ISDA is compared with, from the published formulas in PyTorch.

    python3 Scripts/reference/losses.py > Tests/LossesTests/Fixtures/losses.json

Every loss is written sample by sample, as its paper states it; large-margin softmax with the angle itself. Gradients are
those of the sum over samples, by autograd. Numbers are float64, inputs are held exactly by float32. Needs torch; made
with 2.13.0.
"""
import json
import math
import torch
from torch.nn.functional import cross_entropy

torch.manual_seed(2016)
torch.set_default_dtype(torch.float64)


def exact(tensor):
    return tensor.float().double()


def smoothing(z, y, epsilon):
    return cross_entropy(z, y, label_smoothing=epsilon, reduction="none")


def focal(z, y, gamma):
    p = [torch.softmax(row, 0)[label] for row, label in zip(z, y)]
    return torch.stack([-(1 - q) ** gamma * torch.log(q) for q in p])


def generalized(z, y, q):
    p = [torch.softmax(row, 0)[label] for row, label in zip(z, y)]
    return torch.stack([(1 - x ** q) / q for x in p])


def large_margin(a, weight, bias, y, m, annealing):
    losses = []
    for feature, label in zip(a, y):
        z = weight @ feature + bias
        lengths = weight[label].norm() * feature.norm()
        theta = torch.acos(weight[label] @ feature / lengths)
        k = math.floor(theta.item() * m / math.pi)
        psi = (-1) ** k * torch.cos(m * theta) - 2 * k
        own = (annealing * lengths * torch.cos(theta) + lengths * psi) / (1 + annealing) + bias[label]
        z = torch.stack([own if j == label else z[j] for j in range(len(z))])
        losses.append(-torch.log_softmax(z, 0)[label])
    return torch.stack(losses)


def center(a, centers, y, strength):
    return torch.stack([strength / 2 * (feature - centers[label]).square().sum() for feature, label in zip(a, y)])


def moved_centers(a, centers, y, rate):
    result = centers.clone()
    for j in range(len(centers)):
        members = [feature for feature, label in zip(a, y) if label == j]
        result[j] -= rate * sum((centers[j] - feature for feature in members), torch.zeros(a.shape[1])) / (
            1 + len(members))
    return result


def case(loss, parameters, function, **inputs):
    tensors = {name: tensor.clone().requires_grad_(tensor.is_floating_point()) for name, tensor in inputs.items()}
    values = function(**tensors)
    values.sum().backward()
    return {
        "loss": loss, "parameters": parameters,
        "inputs": {name: tensor.tolist() for name, tensor in inputs.items() if tensor.is_floating_point()},
        "labels": tensors["y"].tolist(), "values": values.tolist(),
        "gradients": {name: tensor.grad.tolist() for name, tensor in tensors.items() if tensor.grad is not None},
    }


n, c, dimensions = 9, 4, 5
y = torch.randint(0, c, (n,))
z = exact(3 * torch.randn(n, c))
a, weight, bias = exact(torch.randn(n, dimensions)), exact(torch.randn(c, dimensions)), exact(torch.randn(c))
# Angles of all sizes, so that every k occurs: along the own weights, against them, and between.
a[0], a[1], a[2] = exact(0.7 * weight[y[0]] + 0.1), exact(-weight[y[1]] - 0.1), exact(-0.4 * weight[y[2]] + 0.3)
centers = exact(torch.randn(c, dimensions))

cases = [case("smoothing", [e], lambda z, y: smoothing(z, y, e), z=z, y=y) for e in (0.1, 0.4)]
cases += [case("focal", [g], lambda z, y: focal(z, y, g), z=z, y=y) for g in (0.5, 1.0, 2.0, 5.0)]
cases += [case("lq", [q], lambda z, y: generalized(z, y, q), z=z, y=y) for q in (0.1, 0.7, 1.0)]
cases += [case("lsoftmax", [m, l], lambda a, weight, bias, y: large_margin(a, weight, bias, y, m, l), a=a, weight=weight,
               bias=bias, y=y) for m in (2, 3, 4) for l in (0.0, 5.0)]
centered = case("center", [0.3, 0.5], lambda a, y: center(a, centers, y, 0.3), a=a, y=y)
centered["inputs"]["centers"] = centers.tolist()
centered["moved"] = moved_centers(a, centers, y, 0.5).tolist()
cases.append(centered)
print(json.dumps(cases))
