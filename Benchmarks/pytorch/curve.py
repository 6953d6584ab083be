#!/usr/bin/env python3
"""Trains the twin of a network on the batches that `isda-bench curves` left in a folder, with the published form of
ISDA, and prints the loss of each step as JSON.

    curve.py FOLDER --threads N --precision float32 --layout contiguous
"""
import argparse
import json
import pathlib

import torch
from safetensors.torch import load_file
from torch.nn import functional as F

import isda
from networks import twins
from wide_resnet import Block

parser = argparse.ArgumentParser()
parser.add_argument("folder", type=pathlib.Path)
parser.add_argument("--threads", type=int, required=True)
parser.add_argument("--precision", choices=("float32", "bfloat16"), required=True)
parser.add_argument("--layout", choices=("contiguous", "channels-last"), required=True)
options = parser.parse_args()
torch.set_num_threads(options.threads)

settings = json.loads((options.folder / "settings.json").read_text())
network = twins.build(settings["network"], settings["classes"]).train()
network.load_state_dict(load_file(options.folder / "weights.safetensors"))
layout = torch.channels_last if options.layout == "channels-last" else torch.contiguous_format
network = network.to(memory_format=layout)
linear = twins.classifier(network)
forms = {"full": isda.Published, "diagonal": isda.PublishedDiagonal}
criterion = forms[settings["covariance"]](settings["classes"], linear.in_features)
sgd = torch.optim.SGD(network.parameters(), lr=1, momentum=settings["momentum"], nesterov=settings["nesterov"],
                      weight_decay=settings["weightDecay"])

losses = []
for step, (rate, strength) in enumerate(zip(settings["learningRates"], settings["lambdas"])):
    arrays = load_file(options.folder / f"step-{step}.safetensors")
    for name, module in network.named_modules():
        if isinstance(module, twins.ShakeBlock):
            module.weights = arrays[f"shake/{name}"]
        if isinstance(module, Block) and module.dropout > 0:
            module.keep = arrays[f"dropout/{name}"].permute(0, 3, 1, 2)
    with torch.autocast("cpu", torch.bfloat16, enabled=options.precision == "bfloat16"):
        features = twins.features(network, arrays["images"].contiguous(memory_format=layout))
    features, labels = features.float(), arrays["labels"]
    criterion.update(features, labels)
    loss = F.cross_entropy(criterion.augmented(linear(features), linear.weight, labels, strength), labels)
    sgd.zero_grad()
    loss.backward()
    sgd.param_groups[0]["lr"] = rate
    sgd.step()
    losses.append(loss.item())
print(json.dumps(losses))
