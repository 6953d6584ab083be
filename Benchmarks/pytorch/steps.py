#!/usr/bin/env python3
"""Holds every step of a training of `isda-bench steps` to the same step in float64. It is told `step LOSS` when a step
is done and its weights lie in the folder, and answers how far loss and update are from the reference's, and how far
those of PyTorch in the training's precision are.

    steps.py FOLDER --threads N --precision float32
"""
import argparse
import json
import pathlib
import signal
import sys

import torch
from safetensors.torch import load_file

from shared_training import Twin

parser = argparse.ArgumentParser()
parser.add_argument("folder", type=pathlib.Path)
parser.add_argument("--threads", type=int, required=True)
parser.add_argument("--precision", choices=("float32", "bfloat16"), required=True)
options = parser.parse_args()
signal.signal(signal.SIGINT, signal.SIG_DFL)
torch.set_num_threads(options.threads)

reference = Twin(options.folder, dtype=torch.float64)
twin = Twin(options.folder, bfloat16=options.precision == "bfloat16")
names = [name for name, _ in reference.network.named_parameters()]


def update(side, before, start, number):
    """A step from the weights that the training had before it, `start` in a row: its loss, and what it adds to them."""
    side.network.load_state_dict(before)
    loss = side.step(number)
    return loss, side.parameters() - start


def error(loss, moved, expected_loss, expected):
    square = expected.dot(expected)
    return {"loss": abs(loss - expected_loss) / abs(expected_loss),
            "update": ((moved - expected).norm() / square.sqrt()).item(),
            "excess": (moved.dot(expected) / square - 1).item()}


def flat(weights):
    return torch.cat([weights[name].flatten().double() for name in names])


before = load_file(options.folder / "weights.safetensors")
print("ready", torch.__version__, flush=True)
for number, line in enumerate(sys.stdin):
    own_loss = float(line.split()[1])
    after = load_file(options.folder / "after.safetensors")
    start = flat(before)
    loss, expected = update(reference, before, start, number)
    twin_loss, moved = update(twin, before, start, number)
    print("answer", json.dumps({"loss": loss, "own": error(own_loss, flat(after) - start, loss, expected),
                                "twin": error(twin_loss, moved, loss, expected)}), flush=True)
    before = after
