"""The network of the project's own reference script, by the name of a row."""
import functools
import os
import sys

import torch
from torch.nn import functional as F

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Scripts"))
from reference.resnet import Block, ResNet


def resnet(row, class_count, in_place=False):
    """`resnet20` and so on. In place, activations overwrite what no gradient needs, as careful eager code does."""
    torch.manual_seed(0)
    network = ResNet(int(row.removeprefix("resnet")), class_count)
    for block in network.modules():
        if in_place and isinstance(block, Block):
            block.forward = functools.partial(forward_in_place, block)
    return network


def forward_in_place(block, x):
    y = block.bn2(block.conv2(F.relu_(block.bn1(block.conv1(x)))))
    if block.stride > 1:
        before = block.extra // 2
        x = F.pad(x[:, :, :: block.stride, :: block.stride], (0, 0, 0, 0, before, block.extra - before))
    return F.relu_(y.add_(x))
