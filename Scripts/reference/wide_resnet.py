#!/usr/bin/env python3
"""Reference numbers for wide residual networks: features, logits and gradients of WRN-16-8 in PyTorch.

    python3 Scripts/reference/wide_resnet.py > Tests/NetworksTests/Fixtures/wide-resnet-16-8.json

The weights follow from a formula that both sides compute, so that only results need to be stored. Needs torch; made
with 2.13.0.
"""
import json
import torch
from torch import nn
from torch.nn import functional as F


def noise(count, salt, deviation):
    """Uniform numbers with mean 0: a hash of their places, 32-bit (a sine is too regular for so deep a network)."""
    mask = 0xFFFFFFFF
    x = (torch.arange(count, dtype=torch.int64) * 2654435761 + salt * 40503) & mask
    x = ((x ^ (x >> 15)) * 2246822) & mask
    x = x ^ (x >> 13)
    return ((x.double() / 2**32 - 0.5) * 12**0.5 * deviation).float()


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride, dropout=0.0):
        super().__init__()
        # `keep` holds what dropout leaves, where that is not to be drawn.
        self.dropout, self.keep = dropout, None
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.convShortcut = nn.Conv2d(inputs, outputs, 1, stride, bias=False) if inputs != outputs else None

    def forward(self, x):
        first = F.relu(self.bn1(x))
        y = F.relu(self.bn2(self.conv1(first)))
        if self.keep is None or not self.training:
            y = F.dropout(y, self.dropout, self.training)
        else:
            y = y * self.keep / (1 - self.dropout)
        y = self.conv2(y)
        return y + (self.convShortcut(first) if self.convShortcut else x)


class Stage(nn.Module):
    def __init__(self, blocks):
        super().__init__()
        self.layer = nn.Sequential(*blocks)

    def forward(self, x):
        return self.layer(x)


class WideResNet(nn.Module):
    def __init__(self, depth, width, classes, dropout=0.0):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        inputs = 16
        for stage, channels in enumerate((16, 32, 64), start=1):
            blocks = []
            for index in range((depth - 4) // 6):
                blocks.append(Block(inputs, channels * width, 2 if stage > 1 and index == 0 else 1, dropout))
                inputs = channels * width
            setattr(self, f"block{stage}", Stage(blocks))
        self.bn1 = nn.BatchNorm2d(inputs)
        self.fc = nn.Linear(inputs, classes)

    def features(self, x):
        x = self.block3(self.block2(self.block1(self.conv1(x))))
        return F.relu(self.bn1(x)).mean((2, 3))


def main():
    network = WideResNet(16, 8, 10)
    for name, parameter in network.named_parameters():
        # Deviations as He et al. have them, so that no layer's output vanishes.
        kernel = parameter.dim() == 4
        deviation = (2 / (parameter.shape[0] * parameter[0, 0].numel())) ** 0.5 if kernel else 0.1
        center = 1.0 if ".bn" in f".{name}" and name.endswith("weight") else 0.0
        with torch.no_grad():
            parameter.copy_(center + noise(parameter.numel(), len(name), deviation).view_as(parameter))
    images = noise(2 * 3 * 32 * 32, 0, 1.0).view(2, 3, 32, 32)
    labels = torch.tensor([3, 1])

    network.train()
    features = network.features(images)
    loss = F.cross_entropy(network.fc(features), labels)
    loss.backward()
    network.eval()
    with torch.no_grad():
        evaluated = network.features(images)
        logits = network.fc(evaluated)
    print(json.dumps({
        "parameterCount": sum(parameter.numel() for parameter in network.parameters()),
        "trainingFeatures": features.flatten().tolist(),
        "loss": loss.item(),
        "stemGradient": network.conv1.weight.grad.flatten().tolist(),
        "gradientNorms": {name: parameter.grad.norm().item() for name, parameter in network.named_parameters()},
        "evaluatedFeatures": evaluated.flatten().tolist(),
        "logits": logits.flatten().tolist(),
    }))


if __name__ == "__main__":
    main()
