"""The network of the project's own reference script, by the name of a row."""
import os
import sys

import torch

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Scripts"))
from reference.resnet import ResNet


def resnet(row, class_count):
    """`resnet20` and so on."""
    torch.manual_seed(0)
    return ResNet(int(row.removeprefix("resnet")), class_count)
