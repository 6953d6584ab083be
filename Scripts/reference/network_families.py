#!/usr/bin/env python3
"""Reference numbers for the networks: features, logits and gradients of one member of each family in PyTorch, deep ones by
a shallow member.

    python3 Scripts/reference/network_families.py > Tests/NetworksTests/Fixtures/network-families.json

Weights, images and what is random in a network follow from formulas that both sides compute. Of large tensors two numbers
are stored: the norm and a projection, the sum of products with noise. Computed in float64. Needs torch; made with 2.13.0.
"""
import json

import torch
from torch.nn import functional as F

import twins
from wide_resnet import Block, WideResNet, noise

POOL = 1048573  # a prime, so that no kernel repeats in step with it


def place(name):
    value = 0
    for byte in name.encode():
        value = (value * 31 + byte) % POOL
    return value


pool = noise(POOL, 1, 1.0).double()


def drawn(name, count):
    """As many numbers of mean 0 and deviation 1, by name: the pool from some place on, around and around."""
    return pool[(place(name) + torch.arange(count)) % POOL]


def summary(name, tensor):
    flat = tensor.detach().double().flatten()
    return [short(flat.norm()), short((flat * drawn("probe " + name, flat.numel())).sum())]


def short(number):
    return float(f"{number.item():.8g}")


def initialise(network):
    for name, parameter in network.named_parameters():
        values = drawn(name, parameter.numel()).view_as(parameter)
        if parameter.dim() > 1:  # as He et al. have it, so that no layer's output vanishes
            values = values * (2 / parameter[0].numel()) ** 0.5
        else:
            values = values * 0.1 + (1 if name.endswith("weight") else 0)
        with torch.no_grad():
            parameter.copy_(values)
    for name, module in network.named_modules():
        if isinstance(module, twins.ShakeBlock):
            module.weights = drawn(f"shake/{name}", 2 * 2).abs().frac().view(2, 2)
        if isinstance(module, Block) and module.dropout > 0:
            module.register_forward_pre_hook(lambda module, inputs, name=name: keep(module, inputs[0], name))


def keep(block, x, name):
    """Which activations dropout leaves, channels innermost."""
    stride = block.conv1.stride[0]
    shape = (len(x), x.shape[2] // stride, x.shape[3] // stride, block.conv2.in_channels)
    block.keep = (drawn(f"dropout/{name}", torch.Size(shape).numel()) > -0.5).view(shape).permute(0, 3, 1, 2)


def reference(network, size):
    network = network.double()
    initialise(network)
    images = drawn("images", 2 * 3 * size * size).view(2, 3, size, size)
    classifier = twins.classifier(network)

    network.train()
    trained = twins.features(network, images)
    loss = F.cross_entropy(classifier(trained), torch.tensor([3, 1]))
    loss.backward()
    network.eval()
    with torch.no_grad():
        evaluated = twins.features(network, images)
        logits = classifier(evaluated)
    return {
        "size": size,
        "trained": summary("trained", trained),
        "loss": short(loss),
        "gradients": {name: summary(name, parameter.grad) for name, parameter in network.named_parameters()},
        "statistics": {name: summary(name, buffer) for name, buffer in network.named_buffers()
                       if not name.endswith("num_batches_tracked")},
        "evaluated": summary("evaluated", evaluated),
        "logits": [short(logit) for logit in logits.flatten()],
    }


def main():
    print(json.dumps({
        "se-resnet8": reference(twins.SEResNet(8, 10), 32),
        "wide-resnet-10-2": reference(WideResNet(10, 2, 10, 0.3), 32),
        "resnext29": reference(twins.ResNeXt29(1, 4, 8, 10), 32),
        "shake-shake": reference(twins.ShakeShake(1, 16, 10), 32),
        "densenet-bc": reference(twins.DenseNet(12, (3, 4, 2), 10), 32),
        "densenet121": reference(twins.build("densenet121", 10), 64),
        "resnet18": reference(twins.build("resnet18", 10), 64),
        "resnet50": reference(twins.build("resnet50", 10), 64),
        "resnext50-32x4d": reference(twins.build("resnext50-32x4d", 10), 64),
    }))


if __name__ == "__main__":
    main()
