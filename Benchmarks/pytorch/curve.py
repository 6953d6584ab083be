#!/usr/bin/env python3
"""Trains the twin of a network on the batches that `isda-bench curves` left in a folder, and prints the loss of each
step as JSON.

    curve.py FOLDER --threads N --precision float32 --layout contiguous
"""
import argparse
import json
import pathlib

import torch

from shared_training import Twin

parser = argparse.ArgumentParser()
parser.add_argument("folder", type=pathlib.Path)
parser.add_argument("--threads", type=int, required=True)
parser.add_argument("--precision", choices=("float32", "bfloat16"), required=True)
parser.add_argument("--layout", choices=("contiguous", "channels-last"), required=True)
options = parser.parse_args()
torch.set_num_threads(options.threads)

layout = torch.channels_last if options.layout == "channels-last" else torch.contiguous_format
twin = Twin(options.folder, bfloat16=options.precision == "bfloat16", layout=layout)
print(json.dumps([twin.step(number) for number in range(len(twin.settings["learningRates"]))]))
