"""The networks of the project's own reference scripts, by the name of a row."""
import functools
import os
import sys

import torch
from torch.nn import functional as F

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Scripts", "reference"))
import resnet
import twins
from twins import classifier, features  # for those who import this


def network(row, class_count, in_place=False):
    """`resnet20` and so on. In place, activations of ResNets for small images overwrite what no gradient needs, as
    careful eager code does."""
    torch.manual_seed(0)
    made = twins.build(row, class_count)
    for block in made.modules():
        if in_place and isinstance(block, resnet.Block):
            block.forward = functools.partial(forward_in_place, block)
    return made


def forward_in_place(block, x):
    y = block.bn2(block.conv2(F.relu_(block.bn1(block.conv1(x)))))
    if block.stride > 1:
        before = block.extra // 2
        x = F.pad(x[:, :, :: block.stride, :: block.stride], (0, 0, 0, 0, before, block.extra - before))
    return F.relu_(y.add_(x))


def image_size(row):
    return 224 if row in twins.LARGE else 32


def batch(row):
    """Images of a training step, as TrainingWork.swift has them."""
    heavy = ("resnext29", "resnet1202", "wide-resnet-28-10", "shake-shake-26-2x96d", "shake-shake-26-2x112d")
    return 8 if row in twins.LARGE or row == "densenet-bc-190-40" or row.startswith(heavy) else 128
