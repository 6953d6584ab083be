#!/usr/bin/env python3
"""Reference numbers for the residual networks: features, logits and gradients of ResNet-8 in PyTorch.

    python3 Scripts/reference/resnet.py > Tests/NetworksTests/Fixtures/resnet8.json

The weights follow from a formula that both sides compute, so that only results need to be stored. Needs torch; made
with 2.13.0.
"""
import json
import math
import torch
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.stride, self.extra = stride, outputs - inputs

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.stride > 1:
            x = F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.extra // 2, self.extra - self.extra // 2))
        return F.relu(y + x)


class ResNet(nn.Module):
    """He et al. 2016, section 4.2, of blocks that are made from inputs, outputs and stride."""

    def __init__(self, depth, classes, block=Block):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16)
        inputs = 16
        for stage, outputs in enumerate((16, 32, 64), start=1):
            blocks = []
            for index in range((depth - 2) // 6):
                blocks.append(block(inputs, outputs, 2 if stage > 1 and index == 0 else 1))
                inputs = outputs
            setattr(self, f"layer{stage}", nn.Sequential(*blocks))
        self.linear = nn.Linear(64, classes)

    def features(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        return self.layer3(self.layer2(self.layer1(x))).mean((2, 3))


def pattern(count, phase, scale):
    return torch.tensor([scale * math.sin(0.37 * i + phase) for i in range(count)], dtype=torch.float32)


def main():
    network = ResNet(8, 10)
    for index, parameter in enumerate(network.parameters()):
        center = 1.0 if parameter.dim() == 1 and parameter.numel() != 10 and index % 3 == 1 else 0.0
        with torch.no_grad():
            parameter.copy_(center + pattern(parameter.numel(), index, 0.1).view_as(parameter))
    images = pattern(4 * 3 * 32 * 32, 0.5, 1.0).view(4, 3, 32, 32)
    labels = torch.tensor([3, 1, 4, 1])

    network.train()
    features = network.features(images)
    loss = F.cross_entropy(network.linear(features), labels)
    loss.backward()
    network.eval()
    with torch.no_grad():
        evaluated = network.features(images)
        logits = network.linear(evaluated)
    print(json.dumps({
        "names": [name for name, _ in network.named_parameters()],
        "trainingFeatures": features.flatten().tolist(),
        "loss": loss.item(),
        "stemGradient": network.conv1.weight.grad.flatten().tolist(),
        "gradientNorms": [parameter.grad.norm().item() for parameter in network.parameters()],
        "evaluatedFeatures": evaluated.flatten().tolist(),
        "logits": logits.flatten().tolist(),
        "parameterCounts": {str(d): sum(p.numel() for p in ResNet(d, 10).parameters()) for d in (8, 14, 20, 32, 44, 56, 110, 1202)},
    }))


if __name__ == "__main__":
    main()
